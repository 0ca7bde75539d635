/** An Application Load Balancer as the target of a Network Load Balancer: a group has one, at the port of a listener. */
import type { TargetDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  InvalidTargetException$,
  ResourceInUseException$,
  TooManyTargetsException$,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Account } from '../account.ts';
import type { StoredListener, StoredLoadBalancer, StoredTargetGroup } from '../state.ts';
import { refuse } from '../wire/refusal.ts';
import { invalid } from './invalid.ts';
import type { Links } from './links.ts';

/** Throws unless the target is an application load balancer of the group's VPC that listens on the port. */
export const checkAlbTarget = (
  { account, links }: { readonly account: Account; readonly links: Links },
  group: StoredTargetGroup,
  { Id = '', Port, AvailabilityZone }: TargetDescription,
): void => {
  if (AvailabilityZone !== undefined)
    throw invalid('An Availability Zone cannot be specified for a target of target type alb');
  const balancer = account.serving.loadBalancers.get(Id);
  if (balancer === undefined || balancer.Type !== 'application')
    throw refuse(InvalidTargetException$, `'${Id}' is not the ARN of an application load balancer`);
  if (balancer.VpcId !== group.VpcId)
    throw refuse(
      InvalidTargetException$,
      `The following targets are not in the target group VPC '${group.VpcId}': '${Id}'`,
    );
  const port = Port ?? group.Port;
  if (!links.listenersOf(Id).some((listener) => listener.Port === port))
    throw invalid(
      'If the target type is ALB, the target must have at least one listener that matches the target group port or any specified port overrides',
    );
};

/** Throws when a group would have more than one. */
export const checkSingle = (group: StoredTargetGroup, added: number): void => {
  if (group.TargetType !== 'alb') return;
  const serving = [...group.targets.values()].filter(({ drainedAt }) => drainedAt === undefined).length;
  if (serving + added > 1)
    throw refuse(
      TooManyTargetsException$,
      `The maximum number of targets per target group '1' has been reached on target group '${group.TargetGroupArn}'`,
    );
};

/** Throws while a listener is what a target group reaches an application load balancer by. */
export const refuseWhileListened = (
  account: Account,
  listener: Pick<StoredListener, 'LoadBalancerArn' | 'Port'>,
): void => {
  if (!registrations(account, listener.LoadBalancerArn).some(({ port }) => port === listener.Port)) return;
  throw refuse(
    ResourceInUseException$,
    `Listener port '${listener.Port}' is in use by registered target '${listener.LoadBalancerArn}' and cannot be removed.`,
  );
};

/** Throws while an application load balancer is a registered target. */
export const refuseWhileTarget = (account: Account, { LoadBalancerArn: arn }: StoredLoadBalancer): void => {
  if (registrations(account, arn).length === 0) return;
  throw refuse(
    ResourceInUseException$,
    `Load balancer '${arn}' cannot be deleted because it is a registered target of a target group`,
  );
};

const registrations = ({ serving }: Account, balancer: string) =>
  [...serving.targetGroups.values()]
    .filter(({ TargetType }) => TargetType === 'alb')
    .flatMap(({ targets }) => [...targets.values()])
    .filter(({ id, drainedAt }) => id === balancer && drainedAt === undefined);
