/** Tags of EC2 resources. */

import type * as Sdk from '@aws-sdk/client-ec2';
import type { ResourceType, Tag, TagSpecification } from '@aws-sdk/client-ec2';
import { CreateTags$, DeleteTags$, DescribeTags$ } from '@aws-sdk/client-ec2';
import type { Account } from '../account.ts';
import type { Tags } from '../details.ts';
import type { Operations } from '../wire/operation.ts';
import { refuse } from '../wire/refusal.ts';
import { invalidValue, stopIfDryRun } from './errors.ts';
import { applyFilters } from './filters.ts';
import { page } from './page.ts';

export const tagOperations = (account: Account): Operations<typeof Sdk> => {
  const { tags } = account.network;
  return {
    CreateTags: {
      schema: CreateTags$,
      handle: (input) => {
        for (const id of input.Resources) checkId(account, id);
        const merged = input.Resources.map((id) => [id, newTags(account, input.Tags, tags.get(id))] as const);
        stopIfDryRun(input);
        for (const [id, next] of merged) tags.set(id, next);
        return {};
      },
    },
    DeleteTags: {
      schema: DeleteTags$,
      handle: (input) => {
        for (const id of input.Resources) checkId(account, id);
        stopIfDryRun(input);
        for (const id of input.Resources) tags.set(id, withoutTags(tags.get(id) ?? {}, input.Tags));
        return {};
      },
    },
    DescribeTags: {
      schema: DescribeTags$,
      handle: (input) => {
        stopIfDryRun(input);
        const all = [...tags].flatMap(([id, own]) =>
          Object.entries(own).map(([Key, Value]) => ({
            ResourceId: id,
            ResourceType: resourceType(id),
            Key,
            Value,
          })),
        );
        const found = applyFilters(all, input.Filters, {
          key: ({ Key }) => [Key],
          value: ({ Value }) => [Value],
          'resource-id': ({ ResourceId }) => [ResourceId],
          'resource-type': ({ ResourceType: type }) => [type],
        });
        const { items, ...next } = page(found, ({ ResourceId, Key }) => `${ResourceId} ${Key}`, input);
        return { Tags: items, ...next };
      },
    },
  };
};

const TYPES: Readonly<Record<string, ResourceType>> = {
  vpc: 'vpc',
  subnet: 'subnet',
  sg: 'security-group',
  sgr: 'security-group-rule',
  i: 'instance',
  eni: 'network-interface',
  rtb: 'route-table',
  igw: 'internet-gateway',
  pl: 'prefix-list',
  eipalloc: 'elastic-ip',
  ipam: 'ipam',
  'ipam-pool': 'ipam-pool',
};

/** The kind of thing an id is of, by its prefix. */
export const resourceType = (id: string): ResourceType => TYPES[id.slice(0, id.lastIndexOf('-'))] ?? 'vpc';

const checkId = ({ network, serving }: Account, id: string): void => {
  const maps = [
    network.vpcs,
    network.subnets,
    network.securityGroups,
    network.routeTables,
    network.internetGateways,
    network.interfaces,
    network.prefixLists,
    network.addresses,
    network.ipams,
    network.ipamPools,
    serving.instances,
  ];
  const isRule = [...network.securityGroups.values()].some(({ rules }) => rules.has(id));
  if (!isRule && !maps.some((map) => map.has(id))) throw refuse('InvalidID', `The ID '${id}' is not valid`);
};

/** Checks tags against AWS's rules and merges them into those that are there. */
const newTags = (account: Account, given: readonly Tag[] | undefined, present: Tags = {}): Tags => {
  const keys = (given ?? []).map(({ Key = '' }) => Key);
  if (new Set(keys).size < keys.length)
    throw invalidValue(`Duplicate tag key '${keys.join(', ')}' specified.`);
  for (const { Key = '', Value = '' } of given ?? []) {
    if (Key === '' || Key.length > 127)
      throw invalidValue(`Tag key '${Key}' must have between 1 and 127 characters`);
    if (Value.length > 255)
      throw invalidValue(`Tag value of '${Key}' exceeds the maximum length of 255 characters`);
    if (/^aws:/i.test(Key))
      throw invalidValue(`Tag keys starting with 'aws:' are reserved for internal use: '${Key}'`);
  }
  const tags = {
    ...present,
    ...Object.fromEntries((given ?? []).map(({ Key = '', Value = '' }) => [Key, Value])),
  };
  if (Object.keys(tags).length > account.facts.tagsPerResource) {
    throw refuse(
      'TagLimitExceeded',
      `The maximum number of Tags for a resource has been reached: ${account.facts.tagsPerResource}`,
    );
  }
  return tags;
};

/** A tag given with a value goes only when it has that value; without tags all go. */
const withoutTags = (present: Tags, given: readonly Tag[] | undefined): Tags =>
  Object.fromEntries(
    Object.entries(present).filter(
      ([key, value]) =>
        given !== undefined &&
        !given.some((tag) => tag.Key === key && (tag.Value === undefined || tag.Value === value)),
    ),
  );

/** The tags for a kind of resource that a create call carries. */
export const specifiedTags = (
  account: Account,
  specifications: readonly TagSpecification[] | undefined,
  kind: ResourceType,
): Tags => {
  for (const { ResourceType: type } of specifications ?? []) {
    if (type !== kind)
      throw invalidValue(`'${type}' is not a valid taggable resource type for this operation.`);
  }
  return newTags(
    account,
    specifications?.flatMap(({ Tags: tags }) => tags ?? []),
  );
};

export const tagList = (tags: Tags | undefined): Tag[] =>
  Object.entries(tags ?? {}).map(([Key, Value]) => ({ Key, Value }));
