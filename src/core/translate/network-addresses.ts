/** Elastic IP addresses of a Network Load Balancer: one for each of its subnets, or none. */
import type { NetworkLoadBalancerSpec } from '../model/resource.ts';
import type { Scheme } from '../model/scheme.ts';
import type { FrontInput } from './load-balancer.ts';

type Addresses = NetworkLoadBalancerSpec['addresses'];

const NAME = 'frontend-nlb-eip-allocations';

/**
 * By subnet, both in their order. AWS cannot change the addresses of a load balancer that stands, so these count.
 * Undefined where what is stated cannot be used; the reason has been reported.
 */
export const elasticAddresses = (
  scheme: Scheme,
  subnets: readonly string[],
  have: NetworkLoadBalancerSpec | undefined,
  { settings, report }: Pick<FrontInput, 'settings' | 'report'>,
): Addresses | undefined => {
  const stated = settings.settings[NAME];
  if (have && (stated === undefined || settings.isUnknown(NAME))) return have.addresses;
  if (stated === undefined) return {};
  const wrong = whyNot(stated, scheme, subnets);
  if (wrong !== undefined) {
    report('InvalidAnnotation', NAME, wrong);
    return have?.addresses;
  }
  const wanted: Addresses = Object.fromEntries(
    subnets.toSorted().flatMap((subnet, index) => {
      const allocation = stated[index];
      return allocation === undefined ? [] : [[subnet, allocation]];
    }),
  );
  if (!have) return wanted;
  if (Object.entries(wanted).some(([subnet, allocation]) => have.addresses[subnet] !== allocation))
    report(
      'HeldBack',
      NAME,
      `the network load balancer exists with ${Object.values(have.addresses).join(', ') || 'addresses of AWS'}, and AWS cannot change them; expected the same, or a network load balancer made anew`,
    );
  return have.addresses;
};

const whyNot = (
  stated: readonly string[],
  scheme: Scheme,
  subnets: readonly string[],
): string | undefined => {
  if (scheme === 'internal')
    return `an internal network load balancer has no public addresses; expected frontend-nlb-scheme internet-facing, or no such annotation`;
  return stated.length === subnets.length
    ? undefined
    : `expected one for each of the ${subnets.length} subnets ${subnets.join(', ')}, got ${stated.length}`;
};
