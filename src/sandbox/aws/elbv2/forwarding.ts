/** Which target groups actions may forward to: of what protocol and addresses, whose, and how many. */

import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  IncompatibleProtocolsException$,
  InvalidConfigurationRequestException$,
  InvalidLoadBalancerActionException$,
  TargetGroupAssociationLimitException$,
  TooManyUniqueTargetGroupsPerLoadBalancerException$,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { StoredLoadBalancer, StoredTargetGroup } from '../state.ts';
import { refuse } from '../wire/refusal.ts';
import type { Elb } from './find.ts';
import { targetGroupAt } from './find.ts';
import { targetGroupsOf } from './links.ts';

/** The place the actions are for; `replaces` are the actions they take the place of. */
export type Place = {
  readonly balancer: StoredLoadBalancer;
  readonly protocol: string;
  readonly replaces: readonly Action[];
};

/** Throws unless every target group of the actions can be there. */
export const checkTargetGroups = (elb: Elb, actions: readonly Action[], place: Place): void => {
  const wanted = targetGroupsOf(actions);
  const groups = wanted.map((arn) => targetGroupAt(elb, arn));
  for (const group of groups) {
    checkProtocol(group, place.protocol);
    checkPlace(group, place.balancer);
  }
  checkVersions(elb, groups);
  checkNumbers(elb, wanted, place);
};

/** Protocols of target groups that a listener can forward to (AWS documentation). */
const FORWARDS: Readonly<Record<string, readonly string[]>> = {
  HTTP: ['HTTP', 'HTTPS'],
  HTTPS: ['HTTP', 'HTTPS'],
  TCP: ['TCP'],
  TLS: ['TCP', 'TLS'],
};

/** HTTP/2 to targets begins with HTTP/2 of clients, which load balancers speak over TLS only (AWS documentation). */
const checkProtocol = (group: StoredTargetGroup, protocol: string): void => {
  const { TargetGroupArn: arn, Protocol, ProtocolVersion: version = 'HTTP1', TargetType } = group;
  const fits = FORWARDS[protocol]?.includes(Protocol ?? '') ?? false;
  if (!fits || (protocol === 'TLS' && TargetType === 'alb'))
    throw refuse(
      IncompatibleProtocolsException$,
      `A ${protocol} listener cannot forward to target group '${arn}' of protocol ${Protocol} and target type ${TargetType}`,
    );
  if (protocol === 'HTTP' && version !== 'HTTP1')
    throw refuse(
      InvalidLoadBalancerActionException$,
      `Listener protocol 'HTTP' is not supported with a target group with the protocol-version '${version}'`,
    );
};

const checkPlace = (
  { TargetGroupArn: arn, VpcId, IpAddressType }: StoredTargetGroup,
  balancer: StoredLoadBalancer,
): void => {
  if (VpcId !== balancer.VpcId) {
    throw refuse(
      InvalidConfigurationRequestException$,
      `Target group '${arn}' is not in the load balancer's VPC '${balancer.VpcId}'`,
    );
  }
  if (IpAddressType === 'ipv6' && balancer.IpAddressType === 'ipv4')
    throw refuse(
      InvalidConfigurationRequestException$,
      `Target group '${arn}' of address type ipv6 needs a dualstack load balancer`,
    );
};

const checkVersions = ({ account }: Elb, groups: readonly StoredTargetGroup[]): void => {
  const versions = new Set(groups.map(({ ProtocolVersion }) => ProtocolVersion));
  if (versions.size > 1 && !account.facts.forwardMayMixVersions)
    throw refuse(
      InvalidConfigurationRequestException$,
      `All target groups of an action must have the same protocol version, not ${[...versions].join(' and ')}`,
    );
};

const checkNumbers = (
  { links, account }: Elb,
  wanted: readonly string[],
  { balancer, replaces }: Place,
): void => {
  const elsewhere = wanted.filter((arn) =>
    links.balancersOf(arn).some((other) => other !== balancer.LoadBalancerArn),
  );
  if (elsewhere.length > 0) {
    throw refuse(
      TargetGroupAssociationLimitException$,
      `The following target groups cannot be associated with more than one load balancer: ${elsewhere.join(', ')}`,
    );
  }
  const most = account.facts.targetGroupsPerLoadBalancer;
  const after = new Set([...links.targetGroupsIn(balancer.LoadBalancerArn), ...wanted]);
  if (after.size > most && wanted.some((arn) => !targetGroupsOf(replaces).includes(arn))) {
    throw refuse(
      TooManyUniqueTargetGroupsPerLoadBalancerException$,
      `You have reached the maximum number of unique target groups that you can associate with a load balancer of type '${balancer.Type}': [${most}]`,
    );
  }
};
