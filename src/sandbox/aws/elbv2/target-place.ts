/** Where a target may be: an instance of the VPC, or an address of the VPC or of a private range. */
import { isIPv4, isIPv6 } from 'node:net';
import type { TargetDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import { InvalidTargetException$ } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Account } from '../account.ts';
import { inCidr } from '../ec2/addresses.ts';
import type { StoredTargetGroup } from '../state.ts';
import { refuse } from '../wire/refusal.ts';
import { invalid } from './invalid.ts';

/** RFC 1918 and RFC 6598. */
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'];

/** Checks a target and tells its zone: `all` for addresses outside the VPC, undefined where AWS shows none. */
export const zoneOf = (
  account: Account,
  group: StoredTargetGroup,
  target: TargetDescription,
): string | undefined =>
  group.TargetType === 'instance'
    ? instanceZone(account, group, target)
    : addressZone(account, group, target);

const instanceZone = (
  account: Account,
  group: StoredTargetGroup,
  { Id = '', AvailabilityZone }: TargetDescription,
) => {
  if (AvailabilityZone !== undefined) {
    throw invalid(
      'An Availability Zone cannot be specified for a target of a target group with target type instance',
    );
  }
  const instance = account.serving.instances.get(Id);
  if (instance === undefined)
    throw refuse(InvalidTargetException$, `The following targets are not valid instances: '${Id}'`);
  if (instance.state !== 'running') {
    throw refuse(
      InvalidTargetException$,
      `The following targets are not in a running state: '${Id}' is ${instance.state}`,
    );
  }
  if (instance.vpc !== group.VpcId) {
    throw refuse(
      InvalidTargetException$,
      `The following targets are not in the target group VPC '${group.VpcId}': '${Id}'`,
    );
  }
  return undefined;
};

const addressZone = (
  account: Account,
  group: StoredTargetGroup,
  { Id = '', AvailabilityZone }: TargetDescription,
) => {
  const family = group.IpAddressType ?? 'ipv4';
  if (!(family === 'ipv4' ? isIPv4(Id) : isIPv6(Id))) {
    throw invalid(`The IP address '${Id}' is not a valid ${family === 'ipv4' ? 'IPv4' : 'IPv6'} address`);
  }
  const vpc = account.network.vpcs.get(group.VpcId ?? '');
  const blocks = [
    vpc?.CidrBlock,
    ...(vpc?.CidrBlockAssociationSet ?? []).map(({ CidrBlock }) => CidrBlock),
    ...(vpc?.Ipv6CidrBlockAssociationSet ?? []).map(({ Ipv6CidrBlock }) => Ipv6CidrBlock),
  ];
  if (blocks.some((block) => block !== undefined && inCidr(Id, block))) {
    if (AvailabilityZone !== undefined && AvailabilityZone !== 'all') return AvailabilityZone;
    const subnet = [...account.network.subnets.values()].find(
      ({ VpcId, CidrBlock }) => VpcId === group.VpcId && inCidr(Id, CidrBlock),
    );
    return AvailabilityZone ?? subnet?.AvailabilityZone;
  }
  if (!PRIVATE.some((block) => inCidr(Id, block))) {
    throw refuse(
      InvalidTargetException$,
      `The IP address '${Id}' is neither in the VPC '${group.VpcId}' nor in one of ${PRIVATE.join(', ')}`,
    );
  }
  if (AvailabilityZone === undefined) {
    throw invalid(
      `The IP address '${Id}' is outside the VPC '${group.VpcId}': Availability Zone 'all' must be specified`,
    );
  }
  return AvailabilityZone;
};
