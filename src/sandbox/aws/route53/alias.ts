/** Alias targets: load balancers of any account here, those of other Regions, and records of the same zone. */

import type { Account } from '../account.ts';
import { balancersOfZone } from '../elbv2/canonical-zones.ts';
import type { Draft } from './draft.ts';
import { liesIn } from './names.ts';
import type { StoredRecord } from './record.ts';

/** What is wrong with an alias; undefined when nothing is. `after` is the zone after the change. */
export const aliasProblem = (
  account: Account,
  record: StoredRecord,
  zone: { readonly id: string; readonly name: string },
  after: Draft,
): string | undefined => {
  const { AliasTarget, Name, Type } = record;
  if (AliasTarget === undefined) return undefined;
  const { HostedZoneId: id = '', DNSName: target = '' } = AliasTarget;
  const problem = (text: string) =>
    `Tried to create an alias that targets ${target}, type ${Type} in zone ${id}, but ${text}`;
  const outside = problem('the alias target name does not lie within the target zone');
  const balancers = balancersOfZone(id, account.region);
  if (balancers !== undefined) {
    const { region, kind } = balancers;
    if (!['A', 'AAAA'].includes(Type))
      return problem('a load balancer can only be the target of types A and AAAA');
    const domain = kind === 'network' ? `elb.${region}` : `${region}.elb`;
    if (!/\.amazonaws\.com(\.cn)?\.$/.test(target) || !target.includes(`.${domain}.amazonaws.`))
      return outside;
    if (region !== account.region) return undefined;
    return isLoadBalancer(account, target) ? undefined : problem('that target was not found');
  }
  if (id !== zone.id) {
    return account.serving.zones.has(id)
      ? problem(`it does not lie in the zone of the record, ${zone.id}`)
      : problem('the sandbox does not know that target zone; it knows those of load balancers and its own');
  }
  if (!liesIn(target, zone.name)) return outside;
  if (target === Name) return problem('the target is the record itself');
  const found = after.named(target).some((other) => other.Type === Type);
  return found ? undefined : problem('that target was not found');
};

/** The prefix `dualstack.` stands for the same load balancer. */
const isLoadBalancer = (account: Account, target: string): boolean => {
  const name = target.slice(0, -1).replace(/^dualstack\./, '');
  return hasBalancer(account, name) || account.hasBalancerElsewhere(name);
};

/** `dnsName` in lower case, without a dot at the end. */
export const hasBalancer = ({ serving }: Account, dnsName: string): boolean =>
  [...serving.loadBalancers.values()].some(({ DNSName }) => DNSName.toLowerCase() === dnsName);
