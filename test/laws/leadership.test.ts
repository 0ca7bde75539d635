/**
 * Several controllers that believe in themselves: processes that stall, requests that take long, answers that get
 * lost, clocks that run at different speeds. Whoever writes holds the lease at that moment, always.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { fenced } from '../../src/controller/fence.ts';
import { type Leadership, type LeaseStore, standForElection } from '../../src/controller/leadership.ts';
import { decide, type LeaseState, see } from '../../src/controller/lease-decision.ts';
import type { Aws, Kube } from '../../src/core/ports.ts';

const TERMS = { lease: 15_000, renew: 10_000, retry: 2_000 };
const RUNS = Number(process.env.LAW_RUNS ?? 60);

/** Time that passes only when everybody waits. Events of a stalled process come when it goes on. */
/** `backwards`: of what happens at the same moment, as all does after a stall, the latest comes first. */
const makeWorld = (backwards: boolean) => {
  let time = 0;
  let order = 0;
  const events: { at: number; order: number; run: () => void }[] = [];
  return {
    now: () => time,
    at: (at: number, run: () => void) => void events.push({ at: Math.max(at, time), order: order++, run }),
    play: async (until: number) => {
      for (;;) {
        await setImmediate();
        events.sort((a, b) => a.at - b.at || (backwards ? b.order - a.order : a.order - b.order));
        const next = events[0];
        if (!next || next.at > until) return;
        events.shift();
        time = next.at;
        next.run();
      }
    },
  };
};
type World = ReturnType<typeof makeWorld>;

type Fate = { readonly there: number; readonly back: number; readonly lost: 'no' | 'request' | 'answer' };

/** The API server: one lease, versions, and a network that does to each request what the script says. */
const makeServer = (world: World) => {
  let lease: LeaseState | undefined;
  let version = 0;
  return {
    holder: () => lease?.holder ?? '',
    store: (fates: () => Fate, wakeAt: (at: number) => number): LeaseStore => {
      const exchange = <T>(work: () => T): Promise<T> => {
        const { there, back, lost } = fates();
        return new Promise((resolve, reject) => {
          const answer = (run: () => void, ms: number): void => world.at(wakeAt(world.now() + ms), run);
          if (lost === 'request') return answer(() => reject(new Error('no answer')), 5_000);
          world.at(world.now() + there, () => {
            const done = work();
            answer(lost === 'answer' ? () => reject(new Error('no answer')) : () => resolve(done), back);
          });
        });
      };
      return {
        read: () => exchange(() => lease),
        write: (next, over) =>
          exchange(() => {
            if (lease?.version !== over?.version) return undefined;
            lease = { ...next, version: String(++version) };
            return lease;
          }),
        follow: () => new Promise(() => {}),
      };
    },
  };
};

const fate = fc.record<Fate>({
  there: fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 1, max: 60 }) },
    fc.integer({ min: 60, max: 9_000 }),
  ),
  back: fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 1, max: 60 }) },
    fc.integer({ min: 60, max: 9_000 }),
  ),
  lost: fc.oneof(
    { weight: 6, arbitrary: fc.constant<'no'>('no') },
    fc.constant<'request'>('request'),
    fc.constant<'answer'>('answer'),
  ),
});
const participant = fc.record({
  offset: fc.integer({ min: 0, max: 1_000_000 }),
  /** Clocks of real machines differ by far less. */
  rate: fc.double({ min: 0.95, max: 1.05, noNaN: true }),
  fates: fc.array(fate, { minLength: 5, maxLength: 40 }),
  stalls: fc.array(
    fc.record({ from: fc.integer({ min: 0, max: 240_000 }), ms: fc.integer({ min: 1, max: 40_000 }) }),
    {
      maxLength: 4,
    },
  ),
  /** When it is told to end in order; most are not. */
  released: fc.option(fc.integer({ min: 1, max: 240_000 }), { freq: 3 }),
});

type Written = { readonly by: string; readonly at: number; readonly holder: string };

