/** Route tables: make, remove, associate with subnets, add and remove routes. */

import type * as Sdk from '@aws-sdk/client-ec2';
import type { RouteTable } from '@aws-sdk/client-ec2';
import {
  AssociateRouteTable$,
  CreateRoute$,
  CreateRouteTable$,
  DeleteRoute$,
  DeleteRouteTable$,
  DisassociateRouteTable$,
} from '@aws-sdk/client-ec2';
import type { Account } from '../account.ts';
import { nextId } from '../account.ts';
import type { InputOf, Operations } from '../wire/operation.ts';
import { notServed, refuse } from '../wire/refusal.ts';
import { canonicalIpv4Cidr } from './addresses.ts';
import { dependent, invalidValue, notFound, stopIfDryRun } from './errors.ts';
import { gatewayAt } from './gateways.ts';
import { subnetAt } from './subnets.ts';
import { specifiedTags, tagList } from './tags.ts';
import { vpcAt } from './vpcs.ts';

export const routeTableOperations = (account: Account): Operations<typeof Sdk> => ({
  CreateRouteTable: { schema: CreateRouteTable$, handle: (input) => create(account, input) },
  DeleteRouteTable: {
    schema: DeleteRouteTable$,
    handle: (input) => {
      const table = tableAt(account, input.RouteTableId);
      if ((table.Associations ?? []).length > 0) throw dependent('routeTable', input.RouteTableId);
      stopIfDryRun(input);
      account.network.routeTables.delete(input.RouteTableId);
      account.network.tags.delete(input.RouteTableId);
      return {};
    },
  },
  AssociateRouteTable: { schema: AssociateRouteTable$, handle: (input) => associate(account, input) },
  DisassociateRouteTable: {
    schema: DisassociateRouteTable$,
    handle: (input) => {
      const isMeant = ({ RouteTableAssociationId: id }: { RouteTableAssociationId?: string | undefined }) =>
        id === input.AssociationId;
      const table = [...account.network.routeTables.values()].find(({ Associations }) =>
        Associations?.some(isMeant),
      );
      if (table === undefined)
        throw notFound('InvalidAssociationID.NotFound', 'association ID', input.AssociationId);
      if (table.Associations?.find(isMeant)?.Main === true)
        throw invalidValue(`cannot disassociate the main route table association ${input.AssociationId}`);
      stopIfDryRun(input);
      table.Associations = (table.Associations ?? []).filter((one) => !isMeant(one));
      return {};
    },
  },
  CreateRoute: { schema: CreateRoute$, handle: (input) => createRoute(account, input) },
  DeleteRoute: {
    schema: DeleteRoute$,
    handle: (input) => {
      const table = tableAt(account, input.RouteTableId);
      const destination = destinationOf(input);
      const route = table.Routes?.find(({ DestinationCidrBlock: cidr }) => cidr === destination);
      if (route === undefined)
        throw refuse(
          'InvalidRoute.NotFound',
          `no route with destination-cidr-block ${destination} in route table ${input.RouteTableId}`,
        );
      if (route.GatewayId === 'local')
        throw invalidValue(`cannot remove local route ${destination} in route table ${input.RouteTableId}`);
      stopIfDryRun(input);
      table.Routes = (table.Routes ?? []).filter((one) => one !== route);
      return {};
    },
  },
});

type StoredTable = Omit<RouteTable, 'Tags'>;

const tableAt = ({ network }: Account, id: string): StoredTable => {
  const table = network.routeTables.get(id);
  if (table === undefined) throw notFound('InvalidRouteTableID.NotFound', 'routeTable ID', id);
  return table;
};

