/** Tags in both directions. AWS's own (`aws:…`) are nobody's to compare or change. */
import { AddTagsToCertificateCommand, RemoveTagsFromCertificateCommand } from '@aws-sdk/client-acm';
import { CreateTagsCommand, DeleteTagsCommand } from '@aws-sdk/client-ec2';
import {
  AddTagsCommand,
  DescribeTagsCommand,
  RemoveTagsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { missingTags, staleTags } from '../core/model/fields.ts';
import { CLIENT_TAG, CLUSTER_TAG, STACK_TAG } from '../core/model/names.ts';
import type { Tags } from '../core/model/tags.ts';
import type { Clients } from './clients.ts';
import { means } from './errors.ts';
import { chunks } from './every-page.ts';

type SdkTag = { Key?: string | undefined; Value?: string | undefined };

export const fromSdkTags = (tags: readonly SdkTag[] | undefined): Tags =>
  Object.fromEntries(
    (tags ?? []).flatMap(({ Key, Value }) => (Key && !Key.startsWith('aws:') ? [[Key, Value ?? '']] : [])),
  );

export const toSdkTags = (tags: Tags): { Key: string; Value: string }[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

/** Whether a resource carries the tags that make it this cluster's and this stack's. */
export const isOwned = (tags: Tags, cluster: string, stack: string): boolean =>
  tags[CLUSTER_TAG] === cluster && tags[STACK_TAG] === stack;

/** Whether a found resource belongs to the same cluster and stack as a wanted one. */
export const sameOwner = (want: Tags, have: Tags): boolean =>
  isOwned(have, want[CLUSTER_TAG] ?? '', want[STACK_TAG] ?? '');

/**
 * Tags of load balancers, target groups, listeners and rules by ARN; AWS takes 20 ARNs a call.
 * What disappears meanwhile is left out: AWS refuses a whole call for one ARN it does not know.
 */
export const describeTags = async (
  { elb }: Clients,
  arns: readonly string[],
): Promise<ReadonlyMap<string, Tags>> => {
  const found = new Map<string, Tags>();
  const ask = async (some: readonly string[]): Promise<void> => {
    try {
      const answer = await elb.send(new DescribeTagsCommand({ ResourceArns: [...some] }));
      for (const { ResourceArn, Tags } of answer.TagDescriptions ?? [])
        if (ResourceArn) found.set(ResourceArn, fromSdkTags(Tags));
    } catch (thrown) {
      if (!means(thrown, 'gone')) throw thrown;
      if (some.length > 1) await Promise.all(some.map((arn) => ask([arn])));
    }
  };
  await Promise.all(chunks(arns, 20).map(ask));
  return found;
};

/** Writes what is missing or different, then takes away only what was stated by us before and is wanted no more. */
export const writeElbTags = async ({ elb }: Clients, arn: string, want: Tags, have: Tags): Promise<void> => {
  const { missing, stale } = tagChanges(want, have);
  if (missing.length > 0) await elb.send(new AddTagsCommand({ ResourceArns: [arn], Tags: missing }));
  if (stale.length > 0) await elb.send(new RemoveTagsCommand({ ResourceArns: [arn], TagKeys: stale }));
};

/** The same for a security group. */
export const writeEc2Tags = async ({ ec2 }: Clients, id: string, want: Tags, have: Tags): Promise<void> => {
  const { missing, stale } = tagChanges(want, have);
  if (missing.length > 0) await ec2.send(new CreateTagsCommand({ Resources: [id], Tags: missing }));
  if (stale.length > 0)
    await ec2.send(new DeleteTagsCommand({ Resources: [id], Tags: stale.map((Key) => ({ Key })) }));
};

/** The same for a certificate. */
export const writeAcmTags = async (
  { acm }: Clients,
  CertificateArn: string,
  want: Tags,
  have: Tags,
): Promise<void> => {
  const { missing, stale } = tagChanges(want, have);
  if (missing.length > 0) await acm.send(new AddTagsToCertificateCommand({ CertificateArn, Tags: missing }));
  if (stale.length > 0)
    await acm.send(
      new RemoveTagsFromCertificateCommand({ CertificateArn, Tags: stale.map((Key) => ({ Key })) }),
    );
};

const tagChanges = (
  want: Tags,
  have: Tags,
): { missing: { Key: string; Value: string }[]; stale: string[] } => ({
  missing: toSdkTags(missingTags(want, have)),
  stale: [...staleTags(want, have)],
});

/**
 * Tags in two steps: which credentials AWS was given is noted after it was given them, so that a failure in between
 * gives them again. `before` is written first, and then `between` is what AWS has.
 */
export const noteLast = (want: Tags, have: Tags): { readonly before: Tags; readonly between: Tags } => {
  const { [CLIENT_TAG]: _, ...others } = want;
  const noted = have[CLIENT_TAG];
  const before = noted === undefined ? others : { ...others, [CLIENT_TAG]: noted };
  const stale = staleTags(before, have);
  const kept = Object.entries(have).filter(([name]) => !stale.includes(name));
  return { before, between: { ...Object.fromEntries(kept), ...before } };
};
