/** Readiness gates of Pods that wait for a load balancer, under the names LBC gave them. */
import type { Pod } from '../kube/objects.ts';

/** Followed by the name of a target group (LBC names its TargetGroupBinding like it) or as in {@link ANY_GATE}. */
const GATE_PREFIX = 'target-health.elbv2.k8s.aws/';

/** Of LBC's first version, followed by Ingress, Service and port; it waits for Ingresses whatever follows. */
const OLD_PREFIX = 'target-health.alb.ingress.k8s.aws/';

/** What people write in a Pod template who do not know the names of target groups, and what the webhook adds. */
export const ANY_GATE = `${GATE_PREFIX}ingress`;

/** Names of the gates of a Pod that wait for target health, those of other controllers among them. */
export const healthGatesOf = (pod: Pod): readonly string[] =>
  (pod.spec?.readinessGates ?? [])
    .map(({ conditionType }) => conditionType)
    .filter((name) => name.startsWith(GATE_PREFIX) || name.startsWith(OLD_PREFIX));

/** The name that a gate carries of a target group or a TargetGroupBinding. */
export const gateGroup = (gate: string): string =>
  gate.startsWith(GATE_PREFIX) ? gate.slice(GATE_PREFIX.length) : '';

/** Whether a gate is ours to open: one for any group, or one of a group whose name we know. */
export const isOurGate = (gate: string, knownGroup: (name: string) => boolean): boolean =>
  gate.startsWith(OLD_PREFIX) ||
  gate === ANY_GATE ||
  (gate.startsWith(GATE_PREFIX) && knownGroup(gateGroup(gate)));

/** Gates of a Pod that nobody has opened yet. */
export const closedGatesOf = (pod: Pod): readonly string[] =>
  healthGatesOf(pod).filter((gate) => !isTrue(pod, gate));

/**
 * Whether a Pod that is not ready may be a target: its containers are, and it waits for the health that only a target
 * can have.
 */
export const waitsForHealth = (pod: Pod): boolean =>
  pod.metadata.deletionTimestamp === undefined &&
  closedGatesOf(pod).length > 0 &&
  isTrue(pod, 'ContainersReady');

const isTrue = (pod: Pod, condition: string): boolean =>
  pod.status?.conditions?.some(({ type, status }) => type === condition && status === 'True') === true;
