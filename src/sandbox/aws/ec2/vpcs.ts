/** Making and removing VPCs. A new one has a main route table and a default security group. */

import type * as Sdk from '@aws-sdk/client-ec2';
import { CreateVpc$, DeleteVpc$, DescribeVpcAttribute$, ModifyVpcAttribute$ } from '@aws-sdk/client-ec2';
import type { Account } from '../account.ts';
import { nextId } from '../account.ts';
import type { InputOf, Operations } from '../wire/operation.ts';
import { notServed, refuse } from '../wire/refusal.ts';
import { canonicalIpv4Cidr, parseCidr } from './addresses.ts';
import { dependent, invalidValue, notFound, stopIfDryRun } from './errors.ts';
import type { StoredVpc } from './network.ts';
import { addSecurityGroup } from './security-group-store.ts';
import { specifiedTags, tagList } from './tags.ts';

export const vpcOperations = (account: Account): Operations<typeof Sdk> => ({
  CreateVpc: { schema: CreateVpc$, handle: (input) => create(account, input) },
  DeleteVpc: {
    schema: DeleteVpc$,
    handle: (input) => {
      remove(account, input);
      return {};
    },
  },
  ModifyVpcAttribute: {
    schema: ModifyVpcAttribute$,
    handle: ({ VpcId, EnableDnsHostnames, EnableDnsSupport, EnableNetworkAddressUsageMetrics }) => {
      const vpc = vpcAt(account, VpcId);
      if (EnableNetworkAddressUsageMetrics !== undefined) throw notServed('network address usage metrics');
      if ((EnableDnsHostnames === undefined) === (EnableDnsSupport === undefined))
        throw refuse('InvalidParameterCombination', 'Exactly one attribute must be specified');
      const { support, hostnames } = dnsOf(vpc);
      vpc.dns = {
        support: EnableDnsSupport?.Value ?? support,
        hostnames: EnableDnsHostnames?.Value ?? hostnames,
      };
      return {};
    },
  },
  DescribeVpcAttribute: {
    schema: DescribeVpcAttribute$,
    handle: (input) => {
      stopIfDryRun(input);
      const { support, hostnames } = dnsOf(vpcAt(account, input.VpcId));
      const { VpcId, Attribute } = input;
      if (Attribute === 'enableDnsSupport') return { VpcId, EnableDnsSupport: { Value: support } };
      if (Attribute === 'enableDnsHostnames') return { VpcId, EnableDnsHostnames: { Value: hostnames } };
      throw notServed(`the VPC attribute ${Attribute}`);
    },
  },
});

const dnsOf = ({ dns }: StoredVpc) => dns ?? { support: true, hostnames: false };

export const vpcAt = ({ network }: Account, id: string): StoredVpc => {
  const vpc = network.vpcs.get(id);
  if (vpc === undefined) throw notFound('InvalidVpcID.NotFound', 'vpc ID', id);
  return vpc;
};

const create = (account: Account, input: InputOf<typeof Sdk, 'CreateVpc'>) => {
  const { network } = account;
  for (const member of ['Ipv6Pool', 'Ipv6CidrBlock', 'Ipv4IpamPoolId', 'Ipv6IpamPoolId'] as const)
    if (input[member] !== undefined) throw notServed(`${member} of CreateVpc`);
  if (input.AmazonProvidedIpv6CidrBlock === true) throw notServed('IPv6 blocks of new VPCs');
  const cidr = vpcBlock(input.CidrBlock);
  const tags = specifiedTags(account, input.TagSpecifications, 'vpc');
  const most = account.facts.vpcsPerRegion;
  if (network.vpcs.size >= most)
    throw refuse('VpcLimitExceeded', `The maximum number of VPCs has been reached: ${most}.`);
  stopIfDryRun(input);
  const id = `vpc-0${nextId(account, `vpc/${cidr}`, 16)}`;
  const vpc: StoredVpc = {
    VpcId: id,
    CidrBlock: cidr,
    State: 'available',
    OwnerId: account.id,
    InstanceTenancy: input.InstanceTenancy ?? 'default',
    IsDefault: false,
    DhcpOptionsId: 'dopt-1',
    CidrBlockAssociationSet: [
      {
        AssociationId: `vpc-cidr-assoc-0${nextId(account, `${id}/cidr`, 16)}`,
        CidrBlock: cidr,
        CidrBlockState: { State: 'associated' },
      },
    ],
    Ipv6CidrBlockAssociationSet: [],
  };
  network.vpcs.set(id, vpc);
  if (Object.keys(tags).length > 0) network.tags.set(id, tags);
  addMainRouteTable(account, vpc);
  addSecurityGroup(account, {
    id: `sg-0${nextId(account, `group/${id}/default`, 16)}`,
    name: 'default',
    description: 'default VPC security group',
    vpc: id,
    tags: {},
  });
  return { Vpc: { ...vpc, Tags: tagList(tags) } };
};

const vpcBlock = (given: string | undefined): string => {
  if (given === undefined)
    throw refuse('MissingParameter', 'The request must contain the parameter cidrBlock');
  const block = parseCidr(given);
  if (block?.family !== 'ipv4')
    throw invalidValue(
      `Value (${given}) for parameter cidrBlock is invalid. This is not a valid CIDR block.`,
    );
  if (block.prefix < 16 || block.prefix > 28)
    throw refuse('InvalidVpc.Range', `The CIDR '${given}' is invalid: its mask must be between /16 and /28.`);
  return canonicalIpv4Cidr(given) ?? given;
};

const addMainRouteTable = (account: Account, { VpcId, CidrBlock }: StoredVpc): void => {
  const RouteTableId = `rtb-0${nextId(account, `${VpcId}/route-table`, 16)}`;
  account.network.routeTables.set(RouteTableId, {
    RouteTableId,
    VpcId,
    OwnerId: account.id,
    PropagatingVgws: [],
    Routes: [
      {
        DestinationCidrBlock: CidrBlock,
        GatewayId: 'local',
        State: 'active',
        Origin: 'CreateRouteTable',
      },
    ],
    Associations: [
      {
        Main: true,
        RouteTableAssociationId: `rtbassoc-0${nextId(account, `${RouteTableId}/main`, 16)}`,
        RouteTableId,
        AssociationState: { State: 'associated' },
      },
    ],
  });
};

/** What goes with a VPC is what came with it; anything else must be deleted before. */
const remove = (account: Account, input: InputOf<typeof Sdk, 'DeleteVpc'>): void => {
  const { network, serving } = account;
  const id = vpcAt(account, input.VpcId).VpcId;
  const groups = [...network.securityGroups.values()].filter(({ VpcId }) => VpcId === id);
  const tables = [...network.routeTables.values()].filter(({ VpcId }) => VpcId === id);
  const used =
    [...network.subnets.values()].some(({ VpcId }) => VpcId === id) ||
    [...network.internetGateways.values()].some(({ Attachments }) =>
      Attachments?.some(({ VpcId }) => VpcId === id),
    ) ||
    [...network.interfaces.values()].some(({ vpc }) => vpc === id) ||
    [...serving.instances.values()].some(({ vpc, state }) => vpc === id && state !== 'terminated') ||
    groups.some(({ GroupName }) => GroupName !== 'default') ||
    tables.some(({ Associations }) => !Associations?.some(({ Main }) => Main));
  if (used) throw dependent('vpc', id);
  stopIfDryRun(input);
  for (const { GroupId } of groups) network.securityGroups.delete(GroupId);
  for (const { RouteTableId = '' } of tables) network.routeTables.delete(RouteTableId);
  network.vpcs.delete(id);
  network.tags.delete(id);
};
