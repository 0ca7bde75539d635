/** Internet gateways: make, attach, detach, remove. */

import type * as Sdk from '@aws-sdk/client-ec2';
import {
  AttachInternetGateway$,
  CreateInternetGateway$,
  DeleteInternetGateway$,
  DetachInternetGateway$,
} from '@aws-sdk/client-ec2';
import type { Account } from '../account.ts';
import { nextId } from '../account.ts';
import type { Operations } from '../wire/operation.ts';
import { refuse } from '../wire/refusal.ts';
import { dependent, notFound, stopIfDryRun } from './errors.ts';
import { specifiedTags, tagList } from './tags.ts';
import { vpcAt } from './vpcs.ts';

export const gatewayOperations = (account: Account): Operations<typeof Sdk> => {
  const { network } = account;
  return {
    CreateInternetGateway: {
      schema: CreateInternetGateway$,
      handle: (input) => {
        const tags = specifiedTags(account, input.TagSpecifications, 'internet-gateway');
        stopIfDryRun(input);
        const id = `igw-0${nextId(account, 'internet-gateway', 16)}`;
        const gateway = { InternetGatewayId: id, OwnerId: account.id, Attachments: [] };
        network.internetGateways.set(id, gateway);
        if (Object.keys(tags).length > 0) network.tags.set(id, tags);
        return { InternetGateway: { ...gateway, Tags: tagList(tags) } };
      },
    },
    AttachInternetGateway: {
      schema: AttachInternetGateway$,
      handle: (input) => {
        const gateway = gatewayAt(account, input.InternetGatewayId);
        const { VpcId } = vpcAt(account, input.VpcId);
        const taken = [...network.internetGateways.values()].find(({ Attachments }) =>
          Attachments?.some((attachment) => attachment.VpcId === VpcId),
        );
        if ((gateway.Attachments ?? []).length > 0)
          throw refuse(
            'Resource.AlreadyAssociated',
            `resource ${input.InternetGatewayId} is already attached to network ${gateway.Attachments?.[0]?.VpcId}`,
          );
        if (taken !== undefined)
          throw refuse('InvalidParameterValue', `Network ${VpcId} already has an internet gateway attached`);
        stopIfDryRun(input);
        /** EC2 says `available` where the SDK's type knows only the states of other attachments. */
        gateway.Attachments = [{ State: 'available' as 'attached', VpcId }];
        return {};
      },
    },
    DetachInternetGateway: {
      schema: DetachInternetGateway$,
      handle: (input) => {
        const gateway = gatewayAt(account, input.InternetGatewayId);
        vpcAt(account, input.VpcId);
        if (!gateway.Attachments?.some(({ VpcId }) => VpcId === input.VpcId))
          throw refuse(
            'Gateway.NotAttached',
            `resource ${input.InternetGatewayId} is not attached to network ${input.VpcId}`,
          );
        const facing = [...account.serving.loadBalancers.values()].some(
          ({ Scheme, VpcId }) => Scheme === 'internet-facing' && VpcId === input.VpcId,
        );
        if (facing)
          throw refuse(
            'DependencyViolation',
            `Network ${input.VpcId} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.`,
          );
        stopIfDryRun(input);
        gateway.Attachments = [];
        return {};
      },
    },
    DeleteInternetGateway: {
      schema: DeleteInternetGateway$,
      handle: (input) => {
        const gateway = gatewayAt(account, input.InternetGatewayId);
        if ((gateway.Attachments ?? []).length > 0)
          throw dependent('internetGateway', input.InternetGatewayId);
        stopIfDryRun(input);
        network.internetGateways.delete(input.InternetGatewayId);
        network.tags.delete(input.InternetGatewayId);
        return {};
      },
    },
  };
};

export const gatewayAt = ({ network }: Account, id: string) => {
  const gateway = network.internetGateways.get(id);
  if (gateway === undefined) throw notFound('InvalidInternetGatewayID.NotFound', 'internetGateway ID', id);
  return gateway;
};
