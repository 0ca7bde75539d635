import { type Access, isControlledBy } from './access.ts';
import { keepRevisions } from './controller-revisions.ts';
import { createLoop, follow, type Loop, ownerKeys, ownKey } from './loop.ts';
import { isAvailable, isEnded, isReady, type Pod, type Scaled } from './objects.ts';
import { createRecorder } from './record-event.ts';
import { followRefusals } from './refused-pods.ts';
import { podOf } from './replica-sets.ts';
import { sameTemplate, stamped, templateRevision } from './template-revision.ts';

const SETS = 'statefulsets.apps';

type StatefulSet = Scaled & { readonly spec: Scaled['spec'] & { readonly podManagementPolicy?: string } };

/** Pods with fixed names, made in order and replaced from the last on. Volumes are not provided. */
export const runStatefulSets = (access: Access, onError: (message: string) => void): Loop => {
  const record = createRecorder(access, 'statefulset-controller');
  const loop = createLoop(
    'StatefulSet',
    (namespace, name) => {
      const set = access.get<StatefulSet>(SETS, namespace, name);
      if (set === undefined) return;
      const pods = access.list<Pod>('pods', namespace).filter((pod) => isControlledBy(pod, set));
      if (set.metadata.deletionTimestamp === undefined) {
        keepRevisions(access, set);
        step(access, set, pods, (reason, message) => record(set, { type: 'Normal', reason, message }));
      }
      report(access, set);
    },
    onError,
  );
  follow(access.cluster.store, loop, SETS, ownKey);
  follow(access.cluster.store, loop, 'pods', ownerKeys('StatefulSet'));
  followRefusals(
    access,
    loop,
    record,
    'StatefulSet',
    (message, owner, pod) => `create Pod ${pod} in StatefulSet ${owner} failed error: ${message}`,
  );
  return loop;
};

const ordinal = (pod: Pod): number => Number(pod.metadata.name.slice(pod.metadata.name.lastIndexOf('-') + 1));

/** At most one Pod is made or ended at a time, unless the set asks for all at once. */
const step = (
  access: Access,
  set: StatefulSet,
  pods: readonly Pod[],
  say: (reason: string, message: string) => void,
): void => {
  const wanted = set.spec.replicas ?? 1;
  const parallel = set.spec.podManagementPolicy === 'Parallel';
  for (let index = 0; index < wanted; index += 1) {
    const name = `${set.metadata.name}-${index}`;
    const pod = pods.find((one) => one.metadata.name === name);
    if (pod === undefined) {
      const labels = {
        'apps.kubernetes.io/pod-index': String(index),
        'statefulset.kubernetes.io/pod-name': name,
      };
      const made = stamped(podOf(set, name), set.spec.template, labels);
      if (access.createPod(set.metadata.namespace, made) === undefined) return;
      say('SuccessfulCreate', `create Pod ${name} in StatefulSet ${set.metadata.name} successful`);
    } else if (isEnded(pod) && pod.metadata.deletionTimestamp === undefined) access.remove('pods', pod);
    if (!parallel && (pod === undefined || !isReady(pod) || pod.metadata.deletionTimestamp !== undefined))
      return;
  }
  const downward = [...pods].sort((a, b) => ordinal(b) - ordinal(a));
  const extra = downward.find((pod) => ordinal(pod) >= wanted || !sameTemplate(pod, set.spec.template));
  if (extra === undefined || extra.metadata.deletionTimestamp !== undefined) return;
  access.remove('pods', extra);
  say('SuccessfulDelete', `delete Pod ${extra.metadata.name} in StatefulSet ${set.metadata.name} successful`);
};

const report = (access: Access, set: StatefulSet): void => {
  const pods = access
    .list<Pod>('pods', set.metadata.namespace)
    .filter((pod) => isControlledBy(pod, set) && !isEnded(pod));
  const updated = pods.filter((pod) => sameTemplate(pod, set.spec.template)).length;
  const revision = `${set.metadata.name}-${templateRevision(set.spec.template)}`;
  access.setStatus(SETS, set, {
    replicas: pods.length,
    readyReplicas: pods.filter(isReady).length,
    availableReplicas: pods.filter((pod) => isAvailable(pod, set.spec.minReadySeconds ?? 0, Date.now()))
      .length,
    currentReplicas: updated,
    updatedReplicas: updated,
    currentRevision: revision,
    updateRevision: revision,
    collisionCount: 0,
    observedGeneration: set.metadata.generation,
  });
};
