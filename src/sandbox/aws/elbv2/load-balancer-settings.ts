/** What can be changed on a load balancer: attributes, subnets, security groups, address type. */

import type * as Sdk from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  DescribeLoadBalancerAttributes$,
  InvalidConfigurationRequestException$,
  ModifyLoadBalancerAttributes$,
  SetIpAddressType$,
  SetSecurityGroups$,
  SetSubnets$,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { StoredLoadBalancer } from '../state.ts';
import type { InputOf, Operations } from '../wire/operation.ts';
import { notServed, refuse } from '../wire/refusal.ts';
import { attributeList, loadBalancerAttributes, withAttributes } from './attributes.ts';
import { balancerKind } from './balancer-kind.ts';
import type { Elb } from './find.ts';
import { loadBalancerAt } from './find.ts';
import { syncInterfaces } from './interfaces.ts';
import {
  checkAddressType,
  checkSecurityGroups,
  placeIn,
  refuseForeignMembers,
  subnetMappings,
} from './placement.ts';
import { staticAddresses } from './static-addresses.ts';

export const loadBalancerSettingOperations = (elb: Elb): Operations<typeof Sdk> => ({
  DescribeLoadBalancerAttributes: {
    schema: DescribeLoadBalancerAttributes$,
    handle: ({ LoadBalancerArn }) => ({
      Attributes: attributeList(loadBalancerAt(elb, LoadBalancerArn).attributes),
    }),
  },
  ModifyLoadBalancerAttributes: {
    schema: ModifyLoadBalancerAttributes$,
    handle: ({ LoadBalancerArn, Attributes }) => {
      const balancer = loadBalancerAt(elb, LoadBalancerArn);
      const table = loadBalancerAttributes(balancer.Type);
      const next = withAttributes('Load balancer', table, balancer.attributes, Attributes);
      checkLogs(next);
      checkAddresses(balancer.attributes, next);
      balancer.attributes = next;
      return { Attributes: attributeList(next) };
    },
  },
  SetSubnets: { schema: SetSubnets$, handle: (input) => setSubnets(elb, input) },
  SetSecurityGroups: {
    schema: SetSecurityGroups$,
    handle: ({
      LoadBalancerArn,
      SecurityGroups,
      EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic: enforce,
    }) => {
      if (enforce !== undefined) throw notServed('EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic');
      const balancer = loadBalancerAt(elb, LoadBalancerArn);
      if (SecurityGroups.length === 0) {
        throw refuse(InvalidConfigurationRequestException$, 'At least one security group must be specified');
      }
      const { Type, VpcId = '' } = balancer;
      if (Type === 'network' && (balancer.SecurityGroups ?? []).length === 0)
        throw refuse(
          InvalidConfigurationRequestException$,
          `The network load balancer '${LoadBalancerArn}' was created without security groups and cannot get any`,
        );
      balancer.SecurityGroups = checkSecurityGroups(elb.account, SecurityGroups, VpcId, balancerKind(Type));
      syncInterfaces(elb.account, balancer);
      return { SecurityGroupIds: balancer.SecurityGroups };
    },
  },
  SetIpAddressType: {
    schema: SetIpAddressType$,
    handle: ({ LoadBalancerArn, IpAddressType }) => {
      const balancer = loadBalancerAt(elb, LoadBalancerArn);
      checkAddressType(elb.account, IpAddressType, placeOf(balancer), subnetsOf(elb, balancer));
      refuseWhileOverIpv6(elb, balancer, IpAddressType);
      balancer.IpAddressType = IpAddressType;
      return { IpAddressType };
    },
  },
});

const subnetsOf = ({ account }: Elb, balancer: StoredLoadBalancer) =>
  (balancer.AvailabilityZones ?? []).flatMap(
    ({ SubnetId }) => account.network.subnets.get(SubnetId ?? '') ?? [],
  );

const placeOf = ({ Type, Scheme: scheme = 'internal' }: StoredLoadBalancer) => ({
  kind: balancerKind(Type),
  scheme,
});

/** Target groups of IPv6 addresses can only be used with dualstack load balancers (AWS documentation). */
const refuseWhileOverIpv6 = (
  { account, links }: Elb,
  { LoadBalancerArn: arn }: StoredLoadBalancer,
  type: string,
): void => {
  if (type !== 'ipv4') return;
  const over = links
    .targetGroupsIn(arn)
    .find((group) => account.serving.targetGroups.get(group)?.IpAddressType === 'ipv6');
  if (over !== undefined)
    throw refuse(
      InvalidConfigurationRequestException$,
      `The load balancer '${arn}' forwards to target group '${over}' of address type ipv6 and cannot become ipv4`,
    );
};

const setSubnets = (elb: Elb, input: InputOf<typeof Sdk, 'SetSubnets'>) => {
  const { account } = elb;
  const balancer = loadBalancerAt(elb, input.LoadBalancerArn);
  const place = placeOf(balancer);
  refuseForeignMembers(place.kind, input);
  const mappings = subnetMappings(input, place.kind);
  const subnets = placeIn(account, mappings, place, (message) =>
    refuse(InvalidConfigurationRequestException$, message),
  );
  if (subnets[0]?.VpcId !== balancer.VpcId) {
    throw refuse(
      InvalidConfigurationRequestException$,
      `The subnets must belong to the load balancer's VPC '${balancer.VpcId}'`,
    );
  }
  const type = input.IpAddressType ?? balancer.IpAddressType ?? 'ipv4';
  checkAddressType(account, type, place, subnets);
  refuseWhileOverIpv6(elb, balancer, type);
  const zones = subnets.map((subnet) => ({
    ZoneName: subnet.AvailabilityZone,
    SubnetId: subnet.SubnetId,
    LoadBalancerAddresses: staticAddresses(account, subnet, mappings, {
      scheme: place.scheme,
      self: balancer.LoadBalancerArn,
    }),
  }));
  balancer.IpAddressType = type;
  balancer.AvailabilityZones = zones;
  syncInterfaces(account, balancer);
  return { AvailabilityZones: zones, IpAddressType: type };
};

const ADDRESSES = 'secondary_ips.auto_assigned.per_subnet';

/** Addresses that a network load balancer got in addition stay with it (API reference). */
const checkAddresses = (
  present: Readonly<Record<string, string>>,
  next: Readonly<Record<string, string>>,
): void => {
  if (Number(next[ADDRESSES] ?? 0) < Number(present[ADDRESSES] ?? 0))
    throw refuse(
      InvalidConfigurationRequestException$,
      `The value of '${ADDRESSES}' cannot be decreased from '${present[ADDRESSES]}' to '${next[ADDRESSES]}'`,
    );
};

/** Logs need a bucket, and the sandbox has no S3 that could grant access to one. */
const checkLogs = (attributes: Readonly<Record<string, string>>): void => {
  for (const kind of ['access_logs', 'connection_logs', 'health_check_logs']) {
    const bucket = attributes[`${kind}.s3.bucket`] ?? '';
    if (attributes[`${kind}.s3.enabled`] === 'true' && bucket === '') {
      throw refuse(
        InvalidConfigurationRequestException$,
        `Access Denied for bucket: ${kind}.s3.bucket must name a bucket when ${kind}.s3.enabled is true`,
      );
    }
  }
};
