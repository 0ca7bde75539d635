import type { WatchedKinds } from '../core/kube/objects.ts';
import type { Log } from '../core/ports.ts';
import { backoff } from './backoff.ts';
import { type Answer, type Failure, failureError } from './failure.ts';
import { collectionPath, isOptional, KINDS } from './kinds.ts';
import { listAll } from './list.ts';
import type { Shelf } from './shelf.ts';
import { type WatchContext, type WatchEnd, watchOnce } from './watch.ts';

export type FollowContext = WatchContext & {
  readonly log: Log;
  /** Tries of the first list before it counts as failed for good; absent: as many as it takes. */
  readonly firstTries?: number;
};

/** Where to look: one namespace (absent: all, or a kind without namespaces), and in it one object (absent: every one). */
export type Where = { readonly namespace?: string | undefined; readonly name?: string };

/** One kind at one place, kept up to date on a shelf. */
export type Following = {
  /**
   * Resolves at the first complete list, or when an optional kind turns out not to be there. Rejects when the server
   * refuses the list for good, or the signal aborts first.
   */
  readonly listed: Promise<void>;
  /** Resolves when the signal has aborted and nothing runs any more. Never rejects. */
  readonly ended: Promise<void>;
  /** When an event, a bookmark or a complete list last came, milliseconds since the epoch. */
  heardAt(): number | undefined;
  /** The same, where a plain refusal of a list counts, too: the server is there, and only a person can change its mind. */
  answeredAt(): number | undefined;
  /** Why an optional kind cannot be looked at now; undefined: it can. */
  unseen(): string | undefined;
};

/** Lists, then watches, until the signal aborts; every failure is logged and tried again. */
export const follow = <K extends keyof WatchedKinds>(
  kind: K,
  where: Where,
  shelf: Shelf<WatchedKinds[K]>,
  context: FollowContext,
): Following => {
  const { signal, firstTries = Number.POSITIVE_INFINITY } = context;
  const { namespace, name } = where;
  const listed = Promise.withResolvers<void>();
  // Whoever never waits for it must not be ended by its rejection.
  listed.promise.catch(() => {});
  let heard: number | undefined;
  let answered: number | undefined;
  let absence: Absence | undefined;
  const target: Target<K> = {
    kind,
    where,
    path: collectionPath(KINDS[kind].apiVersion, kind, namespace),
    ...(name !== undefined && { selector: `metadata.name=${name}` }),
    shelf,
    heard: () => {
      heard = context.clock.now();
      answered = heard;
    },
  };

  /** Lists once, says what that means, and waits when it failed. */
  const begin = async (failures: number): Promise<State> => {
    const answer = await list(target, context);
    const was = absence;
    absence = answer.ok ? undefined : absenceOf(kind, answer.failure, was);
    if (answer.ok) {
      if (was) context.log('info', 'a kind can be watched now', { kind });
      listed.resolve();
      return { version: answer.value, failures };
    }
    if (absence) {
      listed.resolve();
      await bear(target, absence, was, context);
      return { version: undefined, failures };
    }
    if (isRefusal(answer.failure)) {
      answered = context.clock.now();
      listed.reject(refused(kind, where, answer.failure));
    } else if (failures + 1 >= firstTries) {
      listed.reject(failureError('cannot reach the cluster', answer.failure));
      await context.clock.sleep(LOOK_AGAIN_MS, signal);
      return { version: undefined, failures: failures + 1 };
    }
    await rest(target, failures + 1, answer.failure, context);
    return { version: undefined, failures: failures + 1 };
  };

  const run = async (): Promise<void> => {
    let state: State = { version: undefined, failures: 0 };
    while (!signal.aborted) {
      const { version, failures } = state;
      state =
        version === undefined ? await begin(failures) : await watch(target, { version, failures }, context);
    }
    listed.reject(new Error(`watching ${kind} was stopped before the first list was complete`));
  };

  return {
    listed: listed.promise,
    ended: run(),
    heardAt: () => heard,
    answeredAt: () => answered,
    unseen: () => absence?.why,
  };
};

