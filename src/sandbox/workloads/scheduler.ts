import { kubeTime } from '../kubernetes/object.ts';
import type { Access } from './access.ts';
import { createLoop, follow, keyOf, type Loop, ownKey } from './loop.ts';
import { isEnded, type Node, type Pod, withCondition } from './objects.ts';
import { createRecorder } from './record-event.ts';

/** Puts Pods on nodes: the allowed node with the fewest Pods of the same owner, then with the fewest Pods. */
export const runScheduler = (access: Access, onError: (message: string) => void): Loop => {
  const record = createRecorder(access, 'default-scheduler');
  const loop = createLoop(
    'scheduler',
    (namespace, name) => {
      const pod = access.get<Pod>('pods', namespace, name);
      if (
        pod === undefined ||
        pod.spec.nodeName !== undefined ||
        pod.metadata.deletionTimestamp !== undefined
      )
        return;
      const nodes = access.list<Node>('nodes');
      const about = { apiVersion: 'v1', kind: 'Pod', metadata: pod.metadata };
      const refused = new Map<string, string>();
      const allowed = nodes.filter((node) => {
        const why = refusal(node, pod);
        if (why !== undefined) refused.set(node.metadata.name, why);
        return why === undefined;
      });
      const node = fewest(allowed, access.list<Pod>('pods'), pod);
      if (node === undefined) {
        const message = `0/${nodes.length} nodes are available: ${summary([...refused.values()])}.`;
        const condition = {
          type: 'PodScheduled',
          status: 'False',
          reason: 'Unschedulable',
          message,
        } as const;
        access.setStatus('pods', pod, {
          ...pod.status,
          conditions: withCondition(pod.status?.conditions, condition, kubeTime()),
        });
        record(about, { type: 'Warning', reason: 'FailedScheduling', message });
        return;
      }
      access.update('pods', { ...pod, spec: { ...pod.spec, nodeName: node.metadata.name } } as Pod);
      const message = `Successfully assigned ${namespace}/${name} to ${node.metadata.name}`;
      record(about, { type: 'Normal', reason: 'Scheduled', message });
    },
    onError,
  );
  follow(access.cluster.store, loop, 'pods', ownKey);
  // A node that came, went or changed may make room for Pods that found none.
  access.cluster.store.onWrite((storage) => {
    if (storage !== 'nodes') return;
    for (const pod of access.list<Pod>('pods')) if (pod.spec.nodeName === undefined) loop.queue(keyOf(pod));
  });
  return loop;
};

const refusal = (node: Node, pod: Pod): string | undefined => {
  const labels = node.metadata.labels ?? {};
  const selector = Object.entries(pod.spec.nodeSelector ?? {});
  if (node.spec?.unschedulable === true) return 'node(s) were unschedulable';
  if (!node.status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True'))
    return 'node(s) were not ready';
  if (!selector.every(([key, value]) => labels[key] === value))
    return "node(s) didn't match Pod's node affinity/selector";
  const taint = node.spec?.taints?.find((one) => one.effect !== 'PreferNoSchedule' && !tolerates(pod, one));
  return taint === undefined
    ? undefined
    : `node(s) had untolerated taint(s) {${taint.key}: ${taint.value ?? ''}}`;
};

const tolerates = (
  pod: Pod,
  taint: { readonly key: string; readonly value?: string; readonly effect: string },
): boolean =>
  pod.spec.tolerations?.some(
    (one) =>
      (one.key === undefined || one.key === taint.key) &&
      (one.effect === undefined || one.effect === taint.effect) &&
      (one.operator === 'Exists' || (one.value ?? '') === (taint.value ?? '')),
  ) === true;

/** Whether a DaemonSet's Pod may run there; it ignores cordons, as the real one does. */
export const mayRunDaemon = (node: Node, pod: Pod): boolean => {
  const { unschedulable: _, ...spec } = node.spec ?? {};
  return refusal({ ...node, spec }, pod) === undefined;
};

const fewest = (nodes: readonly Node[], pods: readonly Pod[], pod: Pod): Node | undefined => {
  const owner = pod.metadata.ownerReferences?.[0]?.uid;
  const load = ({ metadata: { name } }: Node): number => {
    const here = pods.filter((one) => one.spec.nodeName === name && !isEnded(one));
    const siblings =
      owner === undefined ? 0 : here.filter((one) => one.metadata.ownerReferences?.[0]?.uid === owner).length;
    return siblings * 1000 + here.length;
  };
  return [...nodes].sort((a, b) => load(a) - load(b))[0];
};

const summary = (reasons: readonly string[]): string => {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].map(([reason, count]) => `${count} ${reason}`).join(', ') || 'no nodes are registered';
};
