/** Making and removing subnets. */

import type * as Sdk from '@aws-sdk/client-ec2';
import { CreateSubnet$, DeleteSubnet$, ModifySubnetAttribute$ } from '@aws-sdk/client-ec2';
import type { Account } from '../account.ts';
import { arn, nextId } from '../account.ts';
import type { InputOf, Operations } from '../wire/operation.ts';
import { notServed, refuse } from '../wire/refusal.ts';
import { blockRange, blocksOverlap, canonicalIpv4Cidr, parseCidr } from './addresses.ts';
import { dependent, invalidValue, notFound, stopIfDryRun } from './errors.ts';
import type { StoredSubnet, StoredVpc } from './network.ts';
import { specifiedTags, tagList } from './tags.ts';
import { vpcAt } from './vpcs.ts';
import { zoneId } from './zone-id.ts';

export const subnetOperations = (account: Account): Operations<typeof Sdk> => ({
  CreateSubnet: { schema: CreateSubnet$, handle: (input) => create(account, input) },
  DeleteSubnet: {
    schema: DeleteSubnet$,
    handle: (input) => {
      remove(account, input);
      return {};
    },
  },
  ModifySubnetAttribute: {
    schema: ModifySubnetAttribute$,
    handle: ({ SubnetId, MapPublicIpOnLaunch: map, AssignIpv6AddressOnCreation: assign, ...others }) => {
      const subnet = subnetAt(account, SubnetId);
      const [other] = Object.keys(others);
      if (other !== undefined) throw notServed(`the subnet attribute ${other}`);
      if ((map === undefined) === (assign === undefined))
        throw refuse('InvalidParameterCombination', 'Exactly one attribute must be specified');
      if (map !== undefined) subnet.MapPublicIpOnLaunch = map.Value;
      if (assign !== undefined) subnet.AssignIpv6AddressOnCreation = assign.Value;
      return {};
    },
  },
});

export const subnetAt = ({ network }: Account, id: string): StoredSubnet => {
  const subnet = network.subnets.get(id);
  if (subnet === undefined) throw notFound('InvalidSubnetID.NotFound', 'subnet ID', id);
  return subnet;
};

/** AWS keeps five addresses of each subnet for itself. */
const RESERVED = 5;

const create = (account: Account, input: InputOf<typeof Sdk, 'CreateSubnet'>) => {
  const { network } = account;
  const vpc = vpcAt(account, input.VpcId);
  for (const member of [
    'OutpostArn',
    'Ipv6Native',
    'Ipv4IpamPoolId',
    'Ipv6IpamPoolId',
    'Ipv6CidrBlock',
  ] as const)
    if (input[member] !== undefined) throw notServed(`${member} of CreateSubnet`);
  const cidr = subnetBlock(network.subnets.values(), vpc, input.CidrBlock);
  const zone = zoneOf(account, input.AvailabilityZone, input.AvailabilityZoneId);
  const tags = specifiedTags(account, input.TagSpecifications, 'subnet');
  const most = account.facts.subnetsPerVpc;
  if ([...network.subnets.values()].filter(({ VpcId }) => VpcId === vpc.VpcId).length >= most)
    throw refuse('SubnetLimitExceeded', `The maximum number of subnets per VPC has been reached: ${most}.`);
  stopIfDryRun(input);
  const id = `subnet-0${nextId(account, `subnet/${vpc.VpcId}/${cidr}`, 16)}`;
  const [first, last] = blockRange(cidr) ?? [0, 0];
  const subnet: StoredSubnet = {
    SubnetId: id,
    VpcId: vpc.VpcId,
    CidrBlock: cidr,
    AvailabilityZone: zone,
    AvailabilityZoneId: zoneId(account.region, zone),
    State: 'available',
    OwnerId: account.id,
    SubnetArn: arn(account, 'ec2', `subnet/${id}`),
    AvailableIpAddressCount: last - first + 1 - RESERVED,
    DefaultForAz: false,
    MapPublicIpOnLaunch: false,
    AssignIpv6AddressOnCreation: false,
    Ipv6CidrBlockAssociationSet: [],
  };
  network.subnets.set(id, subnet);
  if (Object.keys(tags).length > 0) network.tags.set(id, tags);
  return { Subnet: { ...subnet, Tags: tagList(tags) } };
};

const subnetBlock = (subnets: Iterable<StoredSubnet>, vpc: StoredVpc, given: string | undefined): string => {
  if (given === undefined)
    throw refuse('MissingParameter', 'The request must contain the parameter cidrBlock');
  const block = parseCidr(given);
  if (block?.family !== 'ipv4')
    throw invalidValue(
      `Value (${given}) for parameter cidrBlock is invalid. This is not a valid CIDR block.`,
    );
  const cidr = canonicalIpv4Cidr(given) ?? given;
  const [inner, outer] = [blockRange(cidr), blockRange(vpc.CidrBlock)];
  const inside = inner && outer && inner[0] >= outer[0] && inner[1] <= outer[1];
  if (!inside || block.prefix < 16 || block.prefix > 28)
    throw refuse('InvalidSubnet.Range', `The CIDR '${given}' is invalid.`);
  for (const other of subnets)
    if (other.VpcId === vpc.VpcId && blocksOverlap(other.CidrBlock, cidr))
      throw refuse('InvalidSubnet.Conflict', `The CIDR '${given}' conflicts with another subnet`);
  return cidr;
};

const zoneOf = (account: Account, name: string | undefined, id: string | undefined): string => {
  const zones = account.network.availabilityZones;
  const found =
    name === undefined && id === undefined
      ? zones[0]
      : zones.find((zone) => zone === name || zoneId(account.region, zone) === id);
  if (found === undefined)
    throw invalidValue(
      `Value (${name ?? id}) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: ${zones.join(', ')}.`,
    );
  return found;
};

const remove = (account: Account, input: InputOf<typeof Sdk, 'DeleteSubnet'>): void => {
  const { network, serving } = account;
  const { SubnetId: id } = subnetAt(account, input.SubnetId);
  const used =
    [...network.interfaces.values()].some(({ subnet }) => subnet === id) ||
    [...serving.instances.values()].some(
      ({ launch, state }) => launch?.subnet === id && state !== 'terminated',
    );
  if (used) throw dependent('subnet', id);
  stopIfDryRun(input);
  for (const table of network.routeTables.values())
    table.Associations = (table.Associations ?? []).filter(({ SubnetId }) => SubnetId !== id);
  network.subnets.delete(id);
  network.tags.delete(id);
};
