/**
 * When and in what order. Changes become dirty stacks; a stack has one pass at a time; a pass that failed is
 * tried again with growing pauses, and a change by a user cuts the pause short.
 */
import pRetry from 'p-retry';
import type { Change } from '../core/ports.ts';
import { mayJudge } from '../core/translate/stacks.ts';
import { type Bindings, makeBindings } from './bindings.ts';
import { leavingIn, makeDraining } from './draining.ts';
import { makeGates } from './gates.ts';
import { makeGroupIndex } from './groups.ts';
import { type Lane, makeLanes } from './lanes.ts';
import type { Settings } from './look.ts';
import { makeMoves } from './moves.ts';
import { freshState, type ReconcilePorts, reconcile, type StackState } from './reconcile.ts';

export type Controller = {
  /** Watches, takes the inventory, and works until `stop`. Resolves when every stack stands in the queue. */
  start(): Promise<void>;
  /** Finishes the calls under way, starts no more. */
  stop(): Promise<void>;
  /** For health checks and tests. */
  readonly stats: () => {
    /** Whether the cluster was listed and AWS looked through once; a controller that stands by has done both. */
    readonly scanned: boolean;
    /** Whether it works: every stack was put in the queue. */
    readonly started: boolean;
    readonly stacks: number;
    readonly busy: number;
    readonly waiting: Readonly<Record<Lane, number>>;
    /** Seconds that the first in each lane has waited. */
    readonly waitedSeconds: Readonly<Record<Lane, number>>;
    /** Seconds that the pass which runs longest has run; 0 when none runs. */
    readonly longestPassSeconds: number;
    readonly passes: number;
    readonly adopted: number;
  };
  /** What is known of each stack, by name: AWS as the last pass left it, and the last plan. */
  readonly stacks: () => ReadonlyMap<string, Pick<StackState, 'actual' | 'planned'>>;
  /** The same of each TargetGroupBinding. */
  readonly bindings: Bindings['states'];
};

/** A controller that must wait for its turn: it watches the cluster, and looks at AWS, but begins no pass. */
export type Turn = {
  /** Resolves when it may begin. */
  readonly comes: Promise<void>;
  /** Forgets what AWS held when somebody else was still at work on it. */
  readonly forget: () => void;
};

/** Milliseconds a change is remembered for which somebody else was responsible, and may not have come to it. */
const INHERITED = 60_000;

/** Kinds that change often and neither name Secrets nor say whose an Ingress is that does. */
const NAMES_NO_SECRET: ReadonlySet<Change['kind']> = new Set(['endpointslices', 'nodes', 'pods', 'secrets']);

/** Stacks worked on at the same time. */
const WORKERS = 4;
/** Milliseconds to wait for more of the same change: a rollout or an `apply -f` of a folder comes in pieces. */
const DEBOUNCE = 100;

/** Pauses between failed passes. AWS throttles accounts, so they grow far, but a user's change never waits for one. */
const RETRY = {
  minTimeout: 1000,
  maxTimeout: 60_000,
  factor: 2,
  randomize: true,
  retries: Number.POSITIVE_INFINITY,
} as const;

type Work = {
  readonly state: StackState;
  /** Set while a pass is running or pausing. */
  running: Promise<void> | undefined;
  dirty: Lane | undefined;
  /** When the pass that runs now began. */
  since: number | undefined;
  /** Ends the pause before the next try. */
  hurry: AbortController;
  timer: AbortController | undefined;
};

export type ControllerPorts = Omit<ReconcilePorts, 'signal' | 'moves'> & {
  /** Absent: it is its turn at once. */
  readonly turn?: Turn;
};

