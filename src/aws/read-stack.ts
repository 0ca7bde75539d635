/** Reads everything AWS holds of one stack: the effects of `observe`, without any judgement but whose things are. */
import type { SecurityGroup } from '@aws-sdk/client-ec2';
import {
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
import { claimByTags, ingressOf2017LoadBalancer, serviceOf2017TargetGroup } from '../core/adopt/claims.ts';
import type { Attributes, Tags } from '../core/model/resource.ts';
import type { Account } from './account.ts';
import { everyPage } from './every-page.ts';
import { fromSdkAttributes } from './kinds/attributes.ts';
import type { Listing } from './listing.ts';
import { describeTags, fromSdkTags, isOwned } from './tags.ts';

export type FoundRule = { readonly rule: Rule; readonly arn: string; readonly tags: Tags };

export type FoundListener = {
  readonly listener: Listener;
  readonly arn: string;
  readonly tags: Tags;
  readonly certificates: readonly string[];
  readonly rules: readonly FoundRule[];
};

export type FoundLoadBalancer = {
  readonly loadBalancer: LoadBalancer;
  readonly arn: string;
  readonly tags: Tags;
  readonly attributes: Attributes;
  readonly listeners: readonly FoundListener[];
};

export type FoundTargetGroup = {
  readonly targetGroup: TargetGroup;
  readonly arn: string;
  readonly tags: Tags;
  /** `<namespace>/<ingress>-<service>:<port>`, by its tag or by the 2017 controller's. */
  readonly resource: string;
  readonly attributes: Attributes;
  readonly health: readonly TargetHealthDescription[];
};

export type FoundStack = {
  readonly securityGroups: readonly { readonly group: SecurityGroup; readonly id: string }[];
  readonly loadBalancers: readonly FoundLoadBalancer[];
  readonly targetGroups: readonly FoundTargetGroup[];
};

type Claimed<T> = { readonly found: T; readonly arn: string };

/** Rejects when anything of it disappears meanwhile; the caller looks again. */
export const readStack = async (
  account: Account,
  listing: Listing,
  stack: string,
  adopt: readonly string[],
): Promise<FoundStack> => {
  const balancers = claimedLoadBalancers(account.cluster, listing, stack, adopt);
  const groups = claimedTargetGroups(account.cluster, listing, stack, balancers);
  const [loadBalancers, targetGroups] = await Promise.all([
    Promise.all(balancers.map((claimed) => readLoadBalancer(account, claimed))),
    Promise.all(groups.map((claimed) => readTargetGroup(account, claimed))),
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
    securityGroups: listing.securityGroups
      .filter(({ Tags }) => isOwned(fromSdkTags(Tags), account.cluster, stack))
      .flatMap((group) => (group.GroupId ? [{ group, id: group.GroupId }] : [])),
    loadBalancers: stillThere(loadBalancers).map((found) => ({
      ...found,
      listeners: stillThere(found.listeners).map((listener) => ({
        ...listener,
        rules: stillThere(listener.rules),
      })),
    })),
    targetGroups: stillThere(targetGroups),
  };
};

/** Load balancers that carry the stack's tags, then those the 2017 controller made for an Ingress to adopt. */
const claimedLoadBalancers = (
  cluster: string,
  listing: Listing,
  stack: string,
  adopt: readonly string[],
): readonly Claimed<LoadBalancer>[] =>
  listing.loadBalancers.flatMap((found) => {
    const arn = found.LoadBalancerArn ?? '';
    const tags = listing.tags.get(arn) ?? {};
    const claim = claimByTags(tags, cluster);
    if (claim) return claim.stack === stack ? [{ found, arn }] : [];
    const ingress = ingressOf2017LoadBalancer(found.LoadBalancerName ?? '', tags, cluster);
    return ingress !== undefined && adopt.includes(ingress) ? [{ found, arn }] : [];
  });

const claimedTargetGroups = (
  cluster: string,
  listing: Listing,
  stack: string,
  balancers: readonly Claimed<LoadBalancer>[],
): readonly (Claimed<TargetGroup> & { readonly resource: string })[] =>
  listing.targetGroups.flatMap((found) => {
    const arn = found.TargetGroupArn ?? '';
    const tags = listing.tags.get(arn) ?? {};
    const claim = claimByTags(tags, cluster);
    if (claim) return claim.stack === stack ? [{ found, arn, resource: claim.resource }] : [];
    const balancer = balancers.find((candidate) => found.LoadBalancerArns?.includes(candidate.arn));
    const resource = balancer && resourceOf2017(found, tags, balancer.found, cluster);
    return resource === undefined ? [] : [{ found, arn, resource }];
  });

/** The 2017 tags tell the Service, not which of its ports; its NodePort stands in. */
const resourceOf2017 = (
  found: TargetGroup,
  tags: Tags,
  balancer: LoadBalancer,
  cluster: string,
): string | undefined => {
  const { TargetGroupName: name = '', Port: port = 0, Protocol: protocol = '' } = found;
  const service = serviceOf2017TargetGroup(
    { name, port, protocol, tags },
    balancer.LoadBalancerName ?? '',
    cluster,
  );
  return service && `${tags.Namespace}/${tags.IngressName}-${service}:${port}`;
};

const readLoadBalancer = async (account: Account, { found, arn }: Claimed<LoadBalancer>) => {
  const [{ Attributes }, listeners] = await Promise.all([
    account.clients.elb.send(new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: arn })),
    readListeners(account, arn),
  ]);
  return { loadBalancer: found, arn, attributes: fromSdkAttributes(Attributes), listeners };
};

const readTargetGroup = async (
  { clients: { elb } }: Account,
  { found, arn, resource }: Claimed<TargetGroup> & { readonly resource: string },
) => {
  const [attributes, health] = await Promise.all([
    elb.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn: arn })),
    elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: arn })),
  ]);
  return {
    targetGroup: found,
    arn,
    resource,
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
      const [rules, certificates] = await Promise.all([
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
        certificates: [...new Set(certificates.flatMap(({ CertificateArn }) => CertificateArn ?? []))],
        rules: rules.filter(({ IsDefault }) => !IsDefault).map((rule) => ({ rule, arn: rule.RuleArn ?? '' })),
      };
    }),
  );
};
