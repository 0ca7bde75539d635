import { type Cluster, internalWrite } from '../kubernetes/api/cluster.ts';
import { deleteObject } from '../kubernetes/api/delete.ts';
import { ApiError } from '../kubernetes/api/errors.ts';
import { createObject, replaceObject } from '../kubernetes/api/write.ts';
import type { Kind } from '../kubernetes/kinds.ts';
import { isReview } from '../kubernetes/kinds.ts';
import type { KubeObject, ObjectMeta, OwnerReference } from '../kubernetes/object.ts';
import { createPodMaker, type PodMaker } from './pod-maker.ts';

type Named = { readonly metadata: ObjectMeta };

/** How one controller reads and writes the cluster. Types are what the controller says it looks at. */
export type Access = {
  get<T extends Named>(storage: string, namespace: string | undefined, name: string): T | undefined;
  list<T extends Named>(storage: string, namespace?: string): readonly T[];
  create(storage: string, namespace: string | undefined, object: object): KubeObject;
  /**
   * Creates a Pod of a controller; undefined when it is refused or one was a moment ago. A Pod that admission webhooks
   * must be asked about is not stored yet then, but is listed like one that is.
   */
  createPod(namespace: string | undefined, object: object): KubeObject | undefined;
  /** Writes metadata and spec; nothing happens when nothing changed or the object is gone. */
  update(storage: string, object: Named): void;
  setStatus(storage: string, object: Named, status: object): void;
  /** Deletes; an object already gone is fine. */
  remove(storage: string, object: Named, graceSeconds?: number): void;
  readonly refusal: PodMaker['refusal'];
  /** Told of Pods that were not allowed. */
  readonly onRefused: PodMaker['onRefused'];
  readonly cluster: Cluster;
};

export const createAccess = (cluster: Cluster, manager: string): Access => {
  const kindOf = (storage: string): Kind => {
    const kind = cluster.kinds.all().find((one) => one.storage === storage && !isReview(one));
    if (kind === undefined) throw new Error(`no kind is stored as ${storage}`);
    return kind;
  };
  const current = (storage: string, { metadata }: Named): KubeObject | undefined => {
    const found = cluster.store.get(storage, metadata.namespace, metadata.name);
    return found?.metadata.uid === metadata.uid ? found : undefined;
  };
  const maker = createPodMaker(cluster, manager);
  return {
    cluster,
    refusal: maker.refusal,
    onRefused: maker.onRefused,
    get: (storage, namespace, name) => cluster.store.get(storage, namespace, name) as never,
    list: (storage, namespace) => {
      const stored = cluster.store.list(storage, namespace);
      const waiting = storage === 'pods' ? maker.waiting(namespace) : [];
      return (waiting.length === 0 ? stored : [...stored, ...waiting]) as never;
    },
    create: (storage, namespace, object) =>
      createObject(cluster, kindOf(storage), namespace, object as KubeObject, internalWrite(manager)),
    createPod: (namespace, object) => maker.create(kindOf('pods'), namespace, object as KubeObject),
    update: (storage, object) => {
      const before = current(storage, object);
      if (before !== undefined)
        replaceObject(cluster, kindOf(storage), before, object as KubeObject, internalWrite(manager));
    },
    setStatus: (storage, object, status) => {
      const before = current(storage, object);
      if (before !== undefined)
        replaceObject(
          cluster,
          kindOf(storage),
          before,
          { ...before, status },
          internalWrite(manager, 'status'),
        );
    },
    remove: (storage, { metadata }, graceSeconds) => {
      const options = {
        dryRun: false,
        propagation: 'Background',
        graceSeconds,
        uid: metadata.uid,
        resourceVersion: undefined,
      } as const;
      try {
        deleteObject(
          cluster,
          { kind: kindOf(storage), namespace: metadata.namespace, name: metadata.name },
          options,
        );
      } catch (error) {
        if (!(error instanceof ApiError) || (error.status.code !== 404 && error.status.code !== 409))
          throw error;
      }
    },
  };
};

/** The reference that makes `owner` the controller of what carries it. */
export const controlledBy = (owner: {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}): OwnerReference => ({
  apiVersion: owner.apiVersion,
  kind: owner.kind,
  name: owner.metadata.name,
  uid: owner.metadata.uid ?? '',
  controller: true,
  blockOwnerDeletion: true,
});

export const isControlledBy = (object: Named, owner: Named): boolean =>
  object.metadata.ownerReferences?.some(
    (one) => one.controller === true && one.uid === owner.metadata.uid,
  ) === true;
