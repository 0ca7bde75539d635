import { ruleFor } from '../admission/rules.ts';
import type { Kind } from '../kinds.ts';
import { type KubeObject, kubeTime, valueAt } from '../object.ts';
import type { Admission, Cluster, Place } from './cluster.ts';
import { conflict, forbidden, notFound } from './errors.ts';

export type DeleteOptions = {
  readonly dryRun: boolean;
  readonly propagation: 'Background' | 'Foreground' | 'Orphan' | undefined;
  readonly graceSeconds: number | undefined;
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
  readonly admission?: Admission | undefined;
};

export type Deletion = {
  readonly object: KubeObject;
  /** False while finalizers or a grace period hold the object. */
  readonly gone: boolean;
};

/** Deletes an object, or marks it as being deleted while finalizers, dependents or a grace period hold it. */
export const deleteObject = (cluster: Cluster, place: Place, options: DeleteOptions): Deletion => {
  const { kind, namespace, name } = place;
  const before = cluster.store.get(kind.storage, namespace, name);
  if (before === undefined) throw notFound(kind, name);
  if (kind.plural === 'namespaces' && PERMANENT.has(name))
    throw forbidden(kind, name, 'this namespace may not be deleted');
  checkPreconditions(kind, before, options);
  const change = { operation: 'DELETE', object: undefined, before } as const;
  options.admission?.mutate(change);
  options.admission?.validate(change);
  const grace = graceOf(kind, before, options);
  const finalizers = finalizersFor(before, options);
  const held =
    finalizers.length > 0 ||
    grace > 0 ||
    (valueAt(before, 'spec', 'finalizers') !== undefined && kind.plural === 'namespaces');
  const object =
    ruleFor(kind).onDelete?.(marked(before, finalizers, grace)) ?? marked(before, finalizers, grace);
  if (options.dryRun) return { object: held ? object : before, gone: !held };
  if (!held) return { object: finish(cluster, kind, before), gone: true };
  const unchanged =
    before.metadata.deletionTimestamp !== undefined &&
    grace === before.metadata.deletionGracePeriodSeconds &&
    finalizers.length === (before.metadata.finalizers?.length ?? 0);
  return { object: unchanged ? before : cluster.store.put(kind.storage, object), gone: false };
};

const PERMANENT = new Set(['default', 'kube-system', 'kube-public', 'kube-node-lease']);

const checkPreconditions = (
  kind: Kind,
  before: KubeObject,
  { uid, resourceVersion }: DeleteOptions,
): void => {
  const { name, uid: hasUid, resourceVersion: hasVersion } = before.metadata;
  if (uid !== undefined && uid !== hasUid) {
    throw conflict(
      kind,
      name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${hasUid}`,
    );
  }
  if (resourceVersion !== undefined && resourceVersion !== hasVersion) {
    throw conflict(
      kind,
      name,
      `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${hasVersion}`,
    );
  }
};

/** Only Pods placed on a node end gracefully; a second deletion can shorten the time, never lengthen it. */
const graceOf = (kind: Kind, before: KubeObject, options: DeleteOptions): number => {
  if (kind.storage !== 'pods') return 0;
  const phase = valueAt(before, 'status', 'phase');
  if (valueAt(before, 'spec', 'nodeName') === undefined || phase === 'Succeeded' || phase === 'Failed')
    return 0;
  const asked =
    options.graceSeconds ?? Number(valueAt(before, 'spec', 'terminationGracePeriodSeconds') ?? 30);
  const running = before.metadata.deletionGracePeriodSeconds;
  return running === undefined ? asked : Math.min(running, asked);
};

const finalizersFor = (before: KubeObject, { propagation }: DeleteOptions): readonly string[] => {
  const own = (before.metadata.finalizers ?? []).filter(
    (one) => propagation === undefined || (one !== 'orphan' && one !== 'foregroundDeletion'),
  );
  if (propagation === 'Foreground') return [...own, 'foregroundDeletion'];
  return propagation === 'Orphan' ? [...own, 'orphan'] : own;
};

const marked = (before: KubeObject, finalizers: readonly string[], grace: number): KubeObject => {
  const { finalizers: _, ...metadata } = before.metadata;
  const since = metadata.deletionTimestamp === undefined || grace !== metadata.deletionGracePeriodSeconds;
  return {
    ...before,
    metadata: {
      ...metadata,
      ...(finalizers.length > 0 ? { finalizers: [...finalizers] } : {}),
      ...(since ? { deletionTimestamp: kubeTime(Date.now() + grace * 1000) } : {}),
      deletionGracePeriodSeconds: grace,
      ...(metadata.generation !== undefined && metadata.deletionTimestamp === undefined
        ? { generation: metadata.generation + 1 }
        : {}),
    },
  };
};

const finish = (cluster: Cluster, kind: Kind, object: KubeObject): KubeObject => {
  ruleFor(kind).released?.({ cluster, object });
  return cluster.store.remove(kind.storage, object);
};

/** Stores a changed object, or removes it when it is being deleted and nothing holds it any more. */
export const putOrRemove = (cluster: Cluster, kind: Kind, object: KubeObject): KubeObject =>
  isFinished(kind, object) ? finish(cluster, kind, object) : cluster.store.put(kind.storage, object);

const isFinished = (kind: Kind, object: KubeObject): boolean => {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = object.metadata;
  if (
    deletionTimestamp === undefined ||
    (finalizers?.length ?? 0) > 0 ||
    (deletionGracePeriodSeconds ?? 0) > 0
  )
    return false;
  const inner = valueAt(object, 'spec', 'finalizers');
  return !(kind.plural === 'namespaces' && Array.isArray(inner) && inner.length > 0);
};
