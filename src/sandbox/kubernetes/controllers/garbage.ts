import { type Cluster, internalWrite } from '../api/cluster.ts';
import { deleteObject } from '../api/delete.ts';
import { replaceObject } from '../api/write.ts';
import { isReview, type Kind } from '../kinds.ts';
import type { KubeObject, OwnerReference } from '../object.ts';

/** Finds an object by what an owner reference says. */
type Dependent = { readonly storage: string; readonly namespace: string | undefined; readonly name: string };

const WRITE = internalWrite('kube-controller-manager');

/** Deletes what lost its last owner, and carries out foreground and orphan deletions. */
export const runGarbageCollector = (cluster: Cluster): void => {
  const dependents = new Map<string, Map<string, Dependent>>();
  const kinds = (storage: string): Kind | undefined =>
    cluster.kinds.all().find((kind) => kind.storage === storage && !isReview(kind));
  const keyOf = (one: Dependent): string => `${one.storage} ${one.namespace ?? ''}/${one.name}`;

  const remember = (storage: string, object: KubeObject, previous: KubeObject | undefined): void => {
    const one = { storage, namespace: object.metadata.namespace, name: object.metadata.name };
    for (const { uid } of previous?.metadata.ownerReferences ?? []) dependents.get(uid)?.delete(keyOf(one));
    for (const { uid } of object.metadata.ownerReferences ?? []) {
      const known = dependents.get(uid) ?? new Map<string, Dependent>();
      dependents.set(uid, known.set(keyOf(one), one));
    }
  };
  const forget = (storage: string, object: KubeObject): void => {
    const one = { storage, namespace: object.metadata.namespace, name: object.metadata.name };
    for (const { uid } of object.metadata.ownerReferences ?? []) dependents.get(uid)?.delete(keyOf(one));
  };

  const ownerExists = (reference: OwnerReference, namespace: string | undefined): boolean => {
    const kind = cluster.kinds.byObject(reference.apiVersion, reference.kind);
    if (kind === undefined) return true;
    const owner = cluster.store.get(kind.storage, kind.namespaced ? namespace : undefined, reference.name);
    return owner?.metadata.uid === reference.uid;
  };

  const dependentsOf = (uid: string | undefined): readonly { kind: Kind; object: KubeObject }[] =>
    [...(dependents.get(uid ?? '')?.values() ?? [])].flatMap((one) => {
      const kind = kinds(one.storage);
      const object = cluster.store.get(one.storage, one.namespace, one.name);
      return kind === undefined || object === undefined ? [] : [{ kind, object }];
    });

  const withoutOwner = (kind: Kind, object: KubeObject, uid: string | undefined): void => {
    const ownerReferences = (object.metadata.ownerReferences ?? []).filter((one) => one.uid !== uid);
    const { ownerReferences: _, ...metadata } = object.metadata;
    replaceObject(
      cluster,
      kind,
      object,
      { ...object, metadata: ownerReferences.length > 0 ? { ...metadata, ownerReferences } : metadata },
      WRITE,
    );
  };

  const collect = (kind: Kind, object: KubeObject): void => {
    const { ownerReferences = [], namespace, name } = object.metadata;
    if (object.metadata.deletionTimestamp !== undefined || ownerReferences.length === 0) return;
    if (ownerReferences.some((one) => ownerExists(one, namespace))) return;
    deleteObject(
      cluster,
      { kind, namespace, name },
      {
        ...BACKGROUND,
        propagation: object.metadata.finalizers?.includes('orphan') ? undefined : 'Background',
      },
    );
  };

  const release = (kind: Kind, object: KubeObject, finalizer: string): void => {
    const current = cluster.store.get(kind.storage, object.metadata.namespace, object.metadata.name);
    if (current === undefined) return;
    const finalizers = (current.metadata.finalizers ?? []).filter((one) => one !== finalizer);
    replaceObject(
      cluster,
      kind,
      current,
      { ...current, metadata: { ...current.metadata, finalizers } },
      WRITE,
    );
  };

  const advance = (kind: Kind, object: KubeObject): void => {
    const { uid, finalizers = [], deletionTimestamp } = object.metadata;
    if (deletionTimestamp === undefined) return;
    if (finalizers.includes('orphan')) {
      for (const one of dependentsOf(uid)) withoutOwner(one.kind, one.object, uid);
      release(kind, object, 'orphan');
    } else if (finalizers.includes('foregroundDeletion')) {
      const all = dependentsOf(uid);
      for (const one of all) {
        const { namespace, name } = one.object.metadata;
        if (one.object.metadata.deletionTimestamp === undefined)
          deleteObject(
            cluster,
            { kind: one.kind, namespace, name },
            { ...BACKGROUND, propagation: 'Foreground' },
          );
      }
      if (dependentsOf(uid).length === 0) release(kind, object, 'foregroundDeletion');
    }
  };

  /** After the last dependent went, an owner deleted in the foreground can go too. */
  const advanceOwners = (object: KubeObject): void => {
    for (const reference of object.metadata.ownerReferences ?? []) {
      const kind = cluster.kinds.byObject(reference.apiVersion, reference.kind);
      const owner =
        kind &&
        cluster.store.get(
          kind.storage,
          kind.namespaced ? object.metadata.namespace : undefined,
          reference.name,
        );
      if (kind !== undefined && owner?.metadata.uid === reference.uid) advance(kind, owner);
    }
  };

  for (const kind of new Set(cluster.kinds.all()))
    for (const object of cluster.store.list(kind.storage)) remember(kind.storage, object, undefined);
  cluster.store.onWrite((storage, { type, object, previous }) => {
    if (type === 'DELETED') forget(storage, object);
    else remember(storage, object, previous);
    queueMicrotask(() => {
      const kind = kinds(storage);
      if (kind === undefined) return;
      if (type === 'DELETED') {
        for (const one of dependentsOf(object.metadata.uid)) collect(one.kind, one.object);
        advanceOwners(object);
      } else if (type === 'ADDED') collect(kind, object);
      const current = cluster.store.get(storage, object.metadata.namespace, object.metadata.name);
      if (current?.metadata.uid === object.metadata.uid && current !== undefined) advance(kind, current);
    });
  });
};

const BACKGROUND = {
  dryRun: false,
  propagation: 'Background',
  graceSeconds: undefined,
  uid: undefined,
  resourceVersion: undefined,
} as const;
