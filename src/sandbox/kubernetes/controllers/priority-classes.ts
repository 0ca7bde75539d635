import { type Cluster, internalWrite } from '../api/cluster.ts';
import { createObject } from '../api/write.ts';

/**
 * Creates the two classes every cluster begins with.
 * https://kubernetes.io/docs/tasks/administer-cluster/guaranteed-scheduling-critical-addon-pods/
 */
export const createPriorityClasses = (cluster: Cluster): void => {
  const kind = cluster.kinds.byObject('scheduling.k8s.io/v1', 'PriorityClass');
  if (kind === undefined) throw new Error('the kind table lacks PriorityClass');
  for (const [name, value, description] of CLASSES) {
    if (cluster.store.get(kind.storage, undefined, name) !== undefined) continue;
    const body = { apiVersion: 'scheduling.k8s.io/v1', kind: kind.kind, metadata: { name } };
    createObject(cluster, kind, undefined, { ...body, value, description }, WRITE);
  }
};

const WRITE = internalWrite('kube-apiserver');

const CLASSES = [
  [
    'system-cluster-critical',
    2_000_000_000,
    'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  ],
  [
    'system-node-critical',
    2_000_001_000,
    'Used for system critical pods that must not be moved from their current node.',
  ],
] as const;
