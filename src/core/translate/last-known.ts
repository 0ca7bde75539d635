/**
 * What AWS has of a stack, read as settings. Where an Ingress that already serves says something unusable, this
 * is what goes on counting: a mistake changes nothing.
 */
import type { Actual } from '../model/actual.ts';
import { identity, type Key } from '../model/key.ts';
import { CLUSTER_TAG, INGRESS_TAG, RESOURCE_TAG, RULE_ORDER_TAG } from '../model/names.ts';
import type { ListenerSpec, Resource } from '../model/resource.ts';
import type { Action } from '../model/rule.ts';
import type { Tags } from '../model/tags.ts';
import type { RuleOrder } from './precedence.ts';

export type LastKnown = {
  readonly loadBalancer: Resource<'load-balancer'> | undefined;
  readonly securityGroup: Resource<'security-group'> | undefined;
  /** By port. */
  readonly listeners: ReadonlyMap<number, ListenerSpec>;
  /** As they match. Of that load balancer only: during a replacement the other one may have half of them. */
  readonly rules: readonly Resource<'rule'>[];
  readonly targetGroups: ReadonlyMap<Key, Resource<'target-group'>>;
  /** The Network Load Balancer in front, and what its ports lead to. */
  readonly front: KnownFront;
  /** Names that have a record. */
  readonly records: ReadonlySet<string>;
  readonly ownedRecords: readonly Resource<'dns-record'>[];
  /** LBC's order where LBC made the balancer: its rules must not move because the controller changed. */
  readonly ruleOrder: RuleOrder;
};

type KnownPort = {
  readonly listener: Resource<'network-listener'>;
  readonly group: Resource<'network-target-group'>;
};

export type KnownFront = {
  readonly balancer: Resource<'network-load-balancer'> | undefined;
  /** By port. */
  readonly ports: ReadonlyMap<number, KnownPort>;
};

export const lastKnown = (actual: Actual): LastKnown => {
  const byKey = (a: Resource, b: Resource): number => (a.key < b.key ? -1 : 1);
  const everything = [...actual.adoptable.values(), ...actual.owned.values()].sort(byKey);
  const balancers = everything.flatMap((it) => (it.kind === 'load-balancer' ? [it] : []));
  const records = everything.flatMap((it) => (it.kind === 'dns-record' ? [it] : []));
  const rules = everything.flatMap((it) => (it.kind === 'rule' ? [it] : []));
  const groups = everything.flatMap((it) => (it.kind === 'target-group' ? [it] : []));
  const front = knownFront(everything, records);
  const loadBalancer = serving(balancers, records, rules, front);
  const listeners = everything.flatMap((it) =>
    it.kind === 'listener' && it.spec.loadBalancer === loadBalancer?.key ? [it] : [],
  );
  const keys = new Set<Key>(listeners.map((it) => it.key));
  return {
    loadBalancer,
    securityGroup: everything.flatMap((it) => (it.kind === 'security-group' ? [it] : [])).at(-1),
    listeners: new Map(listeners.map((it) => [it.spec.port, it.spec])),
    rules: rules
      .filter((it) => keys.has(it.spec.listener))
      .sort((a, b) => a.spec.priority - b.spec.priority || byKey(a, b)),
    targetGroups: new Map(groups.map((it) => [it.key, asOurs(it, actual)])),
    front,
    records: new Set(records.map((it) => it.spec.name)),
    ownedRecords: records.filter((it) => actual.owned.has(it.key)),
    ruleOrder: loadBalancer && isOfLbc(loadBalancer.spec.tags) ? 'lbc' : 'ingress-spec',
  };
};

/**
 * With the tags that say whose it is, where the 2017 controller made it: what is kept is taken over with the rest, and
 * once it is in nobody's way it is deleted, which the recommended IAM policy permits only of what carries them.
 */
const asOurs = (group: Resource<'target-group'>, { retirable }: Actual): Resource<'target-group'> => ({
  ...group,
  spec: { ...group.spec, tags: { ...group.spec.tags, ...retirable.get(group.key) } },
});

