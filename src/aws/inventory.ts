/** Which stacks this cluster owns anything of. */
import { claimByTags } from '../core/adopt/claims.ts';
import type { Sight } from './observe.ts';
import { fromSdkTags } from './tags.ts';

/** No stack has this name, so the listing it fetches stays fresh for every stack that looks next. */
const NOBODY = '';

export const inventory = async ({ account, listings, records }: Sight): Promise<readonly string[]> => {
  const [listing, ofRecords] = await Promise.all([
    listings.fresh(NOBODY),
    account.route53 === 'on' ? records.stacks() : [],
  ]);
  const arns = [
    ...[...listing.loadBalancers, ...listing.networkLoadBalancers].map(
      ({ LoadBalancerArn }) => LoadBalancerArn ?? '',
    ),
    ...listing.targetGroups.map(({ TargetGroupArn }) => TargetGroupArn ?? ''),
  ];
  const tags = [
    ...arns.map((arn) => listing.tags.get(arn) ?? {}),
    ...(listing.certificates?.values() ?? []),
    ...listing.securityGroups.map(({ Tags }) => fromSdkTags(Tags)),
  ];
  const ofTags = tags.flatMap((found) => claimByTags(found, account.cluster)?.stack ?? []);
  return [...new Set([...ofTags, ...ofRecords])].sort();
};
