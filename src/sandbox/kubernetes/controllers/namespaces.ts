import type { Cluster } from '../api/cluster.ts';
import { internalWrite } from '../api/cluster.ts';
import { deleteObject } from '../api/delete.ts';
import { createObject, replaceObject } from '../api/write.ts';
import { isReview, type Kind } from '../kinds.ts';
import type { JsonObject, KubeObject } from '../object.ts';

const STANDARD = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];
const WRITE = internalWrite('kube-controller-manager');

/**
 * Milliseconds until a deleted namespace is emptied. A real controller takes longer still, so `kubectl delete -f` of a
 * file that begins with the namespace finds the other objects of the file.
 */
const EMPTYING_DELAY = 500;

/**
 * Creates the four standard namespaces, furnishes every namespace, and empties those being deleted. `authority` is the
 * certificate that clients check the API server by, as PEM.
 */
export const runNamespaces = (cluster: Cluster, authority: string): void => {
  const { store } = cluster;
  const emptying = new Set<string>();
  const reconcileOne = (name: string): void => reconcile(cluster, name, authority);
  const refurnish = (name: string): void => {
    const namespace = store.get('namespaces', undefined, name);
    if (namespace?.metadata.deletionTimestamp === undefined) reconcileOne(name);
  };
  const emptyNow = (name: string): void => {
    emptying.add(name);
    reconcileOne(name);
    if (store.get('namespaces', undefined, name) === undefined) emptying.delete(name);
  };
  store.onWrite((storage, event) => {
    if (storage === 'namespaces') {
      const { name, deletionTimestamp } = event.object.metadata;
      if (deletionTimestamp === undefined) queueMicrotask(() => reconcileOne(name));
      else setTimeout(() => emptyNow(name), EMPTYING_DELAY).unref();
    }
    if (event.type === 'DELETED' && event.object.metadata.namespace !== undefined) {
      const { namespace } = event.object.metadata;
      if (emptying.has(namespace)) queueMicrotask(() => reconcileOne(namespace));
      else if (FURNITURE.has(storage)) queueMicrotask(() => refurnish(namespace));
    }
  });
  for (const name of STANDARD) {
    if (store.get('namespaces', undefined, name) === undefined)
      createObject(cluster, kindOf(cluster, 'namespaces'), undefined, object('Namespace', name), WRITE);
  }
  for (const { metadata } of store.list('namespaces')) {
    if (metadata.deletionTimestamp === undefined) reconcileOne(metadata.name);
    else emptyNow(metadata.name);
  }
};

const object = (kind: string, name: string, more: JsonObject = {}): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name },
  ...more,
});

const kindOf = (cluster: Cluster, plural: string): Kind => {
  const kind = cluster.kinds.byResource('', 'v1', plural);
  if (kind === undefined) throw new Error(`the kind table lacks ${plural}`);
  return kind;
};

const reconcile = (cluster: Cluster, name: string, authority: string): void => {
  const namespace = cluster.store.get('namespaces', undefined, name);
  if (namespace === undefined) return;
  if (namespace.metadata.deletionTimestamp === undefined) furnish(cluster, name, authority);
  else empty(cluster, namespace);
};

/** Where what every namespace has is kept. */
const FURNITURE: ReadonlySet<string> = new Set(['configmaps', 'serviceaccounts']);

/** What clients find in every namespace of a real cluster, again when somebody deletes it. */
const furnish = (cluster: Cluster, name: string, authority: string): void => {
  const wanted = [
    object('ServiceAccount', 'default'),
    object('ConfigMap', 'kube-root-ca.crt', { data: { 'ca.crt': authority } }),
  ];
  for (const one of wanted) {
    const kind = kindOf(cluster, one.kind === 'ConfigMap' ? 'configmaps' : 'serviceaccounts');
    if (cluster.store.get(kind.storage, name, one.metadata.name) === undefined)
      createObject(cluster, kind, name, one, { ...WRITE, unlimited: true });
  }
};

const OPTIONS = {
  dryRun: false,
  propagation: 'Background',
  graceSeconds: undefined,
  uid: undefined,
  resourceVersion: undefined,
} as const;

/** Deletes what is inside; the namespace itself goes when nothing is left. */
const empty = (cluster: Cluster, namespace: KubeObject): void => {
  const { name } = namespace.metadata;
  let left = 0;
  const seen = new Set<string>();
  for (const kind of cluster.kinds.all()) {
    if (!kind.namespaced || isReview(kind) || seen.has(kind.storage)) continue;
    seen.add(kind.storage);
    for (const { metadata } of cluster.store.list(kind.storage, name)) {
      if (metadata.deletionTimestamp === undefined)
        deleteObject(cluster, { kind, namespace: name, name: metadata.name }, OPTIONS);
    }
    left += cluster.store.list(kind.storage, name).length;
  }
  const current = cluster.store.get('namespaces', undefined, name);
  if (left > 0 || current === undefined) return;
  const { finalizers: _, ...spec } = (current.spec ?? {}) as JsonObject;
  replaceObject(cluster, kindOf(cluster, 'namespaces'), current, { ...current, spec }, WRITE);
};
