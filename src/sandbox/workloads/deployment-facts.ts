import { sameJson } from '../kubernetes/object.ts';
import { type Access, isControlledBy } from './access.ts';
import type { Deployment, Scaled, Template } from './objects.ts';

export const SETS = 'replicasets.apps';
export const DEPLOYMENTS = 'deployments.apps';
/** The label that tells the Pods of one template from those of another. */
export const HASH = 'pod-template-hash';

/** The ReplicaSets of a Deployment, of all its templates. */
export const setsOf = (access: Access, deployment: Deployment): readonly Scaled[] =>
  access.list<Scaled>(SETS, deployment.metadata.namespace).filter((set) => isControlledBy(set, deployment));

/** The ReplicaSet of the template the Deployment has now. */
export const currentSet = (deployment: Deployment, sets: readonly Scaled[]): Scaled | undefined =>
  sets.find((set) => sameJson(withoutHash(set.spec.template), withoutHash(deployment.spec.template)));

const withoutHash = ({ metadata, spec }: Template): unknown => {
  const { [HASH]: _, ...labels } = metadata?.labels ?? {};
  return { metadata: { ...metadata, labels }, spec };
};

export const wanted = (deployment: Deployment): number => deployment.spec.replicas ?? 1;

export const available = (sets: readonly Scaled[]): number =>
  sets.reduce((sum, set) => sum + (set.status?.availableReplicas ?? 0), 0);

/** How many Pods there may be too many and too few during a roll-out; never both none. */
export const limits = (deployment: Deployment): { surge: number; unavailable: number } => {
  const { maxSurge, maxUnavailable } = deployment.spec.strategy?.rollingUpdate ?? {};
  const surge = bound(maxSurge, wanted(deployment), Math.ceil);
  const unavailable = bound(maxUnavailable, wanted(deployment), Math.floor);
  return surge === 0 && unavailable === 0 ? { surge, unavailable: 1 } : { surge, unavailable };
};

/** A number, or a percentage of the replicas, rounded up for surge and down for unavailability. */
const bound = (
  value: number | string | undefined,
  replicas: number,
  round: (value: number) => number,
): number => {
  if (typeof value === 'number') return value;
  return round((Number((value ?? '25%').replace('%', '')) * replicas) / 100);
};
