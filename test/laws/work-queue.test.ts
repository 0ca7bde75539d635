/**
 * Names that are marked at any moment, passes that take long, fail, throw and ask to be called again: every mark is
 * followed by a pass, none runs beside another of its name, a user never waits for a pause, and after an audit nobody
 * goes by what was seen before it.
 */
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import type { Lane } from '../../src/controller/lanes.ts';
import { makeWorkQueue, type PassEnd } from '../../src/controller/work-queue.ts';
import { runs } from './runs.ts';

const NAMES = ['a', 'b', 'c'];
const STEP = 100;
/** Milliseconds in which marks come, and after which everything must have been seen to. */
const MARKS_UNTIL = 30_000;
const END = 350_000;
/** The longest pass, the longest pause and the wait for more of the same change. */
const [LONGEST, PAUSE, DEBOUNCE] = [8_000, 60_000, 100];
/** Seconds between audits. */
const AUDIT = 7;
/** Passes that may go wrong. */
const FATES = 25;

const laneArb = fc.constantFrom<Lane>('user', 'retry', 'resync');
const markArb = fc.record({
  at: fc.integer({ min: 0, max: MARKS_UNTIL / STEP }).map((step) => step * STEP),
  name: fc.constantFrom(...NAMES),
  lane: laneArb,
});
const fateArb = fc.record({
  ms: fc.integer({ min: 0, max: LONGEST }),
  end: fc.constantFrom<PassEnd | 'throws'>({}, { again: 7 }, { failures: ['no'] }, { gone: true }, 'throws'),
});
type Mark = { readonly at: number; readonly name: string; readonly lane: Lane };
type Fate = { readonly ms: number; readonly end: PassEnd | 'throws' };
type Pass = Pick<Fate, 'end'> & {
  readonly name: string;
  readonly from: number;
  until: number;
  /** The pass whose memory it found. */
  readonly found: Pass | undefined;
};
/** What passes remember: which of them it was that looked. */
type Memory = { seen: Pass | undefined };

const sleep = (ms: number, signal?: { readonly aborted: boolean }): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    (signal as AbortSignal | undefined)?.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });

/** The passes that came of these marks, in a world where the n-th pass has the n-th fate and later ones go well. */
const play = async (marks: readonly Mark[], fates: readonly Fate[], workers: number, auditEvery?: number) => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 0 });
  const stopping = new AbortController();
  const passes: Pass[] = [];
  const audits: number[] = [];
  try {
    const queue = makeWorkQueue<Memory>(
      {
        ...{ noun: 'name', workers, fresh: () => ({ seen: undefined }) },
        forget: (state) => {
          state.seen = undefined;
        },
        pass: async (name, state) => {
          const { ms, end } = fates[passes.length] ?? { ms: 0, end: {} };
          const pass: Pass = {
            name,
            from: Date.now(),
            until: Number.POSITIVE_INFINITY,
            end,
            found: state.seen,
          };
          passes.push(pass);
          await sleep(ms);
          pass.until = Date.now();
          state.seen = pass;
          if (end === 'throws') throw new TypeError('something unforeseen');
          return end;
        },
      },
      {
        clock: { now: () => Date.now(), sleep },
        log: (_level, text) => text === 'audit begins' && audits.push(Date.now()),
        signal: stopping.signal,
      },
    );
    if (auditEvery !== undefined) void queue.audit(auditEvery);
    const coming = [...marks].sort((a, b) => a.at - b.at);
    while (Date.now() < END) {
      for (let next = coming[0]; next && next.at <= Date.now(); next = coming[0]) {
        coming.shift();
        queue.mark(next.name, next.lane);
      }
      await setImmediate();
      mock.timers.tick(STEP);
      await setImmediate();
    }
    return { passes, audits, left: [...queue.works.keys()], stats: queue.stats() };
  } finally {
    stopping.abort();
    mock.timers.reset();
  }
};

type World = {
  readonly marks: readonly Mark[];
  readonly passes: readonly Pass[];
  readonly workers: number;
};

const noneBesideAnother = ({ passes, workers }: World): void => {
  for (const one of passes) {
    const beside = passes.filter((it) => it.from <= one.from && it.until > one.from && it !== one);
    assert.ok(!beside.some(({ name }) => name === one.name), `two passes over ${one.name}`);
    assert.ok(beside.length < workers, `${beside.length + 1} passes of ${workers} workers`);
  }
};

const nextOf = (name: string, from: number, { passes }: World): Pass | undefined =>
  passes.find((it) => it.name === name && it.from >= from);

/** Milliseconds beyond what is meant: who finds no worker free stands behind others, each of which may take long. */
const patience = ({ workers }: World): number =>
  DEBOUNCE + 2 * STEP + (workers < NAMES.length ? FATES * LONGEST : 0);

const everyMarkIsSeenTo = (world: World): void => {
  for (const { at, name, lane } of world.marks) {
    const running = world.passes.find((it) => it.name === name && it.from <= at && it.until > at);
    const next = nextOf(name, at, world);
    assert.ok(next, `nothing came of the mark on ${name} at ${at}`);
    const latest = (running?.until ?? at) + patience(world);
    if (lane === 'user') assert.ok(next.from <= latest, `a user waited for a pause of ${name} at ${at}`);
  }
};

const nothingIsGivenUp = (world: World): void => {
  for (const { name, until, end } of world.passes) {
    const again = nextOf(name, until, world);
    const by = (ms: number): boolean => again !== undefined && again.from <= until + ms + patience(world);
    if (end === 'throws' || end.failures) assert.ok(by(PAUSE), `${name} was given up`);
    else if (end.again !== undefined) assert.ok(by(end.again * 1000), `${name} was not woken`);
  }
};

const WORLDS = [
  fc.array(markArb, { minLength: 1, maxLength: 60 }),
  fc.array(fateArb, { maxLength: FATES }),
  fc.integer({ min: 1, max: NAMES.length }),
] as const;

test('every mark is followed by a pass, one at a time, and what failed is tried again', async () => {
  await fc.assert(
    fc.asyncProperty(...WORLDS, async (marks, fates, workers) => {
      const { passes, left, stats } = await play(marks, fates, workers);
      const world = { marks, passes, workers };
      noneBesideAnother(world);
      everyMarkIsSeenTo(world);
      nothingIsGivenUp(world);
      for (const name of left) {
        const last = passes.findLast((it) => it.name === name);
        assert.ok(last && last.end !== 'throws' && !last.end.gone, `${name} is gone and still remembered`);
      }
      assert.deepEqual([stats.busy, stats.longestPassSeconds], [0, 0]);
    }),
    runs(80),
  );
});

test('after an audit, or a pass that threw, nobody goes by what was seen before', async () => {
  await fc.assert(
    fc.asyncProperty(...WORLDS, async (marks, fates, workers) => {
      const { passes, audits } = await play(marks, fates, workers, AUDIT);
      noneBesideAnother({ marks, passes, workers });
      for (const { name, from, found } of passes) {
        assert.notEqual(found?.end, 'throws', `${name} goes by what a pass saw that threw`);
        const between = audits.find((at) => found && found.from < at && at < from);
        assert.equal(between, undefined, `${name} goes by what was seen before the audit`);
      }
    }),
    runs(30),
  );
});
