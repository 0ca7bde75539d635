/** Reads everything AWS holds of one stack: the effects of `observe`, without any judgement but whose things are. */
import {
  type CertificateDetail,
  DescribeCertificateCommand,
  ListTagsForCertificateCommand,
} from '@aws-sdk/client-acm';
import type { SecurityGroup } from '@aws-sdk/client-ec2';
import {
  DescribeListenerAttributesCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetHealthCommand,
  type Listener,
  type LoadBalancer,
  paginateDescribeListenerCertificates,
  paginateDescribeListeners,
  paginateDescribeRules,
  type Rule,
  type TargetGroup,
  type TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Heir } from '../core/adopt/heir.ts';
import type { Attributes } from '../core/model/resource.ts';
import type { Tags } from '../core/model/tags.ts';
import type { Account } from './account.ts';
import { type ClaimedBalancer, type ClaimedGroup, type Claims, claimsOf } from './claims.ts';
import { means } from './errors.ts';
import { everyPage } from './every-page.ts';
import { fromSdkAttributes } from './kinds/attributes.ts';
import { type Extras, statedExtras } from './kinds/load-balancer-extras.ts';
import { accessIn, type FoundAccess } from './kinds/target-access.ts';
import type { Listing } from './listing.ts';
import { type FoundFront, readFront } from './read-front.ts';
import { describeTags, fromSdkTags, isOwned } from './tags.ts';

export type FoundRule = { readonly rule: Rule; readonly arn: string; readonly tags: Tags };

export type FoundListener = {
  readonly listener: Listener;
  readonly arn: string;
  readonly tags: Tags;
  readonly certificates: readonly string[];
  readonly attributes: Attributes;
  readonly rules: readonly FoundRule[];
};

export type FoundLoadBalancer = {
  readonly loadBalancer: LoadBalancer;
  readonly arn: string;
  readonly tags: Tags;
  readonly attributes: Attributes;
  readonly extras: Extras;
  readonly listeners: readonly FoundListener[];
  /** Whether the 2017 controller made it, ours by now or not. */
  readonly is2017: boolean;
};

export type FoundTargetGroup = {
  readonly targetGroup: TargetGroup;
  readonly arn: string;
  readonly tags: Tags;
  /** `<namespace>/<ingress>-<service>:<port>`, by its tag or by the 2017 controller's. */
  readonly resource: string;
  /** ARN of the load balancer the 2017 controller made it for. */
  readonly of2017: string | undefined;
  readonly attributes: Attributes;
  readonly health: readonly TargetHealthDescription[];
};

export type FoundCertificate = {
  readonly certificate: CertificateDetail;
  readonly arn: string;
  readonly tags: Tags;
};

export type FoundStack = {
  readonly securityGroups: readonly { readonly group: SecurityGroup; readonly id: string }[];
  readonly access: readonly FoundAccess[];
  readonly loadBalancers: readonly FoundLoadBalancer[];
  readonly targetGroups: readonly FoundTargetGroup[];
  readonly certificates: readonly FoundCertificate[];
  /** Whether AWS permits to look for certificates of ours. */
  readonly seesCertificates: boolean;
  readonly front: FoundFront;
} & Pick<Claims, 'passedOver'>;

/** Rejects when anything of it disappears meanwhile; the caller looks again. */
export const readStack = async (
  account: Account,
  listing: Listing,
  stack: string,
  heirs: readonly Heir[],
): Promise<FoundStack> => {
  const claims = claimsOf({ cluster: account.cluster, stack, heirs }, listing);
  const { balancers, groups, passedOver } = claims;
  const [loadBalancers, targetGroups, certificates, front] = await Promise.all([
    Promise.all(
      balancers.map((claimed) => readLoadBalancer(account, claimed, listing.tags.get(claimed.arn) ?? {})),
    ),
    Promise.all(groups.map((claimed) => readTargetGroup(account, claimed))),
    readCertificates(account, listing, stack),
    readFront(account, claims),
  ]);
  const parts = loadBalancers.flatMap((found) => [
    found,
    ...found.listeners,
    ...found.listeners.flatMap((one) => one.rules),
  ]);
  const arns = [...parts, ...targetGroups].map(({ arn }) => arn);
  const tags = await describeTags(account.clients, arns);
  /** What has no answer about its tags is gone by now. */
  const stillThere = <T extends { readonly arn: string }>(
    found: readonly T[],
  ): (T & { readonly tags: Tags })[] =>
    found.flatMap((one) => {
      const own = tags.get(one.arn);
      return own === undefined ? [] : [{ ...one, tags: own }];
    });
  return {
    passedOver,
    certificates,
    seesCertificates: listing.certificates !== undefined,
    securityGroups: listing.securityGroups
      .filter(({ Tags }) => isOwned(fromSdkTags(Tags), account.cluster, stack))
      .flatMap((group) => (group.GroupId ? [{ group, id: group.GroupId }] : [])),
    access: accessIn(listing.clusterGroups, stack),
    loadBalancers: stillThere(loadBalancers).map((found) => ({
      ...found,
      listeners: stillThere(found.listeners).map((listener) => ({
        ...listener,
        rules: stillThere(listener.rules),
      })),
    })),
    targetGroups: stillThere(targetGroups),
    front,
  };
};