export const makeController = (settings: Settings, ports: ControllerPorts): Controller => {
  const stopping = new AbortController();
  const index = makeGroupIndex(settings.scope);
  const lanes = makeLanes(WORKERS, () => ports.clock.now());
  const works = new Map<string, Work>();
  const moves = makeMoves(settings, ports.clock);
  const all: ReconcilePorts = { ...ports, moves, signal: stopping.signal };
  const bindings = makeBindings(settings, all);
  const counts = { scanned: false, started: false, passes: 0, adopted: 0 };
  const draining = makeDraining(settings, all, (stack) => {
    const work = works.get(stack);
    return work && { state: work.state, ingresses: index.ingressesOf(stack) };
  });
  const gates = makeGates({
    ...all,
    stacks: () =>
      new Map(
        [...works].map(([stack, { state, dirty, since }]) => [
          stack,
          { ...state, current: dirty === undefined && since === undefined },
        ]),
      ),
    bindings: bindings.states,
    stacksOf: (pod) => index.stacksOfPod(pod, ports.kube.snapshot()),
  });
  /** When stacks were last changed before it was our turn. */
  const inherited = new Map<string, number>();

  const mark = (stack: string, lane: Lane): void => {
    if (stopping.signal.aborted) return;
    const work = works.get(stack) ?? {
      state: freshState(settings),
      running: undefined,
      dirty: undefined,
      since: undefined,
      hurry: new AbortController(),
      timer: undefined,
    };
    works.set(stack, work);
    work.dirty = work.dirty === 'user' || lane === 'user' ? 'user' : lane;
    if (lane === 'user') work.hurry.abort();
    work.running ??= keepWorking(stack, work).finally(() => {
      work.running = undefined;
      if (work.dirty && !stopping.signal.aborted) mark(stack, work.dirty);
    });
  };

  const keepWorking = async (stack: string, work: Work): Promise<void> => {
    await ports.clock.sleep(DEBOUNCE, stopping.signal);
    while (work.dirty && !stopping.signal.aborted) {
      work.hurry = new AbortController();
      const signal = AbortSignal.any([work.hurry.signal, stopping.signal]);
      try {
        await pRetry(() => pass(stack, work), { ...RETRY, signal });
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }
  };

  const pass = async (stack: string, work: Work): Promise<void> => {
    const lane = work.dirty ?? 'retry';
    const result = await lanes.run(lane, async () => {
      if (stopping.signal.aborted) return undefined;
      work.dirty = undefined;
      work.timer?.abort();
      counts.passes++;
      work.since = ports.clock.now();
      try {
        return await reconcile(stack, new Set(index.ingressesOf(stack)), work.state, settings, all);
      } catch (error) {
        work.state.actual = undefined;
        const message = error instanceof Error ? error.message : String(error);
        ports.log('error', 'pass failed', { stack, error: message });
        // Never the error itself: p-retry gives up on a TypeError, and a stack must never be given up.
        throw new Error(message, { cause: error });
      } finally {
        work.since = undefined;
      }
    });
    if (!result) return;
    for (const other of result.relieved) mark(other, 'user');
    if (result.again !== undefined) wake(stack, work, result.again);
    if (result.failures.length > 0) throw new Error(result.failures.join('; '));
    if (result.gone && index.ingressesOf(stack).size === 0 && !work.dirty) {
      const again = await ports.kube.setStackStatus(stack, undefined);
      if (again !== undefined) wake(stack, work, again);
      else if (!work.dirty) works.delete(stack);
    }
  };

  const wake = (stack: string, work: Work, seconds: number): void => {
    work.timer = new AbortController();
    const { signal } = work.timer;
    void ports.clock.sleep(seconds * 1000, AbortSignal.any([signal, stopping.signal])).then(() => {
      if (!signal.aborted) mark(stack, 'retry');
    });
  };

  const onChange = (change: Change): void => {
    const leaving = leavingIn(change);
    bindings.changed(change);
    for (const stack of index.concerned(change, ports.kube.snapshot()))
      if (counts.started) {
        mark(stack, 'user');
        if (leaving.size > 0) draining.begin(stack, leaving);
      } else inherited.set(stack, ports.clock.now());
    if (change.kind === 'pods' && counts.started) gates.nudge();
    if (!NAMES_NO_SECRET.has(change.kind)) lookAtSecrets();
  };

  /** Nobody waits: what becomes known is told as a change. */
  const lookAtSecrets = (): void => void ports.kube.lookAtSecrets(index.secrets());

  const scan = async (): Promise<readonly string[]> => {
    const found = await pRetry(() => ports.aws.inventory(), { ...RETRY, signal: stopping.signal });
    counts.scanned = true;
    counts.adopted = found.length;
    return found;
  };

  /** Until it is our turn: looks at AWS now and then, so that what is wrong with the way there shows before it counts. */
  const standBy = async (turn: Turn): Promise<void> => {
    const over = new AbortController();
    const signal = AbortSignal.any([over.signal, stopping.signal]);
    const look = async (): Promise<void> => {
      while (!signal.aborted) {
        try {
          await scan();
        } catch {
          // Only stopping ends the tries.
        }
        await ports.clock.sleep(settings.auditSeconds * 1000, signal);
      }
    };
    void look();
    await Promise.race([turn.comes, untilAborted(stopping.signal)]);
    over.abort();
    turn.forget();
  };

  /** Looks at everything again, a stack at a time, so that drift is found and AWS is not asked all at once. */
  const audit = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await ports.clock.sleep(settings.auditSeconds * 1000, stopping.signal);
      if (stopping.signal.aborted) return;
      ports.log('debug', 'audit begins', { stacks: works.size });
      for (const [stack, work] of works) {
        work.state.actual = undefined;
        mark(stack, 'resync');
      }
    }
  };

  /** Of stacks that went while nobody was at work. */
  const prune = async (): Promise<void> => {
    const again = await ports.kube.pruneStackStatuses((stack) => works.has(stack));
    if (again === undefined || stopping.signal.aborted) return;
    await ports.clock.sleep(again * 1000, stopping.signal);
    if (!stopping.signal.aborted) await prune();
  };

  return {
    start: async () => {
      // Changes that come before the inventory is complete only fill the index: nothing is done on half a view.
      await ports.kube.start(onChange);
      const snapshot = ports.kube.snapshot();
      for (const after of snapshot.ingresses.values())
        index.concerned({ kind: 'ingresses', after }, snapshot);
      lookAtSecrets();
      if (ports.turn) await standBy(ports.turn);
      if (stopping.signal.aborted) return;
      const found = await scan();
      ports.log('info', 'inventory read', {
        stacks: found.length,
        ingresses: ports.kube.snapshot().ingresses.size,
      });
      counts.started = true;
      const recent = ports.clock.now() - INHERITED;
      for (const [stack, at] of inherited) if (at > recent) mark(stack, 'user');
      inherited.clear();
      for (const stack of new Set([
        ...index.stacks(),
        ...found.filter((stack) => mayJudge(stack, settings.scope)),
      ]))
        mark(stack, 'resync');
      gates.nudge();
      bindings.begin();
      void prune();
      void audit();
    },
    stop: async () => {
      stopping.abort();
      await Promise.all([
        ...[...works.values()].map((work) => work.running?.catch(() => undefined)),
        draining.idle(),
        gates.idle(),
        bindings.idle(),
      ]);
    },
    stats: () => ({
      stacks: works.size,
      busy: [...works.values()].filter((work) => work.running).length,
      waiting: lanes.depth(),
      waitedSeconds: inSeconds(lanes.age()),
      longestPassSeconds: Math.max(
        0,
        ...[...works.values()].map(({ since }) =>
          since === undefined ? 0 : (ports.clock.now() - since) / 1000,
        ),
      ),
      ...counts,
    }),
    bindings: bindings.states,
    stacks: () => new Map([...works].map(([stack, { state }]) => [stack, state])),
  };
};

const inSeconds = (ages: Readonly<Record<Lane, number>>): Readonly<Record<Lane, number>> => ({
  user: ages.user / 1000,
  retry: ages.retry / 1000,
  resync: ages.resync / 1000,
});

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
