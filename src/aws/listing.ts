/**
 * Every load balancer, target group, security group and certificate that could be ours, in bulk. AWS offers no search by tag
 * for the former two, so finding one stack means listing the account; stacks that look at the same time share
 * a listing.
 */
import { paginateDescribeSecurityGroups, type SecurityGroup } from '@aws-sdk/client-ec2';
import {
  type LoadBalancer,
  paginateDescribeLoadBalancers,
  paginateDescribeTargetGroups,
  type TargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { AwsId } from '../core/model/actual.ts';
import type { Key } from '../core/model/key.ts';
import { CLUSTER_TAG } from '../core/model/names.ts';
import type { Tags } from '../core/model/tags.ts';
import { clusterGroupTag } from '../core/model/target-access.ts';
import type { Account } from './account.ts';
import { everyPage } from './every-page.ts';
import { describeTags } from './tags.ts';

export type Listing = {
  /** Application Load Balancers. */
  readonly loadBalancers: readonly LoadBalancer[];
  readonly networkLoadBalancers: readonly LoadBalancer[];
  readonly targetGroups: readonly TargetGroup[];
  /** Only those that carry the cluster's tag. */
  readonly securityGroups: readonly SecurityGroup[];
  /** Of nodes and pods: those that carry the tag of the cluster itself. */
  readonly clusterGroups: readonly SecurityGroup[];
  /** ARNs and tags of the certificates that carry the cluster's tag; undefined when AWS does not permit to ask. */
  readonly certificates: ReadonlyMap<string, Tags> | undefined;
  /** By ARN. Of things that are not ours they may be minutes old. */
  readonly tags: ReadonlyMap<string, Tags>;
};

export type Listings = {
  /** A listing begun after the stack was last looked at and last written to. */
  readonly fresh: (stack: string) => Promise<Listing>;
  /** What is known of the resource with this key, and this ARN if it has one, is out of date. */
  readonly touched: (key: Key, arn: AwsId | undefined) => void;
};

/** A stack that has not looked yet may use a listing of this age, in milliseconds. */
const SHARED_FOR = 60_000;
/** How long tags of others are believed, in milliseconds. Ours are read again with every look at their stack. */
const TAGS_KEPT_FOR = 600_000;

type Shared = {
  readonly startedAt: number;
  readonly listing: Promise<Listing>;
  readonly usedBy: Set<string>;
};

export const sharedListings = (account: Account): Listings => {
  let shared: Shared | undefined;
  let tags: { readonly readAt: number; readonly byArn: Map<string, Tags> } | undefined;

  const list = async (): Promise<Listing> => {
    if (!tags || performance.now() - tags.readAt > TAGS_KEPT_FOR)
      tags = { readAt: performance.now(), byArn: new Map() };
    return readListing(account, tags.byArn);
  };
  const begin = (): Shared => {
    const begun: Shared = { startedAt: performance.now(), listing: list(), usedBy: new Set() };
    begun.listing.catch(() => {
      if (shared === begun) shared = undefined;
    });
    return begun;
  };
  return {
    fresh: (stack) => {
      const old = !shared || performance.now() - shared.startedAt > SHARED_FOR || shared.usedBy.has(stack);
      const current = old || !shared ? begin() : shared;
      shared = current;
      current.usedBy.add(stack);
      return current.listing;
    },
    touched: (key, arn) => {
      shared?.usedBy.add(stackOf(key));
      if (arn !== undefined) tags?.byArn.delete(arn);
    },
  };
};

/** The stack is the first part of the identity of everything but records, which no listing holds. */
const stackOf = (key: Key): string => key.slice(key.indexOf('/') + 1).replace(/~.*$/, '');

/** Asks for the tags of those ARNs only that `known` lacks, and adds them there. */
const readListing = async (account: Account, known: Map<string, Tags>): Promise<Listing> => {
  const { elb, ec2 } = account.clients;
  const [balancers, targetGroups, securityGroups, clusterGroups, certificates] = await Promise.all([
    everyPage(
      paginateDescribeLoadBalancers({ client: elb, pageSize: 400 }, {}),
      (page) => page.LoadBalancers,
    ),
    everyPage(paginateDescribeTargetGroups({ client: elb, pageSize: 400 }, {}), (page) => page.TargetGroups),
    everyPage(
      paginateDescribeSecurityGroups(
        { client: ec2 },
        { Filters: [{ Name: `tag:${CLUSTER_TAG}`, Values: [account.cluster] }] },
      ),
      (page) => page.SecurityGroups,
    ),
    everyPage(
      paginateDescribeSecurityGroups(
        { client: ec2 },
        { Filters: [{ Name: 'tag-key', Values: [clusterGroupTag(account.cluster)] }] },
      ),
      (page) => page.SecurityGroups,
    ),
    account.ownCertificates(),
  ]);
  const loadBalancers = balancers.filter(({ Type }) => Type === 'application');
  const networkLoadBalancers = balancers.filter(({ Type }) => Type === 'network');
  const arns = [
    ...[...loadBalancers, ...networkLoadBalancers].flatMap(({ LoadBalancerArn }) => LoadBalancerArn ?? []),
    ...targetGroups.flatMap(({ TargetGroupArn }) => TargetGroupArn ?? []),
  ];
  const unknown = arns.filter((arn) => !known.has(arn));
  for (const [arn, tags] of await describeTags(account.clients, unknown)) known.set(arn, tags);
  return {
    ...{ loadBalancers, networkLoadBalancers, targetGroups, securityGroups, clusterGroups, certificates },
    tags: known,
  };
};
