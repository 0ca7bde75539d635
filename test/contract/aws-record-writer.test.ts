import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change } from '@aws-sdk/client-route-53';
import { deleteBreaker } from '../../src/aws/delete-breaker.ts';
import { recordWriter } from '../../src/aws/record-writer.ts';

const change = (Name: string, Value = '"x"'): Change => ({
  Action: 'CREATE',
  ResourceRecordSet: { Name, Type: 'TXT', TTL: 1, ResourceRecords: [{ Value }] },
});
const names = (changes: readonly Change[]): readonly string[] =>
  changes.map(({ ResourceRecordSet }) => ResourceRecordSet?.Name ?? '');
const refusal = (code: string): Error => Object.assign(new Error(code), { name: code });

/** A zone that refuses batches by `judge`; what it took and was asked. */
const zone = (judge: (names: readonly string[]) => string | undefined = () => undefined) => {
  const asked: (readonly string[])[] = [];
  const taken: string[] = [];
  let busy = 0;
  const write = recordWriter({
    pause: () => new Promise((resolve) => setImmediate(resolve)),
    send: async (_zone, changes) => {
      assert.equal(busy++, 0, 'one batch of a zone at a time');
      await new Promise((resolve) => setImmediate(resolve));
      busy--;
      asked.push(names(changes));
      const code = judge(names(changes));
      if (code) throw refusal(code);
      taken.push(...names(changes));
    },
  });
  return { asked, taken, write };
};

const outcome = (promise: Promise<void>): Promise<string> =>
  promise.then(
    () => 'done',
    (thrown: Error) => thrown.name,
  );

test('what comes together goes out together, and what comes later in the next batch', async () => {
  const { asked, write } = zone();
  const first = ['a', 'b', 'c'].map((name) => write('Z', [change(name)]));
  await Promise.all(first);
  await write('Z', [change('d')]);
  assert.deepEqual(asked, [['a', 'b', 'c'], ['d']]);
});

test('a batch holds 1,000 elements and 32,000 characters, and nobody’s changes are parted', async () => {
  const { asked, write } = zone();
  await Promise.all(Array.from({ length: 700 }, (_, i) => write('Z', [change(`a${i}`), change(`b${i}`)])));
  assert.deepEqual(
    asked.map((batch) => batch.length),
    [1000, 400],
  );
  const long = zone();
  await Promise.all(
    Array.from({ length: 100 }, (_, i) => long.write('Z', [change(`a${i}`, 'x'.repeat(1000))])),
  );
  assert.deepEqual(
    long.asked.map((batch) => batch.length),
    [32, 32, 32, 4],
  );
});

test('the bad ones of a refused batch fail alone, found by halving', async () => {
  const bad = new Set(['n7', 'n63']);
  const { asked, taken, write } = zone((batch) =>
    batch.some((name) => bad.has(name)) ? 'InvalidChangeBatch' : undefined,
  );
  const all = Array.from({ length: 100 }, (_, i) => outcome(write('Z', [change(`n${i}`)])));
  const outcomes = await Promise.all(all);
  assert.deepEqual(
    outcomes.flatMap((it, i) => (it === 'done' ? [] : [`n${i} ${it}`])),
    ['n7 InvalidChangeBatch', 'n63 InvalidChangeBatch'],
  );
  assert.equal(taken.length, 98);
  assert.ok(asked.length <= 4 * Math.ceil(Math.log2(100)), `${asked.length} calls`);
});

test('when Route 53 has no time, halving would only ask more: everybody is told', async () => {
  for (const code of ['Throttling', 'PriorRequestNotComplete', 'InternalError']) {
    const { asked, write } = zone(() => code);
    const outcomes = await Promise.all(
      ['a', 'b', 'c', 'd'].map((name) => outcome(write('Z', [change(name)]))),
    );
    assert.deepEqual(outcomes, [code, code, code, code]);
    assert.equal(asked.length, 1);
  }
});

test('zones do not wait for each other, and one that failed goes on', async () => {
  let failures = 1;
  const { asked, write } = zone();
  const shaky = zone(() => (failures-- > 0 ? 'Throttling' : undefined));
  assert.equal(await outcome(shaky.write('Z', [change('a')])), 'Throttling');
  assert.equal(await outcome(shaky.write('Z', [change('a')])), 'done');
  await Promise.all([write('Y', [change('b')])]);
  assert.deepEqual(asked, [['b']]);
});

test('no more deletes in a minute than permitted; a minute later again', () => {
  let now = 0;
  const breaker = deleteBreaker(2, () => now);
  assert.deepEqual([breaker.take(), breaker.take(), breaker.take()], [true, true, false]);
  now = 59_000;
  assert.equal(breaker.take(), false);
  now = 60_001;
  assert.deepEqual([breaker.take(), breaker.take(), breaker.take()], [true, true, false]);
});