/** The tagging API is late: it may not know a new one yet, and still tell of tags and certificates that are gone. */
const readCertificates = async (
  { clients: { acm }, cluster, madeCertificates }: Account,
  { certificates }: Listing,
  stack: string,
): Promise<readonly FoundCertificate[]> => {
  const ours = [...new Map([...madeCertificates, ...(certificates ?? [])])].filter(([, tags]) =>
    isOwned(tags, cluster, stack),
  );
  const found = await Promise.all(
    ours.map(async ([arn]): Promise<FoundCertificate[]> => {
      try {
        const [{ Certificate }, { Tags }] = await Promise.all([
          acm.send(new DescribeCertificateCommand({ CertificateArn: arn })),
          acm.send(new ListTagsForCertificateCommand({ CertificateArn: arn })),
        ]);
        return Certificate ? [{ certificate: Certificate, arn, tags: fromSdkTags(Tags) }] : [];
      } catch (thrown) {
        if (means(thrown, 'gone')) return [];
        throw thrown;
      }
    }),
  );
  return found.flat();
};

const readLoadBalancer = async (account: Account, { found, arn, from2017 }: ClaimedBalancer, tags: Tags) => {
  const [{ Attributes }, listeners, extras] = await Promise.all([
    account.clients.elb.send(new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: arn })),
    readListeners(account, arn),
    statedExtras(account, arn, tags),
  ]);
  const attributes = fromSdkAttributes(Attributes);
  return { loadBalancer: found, arn, attributes, listeners, extras, is2017: from2017 !== undefined };
};

const readTargetGroup = async (
  { clients: { elb } }: Account,
  { found, arn, resource, of2017 }: ClaimedGroup,
) => {
  const [attributes, health] = await Promise.all([
    elb.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn: arn })),
    elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: arn })),
  ]);
  return {
    targetGroup: found,
    arn,
    resource,
    of2017,
    attributes: fromSdkAttributes(attributes.Attributes),
    health: health.TargetHealthDescriptions ?? [],
  };
};

const readListeners = async ({ clients: { elb: client } }: Account, LoadBalancerArn: string) => {
  const pages = paginateDescribeListeners({ client }, { LoadBalancerArn });
  const listeners = await everyPage(pages, (page) => page.Listeners);
  return Promise.all(
    listeners.map(async (listener) => {
      const ListenerArn = listener.ListenerArn ?? '';
      const [{ Attributes }, rules, certificates] = await Promise.all([
        client.send(new DescribeListenerAttributesCommand({ ListenerArn })),
        everyPage(paginateDescribeRules({ client }, { ListenerArn }), (page) => page.Rules),
        listener.Protocol === 'HTTPS'
          ? everyPage(
              paginateDescribeListenerCertificates({ client }, { ListenerArn }),
              (page) => page.Certificates,
            )
          : [],
      ]);
      return {
        listener,
        arn: ListenerArn,
        attributes: fromSdkAttributes(Attributes),
        certificates: [...new Set(certificates.flatMap(({ CertificateArn }) => CertificateArn ?? []))],
        rules: rules.filter(({ IsDefault }) => !IsDefault).map((rule) => ({ rule, arn: rule.RuleArn ?? '' })),
      };
    }),
  );
};
