/** What controllers look up of an account besides its network: Regions, limits, peers, and address pools of Outposts. */

import type * as Sdk from '@aws-sdk/client-ec2';
import {
  DescribeAccountAttributes$,
  DescribeCoipPools$,
  DescribeRegions$,
  DescribeVpcPeeringConnections$,
  GetCoipPoolUsage$,
  GetSecurityGroupsForVpc$,
} from '@aws-sdk/client-ec2';
import type { Account } from '../account.ts';
import { REGIONS } from '../elbv2/canonical-zones.ts';
import type { InputOf, Operations } from '../wire/operation.ts';
import { refuse } from '../wire/refusal.ts';
import { invalidValue, notFound, stopIfDryRun } from './errors.ts';
import { applyFilters } from './filters.ts';
import { page } from './page.ts';
import { tagList } from './tags.ts';

export const lookUpOperations = (account: Account): Operations<typeof Sdk> => ({
  DescribeRegions: { schema: DescribeRegions$, handle: (input) => regions(input) },
  DescribeAccountAttributes: { schema: DescribeAccountAttributes$, handle: (input) => attributes(input) },
  GetSecurityGroupsForVpc: { schema: GetSecurityGroupsForVpc$, handle: (input) => groupsFor(account, input) },
  // Nothing here makes peering connections or pools of Outposts, so there are none to be found.
  DescribeVpcPeeringConnections: {
    schema: DescribeVpcPeeringConnections$,
    handle: (input) => {
      const [id] = input.VpcPeeringConnectionIds ?? [];
      if (id !== undefined)
        throw refuse(
          'InvalidVpcPeeringConnectionID.NotFound',
          `The vpcPeeringConnection ID '${id}' does not exist`,
        );
      stopIfDryRun(input);
      return { VpcPeeringConnections: [] };
    },
  },
  DescribeCoipPools: {
    schema: DescribeCoipPools$,
    handle: (input) => {
      const [id] = input.PoolIds ?? [];
      if (id !== undefined) throw noPool(id);
      stopIfDryRun(input);
      return { CoipPools: [] };
    },
  },
  GetCoipPoolUsage: {
    schema: GetCoipPoolUsage$,
    handle: ({ PoolId: id }) => {
      throw noPool(id ?? '');
    },
  },
});

const noPool = (id: string) => notFound('InvalidPoolID.NotFound', 'coip pool ID', id);

const regions = (input: InputOf<typeof Sdk, 'DescribeRegions'>) => {
  for (const name of input.RegionNames ?? [])
    if (!REGIONS.includes(name)) throw invalidValue(`Invalid region: [${name}]`);
  stopIfDryRun(input);
  const all = REGIONS.map((RegionName) => ({
    RegionName,
    Endpoint: `ec2.${RegionName}.amazonaws.com`,
    OptInStatus: 'opt-in-not-required',
  }));
  const found = applyFilters(all, input.Filters, {
    'region-name': ({ RegionName }) => [RegionName],
    endpoint: ({ Endpoint }) => [Endpoint],
    'opt-in-status': ({ OptInStatus }) => [OptInStatus],
  });
  return { Regions: found.filter(({ RegionName }) => input.RegionNames?.includes(RegionName) ?? true) };
};

/** Of an account that has never changed a quota and has no default VPC. */
const ATTRIBUTES: Readonly<Record<string, string>> = {
  'supported-platforms': 'VPC',
  'default-vpc': 'none',
  'max-instances': '20',
  'vpc-max-security-groups-per-interface': '5',
  'max-elastic-ips': '5',
  'vpc-max-elastic-ips': '5',
};

const attributes = (input: InputOf<typeof Sdk, 'DescribeAccountAttributes'>) => {
  const names = input.AttributeNames ?? [];
  for (const name of names)
    if (!Object.hasOwn(ATTRIBUTES, name)) throw invalidValue(`Invalid value '${name}' for attributeName`);
  stopIfDryRun(input);
  const chosen = Object.entries(ATTRIBUTES).filter(
    ([name]) => names.length === 0 || names.some((one) => one === name),
  );
  return {
    AccountAttributes: chosen.map(([AttributeName, AttributeValue]) => ({
      AttributeName,
      AttributeValues: [{ AttributeValue }],
    })),
  };
};

/** Groups that may be used with interfaces of a VPC; here always its own, as no group is shared between VPCs. */
const groupsFor = (
  { id: owner, network }: Account,
  input: InputOf<typeof Sdk, 'GetSecurityGroupsForVpc'>,
) => {
  const { VpcId: vpc = '' } = input;
  if (!network.vpcs.has(vpc)) throw notFound('InvalidVpcID.NotFound', 'vpc ID', vpc);
  stopIfDryRun(input);
  const own = [...network.securityGroups.values()].filter(({ VpcId }) => VpcId === vpc);
  const found = applyFilters(own, input.Filters, {
    'group-id': ({ GroupId }) => [GroupId],
    'group-name': ({ GroupName }) => [GroupName],
    description: ({ Description }) => [Description],
    'owner-id': () => [owner],
    'primary-vpc-id': ({ VpcId }) => [VpcId],
  });
  const { items, ...next } = page(found, ({ GroupId }) => GroupId, input);
  return {
    SecurityGroupForVpcs: items.map(({ GroupId, GroupName, Description, VpcId }) => ({
      GroupId,
      GroupName,
      Description,
      OwnerId: owner,
      PrimaryVpcId: VpcId,
      Tags: tagList(network.tags.get(GroupId) ?? {}),
    })),
    ...next,
  };
};
