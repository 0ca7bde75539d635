import type { KubeObject } from '../object.ts';
import { isJsonObject, type JsonObject, valueAt } from '../object.ts';
import type { Store } from '../store.ts';
import type { User } from '../tokens.ts';
import { type PolicyRule, rulesIn } from './rule.ts';

const GROUP = 'rbac.authorization.k8s.io';
const ROLES = `roles.${GROUP}`;
export const CLUSTER_ROLES = `clusterroles.${GROUP}`;
const ROLE_BINDINGS = `rolebindings.${GROUP}`;
const CLUSTER_ROLE_BINDINGS = `clusterrolebindings.${GROUP}`;

/** A binding that concerns a user, and what the role behind it says. */
export type Bound = {
  readonly binding: KubeObject;
  readonly role: { readonly kind: string; readonly name: string };
  /** Undefined when the role does not exist. */
  readonly rules: readonly PolicyRule[] | undefined;
  /** As a reason names the binding, its role and whom it names. */
  readonly text: string;
};

/** The bindings of a user: those of the cluster, then those of the namespace; an empty namespace has none. */
export function* bindingsOf(store: Store, user: User, namespace: string): Generator<Bound> {
  for (const binding of store.list(CLUSTER_ROLE_BINDINGS)) yield* concerning(store, user, binding, '');
  if (namespace === '') return;
  for (const binding of store.list(ROLE_BINDINGS, namespace))
    yield* concerning(store, user, binding, namespace);
}

function* concerning(store: Store, user: User, binding: KubeObject, namespace: string): Generator<Bound> {
  const subjects = Array.isArray(binding.subjects) ? binding.subjects.filter(isJsonObject) : [];
  const subject = subjects.find((one) => names(one, user, namespace));
  if (subject === undefined) return;
  const kind = String(valueAt(binding, 'roleRef', 'kind'));
  const name = String(valueAt(binding, 'roleRef', 'name'));
  const role =
    kind === 'ClusterRole'
      ? store.get(CLUSTER_ROLES, undefined, name)
      : namespace === ''
        ? undefined
        : store.get(ROLES, namespace, name);
  const place = namespace === '' ? `"${binding.metadata.name}"` : `"${binding.metadata.name}/${namespace}"`;
  yield {
    binding,
    role: { kind, name },
    rules: role && rulesIn(role.rules),
    text: `${binding.kind} ${place} of ${kind} "${name}" to ${subjectText(subject, namespace)}`,
  };
}

const names = (subject: JsonObject, user: User, namespace: string): boolean => {
  if (subject.kind === 'User') return subject.name === user.username;
  if (subject.kind === 'Group') return user.groups.includes(String(subject.name));
  if (subject.kind !== 'ServiceAccount') return false;
  return user.username === `system:serviceaccount:${subject.namespace ?? namespace}:${subject.name}`;
};

const subjectText = (subject: JsonObject, namespace: string): string =>
  subject.kind === 'ServiceAccount'
    ? `ServiceAccount "${subject.name}/${subject.namespace ?? namespace}"`
    : `${subject.kind} "${subject.name}"`;