/** Ours say how their rules are ordered, and the 2017 controller's do not name a cluster. */
const isOfLbc = (tags: Tags): boolean => CLUSTER_TAG in tags && !(RULE_ORDER_TAG in tags);

/**
 * The balancer that serves now: the one a record names, else the one with most rules. There are two only during
 * a replacement.
 */
const serving = (
  balancers: readonly Resource<'load-balancer'>[],
  records: readonly Resource<'dns-record'>[],
  rules: readonly Resource<'rule'>[],
  front: KnownFront,
): Resource<'load-balancer'> | undefined => {
  const behind = new Set([...front.ports.values()].map(({ group }) => group.spec.target.loadBalancer));
  const weight = ({ key }: Resource<'load-balancer'>): number =>
    records.some((it) => it.spec.alias === key) || behind.has(key)
      ? Number.POSITIVE_INFINITY
      : rules.filter((it) => it.spec.listener.startsWith(`listener/${identity(key)}:`)).length;
  const heavier = (a: number, b: number): number => (a === b ? 0 : b - a);
  return balancers.toSorted((a, b) => heavier(weight(a), weight(b)) || (a.key < b.key ? -1 : 1))[0];
};

/** The one a record names, else the first. */
const knownFront = (
  everything: readonly Resource[],
  records: readonly Resource<'dns-record'>[],
): KnownFront => {
  const balancers = everything.flatMap((it) => (it.kind === 'network-load-balancer' ? [it] : []));
  const balancer = balancers.find(({ key }) => records.some((it) => it.spec.alias === key)) ?? balancers[0];
  const groups = new Map<Key, Resource<'network-target-group'>>(
    everything.flatMap((it) => (it.kind === 'network-target-group' ? [[it.key, it]] : [])),
  );
  const ports = everything.flatMap((it) => {
    if (it.kind !== 'network-listener' || it.spec.loadBalancer !== balancer?.key) return [];
    const group = groups.get(it.spec.targetGroup);
    return group ? [[it.spec.port, { listener: it, group }] as const] : [];
  });
  return { balancer, ports: new Map(ports) };
};

/** Whether a rule or target group was made for an Ingress; LBC's rules do not say, their target groups do. */
export const madeFor = (
  resource: Resource<'rule'> | Resource<'target-group'>,
  ingress: string,
  known: LastKnown,
): boolean => {
  const stated = resource.spec.tags[INGRESS_TAG];
  if (stated !== undefined) return stated === ingress;
  if (resource.kind === 'target-group')
    return (
      resource.spec.tags[RESOURCE_TAG]?.startsWith(`${ingress}-`) ?? is2017For(resource.spec.tags, ingress)
    );
  // A rule nobody can be found for is kept with whoever is in trouble: better one rule too many than one too few.
  return (
    isAnybodys(resource, known) ||
    targetGroupsOf(resource.spec.actions, known).some((group) => madeFor(group, ingress, known))
  );
};

/** By the tags of the 2017 controller; the scan has proved them by the name. */
const is2017For = ({ Namespace, IngressName }: Tags, ingress: string): boolean =>
  `${Namespace}/${IngressName}` === ingress;

/** Whether nothing says which Ingress a rule was made for. */
export const isAnybodys = (rule: Resource<'rule'>, known: LastKnown): boolean =>
  rule.spec.tags[INGRESS_TAG] === undefined && targetGroupsOf(rule.spec.actions, known).length === 0;

export const targetGroupsOf = (
  actions: readonly Action[],
  known: LastKnown,
): readonly Resource<'target-group'>[] =>
  actions
    .flatMap((action) => (action.type === 'forward' ? action.targetGroups : []))
    .flatMap((it) => known.targetGroups.get(it.targetGroup as Key) ?? []);

/** Whether AWS holds anything that was made for an Ingress. */
export const hasServed = (ingress: string, actual: Actual): boolean =>
  [...actual.owned.values()].some((it) => 'tags' in it.spec && it.spec.tags[INGRESS_TAG] === ingress);