type Target<K extends keyof WatchedKinds> = {
  readonly kind: K;
  readonly where: Where;
  readonly path: string;
  readonly selector?: string;
  readonly shelf: Shelf<WatchedKinds[K]>;
  readonly heard: () => void;
};

/** An optional kind that is not there, or is kept from us. */
type Absence = {
  readonly code: number;
  readonly why: string;
  /** How often in a row the server said so. */
  readonly times: number;
};

/** Whether the answer is a plain no about an optional kind; any other failure passes. */
const absenceOf = (
  kind: keyof WatchedKinds,
  { code, message }: Failure,
  before: Absence | undefined,
): Absence | undefined => {
  if (!isOptional(kind) || (code !== 403 && code !== 404)) return undefined;
  const { kind: noun, apiVersion } = KINDS[kind];
  const why =
    code === 404
      ? `this cluster has no kind ${noun} of ${apiVersion}; install its CustomResourceDefinition`
      : `the controller may not read ${noun} objects (${message}); give its ClusterRole list and watch on ${kind}`;
  return { code, why, times: before?.code === code ? before.times + 1 : 1 };
};

/** Tells it once, and waits until it is time to look again. Objects are gone when their kind is, said three times. */
const bear = async <K extends keyof WatchedKinds>(
  { kind, where, shelf, heard }: Target<K>,
  absence: Absence,
  before: Absence | undefined,
  { clock, log, signal }: FollowContext,
): Promise<void> => {
  heard();
  if (before?.code !== absence.code)
    log(absence.code === 403 ? 'warn' : 'info', 'a kind cannot be watched', { kind, why: absence.why });
  if (absence.code === 404 && absence.times >= SAID_OFTEN) shelf.replace([], where.namespace);
  await clock.sleep(LOOK_AGAIN_MS, signal);
};

/** A server that is starting may not know its custom kinds yet. */
const SAID_OFTEN = 3;

/** Between looks for an optional kind that is not there: one small request. */
const LOOK_AGAIN_MS = 15_000;

type State = {
  /** Where to watch on from; undefined when a list is needed first. */
  readonly version: string | undefined;
  /** In a row, since a watch last said anything or ended in order. */
  readonly failures: number;
};

/** Makes a complete list the truth; the answer is the version to watch from. */
const list = async <K extends keyof WatchedKinds>(
  target: Target<K>,
  { transport, clock, signal }: FollowContext,
): Promise<Answer<string>> => {
  const { kind, shelf, heard } = target;
  const { namespace } = target.where;
  let answer = await listAll(transport, kind, target, signal);
  if (answer.ok && answer.value.items.length === 0 && shelf.count(namespace) > 0) {
    // Everything gone at once is more often a server that is not itself yet: it has to say so twice.
    await clock.sleep(Math.random() * RELIST_JITTER_MS, signal);
    answer = await listAll(transport, kind, target, signal);
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
  const { path, shelf, heard } = target;
  const began = context.clock.now();
  const end = await watchOnce(
    { ...target, version: state.version },
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
  { kind, where: { namespace, name } }: Target<K>,
  failures: number,
  failure: Failure,
  { clock, log, signal }: FollowContext,
): Promise<void> => {
  if (signal.aborted) return;
  const ms = backoff(failures, failure.retryAfterSeconds);
  log(failures > 2 ? 'warn' : 'info', 'kubernetes watch interrupted', {
    kind,
    ...(namespace !== undefined && { namespace }),
    ...(name !== undefined && { name }),
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

const refused = (kind: keyof WatchedKinds, { namespace, name }: Where, failure: Failure): Error => {
  if (failure.code === 401)
    return failureError(
      'the cluster does not accept the credentials of the kubeconfig or service account',
      failure,
    );
  const where = namespace === undefined ? 'the cluster' : `namespace ${namespace}`;
  const group = KINDS[kind].apiVersion;
  const doing =
    name === undefined
      ? `cannot list ${kind} (${group}) in ${where}; the controller needs get, list and watch on them`
      : `cannot list ${kind} named ${name} in ${where}; the controller needs list and watch on them`;
  return failureError(doing, failure);
};
