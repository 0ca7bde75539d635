/** When and in what order. Changes become stacks to pass over, once the cluster is listed and AWS looked through. */
import pRetry from 'p-retry';
import type { Change } from '../core/ports.ts';
import { mayJudge } from '../core/translate/stacks.ts';
import { type Bindings, makeBindings } from './bindings.ts';
import { leavingIn, makeDraining } from './draining.ts';
import { makeGates } from './gates.ts';
import { makeGroupIndex } from './groups.ts';
import type { Settings } from './look.ts';
import { makeMoves } from './moves.ts';
import type { ReconcilePorts } from './pass.ts';
import { PAUSES } from './pauses.ts';
import { reconcile } from './reconcile.ts';
import { freshState, type StackState } from './stack-state.ts';
import { makeWorkQueue, type PassEnd, type QueueStats } from './work-queue.ts';

export type Controller = {
  /** Watches, takes the inventory, and works until `stop`. Resolves when every stack stands in the queue. */
  start(): Promise<void>;
  /** Finishes the calls under way, starts no more. */
  stop(): Promise<void>;
  /** For health checks and tests. */
  readonly stats: () => QueueStats & {
    /** Whether the cluster was listed and AWS looked through once; a controller that stands by has done both. */
    readonly scanned: boolean;
    /** Whether it works: every stack was put in the queue. */
    readonly started: boolean;
    readonly stacks: number;
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
export type ControllerPorts = Omit<ReconcilePorts, 'signal' | 'moves'> & {
  /** Absent: it is its turn at once. */
  readonly turn?: Turn;
};

export const makeController = (settings: Settings, ports: ControllerPorts): Controller => {
  const stopping = new AbortController();
  const index = makeGroupIndex(settings.scope);
  const moves = makeMoves(settings, ports.clock);
  const all: ReconcilePorts = { ...ports, moves, signal: stopping.signal };
  const bindings = makeBindings(settings, all);
  const counts = { scanned: false, started: false, passes: 0, adopted: 0 };
  /** When stacks were last changed before it was our turn. */
  const inherited = new Map<string, number>();

  const pass = async (stack: string, state: StackState): Promise<PassEnd> => {
    counts.passes++;
    const ingresses = new Set(index.ingressesOf(stack));
    const { again, failures, gone, relieved } = await reconcile(stack, ingresses, state, settings, all);
    for (const other of relieved) queue.mark(other, 'user');
    if (!gone || failures.length > 0 || index.ingressesOf(stack).size > 0) return { again, failures };
    const soon = await ports.kube.setStackStatus(stack, undefined);
    return soon === undefined ? { again, gone } : { again: soon };
  };

  const queue = makeWorkQueue<StackState>(
    {
      ...{ noun: 'stack', workers: WORKERS, pass },
      fresh: () => freshState(settings),
      forget: (state) => {
        state.actual = undefined;
      },
    },
    all,
  );
  const draining = makeDraining(settings, all, (stack) => {
    const work = queue.works.get(stack);
    return work && { state: work.state, ingresses: index.ingressesOf(stack) };
  });
  const gates = makeGates({
    ...all,
    stacks: () =>
      new Map(
        [...queue.works].map(([stack, { state, isCurrent }]) => [stack, { ...state, current: isCurrent() }]),
      ),
    bindings: bindings.states,
    stacksOf: (pod) => index.stacksOfPod(pod, ports.kube.snapshot()),
  });

  const onChange = (change: Change): void => {
    const leaving = leavingIn(change);
    bindings.changed(change);
    for (const stack of index.concerned(change, ports.kube.snapshot()))
      if (counts.started) {
        queue.mark(stack, 'user');
        if (leaving.size > 0) draining.begin(stack, leaving);
      } else inherited.set(stack, ports.clock.now());
    if (change.kind === 'pods' && counts.started) gates.nudge();
    if (!NAMES_NO_SECRET.has(change.kind)) lookAtSecrets();
  };

  /** Nobody waits: what becomes known is told as a change. */
  const lookAtSecrets = (): void => void ports.kube.lookAtSecrets(index.secrets());

  const scan = async (): Promise<readonly string[]> => {
    const found = await pRetry(() => ports.aws.inventory(), {
      ...PAUSES,
      signal: stopping.signal,
      onFailedAttempt: ({ error, attemptNumber, retryDelay }) =>
        ports.log('warn', 'AWS could not be looked through', {
          error: error.message,
          failures: attemptNumber,
          retryMs: Math.round(retryDelay),
        }),
    });
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

  /** Of stacks that went while nobody was at work. */
  const prune = async (): Promise<void> => {
    const again = await ports.kube.pruneStackStatuses((stack) => queue.works.has(stack));
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
      for (const [stack, at] of inherited) if (at > recent) queue.mark(stack, 'user');
      inherited.clear();
      for (const stack of new Set([
        ...index.stacks(),
        ...found.filter((stack) => mayJudge(stack, settings.scope)),
      ]))
        queue.mark(stack, 'resync');
      gates.nudge();
      bindings.begin();
      void prune().catch((error: unknown) =>
        ports.log('debug', 'statuses not pruned', { error: String(error) }),
      );
      void queue.audit(settings.auditSeconds);
    },
    stop: async () => {
      stopping.abort();
      await Promise.all([queue, draining, gates, bindings].map((part) => part.idle()));
    },
    stats: () => ({ stacks: queue.works.size, ...queue.stats(), ...counts }),
    bindings: bindings.states,
    stacks: () => new Map([...queue.works].map(([stack, { state }]) => [stack, state])),
  };
};

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
