/** Tags of load balancers, target groups, listeners and rules. */

import type * as Sdk from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  AddTags$,
  DescribeTags$,
  DuplicateTagKeysException$,
  RemoveTags$,
  TooManyTagsException$,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Account } from '../account.ts';
import type { Tags } from '../details.ts';
import type { Operations } from '../wire/operation.ts';
import { refuse } from '../wire/refusal.ts';
import type { Elb } from './find.ts';
import { taggedAt } from './find.ts';
import { invalid } from './invalid.ts';

type TagInput = readonly { readonly Key: string; readonly Value?: string | undefined }[] | undefined;

export const tagOperations = (elb: Elb): Operations<typeof Sdk> => {
  const { account } = elb;
  return {
    AddTags: {
      schema: AddTags$,
      handle: ({ ResourceArns, Tags: given }) => {
        for (const arn of ResourceArns) taggedAt(elb, arn);
        const merged = ResourceArns.map(
          (arn) => [arn, newTags(account, given, account.elbTags.get(arn))] as const,
        );
        for (const [arn, tags] of merged) account.elbTags.set(arn, tags);
        return {};
      },
    },
    RemoveTags: {
      schema: RemoveTags$,
      handle: ({ ResourceArns, TagKeys }) => {
        for (const arn of ResourceArns) taggedAt(elb, arn);
        for (const arn of ResourceArns) {
          const left = Object.entries(account.elbTags.get(arn) ?? {}).filter(
            ([key]) => !TagKeys.includes(key),
          );
          account.elbTags.set(arn, Object.fromEntries(left));
        }
        return {};
      },
    },
    DescribeTags: {
      schema: DescribeTags$,
      handle: ({ ResourceArns }) => {
        if (ResourceArns.length > 20) {
          throw invalid(`Only '20' resources can be described at a time, '${ResourceArns.length}' are given`);
        }
        for (const arn of ResourceArns) taggedAt(elb, arn);
        return {
          TagDescriptions: ResourceArns.map((arn) => ({
            ResourceArn: arn,
            Tags: Object.entries(account.elbTags.get(arn) ?? {}).map(([Key, Value]) => ({ Key, Value })),
          })),
        };
      },
    },
  };
};

/** Whether a create call asks for the tags a resource has, as far as they count as settings. */
export const areTagsAsWanted = ({ elbTags, facts }: Account, arn: string, wanted: Tags): boolean => {
  const sorted = (tags: Tags) => JSON.stringify(Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1)));
  return !facts.tagsAreSettings || sorted(elbTags.get(arn) ?? {}) === sorted(wanted);
};

/** Checks tags against AWS's rules and merges them into those that are there. */
export const newTags = (account: Account, given: TagInput, present: Tags = {}): Tags => {
  const keys = (given ?? []).map(({ Key }) => Key);
  if (new Set(keys).size < keys.length) {
    throw refuse(
      DuplicateTagKeysException$,
      `The tag keys '${keys.join(', ')}' contain the same key more than once`,
    );
  }
  const reserved = keys.find((key) => /^aws:/i.test(key));
  if (reserved !== undefined)
    throw invalid(`Tag key '${reserved}' must not start with 'aws:': that prefix is reserved`);
  const tags = {
    ...present,
    ...Object.fromEntries((given ?? []).map(({ Key, Value }) => [Key, Value ?? ''])),
  };
  const most = account.facts.tagsPerResource;
  if (Object.keys(tags).length > most) {
    throw refuse(TooManyTagsException$, `The maximum number of tags per resource, '${most}', is exceeded`);
  }
  return tags;
};
