import { type Access, isControlledBy } from './access.ts';
import { keepRevisions } from './controller-revisions.ts';
import { createLoop, follow, keyOf, type Loop, ownerKeys, ownKey } from './loop.ts';
import { isAvailable, isEnded, isReady, type Node, type Pod, type Scaled } from './objects.ts';
import { createRecorder } from './record-event.ts';
import { followRefusals } from './refused-pods.ts';
import { podOf } from './replica-sets.ts';
import { mayRunDaemon } from './scheduler.ts';
import { sameTemplate, stamped } from './template-revision.ts';

const SETS = 'daemonsets.apps';

/** One Pod on each node that allows it; a new template replaces them one after the other. */
export const runDaemonSets = (access: Access, onError: (message: string) => void): Loop => {
  const record = createRecorder(access, 'daemonset-controller');
  const loop = createLoop(
    'DaemonSet',
    (namespace, name) => {
      const set = access.get<Scaled>(SETS, namespace, name);
      if (set === undefined) return;
      const all = access
        .list<Pod>('pods', namespace)
        .filter((pod) => isControlledBy(pod, set) && !isEnded(pod));
      const template = {
        metadata: set.metadata,
        spec: {
          ...set.spec.template.spec,
          tolerations: [...(set.spec.template.spec.tolerations ?? []), ...TOLERATED],
        },
      };
      const nodes = access.list<Node>('nodes').filter((node) => mayRunDaemon(node, template));
      if (set.metadata.deletionTimestamp === undefined) {
        keepRevisions(access, set);
        place(access, set, nodes, all, (message) =>
          record(set, { type: 'Normal', reason: 'SuccessfulCreate', message }),
        );
      }
      report(access, set, nodes.length);
    },
    onError,
  );
  follow(access.cluster.store, loop, SETS, ownKey);
  follow(access.cluster.store, loop, 'pods', ownerKeys('DaemonSet'));
  followRefusals(access, loop, record, 'DaemonSet');
  access.cluster.store.onWrite((storage) => {
    if (storage === 'nodes') for (const set of access.list<Scaled>(SETS)) loop.queue(keyOf(set));
  });
  return loop;
};

const TOLERATED = [{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' }];

const place = (
  access: Access,
  set: Scaled,
  nodes: readonly Node[],
  pods: readonly Pod[],
  say: (message: string) => void,
): void => {
  for (const node of nodes) {
    if (pods.some((pod) => pod.spec.nodeName === node.metadata.name)) continue;
    const made = stamped(podOf(set), set.spec.template) as { spec: object };
    const spec = { ...made.spec, nodeName: node.metadata.name };
    const pod = access.createPod(set.metadata.namespace, { ...made, spec });
    if (pod === undefined) break;
    say(`Created pod: ${pod.metadata.name}`);
  }
  for (const pod of pods)
    if (!nodes.some((node) => node.metadata.name === pod.spec.nodeName)) access.remove('pods', pod);
  const settled =
    pods.length === nodes.length &&
    pods.every((pod) => isReady(pod) && pod.metadata.deletionTimestamp === undefined);
  const stale = pods.find((pod) => !sameTemplate(pod, set.spec.template));
  if (stale !== undefined && (settled || !isReady(stale)) && stale.metadata.deletionTimestamp === undefined)
    access.remove('pods', stale);
};

const report = (access: Access, set: Scaled, desired: number): void => {
  const pods = access
    .list<Pod>('pods', set.metadata.namespace)
    .filter((pod) => isControlledBy(pod, set) && !isEnded(pod));
  const available = pods.filter((pod) => isAvailable(pod, set.spec.minReadySeconds ?? 0, Date.now())).length;
  access.setStatus(SETS, set, {
    currentNumberScheduled: pods.length,
    desiredNumberScheduled: desired,
    numberMisscheduled: 0,
    numberReady: pods.filter(isReady).length,
    ...(available > 0 ? { numberAvailable: available } : {}),
    ...(desired > available ? { numberUnavailable: desired - available } : {}),
    updatedNumberScheduled: pods.filter((pod) => sameTemplate(pod, set.spec.template)).length,
    observedGeneration: set.metadata.generation,
  });
};
