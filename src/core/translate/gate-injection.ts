/** Which new Pods get a readiness gate without having asked: those that Ingresses reach by their address. */
import { overlay } from '../annotations/overlay.ts';
import { readSettings } from '../annotations/read.ts';
import { type Ingress, objectId } from '../kube/objects.ts';
import type { Snapshot } from '../kube/snapshot.ts';
import { ANY_GATE, healthGatesOf } from '../model/readiness-gate.ts';
import { servicesOf } from './backends.ts';
import { NO_DEFAULTS, withFlags } from './defaults.ts';
import { membersOf } from './members.ts';
import { memberships, type Scope } from './membership.ts';

/** A Pod as it is about to be made. */
export type NewPod = {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Conditions its gates wait for, as it states them. */
  readonly gates: readonly string[];
};

/**
 * The gate a new Pod is to get; undefined for none. A Pod that nobody reaches would wait for ever, and one that has a
 * gate for target health has what it wants.
 */
export const gateFor = (pod: NewPod, snapshot: Snapshot, scope: Scope): string | undefined => {
  const readinessGates = pod.gates.map((conditionType) => ({ conditionType }));
  if (healthGatesOf({ metadata: { name: '' }, spec: { readinessGates } }).length > 0) return undefined;
  const reached = [...snapshot.ingresses.values()].some(
    (ingress) => ingress.metadata.namespace === pod.namespace && reaches(ingress, pod, snapshot, scope),
  );
  return reached ? ANY_GATE : undefined;
};

const reaches = (ingress: Ingress, pod: NewPod, snapshot: Snapshot, scope: Scope): boolean => {
  const [first] = memberships(ingress, snapshot, scope);
  if (first?.is !== 'member') return false;
  const ingresses = [objectId(ingress.metadata)];
  const [member] = membersOf({ stack: first.stack, ingresses, snapshot, scope });
  return servicesOf(ingress).some((id) => {
    const service = snapshot.services.get(id);
    const selector = Object.entries(service?.spec?.selector ?? {});
    if (!member || !service || selector.length === 0) return false;
    if (!selector.every(([name, value]) => pod.labels[name] === value)) return false;
    const stated = readSettings(service.metadata.annotations, 'service');
    const read = withFlags(stated, scope.defaults ?? NO_DEFAULTS);
    return overlay(read, member.reading).settings['target-type'] === 'ip';
  });
};
