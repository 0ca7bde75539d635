import type { WatchedKinds } from '../core/kube/objects.ts';
import type { Log } from '../core/ports.ts';
import { backoff } from './backoff.ts';
import { type Answer, type Failure, failureError } from './failure.ts';
import { collectionPath, KINDS } from './kinds.ts';
import { listAll } from './list.ts';
import type { Shelf } from './shelf.ts';
import { type WatchContext, type WatchEnd, watchOnce } from './watch.ts';

export type FollowContext = WatchContext & { readonly log: Log };

/** One kind in one namespace (undefined: in all, or a kind without namespaces), kept up to date on a shelf. */
export type Following = {
  /** Resolves at the first complete list. Rejects when the server refuses it for good, or the signal aborts first. */
  readonly listed: Promise<void>;
  /** Resolves when the signal has aborted and nothing runs any more. Never rejects. */
  readonly ended: Promise<void>;
  /** When an event, a bookmark or a complete list last came, milliseconds since the epoch. */
  heardAt(): number | undefined;
};

/** Lists, then watches, until the signal aborts; every failure is logged and tried again. */
export const follow = <K extends keyof WatchedKinds>(
  kind: K,
  namespace: string | undefined,
  shelf: Shelf<WatchedKinds[K]>,
  context: FollowContext,
): Following => {
  const { signal } = context;
  const listed = Promise.withResolvers<void>();
  // Whoever never waits for it must not be ended by its rejection.
  listed.promise.catch(() => {});
  let heard: number | undefined;
  const target: Target<K> = {
    kind,
    namespace,
    path: collectionPath(KINDS[kind].apiVersion, kind, namespace),
    shelf,
    heard: () => {
      heard = context.clock.now();
    },
  };

  const run = async (): Promise<void> => {
    let state: State = { version: undefined, failures: 0 };
    while (!signal.aborted) {
      const { version } = state;
      if (version !== undefined) {
        state = await watch(target, { ...state, version }, context);
        continue;
      }
      const answer = await list(target, context);
      if (answer.ok) listed.resolve();
      else if (isRefusal(answer.failure)) listed.reject(refused(kind, namespace, answer.failure));
      const failures: number = state.failures + (answer.ok ? 0 : 1);
      state = { version: answer.ok ? answer.value : undefined, failures };
      if (!answer.ok) await rest(target, failures, answer.failure, context);
    }
    listed.reject(new Error(`watching ${kind} was stopped before the first list was complete`));
  };

  return { listed: listed.promise, ended: run(), heardAt: () => heard };
};

type Target<K extends keyof WatchedKinds> = {
  readonly kind: K;
  readonly namespace: string | undefined;
  readonly path: string;
  readonly shelf: Shelf<WatchedKinds[K]>;
  readonly heard: () => void;
};

type State = {
  /** Where to watch on from; undefined when a list is needed first. */
  readonly version: string | undefined;
  /** In a row, since a watch last said anything or ended in order. */
  readonly failures: number;
};

/** Makes a complete list the truth; the answer is the version to watch from. */
const list = async <K extends keyof WatchedKinds>(
  { kind, namespace, path, shelf, heard }: Target<K>,
  { transport, clock, signal }: FollowContext,
): Promise<Answer<string>> => {
  let answer = await listAll(transport, kind, path, signal);
  if (answer.ok && answer.value.items.length === 0 && shelf.count(namespace) > 0) {
    // Everything gone at once is more often a server that is not itself yet: it has to say so twice.
    await clock.sleep(Math.random() * RELIST_JITTER_MS, signal);
    answer = await listAll(transport, kind, path, signal);
  }
  if (!answer.ok) return answer;
  heard();
  shelf.replace(answer.value.items, namespace);
  return { ok: true, value: answer.value.version };
};

/** Runs one watch to its end, waits as its end demands, and says where to go on. */
const watch = async <K extends keyof WatchedKinds>(
  target: Target<K>,
  state: State & { readonly version: string },
  context: FollowContext,
): Promise<State> => {
  const { kind, path, shelf, heard } = target;
  const began = context.clock.now();
  const end = await watchOnce(
    { kind, path, version: state.version },
    { put: shelf.put, drop: shelf.drop, heard },
    context,
  );
  const failure = end.failure ?? tooShort(path, end, context.clock.now() - began);
  if (failure === undefined) return { version: end.version, failures: 0 };
  const failures = end.progress ? 1 : state.failures + 1;
  if (end.version === undefined && failures === 1) {
    await context.clock.sleep(Math.random() * RELIST_JITTER_MS, context.signal);
  } else {
    await rest(target, failures, failure, context);
  }
  // A watch that gets nowhere may be asking for a version of another life of the server: a list always helps.
  return { version: failures % 3 === 0 ? undefined : end.version, failures };
};

const rest = async <K extends keyof WatchedKinds>(
  { kind, namespace }: Target<K>,
  failures: number,
  failure: Failure,
  { clock, log, signal }: FollowContext,
): Promise<void> => {
  if (signal.aborted) return;
  const ms = backoff(failures, failure.retryAfterSeconds);
  log(failures > 2 ? 'warn' : 'info', 'kubernetes watch interrupted', {
    kind,
    ...(namespace !== undefined && { namespace }),
    error: failure.message,
    failures,
    retryMs: ms,
  });
  await clock.sleep(ms, signal);
};

/** After a 410 all watchers of a server list at once: spread over two seconds. */
const RELIST_JITTER_MS = 2000;

/** A server that ends each watch at once without a word must not be asked in a tight loop. */
const tooShort = (path: string, end: WatchEnd, ms: number): Failure | undefined =>
  end.progress || ms >= 1000
    ? undefined
    : { code: 0, reason: 'Unreachable', message: `watch ${path}: ended at once without an event` };

/** Answers that only a person can change: wrong credentials, missing permission, unknown API. */
const isRefusal = (failure: Failure): boolean => [401, 403, 404].includes(failure.code);

const refused = (kind: keyof WatchedKinds, namespace: string | undefined, failure: Failure): Error => {
  const where = namespace === undefined ? 'the cluster' : `namespace ${namespace}`;
  const group = KINDS[kind].apiVersion;
  const doing = `cannot list ${kind} (${group}) in ${where}; the controller needs get, list and watch on them`;
  return failureError(doing, failure);
};
