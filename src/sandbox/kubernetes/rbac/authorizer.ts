import { ApiError } from '../api/errors.ts';
import { resourceOf } from '../kinds.ts';
import type { Store } from '../store.ts';
import type { User } from '../tokens.ts';
import { type Attributes, fullResource, isPath } from './attributes.ts';
import { type Bound, bindingsOf } from './bindings.ts';
import { createGrants, type Grants } from './grants.ts';
import { type PolicyRule, ruleAllows } from './rule.ts';

export type Decision = {
  readonly allowed: boolean;
  /** As an access review says it; empty when there is nothing to say. */
  readonly reason: string;
};

/** Who may do what, by the Roles and bindings of the cluster. */
export type Authorizer = {
  decide(asked: Attributes): Decision;
  /** As `decide`, noted for `grants`; throws the 403 of kube-apiserver. */
  require(asked: Attributes): void;
  /** Every rule that concerns a user in a namespace, for `kubectl auth can-i --list`. */
  rulesFor(user: User, namespace: string): readonly PolicyRule[];
  readonly grants: Pick<Grants, 'list' | 'forget'>;
};

/** Whose members nothing is asked of, whatever the bindings say. */
const MASTERS = 'system:masters';

export const createAuthorizer = (store: Store): Authorizer => {
  const grants = createGrants();
  const decide = (asked: Attributes): Decision & { readonly by?: Bound; readonly rule?: number } => {
    if (asked.user.groups.includes(MASTERS)) return { allowed: true, reason: '' };
    const missing: string[] = [];
    for (const by of bindingsOf(store, asked.user, isPath(asked) ? '' : asked.namespace)) {
      if (by.rules === undefined) missing.push(notThere(by));
      const rule = by.rules?.findIndex((one) => ruleAllows(one, asked)) ?? -1;
      if (rule >= 0) return { allowed: true, reason: `RBAC: allowed by ${by.text}`, by, rule };
    }
    return { allowed: false, reason: missing.length === 0 ? '' : `RBAC: ${joined(missing)}` };
  };
  return {
    decide,
    require: (asked) => {
      const decision = decide(asked);
      const { allowed, reason, by, rule } = decision;
      if (by !== undefined || !allowed) grants.note(asked, by, rule);
      if (!allowed) throw refusal(asked, reason);
    },
    rulesFor: (user, namespace) =>
      [...bindingsOf(store, user, namespace)].flatMap(({ rules }) => rules ?? []),
    grants,
  };
};

const notThere = ({ role: { kind, name } }: Bound): string =>
  `${kind.toLowerCase()}.rbac.authorization.k8s.io "${name}" not found`;

const joined = (texts: readonly string[]): string => {
  const each = [...new Set(texts)];
  return each.length === 1 ? String(each[0]) : `[${each.join(', ')}]`;
};

const refusal = (asked: Attributes, reason: string): ApiError => {
  const who = `User "${asked.user.username}" cannot ${asked.verb}`;
  const because = reason === '' ? '' : `: ${reason}`;
  if (isPath(asked))
    return new ApiError(403, 'Forbidden', `forbidden: ${who} path "${asked.path}"${because}`, {});
  const { group, resource, namespace, name } = asked;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const what = `${resourceOf({ group, plural: resource })}${name === '' ? '' : ` "${name}"`}`;
  return new ApiError(
    403,
    'Forbidden',
    `${what} is forbidden: ${who} resource "${fullResource(asked)}" in API group "${group}" ${where}${because}`,
    {
      ...(name === '' ? {} : { name }),
      ...(group === '' ? {} : { group }),
      kind: resource,
    },
  );
};
