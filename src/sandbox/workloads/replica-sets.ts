import { matchLabels } from '../kubernetes/api/selectors.ts';
import { isJsonObject } from '../kubernetes/object.ts';
import { type Access, controlledBy, isControlledBy } from './access.ts';
import { createLoop, follow, type Loop, ownerKeys, ownKey } from './loop.ts';
import { isAvailable, isEnded, isReady, type Pod, type Scaled } from './objects.ts';
import { createRecorder, type RecordEvent } from './record-event.ts';
import { followRefusals, withFailure } from './refused-pods.ts';

/** Keeps the Pods of ReplicaSets, and of the older ReplicationControllers, at the number asked for. */
export const runReplicaSets = (access: Access, onError: (message: string) => void): readonly Loop[] => [
  run(access, 'replicasets.apps', 'ReplicaSet', onError),
  run(access, 'replicationcontrollers', 'ReplicationController', onError),
];

const run = (access: Access, storage: string, kind: string, onError: (message: string) => void): Loop => {
  const record = createRecorder(access, `${kind.toLowerCase()}-controller`);
  const loop: Loop = createLoop(
    kind,
    (namespace, name) => {
      const set = access.get<Scaled>(storage, namespace, name);
      if (set === undefined) return;
      const pods = adopt(access, set);
      const active = pods.filter((pod) => !isEnded(pod) && pod.metadata.deletionTimestamp === undefined);
      if (set.metadata.deletionTimestamp === undefined) scale(access, record, set, active);
      report(access, storage, set, loop);
    },
    onError,
  );
  follow(access.cluster.store, loop, storage, ownKey);
  follow(access.cluster.store, loop, 'pods', ownerKeys(kind));
  followRefusals(access, loop, record, kind);
  return loop;
};

/** The set's Pods; Pods without a controller that its selector matches become its own. */
const adopt = (access: Access, set: Scaled): readonly Pod[] => {
  const pods = access.list<Pod>('pods', set.metadata.namespace);
  return pods.filter((pod) => {
    if (isControlledBy(pod, set)) return true;
    const owned = pod.metadata.ownerReferences?.some((one) => one.controller === true) === true;
    if (
      owned ||
      set.metadata.deletionTimestamp !== undefined ||
      isEnded(pod) ||
      pod.metadata.deletionTimestamp !== undefined ||
      !selects(set, pod)
    )
      return false;
    access.update('pods', {
      ...pod,
      metadata: {
        ...pod.metadata,
        ownerReferences: [...(pod.metadata.ownerReferences ?? []), controlledBy(set)],
      },
    } as Pod);
    return true;
  });
};

/** A ReplicaSet has a label selector, a ReplicationController a plain map of labels. */
const selects = ({ spec: { selector } }: Scaled, pod: Pod): boolean => {
  const labelled =
    isJsonObject(selector) &&
    (isJsonObject(selector.matchLabels) || Array.isArray(selector.matchExpressions));
  return matchLabels(labelled ? selector : { matchLabels: selector }, pod.metadata.labels ?? {});
};

const scale = (access: Access, record: RecordEvent, set: Scaled, active: readonly Pod[]): void => {
  const wanted = set.spec.replicas ?? 1;
  for (let count = active.length; count < wanted; count += 1) {
    const pod = access.createPod(set.metadata.namespace, podOf(set));
    if (pod === undefined) break;
    record(set, { type: 'Normal', reason: 'SuccessfulCreate', message: `Created pod: ${pod.metadata.name}` });
  }
  for (const pod of [...active].sort(worstFirst).slice(0, Math.max(0, active.length - wanted))) {
    access.remove('pods', pod);
    record(set, { type: 'Normal', reason: 'SuccessfulDelete', message: `Deleted pod: ${pod.metadata.name}` });
  }
};

/** A Pod made from the template of its owner. */
export const podOf = (owner: Scaled, name?: string): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    ...(name === undefined ? { name: '', generateName: `${owner.metadata.name}-` } : { name }),
    ...owner.spec.template.metadata,
    ownerReferences: [controlledBy(owner)],
  },
  spec: owner.spec.template.spec,
});

/** Which Pods go first: those not placed, then not ready, then the youngest. */
const worstFirst = (a: Pod, b: Pod): number =>
  rank(a) - rank(b) || (b.metadata.creationTimestamp ?? '').localeCompare(a.metadata.creationTimestamp ?? '');

const rank = (pod: Pod): number => (pod.spec.nodeName === undefined ? 0 : 1) + (isReady(pod) ? 2 : 0);

const report = (access: Access, storage: string, set: Scaled, loop: Loop): void => {
  const pods = access.list<Pod>('pods', set.metadata.namespace).filter((pod) => isControlledBy(pod, set));
  const active = pods.filter((pod) => !isEnded(pod) && pod.metadata.deletionTimestamp === undefined);
  const wait = set.spec.minReadySeconds ?? 0;
  const ready = active.filter(isReady);
  const available = ready.filter((pod) => isAvailable(pod, wait, Date.now()));
  const labels = Object.entries(set.spec.template.metadata?.labels ?? {});
  const labelled = active.filter((pod) =>
    labels.every(([key, value]) => pod.metadata.labels?.[key] === value),
  );
  const conditions = withFailure(access, set, active);
  access.setStatus(storage, set, {
    replicas: active.length,
    ...(labelled.length > 0 ? { fullyLabeledReplicas: labelled.length } : {}),
    ...(ready.length > 0 ? { readyReplicas: ready.length } : {}),
    ...(available.length > 0 ? { availableReplicas: available.length } : {}),
    observedGeneration: set.metadata.generation,
    ...(conditions.length > 0 ? { conditions } : {}),
  });
  if (ready.length > available.length) loop.queue(`${set.metadata.namespace}/${set.metadata.name}`, 250);
};
