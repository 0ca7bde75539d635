/** Where a load balancer may stand: subnets, zones, security groups, address types. */
import {
  InvalidConfigurationRequestException$,
  InvalidSecurityGroupException$,
  InvalidSubnetException$,
  SubnetNotFoundException$,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Account } from '../account.ts';
import { parseCidr } from '../ec2/addresses.ts';
import type { StoredSubnet } from '../ec2/network.ts';
import { notServed, refuse } from '../wire/refusal.ts';
import type { BalancerKind } from './balancer-kind.ts';
import { invalid } from './invalid.ts';

type Mapping = {
  readonly SubnetId?: string | undefined;
  readonly AllocationId?: string | undefined;
  readonly PrivateIPv4Address?: string | undefined;
  readonly IPv6Address?: string | undefined;
  readonly SourceNatIpv6Prefix?: string | undefined;
};

type SubnetInput = {
  readonly Subnets?: readonly string[] | undefined;
  readonly SubnetMappings?: readonly Mapping[] | undefined;
};

/** Subnets from either form of the request, with the addresses chosen in them. */
export const subnetMappings = (
  { Subnets, SubnetMappings }: SubnetInput,
  kind: BalancerKind,
): readonly Mapping[] => {
  if (Subnets !== undefined && SubnetMappings !== undefined) {
    throw invalid('Specify either Subnets or SubnetMappings, not both');
  }
  for (const { AllocationId, PrivateIPv4Address, IPv6Address, SourceNatIpv6Prefix } of SubnetMappings ?? []) {
    if (kind === 'network' && (IPv6Address ?? SourceNatIpv6Prefix))
      throw notServed('IPv6 addresses of network load balancers');
    if (
      kind === 'application' &&
      (AllocationId ?? PrivateIPv4Address ?? IPv6Address ?? SourceNatIpv6Prefix)
    ) {
      throw refuse(
        InvalidConfigurationRequestException$,
        'Addresses cannot be chosen in SubnetMappings of an application load balancer',
      );
    }
  }
  return SubnetMappings ?? (Subnets ?? []).map((SubnetId) => ({ SubnetId }));
};

/**
 * The subnets, checked: known, one VPC, enough zones for the kind, one per zone, room for the balancer's interfaces.
 */
export const placeIn = (
  account: Account,
  mappings: readonly Mapping[],
  { kind, scheme }: { readonly kind: BalancerKind; readonly scheme: string },
  fewZones: (message: string) => Error,
): StoredSubnet[] => {
  const subnets = mappings.map(({ SubnetId: id = '' }) => {
    const subnet = account.network.subnets.get(id);
    if (subnet === undefined) throw refuse(SubnetNotFoundException$, `The subnet ID '${id}' does not exist`);
    return subnet;
  });
  if (new Set(subnets.map(({ VpcId }) => VpcId)).size > 1) {
    throw refuse(InvalidConfigurationRequestException$, 'All subnets must belong to the same VPC');
  }
  const zones = subnets.map(({ AvailabilityZone }) => AvailabilityZone);
  if (new Set(zones).size < zones.length) {
    throw refuse(
      InvalidConfigurationRequestException$,
      'A load balancer cannot be attached to multiple subnets in the same Availability Zone',
    );
  }
  if (zones.length === 0 && kind === 'network') throw invalid('At least one subnet must be specified');
  if (zones.length < 2 && kind === 'application')
    throw fewZones('At least two subnets in two different Availability Zones must be specified');
  for (const subnet of subnets) checkRoom(account, subnet);
  const [first] = subnets;
  if (scheme === 'internet-facing' && first !== undefined && !hasInternetGateway(account, first.VpcId)) {
    throw refuse(InvalidSubnetException$, `VPC ${first.VpcId} has no internet gateway`);
  }
  return subnets;
};

