/** What can be looked up of the network: VPCs, subnets, zones, routes, gateways. */

import type * as Sdk from '@aws-sdk/client-ec2';
import {
  DescribeAvailabilityZones$,
  DescribeInternetGateways$,
  DescribeRouteTables$,
  DescribeSubnets$,
  DescribeVpcs$,
} from '@aws-sdk/client-ec2';
import type { Account } from '../account.ts';
import type { Operations } from '../wire/operation.ts';
import { invalidValue, notFound, stopIfDryRun } from './errors.ts';
import type { FilterTable } from './filters.ts';
import { applyFilters } from './filters.ts';
import type { StoredSubnet, StoredVpc } from './network.ts';
import { named, page } from './page.ts';
import { tagList } from './tags.ts';
import { zoneId } from './zone-id.ts';

const VPC_FILTERS: FilterTable<StoredVpc> = {
  'vpc-id': ({ VpcId }) => [VpcId],
  cidr: ({ CidrBlock }) => [CidrBlock],
  'cidr-block-association.cidr-block': ({ CidrBlockAssociationSet: set }) =>
    (set ?? []).map(({ CidrBlock }) => CidrBlock),
  'is-default': ({ IsDefault }) => [String(IsDefault)],
  isDefault: ({ IsDefault }) => [String(IsDefault)],
  'owner-id': ({ OwnerId }) => [OwnerId],
  state: ({ State }) => [State],
};

const SUBNET_FILTERS: FilterTable<StoredSubnet> = {
  'subnet-id': ({ SubnetId }) => [SubnetId],
  'vpc-id': ({ VpcId }) => [VpcId],
  'availability-zone': ({ AvailabilityZone }) => [AvailabilityZone],
  availabilityZone: ({ AvailabilityZone }) => [AvailabilityZone],
  'availability-zone-id': ({ AvailabilityZoneId }) => [AvailabilityZoneId],
  'cidr-block': ({ CidrBlock }) => [CidrBlock],
  'default-for-az': ({ DefaultForAz }) => [String(DefaultForAz)],
  'map-public-ip-on-launch': ({ MapPublicIpOnLaunch }) => [String(MapPublicIpOnLaunch)],
  'owner-id': ({ OwnerId }) => [OwnerId],
  state: ({ State }) => [State],
};

export const networkOperations = (account: Account): Operations<typeof Sdk> => {
  const { network } = account;
  const tagsOf = (id: string | undefined) => network.tags.get(id ?? '') ?? {};
  return {
    DescribeVpcs: {
      schema: DescribeVpcs$,
      handle: (input) => {
        stopIfDryRun(input);
        const asked = named(network.vpcs, input.VpcIds, (id) =>
          notFound('InvalidVpcID.NotFound', 'vpc ID', id),
        );
        const found = applyFilters(asked, input.Filters, VPC_FILTERS, ({ VpcId }) => tagsOf(VpcId));
        const { items, ...next } = page(found, ({ VpcId }) => VpcId, input, input.VpcIds);
        return {
          Vpcs: items.map(({ dns: _, ...vpc }) => ({ ...vpc, Tags: tagList(tagsOf(vpc.VpcId)) })),
          ...next,
        };
      },
    },
    DescribeSubnets: {
      schema: DescribeSubnets$,
      handle: (input) => {
        stopIfDryRun(input);
        const asked = named(network.subnets, input.SubnetIds, (id) =>
          notFound('InvalidSubnetID.NotFound', 'subnet ID', id),
        );
        const found = applyFilters(asked, input.Filters, SUBNET_FILTERS, ({ SubnetId }) => tagsOf(SubnetId));
        const { items, ...next } = page(found, ({ SubnetId }) => SubnetId, input, input.SubnetIds);
        return {
          Subnets: items.map((subnet) => ({ ...subnet, Tags: tagList(tagsOf(subnet.SubnetId)) })),
          ...next,
        };
      },
    },
    DescribeAvailabilityZones: {
      schema: DescribeAvailabilityZones$,
      handle: (input) => describeZones(account, input),
    },
    ...routeOperations(account),
  };
};

