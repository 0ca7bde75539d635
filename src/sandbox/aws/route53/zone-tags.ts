/** Tags of hosted zones. Health checks have none here, as the sandbox serves no health checks. */

import type * as Sdk from '@aws-sdk/client-route-53';
import type { TagResourceType } from '@aws-sdk/client-route-53';
import {
  ChangeTagsForResource$,
  InvalidInput$,
  ListTagsForResource$,
  ListTagsForResources$,
  NoSuchHealthCheck$,
} from '@aws-sdk/client-route-53';
import type { Account } from '../account.ts';
import type { ZoneDetails } from '../details.ts';
import type { Operations } from '../wire/operation.ts';
import { refuse } from '../wire/refusal.ts';
import { zoneAt } from './find-zone.ts';

export const zoneTagOperations = (account: Account): Operations<typeof Sdk> => ({
  ChangeTagsForResource: {
    schema: ChangeTagsForResource$,
    handle: ({ ResourceType, ResourceId, AddTags, RemoveTagKeys }) => {
      const details = detailsOf(account, ResourceType, ResourceId);
      const keys = (AddTags ?? []).map(({ Key }) => Key ?? '');
      if (AddTags === undefined && RemoveTagKeys === undefined)
        throw refuse(InvalidInput$, 'Invalid request: AddTags or RemoveTagKeys is needed');
      if (new Set(keys).size < keys.length)
        throw refuse(
          InvalidInput$,
          `Invalid request: AddTags has the same key more than once: ${keys.join(', ')}`,
        );
      const reserved = keys.find((key) => /^aws:/i.test(key));
      if (reserved !== undefined)
        throw refuse(InvalidInput$, `Invalid request: the tag key '${reserved}' must not start with 'aws:'`);
      const kept = Object.entries(details.tags).filter(([key]) => !RemoveTagKeys?.includes(key));
      const tags = {
        ...Object.fromEntries(kept),
        ...Object.fromEntries((AddTags ?? []).map(({ Key = '', Value = '' }) => [Key, Value])),
      };
      const most = account.facts.tagsPerResource;
      if (Object.keys(tags).length > most)
        throw refuse(InvalidInput$, `Invalid request: a resource can have at most ${most} tags`);
      details.tags = tags;
      return {};
    },
  },
  ListTagsForResource: {
    schema: ListTagsForResource$,
    handle: ({ ResourceType, ResourceId }) => ({ ResourceTagSet: tagSet(account, ResourceType, ResourceId) }),
  },
  ListTagsForResources: {
    schema: ListTagsForResources$,
    handle: ({ ResourceType, ResourceIds }) => ({
      ResourceTagSets: ResourceIds.map((id) => tagSet(account, ResourceType, id)),
    }),
  },
});

const detailsOf = (account: Account, type: TagResourceType, id: string): ZoneDetails => {
  if (type === 'hostedzone') return zoneAt(account, id).details;
  if (type === 'healthcheck')
    throw refuse(NoSuchHealthCheck$, `No health check exists with the ID: ${id}`, 404);
  throw refuse(InvalidInput$, `Invalid request: '${type}' is not a resource type that can have tags`);
};

const tagSet = (account: Account, type: TagResourceType, id: string) => ({
  ResourceType: type,
  ResourceId: id.replace('/hostedzone/', ''),
  Tags: Object.entries(detailsOf(account, type, id).tags).map(([Key, Value]) => ({ Key, Value })),
});
