/** The paths of an Ingress with the place each has among all rules. */
import type { IngressPath } from '../kube/objects.ts';
import { listenerKey, loadBalancerKey, ruleKey } from '../model/key.ts';
import type { Resource } from '../model/resource.ts';
import type { Condition } from '../model/rule.ts';
import { conditionsOf } from './conditions.ts';
import type { Member } from './member.ts';
import { pathPatterns } from './paths.ts';
import type { Place } from './precedence.ts';

export type PlacedPath = { readonly host: string; readonly path: IngressPath; readonly place: Place };

/** In the order written. */
export const pathsOf = (member: Member): readonly PlacedPath[] =>
  (member.ingress.spec?.rules ?? []).flatMap((rule, ruleIndex) =>
    (rule.http?.paths ?? []).map((path, pathIndex) => {
      const host = (rule.host ?? '').toLowerCase();
      const place = {
        ...placeOfMember(member),
        rule: ruleIndex,
        path: pathIndex,
        host,
        pathValue: path.path ?? '',
        pathType: path.pathType ?? 'ImplementationSpecific',
      };
      return { host, path, place };
    }),
  );

/** Where a path stands in the object, as one would write it to find it. */
export const fieldOf = (place: Place): string => `spec.rules[${place.rule}].http.paths[${place.path}]`;

const placeOfMember = ({ order, id, ingress }: Member): Pick<Place, 'order' | 'ingress' | 'created'> => ({
  order,
  ingress: id,
  created: ingress.metadata.creationTimestamp ?? '',
});

/**
 * Where a rule that is kept stands: at the path it was made for, when the Ingress still has it, so that a mistake
 * elsewhere does not change the order; else where its conditions would put it.
 */
export const placeOfKept = (rule: Resource<'rule'>, member: Member): Place => {
  const paths = pathsOf(member);
  const digest = digestOf(rule.spec.conditions);
  const same = paths.find(({ host, path }) => {
    const now = conditionsOf(member, host, path);
    return 'conditions' in now && digestOf(now.conditions) === digest;
  });
  const found = same ?? paths.find((path) => isPartOf(path, rule));
  return found?.place ?? placeByConditions(rule, member);
};

const ANY = listenerKey(loadBalancerKey('any', 'internal'), 1);
const digestOf = (conditions: readonly Condition[]): string => ruleKey(ANY, conditions);

/** Whether the rule has the path's host and patterns, whatever an unreadable `conditions.*` may have added. */
const isPartOf = ({ host, path }: PlacedPath, rule: Resource<'rule'>): boolean => {
  const patterns = pathPatterns(path.path, path.pathType);
  if (!('patterns' in patterns)) return false;
  const hosts = valuesOf(rule, 'host-header').map((value) => value.toLowerCase());
  const values = valuesOf(rule, 'path-pattern');
  return (
    (host === '' ? hosts.length === 0 : hosts.includes(host)) &&
    (patterns.patterns.length === 0
      ? values.length === 0
      : patterns.patterns.every((it) => values.includes(it)))
  );
};

const placeByConditions = (rule: Resource<'rule'>, member: Member): Place => {
  const [first = '', second] = valuesOf(rule, 'path-pattern');
  const prefix = second === `${first}/*` ? first : first === '/*' ? '/' : undefined;
  const pathType = prefix !== undefined ? 'Prefix' : /[*?]/.test(first) ? 'ImplementationSpecific' : 'Exact';
  return {
    ...placeOfMember(member),
    rule: rule.spec.priority,
    path: 0,
    host: valuesOf(rule, 'host-header')[0] ?? '',
    pathValue: prefix ?? first,
    pathType,
  };
};

const valuesOf = (rule: Resource<'rule'>, field: 'host-header' | 'path-pattern'): readonly string[] =>
  rule.spec.conditions.flatMap((it) => (it.field === field && it.values ? it.values : []));