const describeZones = (
  account: Account,
  input: Parameters<NonNullable<Operations<typeof Sdk>['DescribeAvailabilityZones']>['handle']>[0],
) => {
  stopIfDryRun(input);
  const zones = account.network.availabilityZones.map((ZoneName) => ({
    ZoneName,
    ZoneId: zoneId(account.region, ZoneName),
    RegionName: account.region,
    GroupName: account.region,
    NetworkBorderGroup: account.region,
    ZoneType: 'availability-zone',
    OptInStatus: 'opt-in-not-required' as const,
    State: 'available' as const,
    Messages: [],
  }));
  for (const name of input.ZoneNames ?? []) {
    if (!account.network.availabilityZones.includes(name))
      throw invalidValue(`Invalid availability zone: [${name}]`);
  }
  const found = applyFilters(zones, input.Filters, {
    'zone-name': ({ ZoneName }) => [ZoneName],
    'zone-id': ({ ZoneId }) => [ZoneId],
    'zone-type': ({ ZoneType }) => [ZoneType],
    'region-name': ({ RegionName }) => [RegionName],
    'group-name': ({ GroupName }) => [GroupName],
    'opt-in-status': ({ OptInStatus }) => [OptInStatus],
    state: ({ State }) => [State],
  });
  const chosen = found.filter(
    ({ ZoneName, ZoneId }) =>
      (input.ZoneNames?.includes(ZoneName) ?? true) && (input.ZoneIds?.includes(ZoneId) ?? true),
  );
  return { AvailabilityZones: chosen };
};

const routeOperations = ({ network }: Account): Operations<typeof Sdk> => {
  const tagsOf = (id: string | undefined) => network.tags.get(id ?? '') ?? {};
  return {
    DescribeRouteTables: {
      schema: DescribeRouteTables$,
      handle: (input) => {
        stopIfDryRun(input);
        const asked = named(network.routeTables, input.RouteTableIds, (id) =>
          notFound('InvalidRouteTableID.NotFound', 'routeTable ID', id),
        );
        const filters: FilterTable<(typeof asked)[number]> = {
          'route-table-id': ({ RouteTableId }) => [RouteTableId],
          'vpc-id': ({ VpcId }) => [VpcId],
          'association.main': ({ Associations: all }) => (all ?? []).map(({ Main }) => String(Main)),
          'association.subnet-id': ({ Associations: all }) => (all ?? []).map(({ SubnetId }) => SubnetId),
          'association.route-table-id': ({ Associations: all }) =>
            (all ?? []).map(({ RouteTableId }) => RouteTableId),
          'route.gateway-id': ({ Routes: all }) => (all ?? []).map(({ GatewayId }) => GatewayId),
          'route.destination-cidr-block': ({ Routes: all }) =>
            (all ?? []).map(({ DestinationCidrBlock: cidr }) => cidr),
        };
        const found = applyFilters(asked, input.Filters, filters, ({ RouteTableId }) => tagsOf(RouteTableId));
        const { items, ...next } = page(
          found,
          ({ RouteTableId }) => RouteTableId ?? '',
          input,
          input.RouteTableIds,
        );
        return {
          RouteTables: items.map((table) => ({ ...table, Tags: tagList(tagsOf(table.RouteTableId)) })),
          ...next,
        };
      },
    },
    DescribeInternetGateways: {
      schema: DescribeInternetGateways$,
      handle: (input) => {
        stopIfDryRun(input);
        const asked = named(network.internetGateways, input.InternetGatewayIds, (id) =>
          notFound('InvalidInternetGatewayID.NotFound', 'internetGateway ID', id),
        );
        const filters: FilterTable<(typeof asked)[number]> = {
          'internet-gateway-id': ({ InternetGatewayId }) => [InternetGatewayId],
          'attachment.vpc-id': ({ Attachments: all }) => (all ?? []).map(({ VpcId }) => VpcId),
          'attachment.state': ({ Attachments: all }) => (all ?? []).map(({ State }) => State),
          'owner-id': ({ OwnerId }) => [OwnerId],
        };
        const found = applyFilters(asked, input.Filters, filters, ({ InternetGatewayId }) =>
          tagsOf(InternetGatewayId),
        );
        const { items, ...next } = page(
          found,
          ({ InternetGatewayId }) => InternetGatewayId ?? '',
          input,
          input.InternetGatewayIds,
        );
        return {
          InternetGateways: items.map((gateway) => ({
            ...gateway,
            Tags: tagList(tagsOf(gateway.InternetGatewayId)),
          })),
          ...next,
        };
      },
    },
  };
};
