/** AWS Shield Advanced: the subscription and the protections of load balancers. */

import type * as Sdk from '@aws-sdk/client-shield';
import {
  CreateProtection$,
  CreateSubscription$,
  DeleteProtection$,
  DescribeProtection$,
  GetSubscriptionState$,
  InvalidPaginationTokenException$,
  InvalidParameterException$,
  InvalidResourceException$,
  ListProtections$,
  ResourceAlreadyExistsException$,
  ResourceNotFoundException$,
} from '@aws-sdk/client-shield';
import type { Account } from '../account.ts';
import { listing } from '../listing.ts';
import { nextUuid } from '../uuid.ts';
import type { InputOf, Operations } from '../wire/operation.ts';
import { notServed, refuse } from '../wire/refusal.ts';

export const shieldOperations = (account: Account): Operations<typeof Sdk> => ({
  GetSubscriptionState: {
    schema: GetSubscriptionState$,
    handle: () => ({ SubscriptionState: account.shieldSubscription.size > 0 ? 'ACTIVE' : 'INACTIVE' }),
  },
  CreateSubscription: {
    schema: CreateSubscription$,
    handle: () => {
      if (account.shieldSubscription.size > 0)
        throw refuse(ResourceAlreadyExistsException$, 'The subscription already exists.', 400, {
          resourceType: 'Subscription',
        });
      account.shieldSubscription.set('advanced', new Date(account.clock.now()));
      return {};
    },
  },
  CreateProtection: { schema: CreateProtection$, handle: (input) => create(account, input) },
  DescribeProtection: {
    schema: DescribeProtection$,
    handle: ({ ProtectionId: id, ResourceArn: arn }) => {
      if ((id === undefined) === (arn === undefined))
        throw refuse(
          InvalidParameterException$,
          'Exactly one of ProtectionId and ResourceArn must be specified',
        );
      const found = [...account.protections.values()].find((one) => one.Id === id || one.ResourceArn === arn);
      if (found === undefined) throw notFound();
      return { Protection: found };
    },
  },
  DeleteProtection: {
    schema: DeleteProtection$,
    handle: ({ ProtectionId }) => {
      if (!account.protections.delete(ProtectionId)) throw notFound();
      return {};
    },
  },
  ListProtections: {
    schema: ListProtections$,
    handle: ({ NextToken, MaxResults, InclusionFilters: filters }) => {
      if (account.shieldSubscription.size === 0)
        throw refuse(ResourceNotFoundException$, 'The subscription does not exist.', 400, {
          resourceType: 'Subscription',
        });
      if (filters?.ResourceTypes !== undefined)
        throw notServed('the filter ResourceTypes of ListProtections');
      const chosen = [...account.protections.values()].filter(
        ({ ResourceArn, Name = '' }) =>
          (filters?.ResourceArns?.includes(ResourceArn) ?? true) &&
          (filters?.ProtectionNames?.includes(Name) ?? true),
      );
      const { items, next } = listing(
        chosen,
        ({ Id }) => Id,
        MaxResults ?? 20,
        NextToken,
        () =>
          refuse(
            InvalidPaginationTokenException$,
            'The NextToken specified in the request is invalid. Submit the request using the NextToken value that was returned in the prior response.',
          ),
      );
      return { Protections: [...items], ...(next === undefined ? {} : { NextToken: next }) };
    },
  },
});

const notFound = () =>
  refuse(ResourceNotFoundException$, 'The referenced protection does not exist.', 400, {
    resourceType: 'Protection',
  });

const create = (account: Account, { Name, ResourceArn }: InputOf<typeof Sdk, 'CreateProtection'>) => {
  if (account.shieldSubscription.size === 0)
    throw refuse(ResourceNotFoundException$, 'The subscription does not exist.', 400, {
      resourceType: 'Subscription',
    });
  if (!account.serving.loadBalancers.has(ResourceArn))
    throw refuse(
      InvalidResourceException$,
      `Unrecognized resource '${ResourceArn}': the sandbox protects load balancers`,
    );
  if ([...account.protections.values()].some((one) => one.ResourceArn === ResourceArn))
    throw refuse(ResourceAlreadyExistsException$, 'The referenced protection already exists.', 400, {
      resourceType: 'Protection',
    });
  const Id = nextUuid(account, `protection/${ResourceArn}`);
  account.protections.set(Id, {
    Id,
    Name,
    ResourceArn,
    HealthCheckIds: [],
    ProtectionArn: `arn:aws:shield::${account.id}:protection/${Id}`,
  });
  return { ProtectionId: Id };
};
