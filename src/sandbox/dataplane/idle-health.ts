import type { TargetHealth } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { ServingState, StoredTarget, StoredTargetGroup } from '../aws/state.ts';

/**
 * The health of a target that no load balancer checks, undefined for one that is checked. A load balancer has nothing to
 * do with targets in zones it is not enabled for, be they in its target groups (API reference, `Target.NotInUse`).
 */
export const idleHealth = (
  state: ServingState,
  group: StoredTargetGroup,
  target: StoredTarget,
  inUse: boolean,
): TargetHealth | undefined => {
  if (!inUse) return NOT_IN_USE;
  if (group.TargetType === 'lambda') return NOT_CHECKED;
  return isElsewhere(state, group, target) ? OTHER_ZONE : undefined;
};

const isElsewhere = (state: ServingState, group: StoredTargetGroup, target: StoredTarget): boolean => {
  const zone = group.TargetType === 'instance' ? state.instances.get(target.id)?.zone : target.zone;
  if (zone === undefined || zone === 'all') return false;
  const enabled = (group.LoadBalancerArns ?? []).flatMap((arn) =>
    (state.loadBalancers.get(arn)?.AvailabilityZones ?? []).map(({ ZoneName }) => ZoneName),
  );
  return enabled.length > 0 && !enabled.includes(zone);
};

const NOT_IN_USE: TargetHealth = {
  State: 'unused',
  Reason: 'Target.NotInUse',
  Description: 'Target group is not configured to receive traffic from the load balancer',
};

const OTHER_ZONE: TargetHealth = {
  State: 'unused',
  Reason: 'Target.NotInUse',
  Description: 'Target is in an Availability Zone that is not enabled for the load balancer',
};

const NOT_CHECKED: TargetHealth = {
  State: 'unavailable',
  Reason: 'Target.HealthCheckDisabled',
  Description: 'Health checks are disabled for this target',
};