const checkRoom = (
  account: Account,
  { SubnetId, CidrBlock, AvailableIpAddressCount }: StoredSubnet,
): void => {
  const need = account.facts.freeAddressesPerSubnet;
  const small = (parseCidr(CidrBlock)?.prefix ?? 0) > 27;
  if (small || (AvailableIpAddressCount ?? Number.POSITIVE_INFINITY) < need) {
    throw refuse(
      InvalidSubnetException$,
      `Not enough IP space available in ${SubnetId}. ELB requires at least ${need} free IP addresses in each subnet.`,
    );
  }
};

const hasInternetGateway = ({ network }: Account, vpc: string): boolean =>
  [...network.internetGateways.values()].some(({ Attachments }) =>
    Attachments?.some(({ VpcId }) => VpcId === vpc),
  );

/**
 * The groups, checked: at most five, known and of the VPC. None given means the VPC's default group for an application
 * load balancer, and no group at all, for ever, for a network load balancer.
 */
export const checkSecurityGroups = (
  account: Account,
  given: readonly string[] | undefined,
  vpc: string,
  kind: BalancerKind,
): string[] => {
  const groups = account.network.securityGroups;
  if (given === undefined || given.length === 0) {
    if (kind === 'network') return [];
    const fallback = [...groups.values()].find(
      ({ GroupName, VpcId }) => GroupName === 'default' && VpcId === vpc,
    );
    if (fallback === undefined)
      throw refuse(InvalidSecurityGroupException$, `VPC ${vpc} has no default security group`);
    return [fallback.GroupId];
  }
  const most = account.facts.securityGroupsPerLoadBalancer;
  if (given.length > most) {
    throw refuse(
      InvalidConfigurationRequestException$,
      `A load balancer can have at most '${most}' security groups, '${given.length}' are given`,
    );
  }
  for (const id of given) {
    const group = groups.get(id);
    if (group === undefined)
      throw refuse(InvalidSecurityGroupException$, `Security group ID '${id}' is not valid`);
    if (group.VpcId !== vpc) {
      throw refuse(
        InvalidConfigurationRequestException$,
        `Security group '${id}' belongs to VPC '${group.VpcId}', the load balancer to '${vpc}'`,
      );
    }
  }
  return [...new Set(given)];
};

/** Throws unless the kind, the scheme and the subnets allow the address type. */
export const checkAddressType = (
  account: Account,
  type: string,
  { kind, scheme }: { readonly kind: BalancerKind; readonly scheme: string },
  subnets: readonly StoredSubnet[],
): void => {
  if (type === 'ipv4') return;
  if (kind === 'network' && type !== 'dualstack')
    throw invalid(`IP address type '${type}' must be one of 'ipv4, dualstack' for network load balancers`);
  if (scheme === 'internal' && kind === 'application' && !account.facts.internalMayBeDualstack) {
    throw refuse(InvalidConfigurationRequestException$, `Internal load balancers must use ipv4, not ${type}`);
  }
  const without = subnets.find(
    ({ Ipv6CidrBlockAssociationSet }) => (Ipv6CidrBlockAssociationSet ?? []).length === 0,
  );
  if (without !== undefined) {
    throw refuse(
      InvalidSubnetException$,
      `Subnet ${without.SubnetId} has no associated IPv6 CIDR block, which address type ${type} needs`,
    );
  }
};

/** Throws for the members of a request that only the other kind of load balancers, or other places, use. */
export const refuseForeignMembers = (
  kind: BalancerKind,
  input: {
    readonly CustomerOwnedIpv4Pool?: string | undefined;
    readonly IpamPools?: unknown;
    readonly EnablePrefixForIpv6SourceNat?: string | undefined;
  },
): void => {
  if (input.CustomerOwnedIpv4Pool !== undefined) throw notServed('customer-owned address pools');
  if (input.IpamPools !== undefined && kind === 'network')
    throw refuse(InvalidConfigurationRequestException$, 'IPAM pools are for application load balancers');
  if (input.EnablePrefixForIpv6SourceNat !== 'on') return;
  if (kind === 'network') throw notServed('source NAT of IPv6, which only UDP needs');
  throw refuse(
    InvalidConfigurationRequestException$,
    'EnablePrefixForIpv6SourceNat is for network load balancers',
  );
};
