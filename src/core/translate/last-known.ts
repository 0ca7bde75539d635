/**
 * What AWS has of a stack, read as settings. Where an Ingress that already serves says something unusable, this
 * is what goes on counting: a mistake changes nothing.
 */
import type { Actual } from '../model/actual.ts';
import { INGRESS_TAG, RESOURCE_TAG, RULE_ORDER_TAG } from '../model/names.ts';
import type { Key, ListenerSpec, Permission, Resource } from '../model/resource.ts';
import type { Place, RuleOrder } from './precedence.ts';

export type LastKnown = {
  readonly loadBalancer: Resource<'load-balancer'> | undefined;
  readonly inbound: readonly Permission[] | undefined;
  /** By port. */
  readonly listeners: ReadonlyMap<number, ListenerSpec>;
  readonly rules: readonly Resource<'rule'>[];
  readonly targetGroups: ReadonlyMap<Key, Resource<'target-group'>>;
  /** LBC's order where LBC made the balancer: its rules must not move because the controller changed. */
  readonly ruleOrder: RuleOrder;
};

/** The balancer that serves now: of two, the active one with rules; there are two only during a replacement. */
export const lastKnown = (actual: Actual): LastKnown => {
  const everything = [...actual.adoptable.values(), ...actual.owned.values()];
  const balancers = everything.filter((it): it is Resource<'load-balancer'> => it.kind === 'load-balancer');
  const named = new Set(everything.flatMap((it) => (it.kind === 'dns-record' ? [it.spec.alias] : [])));
  const loadBalancer =
    balancers.find((it) => named.has(it.key)) ?? balancers.toSorted((a, b) => (a.key < b.key ? -1 : 1))[0];
  const listeners = new Map<number, ListenerSpec>();
  const rules: Resource<'rule'>[] = [];
  const targetGroups = new Map<Key, Resource<'target-group'>>();
  let inbound: readonly Permission[] | undefined;
  for (const it of everything) {
    if (it.kind === 'listener' && it.spec.loadBalancer === loadBalancer?.key)
      listeners.set(it.spec.port, it.spec);
    if (it.kind === 'rule') rules.push(it);
    if (it.kind === 'target-group') targetGroups.set(it.key, it);
    if (it.kind === 'security-group') inbound = it.spec.inbound;
  }
  const order: RuleOrder =
    loadBalancer && !(RULE_ORDER_TAG in loadBalancer.spec.tags) ? 'lbc' : 'ingress-spec';
  return { loadBalancer, inbound, listeners, rules, targetGroups, ruleOrder: order };
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
    return resource.spec.tags[RESOURCE_TAG]?.startsWith(`${ingress}-`) ?? false;
  const groups = resource.spec.actions.flatMap((action) =>
    action.type === 'forward' ? action.targetGroups : [],
  );
  const targets = groups.flatMap((it) =>
    it.targetGroup.startsWith('arn:') ? [] : (known.targetGroups.get(it.targetGroup as Key) ?? []),
  );
  // A rule nobody can be found for is kept with whoever is in trouble: better one rule too many than one too few.
  return targets.length === 0 || targets.some((group) => madeFor(group, ingress, known));
};

/** Where a rule that is kept stands among the others, read off its conditions. */
export const placeOfKept = (rule: Resource<'rule'>, order: number, ingress: string): Place => {
  const values = (field: 'host-header' | 'path-pattern'): readonly string[] =>
    rule.spec.conditions.flatMap((it) => (it.field === field && it.values ? it.values : []));
  const [first = '', second] = values('path-pattern');
  const prefix = second === `${first}/*` ? first : first === '/*' ? '/' : undefined;
  const pathType = prefix !== undefined ? 'Prefix' : /[*?]/.test(first) ? 'ImplementationSpecific' : 'Exact';
  return {
    order,
    ingress,
    rule: rule.spec.priority,
    path: 0,
    host: values('host-header')[0] ?? '',
    pathValue: prefix ?? first,
    pathType,
  };
};
