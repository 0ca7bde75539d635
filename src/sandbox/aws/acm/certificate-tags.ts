/** Tags of certificates. */

import type * as Sdk from '@aws-sdk/client-acm';
import type { Tag } from '@aws-sdk/client-acm';
import {
  AddTagsToCertificate$,
  InvalidTagException$,
  ListTagsForCertificate$,
  RemoveTagsFromCertificate$,
  TooManyTagsException$,
} from '@aws-sdk/client-acm';
import type { Account } from '../account.ts';
import type { CertificateDetails, Tags } from '../details.ts';
import type { Operations } from '../wire/operation.ts';
import { refuse } from '../wire/refusal.ts';
import { certificateArnAt } from './find-certificate.ts';

export const certificateTagOperations = (account: Account): Operations<typeof Sdk> => ({
  AddTagsToCertificate: {
    schema: AddTagsToCertificate$,
    handle: ({ CertificateArn, Tags: given }) => {
      const details = detailsAt(account, CertificateArn);
      details.tags = newTags(account, given, details.tags);
      return {};
    },
  },
  RemoveTagsFromCertificate: {
    schema: RemoveTagsFromCertificate$,
    handle: ({ CertificateArn, Tags: given }) => {
      const details = detailsAt(account, CertificateArn);
      details.tags = Object.fromEntries(
        Object.entries(details.tags).filter(
          ([key, value]) =>
            !given.some((tag) => tag.Key === key && (tag.Value === undefined || tag.Value === value)),
        ),
      );
      return {};
    },
  },
  ListTagsForCertificate: {
    schema: ListTagsForCertificate$,
    handle: ({ CertificateArn }) => ({
      Tags: Object.entries(detailsAt(account, CertificateArn).tags).map(([Key, Value]) => ({ Key, Value })),
    }),
  },
});

const detailsAt = (account: Account, arn: string): CertificateDetails => {
  const own = certificateArnAt(account, arn);
  const details = account.certificateDetails.get(own) ?? {
    tags: {},
    importedAt: new Date(account.clock.now()),
  };
  account.certificateDetails.set(own, details);
  return details;
};

/** Checks tags against AWS's rules and merges them into those that are there. */
export const newTags = (account: Account, given: readonly Tag[] | undefined, present: Tags = {}): Tags => {
  const reserved = given?.find(({ Key }) => /^aws:/i.test(Key ?? ''));
  if (reserved !== undefined)
    throw refuse(InvalidTagException$, `The tag key '${reserved.Key}' must not start with 'aws:'`);
  const tags = {
    ...present,
    ...Object.fromEntries((given ?? []).map(({ Key = '', Value = '' }) => [Key, Value])),
  };
  if (Object.keys(tags).length > account.facts.tagsPerResource) {
    throw refuse(
      TooManyTagsException$,
      `A certificate can have at most ${account.facts.tagsPerResource} tags.`,
    );
  }
  return tags;
};
