/** The tagging API: every tagged resource of the Region in one list. */

import type * as Sdk from '@aws-sdk/client-resource-groups-tagging-api';
import {
  GetResources$,
  InvalidParameterException$,
  PaginationTokenExpiredException$,
} from '@aws-sdk/client-resource-groups-tagging-api';
import type { Account } from '../account.ts';
import { arn } from '../account.ts';
import type { Tags } from '../details.ts';
import { resourceType } from '../ec2/tags.ts';
import { listing } from '../listing.ts';
import type { InputOf, Operations } from '../wire/operation.ts';
import { notServed, refuse } from '../wire/refusal.ts';

export const taggingOperations = (account: Account): Operations<typeof Sdk> => ({
  GetResources: { schema: GetResources$, handle: (input) => get(account, input) },
});

type Tagged = { readonly arn: string; readonly tags: Tags };

const tagged = (account: Account): Tagged[] =>
  [
    ...[...account.elbTags].map(([own, tags]) => ({ arn: own, tags })),
    ...[...account.certificateDetails].map(([own, { tags }]) => ({ arn: own, tags })),
    ...[...account.network.tags].map(([id, tags]) => ({
      arn: arn(account, 'ec2', `${resourceType(id)}/${id}`),
      tags,
    })),
    ...[...account.zoneDetails].map(([id, { tags }]) => ({
      arn: `arn:aws:route53:::hostedzone/${id}`,
      tags,
    })),
  ].filter(({ tags }) => Object.keys(tags).length > 0);

const invalid = (message: string) => refuse(InvalidParameterException$, message);

const get = (account: Account, input: InputOf<typeof Sdk, 'GetResources'>) => {
  const { ResourceARNList: arns, TagFilters: filters, ResourceTypeFilters: types } = input;
  if (input.IncludeComplianceDetails === true || input.ExcludeCompliantResources === true)
    throw notServed('tag policies');
  if (input.TagsPerPage !== undefined) throw notServed('TagsPerPage of GetResources; use ResourcesPerPage');
  if (
    arns !== undefined &&
    (filters !== undefined || types !== undefined || input.ResourcesPerPage !== undefined)
  )
    throw invalid('ResourceARNList cannot be combined with filters or pages');
  if ((filters ?? []).length > 50) throw invalid('At most 50 tag filters can be given');
  const chosen = tagged(account).filter(
    (one) =>
      (arns?.includes(one.arn) ?? true) &&
      (filters ?? []).every(({ Key, Values }) => matches(one.tags, Key ?? '', Values)) &&
      (types === undefined || types.some((type) => isOfType(one.arn, type))),
  );
  const { items, next } = listing(
    chosen,
    (one) => one.arn,
    Math.min(input.ResourcesPerPage ?? 100, 100),
    input.PaginationToken === '' ? undefined : input.PaginationToken,
    () =>
      refuse(PaginationTokenExpiredException$, 'The specified PaginationToken is not one this API returned'),
  );
  return {
    /** AWS answers with an empty text on the last page. */
    PaginationToken: next ?? '',
    ResourceTagMappingList: items.map((one) => ({
      ResourceARN: one.arn,
      Tags: Object.entries(one.tags).map(([Key, Value]) => ({ Key, Value })),
    })),
  };
};

const matches = (tags: Tags, key: string, values: readonly string[] | undefined): boolean =>
  Object.hasOwn(tags, key) &&
  (values === undefined || values.length === 0 || values.includes(tags[key] ?? ''));

/** `elasticloadbalancing:loadbalancer`, or a whole service such as `ec2`. */
const isOfType = (resource: string, type: string): boolean => {
  const [service = '', kind] = type.split(':');
  const parts = resource.split(':');
  if (parts[2] !== service) return false;
  const own = parts.slice(5).join(':');
  return kind === undefined || own === kind || own.startsWith(`${kind}/`);
};
