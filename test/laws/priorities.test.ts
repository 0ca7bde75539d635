import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assignPriorities } from '../../src/core/plan/rules.ts';
import { runs } from './runs.ts';

const RUNS = runs(2000);
const LAST = 50_000;

type World = {
  readonly order: readonly string[];
  readonly current: ReadonlyMap<string, number>;
  readonly occupied: ReadonlySet<number>;
};

const KEYS = Array.from({ length: 24 }, (_, i) => `r${i}`);

/** Numbers of rules that exist: dense as LBC writes them, spread out as we do, or anything. */
const numbers = fc.oneof(
  fc.constantFrom(1, 2, 100).map((step) => KEYS.map((_, i) => step * (i + 1))),
  fc.uniqueArray(fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: LAST - 40, max: LAST })), {
    minLength: KEYS.length,
    maxLength: KEYS.length,
  }),
);

const world: fc.Arbitrary<World> = fc
  .tuple(
    fc.shuffledSubarray(KEYS),
    fc.subarray(KEYS),
    numbers,
    fc.uniqueArray(fc.integer({ min: 1, max: 60 })),
    fc.boolean(),
  )
  .map(([shuffled, existing, at, foreign, sorted]) => {
    const current = new Map(existing.map((key, i) => [key, at[i] ?? 0]));
    const order = sorted
      ? shuffled.toSorted((a, b) => (current.get(a) ?? 0) - (current.get(b) ?? 0))
      : shuffled;
    const known = new Map([...current].filter(([key]) => order.includes(key)));
    return {
      order,
      current: known,
      occupied: new Set(foreign.filter((it) => ![...known.values()].includes(it))),
    };
  });

/** Length of a longest rising subsequence, by looking at every earlier end (not as the code does it). */
const longestRising = (values: readonly number[]): number => {
  const best = values.map(() => 1);
  values.forEach((value, i) => {
    values.slice(0, i).forEach((earlier, j) => {
      if (earlier < value) best[i] = Math.max(best[i] ?? 1, (best[j] ?? 1) + 1);
    });
  });
  return Math.max(0, ...best);
};

const moved = ({ current }: World, result: ReadonlyMap<string, number>): readonly string[] =>
  [...current].filter(([key, from]) => result.get(key) !== from).map(([key]) => key);

test('priorities are unique, rise in the wanted order, fit AWS and avoid what is taken', () => {
  fc.assert(
    fc.property(world, (it) => {
      const result = assignPriorities(it.order, it.current, it.occupied);
      assert.equal(result.size, it.order.length);
      const given = it.order.map((key) => result.get(key) ?? 0);
      given.forEach((number, i) => {
        assert.ok(Number.isInteger(number) && number >= 1 && number <= LAST, `${number}`);
        assert.ok(number > (given[i - 1] ?? 0), `${given}`);
        assert.ok(!it.occupied.has(number), `${number} is taken`);
      });
    }),
    RUNS,
  );
});

test('no more rules move than are out of order, where there is room', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(KEYS), fc.subarray(KEYS), (order, existing) => {
      const current = new Map(
        existing.filter((key) => order.includes(key)).map((key, i) => [key, 100 * (i + 1)]),
      );
      const result = assignPriorities(order, current, new Set());
      const found = order.flatMap((key) => current.get(key) ?? []);
      const least = current.size - longestRising(found);
      assert.equal(moved({ order, current, occupied: new Set() }, result).length, least);
    }),
    RUNS,
  );
});

test('one rule put into dense numbers moves the rules behind it and no others', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 100 }), (count, where) => {
      const existing = Array.from({ length: count }, (_, i) => `r${i}`);
      const at = Math.min(where, count);
      const current = new Map(existing.map((key, i) => [key, i + 1]));
      const order = existing.toSpliced(at, 0, 'new');
      const result = assignPriorities(order, current, new Set());
      assert.equal(moved({ order, current, occupied: new Set() }, result).length, count - at);
    }),
    { numRuns: 200 },
  );
});

test('a crowd makes way on the side where fewer rules stand in the way', () => {
  const current = new Map([
    ['a', 50],
    ...['b', 'c', 'd', 'e'].map((key, i): [string, number] => [key, 51 + i]),
  ]);
  const result = assignPriorities(['a', 'new', 'b', 'c', 'd', 'e'], current, new Set());
  assert.deepEqual(
    [...current.keys()].filter((key) => result.get(key) !== current.get(key)),
    ['a'],
  );
});

test('at the end of the numbers rules still find places', () => {
  const current = new Map([
    ['a', LAST - 1],
    ['b', LAST],
  ]);
  const result = assignPriorities(['a', 'b', 'new'], current, new Set());
  assert.deepEqual(
    [...result.values()].map((number) => number <= LAST),
    [true, true, true],
  );
  assert.ok((result.get('b') ?? 0) < (result.get('new') ?? 0));
});

test('more rules than numbers is said, not done', () => {
  const taken = new Set(Array.from({ length: LAST - 1 }, (_, i) => i + 1));
  assert.equal(assignPriorities(['a'], new Map(), taken).get('a'), LAST);
  assert.throws(() => assignPriorities(['a', 'b'], new Map(), taken), /no room for 2 rules/);
});