const simulate = async (
  participants: readonly (typeof participant extends fc.Arbitrary<infer T> ? T : never)[],
  backwards = false,
): Promise<{ readonly written: readonly Written[]; readonly refused: number }> => {
  const world = makeWorld(backwards);
  const server = makeServer(world);
  const written: Written[] = [];
  let refused = 0;
  const leaders: Leadership[] = [];
  for (const [index, { offset, rate, fates, stalls, released }] of participants.entries()) {
    const name = `controller-${index}`;
    /** A process that is stalled at that time goes on when the stall is over. */
    const wakeAt = (at: number): number =>
      stalls.reduce((late, { from, ms }) => (late >= from && late < from + ms ? from + ms : late), at);
    let next = 0;
    const leadership = standForElection({
      store: server.store(() => fates[next++ % fates.length] ?? { there: 1, back: 1, lost: 'no' }, wakeAt),
      terms: TERMS,
      identity: name,
      monotonic: () => offset + world.now() * rate,
      clock: {
        sleep: (ms, signal) =>
          new Promise((resolve) => {
            if (signal?.aborted) return resolve();
            signal?.addEventListener('abort', () => resolve(), { once: true });
            world.at(wakeAt(world.now() + ms / rate), resolve);
          }),
      },
      log: () => undefined,
    });
    leaders.push(leadership);
    const ports = fenced(
      {
        aws: {
          perform: async () => {
            written.push({ by: name, at: world.now(), holder: server.holder() });
            return { status: 'done' };
          },
        } as unknown as Aws,
        kube: {
          setStatus: async () => {
            written.push({ by: name, at: world.now(), holder: server.holder() });
          },
        } as unknown as Kube,
      },
      leadership,
    );
    // It never looks whether it leads: what it wants to write it tries, all the time.
    const work = async (): Promise<void> => {
      const result = await ports.aws.perform(
        undefined as unknown as Parameters<Aws['perform']>[0],
        undefined as unknown as Parameters<Aws['perform']>[1],
      );
      await ports.kube.setStatus(undefined as never, []).catch(() => refused++);
      if (result.status === 'failed') refused++;
      world.at(wakeAt(world.now() + 333), () => void work());
    };
    world.at(0, () => void work());
    if (released !== null) world.at(wakeAt(released), () => void leadership.release());
  }
  await world.play(300_000);
  for (const leader of leaders) void leader.release();
  await setImmediate();
  return { written, refused };
};

test('whoever writes holds the lease at that moment', async (t) => {
  let writes = 0;
  let changes = 0;
  let refusals = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(participant, { minLength: 2, maxLength: 3 }),
      fc.boolean(),
      async (participants, backwards) => {
        const { written, refused } = await simulate(participants, backwards);
        for (const { by, at, holder } of written) assert.equal(holder, by, `${by} wrote at ${at} ms`);
        writes += written.length;
        refusals += refused;
        changes += written.filter(({ by }, index) => index > 0 && written[index - 1]?.by !== by).length;
      },
    ),
    { numRuns: RUNS },
  );
  t.diagnostic(`${writes} writes, ${refusals} refused, ${changes} changes of the leader`);
  assert.ok(
    writes > RUNS * 50 && refusals > RUNS && changes > 5,
    'the worlds were too quiet to mean anything',
  );
});

test('in a healthy cluster one leads and goes on leading; the next takes over in order at once', async () => {
  const calm = { offset: 7, rate: 1, fates: [{ there: 5, back: 5, lost: 'no' as const }], stalls: [] };
  const { written } = await simulate([
    { ...calm, released: 100_000 },
    { ...calm, offset: 99_999, released: null },
  ]);
  const gaps = written.map(({ at }, index) => at - (written[index - 1]?.at ?? at));
  assert.deepEqual([...new Set(written.map(({ by }) => by))], ['controller-0', 'controller-1']);
  assert.ok(Math.max(...gaps) < TERMS.retry + 500, `${Math.max(...gaps)} ms without a leader`);
});

test('a leader that vanishes is followed after the lease, by the clock of who looks', async () => {
  const calm = { offset: 7, rate: 1, fates: [{ there: 5, back: 5, lost: 'no' as const }], released: null };
  const { written } = await simulate([
    { ...calm, stalls: [{ from: 100_000, ms: 40_000 }] },
    { ...calm, offset: 123, stalls: [] },
  ]);
  const last = written.findLast(({ by }) => by === 'controller-0')?.at ?? 0;
  const first = written.find(({ by }) => by === 'controller-1')?.at ?? 0;
  assert.ok(first - last <= TERMS.lease + 2_000, `${first - last} ms`);
  assert.equal(written.filter(({ by, at }) => by === 'controller-0' && at > first).length, 0);
});

test('what a lease says of times is not believed, only that it stays the same', () => {
  const lease: LeaseState = { holder: 'other', durationSeconds: 15, transitions: 3, version: '7' };
  const first = see(undefined, lease, 1_000);
  assert.deepEqual(decide('me', first, 1_000), { do: 'wait', holder: 'other', ms: 15_000 });
  assert.equal(see(first, { ...lease }, 9_000), first);
  assert.deepEqual(decide('me', first, 16_000), { do: 'take' });
  assert.deepEqual(see(first, { ...lease, version: '8' }, 9_000), {
    lease: { ...lease, version: '8' },
    at: 9_000,
  });
  assert.deepEqual(decide('other', first, 99_000), { do: 'renew' });
  assert.deepEqual(decide('me', see(first, { ...lease, holder: '', version: '8' }, 2_000), 2_000), {
    do: 'take',
  });
  assert.deepEqual(decide('me', see(undefined, undefined, 0), 0), { do: 'take' });
});
