/** Why a stack is as it is: what was chosen, among what, and for which reason. The answer to `plan --explain`. */
import type { Actual } from '../model/actual.ts';
import type { Facts } from '../model/facts.ts';
import type { Key } from '../model/key.ts';
import { INGRESS_TAG } from '../model/names.ts';
import type { Resource } from '../model/resource.ts';
import { lastKnown } from '../translate/last-known.ts';
import { fieldOf } from '../translate/places.ts';
import { type Place, type RuleOrder, whyBefore } from '../translate/precedence.ts';
import { type SubnetVerdict, subnetVerdicts } from '../translate/subnets.ts';
import type { PlannedStack } from './plan-stack.ts';
import { showAction, showCondition } from './render.ts';
import { afterPlan } from './simulate.ts';

export type Explanation = {
  readonly loadBalancers: readonly {
    readonly key: Key;
    /** Every subnet of the VPC, and why the load balancer stands in it or does not. */
    readonly subnets: readonly SubnetVerdict[];
  }[];
  readonly listeners: readonly {
    readonly key: Key;
    /** First the default one. */
    readonly certificates: readonly string[];
    /** In the order in which they match. */
    readonly rules: readonly RuleReason[];
  }[];
  readonly records: readonly { readonly name: string; readonly why: string }[];
};

export type RuleReason = {
  readonly priority: number;
  readonly matches: string;
  readonly does: string;
  /** Paths it is for, as `namespace/name spec.rules[0].http.paths[0]`. */
  readonly from: readonly string[];
  /** Why it stands before the next one; absent for the last. */
  readonly first?: string;
};

export type ExplainInput = {
  readonly planned: PlannedStack;
  readonly actual: Actual;
  readonly facts: Facts;
  readonly cluster: string;
  /** Whether discovery may use subnets of other clusters. */
  readonly subnetsOfOthers: boolean;
};

/** About what will be there once the plan is done. */
export const explain = (input: ExplainInput): Explanation => {
  const { planned, actual, facts } = input;
  const after = [...afterPlan(actual, planned.plan.operations).owned.values()].toSorted((a, b) =>
    a.key < b.key ? -1 : 1,
  );
  const balancers = after.flatMap((it) =>
    it.kind === 'load-balancer' && planned.desired.graph.has(it.key) ? [it] : [],
  );
  const listeners = after.flatMap((it) => (it.kind === 'listener' ? [it] : []));
  const records = after.flatMap((it) => (it.kind === 'dns-record' ? [it] : []));
  return {
    loadBalancers: balancers.map(({ key, spec }) => ({
      key,
      subnets: subnetVerdicts({
        ...{ scheme: spec.scheme, cluster: input.cluster, ofOthers: input.subnetsOfOthers },
        ...{ dualstack: spec.ipAddressType !== 'ipv4', facts },
        chosen: spec.subnets,
        stands: actual.owned.has(key) || actual.adoptable.has(key),
      }),
    })),
    listeners: listeners.map((listener) => ({
      key: listener.key,
      certificates: listener.spec.certificates.map((it) => certificateOf(it, after, input)),
      rules: rulesOf(listener, after, input),
    })),
    records: records.map(({ spec }) => ({
      name: spec.name,
      why: spec.zoneChoice ?? `${zoneName(spec.zone, facts)}: the only zone that covers it`,
    })),
  };
};

/** Where it comes from, for whom it is, and until when. */
const certificateOf = (
  reference: string,
  after: readonly Resource[],
  { facts, actual }: ExplainInput,
): string => {
  const made = after.find((it) => it.key === reference);
  if (made?.kind === 'certificate') {
    const { origin, secret, domains, notAfter } = made.spec;
    const source = origin === 'imported' ? `from Secret ${secret ?? 'unknown'}` : 'asked of ACM';
    const arn = actual.ids.get(made.key) ?? 'not made yet';
    return `${arn} ${source} for ${domains.join(', ')}${untilOf(notAfter)}`;
  }
  const found = facts.certificates?.find((it) => it.arn === reference);
  return found
    ? `${reference} for ${found.domains.join(', ')}, ${found.status}${untilOf(found.notAfter)}`
    : `${reference}, not listed by ACM`;
};

const untilOf = (notAfter: string | undefined): string =>
  notAfter === undefined ? '' : `, until ${notAfter.slice(0, 10)}`;

const zoneName = (id: string, { zones }: Facts): string => {
  const zone = zones?.find((it) => it.id === id);
  return zone ? `${zone.name} (${zone.id}, ${zone.private ? 'private' : 'public'})` : id;
};

const rulesOf = (
  listener: Resource<'listener'>,
  after: readonly Resource[],
  { planned, actual }: ExplainInput,
): readonly RuleReason[] => {
  const { places } = planned.desired;
  const { ruleOrder } = lastKnown(actual);
  const rules = after
    .flatMap((it) => (it.kind === 'rule' && it.spec.listener === listener.key ? [it] : []))
    .sort((a, b) => a.spec.priority - b.spec.priority);
  return rules.map(({ key, spec }, index): RuleReason => {
    const own = places.get(key) ?? [];
    const next = rules[index + 1];
    return {
      priority: spec.priority,
      matches: spec.conditions.map(showCondition).join(' and '),
      does: spec.actions.map(showAction).join(', then '),
      from:
        own.length > 0
          ? own.map((it) => `${it.ingress} ${fieldOf(it)}`)
          : [spec.tags[INGRESS_TAG] ?? 'nobody'],
      ...(next && { first: firstBecause(own, places.get(next.key) ?? [], ruleOrder) }),
    };
  });
};

const firstBecause = ([own]: readonly Place[], [next]: readonly Place[], order: RuleOrder): string =>
  (own && next && whyBefore(own, next, order)) ?? 'it stands there already';

/** For people. */
export const renderExplanation = ({ loadBalancers, listeners, records }: Explanation): string => {
  const lines = [
    ...loadBalancers.flatMap(({ key, subnets }) => [
      `${key}`,
      ...subnets.map((it) => `    ${it.chosen ? '+' : '-'} ${it.id} in ${it.zone}: ${it.why}`),
    ]),
    ...listeners.flatMap(({ key, certificates, rules }) => [
      `${key}`,
      ...certificates.map((it, index) => `    certificate ${it}${index === 0 ? ' (default)' : ''}`),
      ...rules.flatMap((rule) => [
        `    ${rule.priority}: ${rule.matches}: ${rule.does}`,
        `        for ${rule.from.join(', ')}`,
        ...(rule.first === undefined ? [] : [`        before the next: ${rule.first}`]),
      ]),
    ]),
    ...records.map(({ name, why }) => `record ${name}\n    in ${why}`),
  ];
  return lines.length > 0
    ? `why\n${lines.map((line) => `  ${line.replaceAll('\n', '\n  ')}`).join('\n')}\n`
    : '';
};