const create = (account: Account, input: InputOf<typeof Sdk, 'CreateRouteTable'>) => {
  const vpc = vpcAt(account, input.VpcId);
  const tags = specifiedTags(account, input.TagSpecifications, 'route-table');
  stopIfDryRun(input);
  const id = `rtb-0${nextId(account, `${vpc.VpcId}/route-table`, 16)}`;
  const table: StoredTable = {
    RouteTableId: id,
    VpcId: vpc.VpcId,
    OwnerId: account.id,
    PropagatingVgws: [],
    Associations: [],
    Routes: [
      {
        DestinationCidrBlock: vpc.CidrBlock,
        GatewayId: 'local',
        State: 'active',
        Origin: 'CreateRouteTable',
      },
    ],
  };
  account.network.routeTables.set(id, table);
  if (Object.keys(tags).length > 0) account.network.tags.set(id, tags);
  return { RouteTable: { ...table, Tags: tagList(tags) } };
};

const associate = (account: Account, input: InputOf<typeof Sdk, 'AssociateRouteTable'>) => {
  if (input.SubnetId === undefined) throw notServed('associations of route tables with gateways');
  const table = tableAt(account, input.RouteTableId);
  const subnet = subnetAt(account, input.SubnetId);
  if (subnet.VpcId !== table.VpcId)
    throw invalidValue(
      `route table ${input.RouteTableId} and subnet ${subnet.SubnetId} belong to different networks`,
    );
  for (const other of account.network.routeTables.values())
    if (other.Associations?.some(({ SubnetId }) => SubnetId === subnet.SubnetId))
      throw refuse(
        'Resource.AlreadyAssociated',
        `the specified association for route table ${input.RouteTableId} conflicts with an existing association`,
      );
  stopIfDryRun(input);
  const AssociationId = `rtbassoc-0${nextId(account, `${input.RouteTableId}/${subnet.SubnetId}`, 16)}`;
  table.Associations = [
    ...(table.Associations ?? []),
    {
      Main: false,
      RouteTableAssociationId: AssociationId,
      RouteTableId: input.RouteTableId,
      SubnetId: subnet.SubnetId,
      AssociationState: { State: 'associated' },
    },
  ];
  return { AssociationId, AssociationState: { State: 'associated' as const } };
};

const destinationOf = (input: {
  readonly DestinationCidrBlock?: string | undefined;
  readonly DestinationIpv6CidrBlock?: string | undefined;
  readonly DestinationPrefixListId?: string | undefined;
}): string => {
  if (input.DestinationIpv6CidrBlock !== undefined) throw notServed('IPv6 routes');
  if (input.DestinationPrefixListId !== undefined) throw notServed('routes to prefix lists');
  const given = input.DestinationCidrBlock;
  if (given === undefined)
    throw refuse('MissingParameter', 'The request must contain the parameter destinationCidrBlock');
  const cidr = canonicalIpv4Cidr(given);
  if (cidr === undefined)
    throw invalidValue(
      `Value (${given}) for parameter destinationCidrBlock is invalid. This is not a valid CIDR block.`,
    );
  return cidr;
};

const createRoute = (account: Account, input: InputOf<typeof Sdk, 'CreateRoute'>) => {
  const table = tableAt(account, input.RouteTableId);
  const destination = destinationOf(input);
  const { DryRun: _, RouteTableId: __, DestinationCidrBlock: ___, GatewayId, ...others } = input;
  const [other] = Object.keys(others);
  if (other !== undefined) throw notServed(`routes to a ${other}`);
  if (GatewayId === undefined)
    throw refuse('MissingParameter', 'The request must contain the parameter gatewayId');
  const gateway = gatewayAt(account, GatewayId);
  if (!gateway.Attachments?.some(({ VpcId }) => VpcId === table.VpcId))
    throw invalidValue(
      `route table ${input.RouteTableId} and network gateway ${GatewayId} belong to different networks`,
    );
  if (table.Routes?.some(({ DestinationCidrBlock: cidr }) => cidr === destination))
    throw refuse('RouteAlreadyExists', `The route identified by ${destination} already exists.`);
  stopIfDryRun(input);
  table.Routes = [
    ...(table.Routes ?? []),
    { DestinationCidrBlock: destination, GatewayId, State: 'active', Origin: 'CreateRoute' },
  ];
  return { Return: true };
};
