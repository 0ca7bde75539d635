/**
 * What is looked at again and again, by name: stacks and TargetGroupBindings. Each has one pass at a time; a pass that
 * failed is tried again with growing pauses, and a change by a user cuts the pause short.
 */

import pRetry from 'p-retry';
import type { AbortSignalLike, Clock, Log } from '../core/ports.ts';
import { textOf } from '../core/text-of.ts';
import { type Lane, makeLanes } from './lanes.ts';
import { PAUSES } from './pauses.ts';

export type WorkQueue<State> = {
  /** Asks for a pass over what has this name. */
  mark(name: string, lane: Lane): void;
  /** Looks at everything again every so many seconds, so that drift is found, until the signal aborts. */
  audit(seconds: number): Promise<void>;
  /** What there is, by name. */
  readonly works: ReadonlyMap<string, WorkNow<State>>;
  /** How busy it is at this moment. */
  stats(): QueueStats;
  /** Resolves when the calls under way have ended. */
  idle(): Promise<void>;
};

export type WorkNow<State> = {
  /** What its passes remember. */
  readonly state: State;
  /** Whether nothing has changed since its last pass, and none runs. */
  isCurrent(): boolean;
};

export type QueueStats = {
  /** How many have a pass running, waiting or pausing. */
  readonly busy: number;
  readonly waiting: Readonly<Record<Lane, number>>;
  /** Seconds that the first in each lane has waited. */
  readonly waitedSeconds: Readonly<Record<Lane, number>>;
  /** Seconds that the pass which runs longest has run; 0 when none runs. */
  readonly longestPassSeconds: number;
};

/** How a pass ended. One that rejects has failed too, and what its state remembered is forgotten. */
export type PassEnd = {
  /** Seconds until there is something to do again that no change will announce; undefined: nothing. */
  readonly again?: number | undefined;
  /** Why it should be tried again soon. */
  readonly failures?: readonly string[];
  /** Whether there is nothing of this name any more. */
  readonly gone?: boolean;
};

export type Worked<State> = {
  /** What it is, for the log. */
  readonly noun: string;
  /** Passes at the same time. */
  readonly workers: number;
  readonly fresh: () => State;
  /** Drops what the state remembers of AWS, so that the next pass looks. */
  readonly forget: (state: State) => void;
  readonly pass: (name: string, state: State) => Promise<PassEnd>;
};

export type QueuePorts = {
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal & AbortSignalLike;
};

/** Milliseconds to wait for more of the same change: a rollout or an `apply -f` of a folder comes in pieces. */
const DEBOUNCE = 100;

type Work<State> = WorkNow<State> & {
  /** Set while a pass is running or pausing. */
  running: Promise<void> | undefined;
  dirty: Lane | undefined;
  /** Whether its last pass failed. Who cut the pause short before that pass began did not see it fail. */
  failed: boolean;
  /** Whether what it remembers was to be forgotten while a pass ran that remembers more at its end. */
  stale: boolean;
  /** When the pass that runs now began. */
  since: number | undefined;
  /** Ends the pause before the next try. */
  hurry: AbortController;
  timer: AbortController | undefined;
};

export const makeWorkQueue = <State>(
  worked: Worked<State>,
  { clock, log, signal: stopping }: QueuePorts,
): WorkQueue<State> => {
  const lanes = makeLanes(worked.workers, () => clock.now());
  const works = new Map<string, Work<State>>();

  const mark = (name: string, lane: Lane): void => {
    if (stopping.aborted) return;
    const work = works.get(name) ?? newWork(worked.fresh());
    works.set(name, work);
    work.dirty = work.dirty === 'user' ? 'user' : lane;
    if (lane === 'user') work.hurry.abort();
    work.running ??= keepWorking(name, work).finally(() => {
      work.running = undefined;
      if (work.dirty) mark(name, work.dirty);
    });
  };

  const keepWorking = async (name: string, work: Work<State>): Promise<void> => {
    await clock.sleep(DEBOUNCE, stopping);
    while ((work.dirty || work.failed) && !stopping.aborted) {
      work.hurry = new AbortController();
      const signal = AbortSignal.any([work.hurry.signal, stopping]);
      try {
        await pRetry(() => lanes.run(work.dirty ?? 'retry', () => pass(name, work)), { ...PAUSES, signal });
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }
  };

  const pass = async (name: string, work: Work<State>): Promise<void> => {
    if (stopping.aborted) return;
    const { again, failures = [], gone = false } = await onePass(name, work);
    if (again !== undefined && !gone) wake(name, work, again);
    if (failures.length > 0) throw new Error(failures.join('; '));
    work.failed = false;
    if (gone && !work.dirty) works.delete(name);
  };

  const onePass = async (name: string, work: Work<State>): Promise<PassEnd> => {
    work.dirty = undefined;
    work.failed = true;
    work.timer?.abort();
    work.since = clock.now();
    try {
      return await worked.pass(name, work.state);
    } catch (error) {
      worked.forget(work.state);
      const message = textOf(error);
      log('error', 'pass failed', { [worked.noun]: name, error: message });
      // Never the error itself: p-retry gives up on a TypeError, and nothing must ever be given up.
      throw new Error(message, { cause: error });
    } finally {
      work.since = undefined;
      if (work.stale) worked.forget(work.state);
      work.stale = false;
    }
  };

  const wake = (name: string, work: Work<State>, seconds: number): void => {
    work.timer = new AbortController();
    const { signal } = work.timer;
    void clock.sleep(seconds * 1000, AbortSignal.any([signal, stopping])).then(() => {
      if (!signal.aborted) mark(name, 'retry');
    });
  };

  return {
    mark,
    audit: async (seconds) => {
      while (!stopping.aborted) {
        await clock.sleep(seconds * 1000, stopping);
        if (stopping.aborted) return;
        log('debug', 'audit begins', { of: worked.noun, count: works.size });
        for (const [name, work] of works) {
          worked.forget(work.state);
          work.stale = work.since !== undefined;
          mark(name, 'resync');
        }
      }
    },
    works,
    stats: () => {
      const all = [...works.values()];
      const running = all.map(({ since }) => (since === undefined ? 0 : (clock.now() - since) / 1000));
      return {
        busy: all.filter((work) => work.running).length,
        waiting: lanes.depth(),
        waitedSeconds: inSeconds(lanes.age()),
        longestPassSeconds: Math.max(0, ...running),
      };
    },
    idle: async () => {
      await Promise.all([...works.values()].map((work) => work.running?.catch(() => undefined)));
    },
  };
};

const newWork = <State>(state: State): Work<State> => {
  const work: Work<State> = {
    state,
    isCurrent: () => work.dirty === undefined && work.since === undefined,
    running: undefined,
    dirty: undefined,
    failed: false,
    stale: false,
    since: undefined,
    hurry: new AbortController(),
    timer: undefined,
  };
  return work;
};

const inSeconds = (ages: Readonly<Record<Lane, number>>): Readonly<Record<Lane, number>> => ({
  user: ages.user / 1000,
  retry: ages.retry / 1000,
  resync: ages.resync / 1000,
});
