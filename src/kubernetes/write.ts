import { type Ingress, objectId } from '../core/kube/objects.ts';
import type { Address, Clock, Kube } from '../core/ports.ts';
import { backoff } from './backoff.ts';
import { type Answer, type Failure, failureError, isPassing } from './failure.ts';
import { collectionPath, KINDS } from './kinds.ts';
import type { Transport } from './transport.ts';
import { trim } from './trim.ts';

/** What is written to Ingresses. */
export type Writer = Pick<Kube, 'setFinalizer' | 'setStatus'>;

export type WriterContext = {
  readonly transport: Transport;
  readonly clock: Clock;
  /** No new attempt begins once this has aborted; the one under way is finished. */
  readonly signal: AbortSignal;
  /** The newest known copy of an Ingress by `namespace/name`. */
  readonly newest: (id: string) => Ingress | undefined;
};

export const openWriter = (context: WriterContext): Writer => {
  // What the status of this copy was last made: the watch has not brought the result yet.
  const written = new WeakMap<Ingress, readonly Address[]>();
  return {
    async setFinalizer(ingress, finalizer, present) {
      const change = (current: Ingress): Change => changeFinalizer(current, finalizer, present);
      const doing = `${present ? 'adding' : 'removing'} finalizer ${finalizer} ${present ? 'to' : 'from'}`;
      await persist(latest(context, ingress), '', doing, change, context);
    },
    async setStatus(ingress, addresses) {
      const known = latest(context, ingress);
      const before = written.has(known)
        ? loadBalancerOf(written.get(known) ?? [])
        : known.status?.loadBalancer?.ingress;
      const wanted = loadBalancerOf(addresses);
      if (sameStatus(before, wanted)) return;
      const patch = { status: { loadBalancer: { ingress: wanted.length > 0 ? wanted : null } } };
      await persist(known, '/status', 'writing the status of', () => ({ patch, guarded: false }), context);
      written.set(known, addresses);
    },
  };
};

type StatusEntries = NonNullable<NonNullable<NonNullable<Ingress['status']>['loadBalancer']>['ingress']>;

/** A merge patch; `guarded` when it is only right for the very version it was made from. */
type Change =
  | { readonly patch: Readonly<Record<string, unknown>>; readonly guarded: boolean }
  | { readonly unneeded: true }
  | { readonly impossible: string };

/** The copy to start from: the newest one of the same object, not of a namesake made since. */
const latest = (context: WriterContext, ingress: Ingress): Ingress => {
  const known = context.newest(objectId(ingress.metadata));
  return known !== undefined && known.metadata.uid === ingress.metadata.uid ? known : ingress;
};

const changeFinalizer = (current: Ingress, finalizer: string, present: boolean): Change => {
  const { finalizers = [], deletionTimestamp } = current.metadata;
  if (finalizers.includes(finalizer) === present) return { unneeded: true };
  // Kubernetes accepts no new finalizer on an object that is being deleted.
  if (present && deletionTimestamp !== undefined) return { impossible: 'it is being deleted' };
  const kept = present ? [...finalizers, finalizer] : finalizers.filter((other) => other !== finalizer);
  return { patch: { metadata: { finalizers: kept } }, guarded: true };
};

const loadBalancerOf = (addresses: readonly Address[]): StatusEntries =>
  addresses.map(({ hostname, ports }) => ({ hostname, ports }));

const sameStatus = (a: StatusEntries | undefined, b: StatusEntries): boolean =>
  statusKey(a ?? []) === statusKey(b);

const statusKey = (entries: StatusEntries): string =>
  JSON.stringify(
    entries.map(({ hostname, ip, ports }) => [
      hostname,
      ip,
      (ports ?? []).map((each) => [each.port, each.protocol]),
    ]),
  );

/** Attempts per write; the caller's queue comes again later with a longer view. */
const ATTEMPTS = 5;

/**
 * Writes one change and sees it through: a conflict is retried on the fresh object, a busy or unreachable server
 * after a pause (a lost reply does no harm: the fresh object then needs no change). Gone, or a namesake by now, is fine.
 */
const persist = async (
  ingress: Ingress,
  subresource: '' | '/status',
  doing: string,
  change: (current: Ingress) => Change,
  context: WriterContext,
): Promise<void> => {
  const subject = `${doing} Ingress ${objectId(ingress.metadata)}`;
  const path = pathOf(ingress);
  let current: Ingress | undefined = ingress;
  for (let attempt = 1; current !== undefined; attempt += 1) {
    if (context.signal.aborted) throw failureError(subject, STOPPED);
    const next = change(current);
    if ('unneeded' in next) return;
    if ('impossible' in next) throw new Error(`${subject}: ${next.impossible}`);
    const answer = await patchIngress(path + subresource, current, next, context);
    if (answer.ok || answer.failure.code === 404) return;
    const { failure } = answer;
    if (attempt >= ATTEMPTS || !isWorthwhile(failure)) throw failureError(subject, failure);
    if (isPassing(failure))
      await context.clock.sleep(backoff(attempt, failure.retryAfterSeconds), context.signal);
    const fresh = await refresh(path, current, context);
    if (fresh !== undefined && failure.code === 422) throw failureError(subject, failure);
    current = fresh;
  }
};

const STOPPED: Failure = {
  code: 0,
  reason: 'Stopped',
  message: 'the connection to Kubernetes is being closed',
};

/** 409 is another writer; 422 is what Kubernetes answers when the uid is that of a namesake. */
const isWorthwhile = (failure: Failure): boolean =>
  failure.code === 409 || failure.code === 422 || isPassing(failure);

const pathOf = ({ metadata }: Ingress): string =>
  `${collectionPath(KINDS.ingresses.apiVersion, 'ingresses', metadata.namespace)}/${encodeURIComponent(metadata.name)}`;

const patchIngress = (
  path: string,
  current: Ingress,
  { patch, guarded }: { readonly patch: Readonly<Record<string, unknown>>; readonly guarded: boolean },
  { transport }: WriterContext,
): Promise<Answer<unknown>> => {
  const { uid, resourceVersion } = current.metadata;
  const metadata = {
    ...(patch.metadata as object | undefined),
    ...(uid !== undefined && { uid }),
    ...(guarded && resourceVersion !== undefined && { resourceVersion }),
  };
  return transport.json({ verb: 'patch', resource: 'ingresses', path, body: { ...patch, metadata } });
};

/** The object as it is now, as it was when it cannot be read; undefined when it is gone, or a namesake by now. */
const refresh = async (
  path: string,
  known: Ingress,
  { transport }: WriterContext,
): Promise<Ingress | undefined> => {
  const answer = await transport.json({ verb: 'get', resource: 'ingresses', path });
  if (!answer.ok) return answer.failure.code === 404 ? undefined : known;
  const fresh = trim('ingresses', answer.value);
  if (fresh === undefined) return known;
  return fresh.metadata.uid === known.metadata.uid ? fresh : undefined;
};
