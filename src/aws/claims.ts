/** Which load balancers and target groups of a listing are a stack's. Pure; no answer but the listing is needed. */
import type { LoadBalancer, TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2';
import { claimByTags, type Made2017, made2017, serviceOf2017TargetGroup } from '../core/adopt/claims.ts';
import type { Heir } from '../core/adopt/heir.ts';
import type { Tags } from '../core/model/tags.ts';
import type { Listing } from './listing.ts';

export type ClaimedBalancer = {
  readonly found: LoadBalancer;
  readonly arn: string;
  /** What the 2017 controller made it for, if that one made it. */
  readonly from2017: Made2017 | undefined;
};

export type ClaimedGroup = {
  readonly found: TargetGroup;
  readonly arn: string;
  /** `<namespace>/<ingress>-<service>:<port>`, by its tag or by the 2017 controller's. */
  readonly resource: string;
  /** ARN of the load balancer the 2017 controller made it for. */
  readonly of2017: string | undefined;
};

/** Something of the Network Load Balancer in front of a stack's load balancer: only our tags, or LBC's, say so. */
export type ClaimedFront<T> = { readonly found: T; readonly arn: string };

export type Claims = {
  readonly balancers: readonly ClaimedBalancer[];
  readonly groups: readonly ClaimedGroup[];
  readonly fronts: readonly ClaimedFront<LoadBalancer>[];
  readonly frontGroups: readonly ClaimedFront<TargetGroup>[];
  /** Made by the 2017 controller for Ingresses of the stack, which has its load balancer already. */
  readonly passedOver: readonly { readonly name: string; readonly arn: string; readonly made: Made2017 }[];
};

export type Claimant = {
  readonly cluster: string;
  readonly stack: string;
  readonly heirs: readonly Heir[];
};

export const claimsOf = (claimant: Claimant, listing: Listing): Claims => {
  const { balancers, passedOver } = claimedBalancers(claimant, listing);
  const isOurs = ({ arn }: ClaimedFront<unknown>): boolean =>
    claimByTags(tagsOf(listing, arn), claimant.cluster)?.stack === claimant.stack;
  return {
    balancers,
    passedOver,
    groups: claimedGroups(claimant, listing, balancers),
    fronts: listing.networkLoadBalancers
      .map((found) => ({ found, arn: found.LoadBalancerArn ?? '' }))
      .filter(isOurs),
    frontGroups: listing.targetGroups
      .filter(isFrontGroup)
      .map((found) => ({ found, arn: found.TargetGroupArn ?? '' }))
      .filter(isOurs),
  };
};

const isFrontGroup = ({ TargetType }: TargetGroup): boolean => TargetType === 'alb';

const tagsOf = ({ tags }: Listing, arn: string): Tags => tags.get(arn) ?? {};

/**
 * Load balancers that carry the stack's tags. Where there is none, one that the 2017 controller made for a host of
 * the stack: the first host's, because that controller made one for each and a stack has one.
 */
const claimedBalancers = (
  { cluster, stack, heirs }: Claimant,
  listing: Listing,
): Pick<Claims, 'balancers' | 'passedOver'> => {
  const owned: ClaimedBalancer[] = [];
  const candidates: (ClaimedBalancer & { readonly made: Made2017 })[] = [];
  for (const found of listing.loadBalancers) {
    const arn = found.LoadBalancerArn ?? '';
    const tags = tagsOf(listing, arn);
    const claim = claimByTags(tags, cluster);
    const made = made2017(found.LoadBalancerName ?? '', tags, cluster);
    if (claim?.stack === stack) owned.push({ found, arn, from2017: made });
    if (!claim && made && isInherited(made, heirs)) candidates.push({ found, arn, from2017: made, made });
  }
  const inOrder = candidates.toSorted((a, b) => (orderOf(a.made) < orderOf(b.made) ? -1 : 1));
  const adopted = owned.length > 0 ? [] : inOrder.slice(0, 1);
  const passedOver = inOrder.slice(adopted.length).map(({ found, arn, made }) => ({
    name: found.LoadBalancerName ?? '',
    arn,
    made,
  }));
  return { balancers: [...owned, ...adopted], passedOver };
};

const isInherited = (made: Made2017, heirs: readonly Heir[]): boolean =>
  heirs.some((heir) => heir.ingress === made.ingress && heir.hosts.includes(made.host));

const orderOf = ({ host, ingress }: Made2017): string => `${host} ${ingress}`;

const claimedGroups = (
  { cluster, stack, heirs }: Claimant,
  listing: Listing,
  balancers: readonly ClaimedBalancer[],
): readonly ClaimedGroup[] =>
  listing.targetGroups.flatMap((found): ClaimedGroup[] => {
    const arn = found.TargetGroupArn ?? '';
    const tags = tagsOf(listing, arn);
    const claim = claimByTags(tags, cluster);
    if (isFrontGroup(found) || (claim && claim.stack !== stack)) return [];
    const [made] = balancers.flatMap((balancer) => {
      const service = serviceFrom2017(found, tags, balancer, cluster);
      return service === undefined ? [] : [{ balancer, service }];
    });
    if (!claim && !made) return [];
    const resource = claim?.resource ?? resourceOf2017(found, made, heirs);
    return [{ found, arn, resource, of2017: made?.balancer.arn }];
  });

const serviceFrom2017 = (
  found: TargetGroup,
  tags: Tags,
  { found: { LoadBalancerName = '' }, from2017 }: ClaimedBalancer,
  cluster: string,
): string | undefined => {
  const { TargetGroupName: name = '', Port: port = 0, Protocol: protocol = '' } = found;
  if (!from2017) return undefined;
  return serviceOf2017TargetGroup(
    { name, port, protocol, tags },
    { name: LoadBalancerName, ingress: from2017.ingress },
    cluster,
  );
};

/** Where no port of the Service has that NodePort any more, the NodePort stands in, which no Ingress can want. */
const resourceOf2017 = (
  { Port = 0 }: TargetGroup,
  made: { readonly balancer: ClaimedBalancer; readonly service: string } | undefined,
  heirs: readonly Heir[],
): string => {
  const ingress = made?.balancer.from2017?.ingress;
  const heir = heirs.find((it) => it.ingress === ingress);
  return `${ingress}-${made?.service}:${heir?.ports.get(`${made?.service}:${Port}`) ?? `node-port-${Port}`}`;
};
