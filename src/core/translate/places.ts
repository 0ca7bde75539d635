/** The paths of an Ingress with the place each has among all rules. */
import type { IngressPath } from '../kube/objects.ts';
import { CLUSTER_TAG } from '../model/names.ts';
import type { Resource } from '../model/resource.ts';
import type { Member } from './member.ts';
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

/** Where a rule that is kept would stand among new ones, read off its conditions. */
export const placeOfKept = (rule: Resource<'rule'>, member: Member): Place => {
  const [expression] = rule.spec.conditions.flatMap((it) =>
    it.field === 'path-pattern' && it.regexValues ? it.regexValues : [],
  );
  const [first = expression === undefined ? '' : `/${expression}`, second] = valuesOf(rule, 'path-pattern');
  const prefix = second === `${first}/*` ? first : first === '/*' ? '/' : undefined;
  const isPattern = expression !== undefined || /[*?]/.test(first);
  const pathType = prefix !== undefined ? 'Prefix' : isPattern ? 'ImplementationSpecific' : 'Exact';
  return {
    ...placeOfMember(member),
    rule: rule.spec.priority,
    path: 0,
    host: valuesOf(rule, 'host-header')[0] ?? hostOf2017(rule, member),
    pathValue: prefix ?? first,
    pathType,
  };
};

/**
 * The 2017 controller, which tagged no rules, made a load balancer for each host and so left the host out; the one
 * that is adopted was the first host's. Without a host the rule would stand behind those that have one.
 */
const hostOf2017 = (rule: Resource<'rule'>, { ingress }: Member): string => {
  if (CLUSTER_TAG in rule.spec.tags) return '';
  return (ingress.spec?.rules ?? []).map(({ host = '' }) => host.toLowerCase()).toSorted()[0] ?? '';
};

const valuesOf = (rule: Resource<'rule'>, field: 'host-header' | 'path-pattern'): readonly string[] =>
  rule.spec.conditions.flatMap((it) => (it.field === field && it.values ? it.values : []));
