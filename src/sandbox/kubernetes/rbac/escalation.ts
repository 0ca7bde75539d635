import type { Change } from '../api/cluster.ts';
import { forbidden, notFound } from '../api/errors.ts';
import type { Kind } from '../kinds.ts';
import { type KubeObject, sameJson, valueAt } from '../object.ts';
import type { Store } from '../store.ts';
import type { User } from '../tokens.ts';
import type { Attributes } from './attributes.ts';
import type { Authorizer } from './authorizer.ts';
import { type PolicyRule, rulesIn } from './rule.ts';

/** Whether objects of a kind say who may do what. */
export const handsOutRights = ({ group }: Kind): boolean => group === GROUP;

/**
 * Nobody may hand out more than they have: a role that is written, and a role that is bound, may hold only what its
 * writer is allowed, unless a role lets them `escalate` or `bind`. Throws the 403 of kube-apiserver otherwise.
 * https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping
 */
export const refuseEscalation = (
  store: Store,
  authorizer: Authorizer,
  user: User,
  kind: Kind,
  { object, before }: Change,
): void => {
  if (object === undefined) return;
  const namespace = object.metadata.namespace ?? '';
  const isBinding = kind.kind.endsWith('Binding');
  const role = isBinding ? roleOf(object) : { plural: kind.plural, name: object.metadata.name };
  const verb = isBinding ? 'bind' : 'escalate';
  const freely = {
    user,
    verb,
    group: GROUP,
    resource: role.plural,
    subresource: '',
    namespace,
    name: role.name,
  };
  if (authorizer.decide(freely).allowed) return;
  const wanted = isBinding ? granted(store, object, before) : rulesOf(object, before);
  const missing = wanted.flatMap((rule) => beyond(rule, user, namespace, authorizer));
  if (missing.length === 0) return;
  const groups = user.groups.map((group) => JSON.stringify(group)).join(' ');
  throw forbidden(
    kind,
    object.metadata.name,
    `user "${user.username}" (groups=[${groups}]) is attempting to grant RBAC permissions not currently held:\n${missing.join('\n')}`,
  );
};

const GROUP = 'rbac.authorization.k8s.io';

const EVERYTHING: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'], resourceNames: [], nonResourceURLs: [] },
  { verbs: ['*'], apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: ['*'] },
];

/** A role made of others can come to hold anything. What has not changed was allowed before. */
const rulesOf = (object: KubeObject, before: KubeObject | undefined): readonly PolicyRule[] => {
  const { aggregationRule, rules } = object;
  if (aggregationRule !== undefined && !sameJson(aggregationRule, before?.aggregationRule)) return EVERYTHING;
  return before !== undefined && sameJson(rules ?? [], before.rules ?? []) ? [] : rulesIn(rules);
};

/** The rules a binding gives somebody who did not have them. */
const granted = (store: Store, object: KubeObject, before: KubeObject | undefined): readonly PolicyRule[] => {
  if (before !== undefined && sameJson(before.subjects, object.subjects)) return [];
  const { plural, name } = roleOf(object);
  const namespace = plural === 'roles' ? object.metadata.namespace : undefined;
  const found = store.get(`${plural}.${GROUP}`, namespace, name);
  if (found === undefined) throw notFound({ group: GROUP, plural }, name);
  return rulesIn(found.rules);
};

/** The role a binding names. */
const roleOf = (binding: KubeObject): { readonly plural: string; readonly name: string } => ({
  plural: valueAt(binding, 'roleRef', 'kind') === 'ClusterRole' ? 'clusterroles' : 'roles',
  name: String(valueAt(binding, 'roleRef', 'name')),
});

/** What of a rule a user is not allowed, one line for each single right, as kube-apiserver lists them. */
const beyond = (rule: PolicyRule, user: User, namespace: string, authorizer: Authorizer): readonly string[] =>
  rule.verbs.flatMap((verb) => {
    const may = (asked: Attributes): boolean => authorizer.decide(asked).allowed;
    const paths = rule.nonResourceURLs
      .filter((path) => !may({ user, verb, path }))
      .map((path) => `{NonResourceURLs:[${JSON.stringify(path)}], Verbs:[${JSON.stringify(verb)}]}`);
    const names = rule.resourceNames.length > 0 ? rule.resourceNames : [''];
    const objects = rule.apiGroups.flatMap((group) =>
      rule.resources.flatMap((full) =>
        names
          .filter((name) => {
            const [resource = '', subresource = ''] = full.split('/');
            return !may({ user, verb, group, resource, subresource, namespace, name });
          })
          .map((name) => oneRight(verb, group, full, name)),
      ),
    );
    return [...paths, ...objects];
  });

const oneRight = (verb: string, group: string, resource: string, name: string): string => {
  const named = name === '' ? '' : `ResourceNames:[${JSON.stringify(name)}], `;
  const what = `APIGroups:[${JSON.stringify(group)}], Resources:[${JSON.stringify(resource)}]`;
  return `{${what}, ${named}Verbs:[${JSON.stringify(verb)}]}`;
};
