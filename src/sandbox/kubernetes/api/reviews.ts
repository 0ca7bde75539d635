import type { Kind } from '../kinds.ts';
import { isJsonObject, type JsonObject, type KubeObject, kubeTime, valueAt } from '../object.ts';
import type { Attributes } from '../rbac/attributes.ts';
import type { Authorizer } from '../rbac/authorizer.ts';
import type { PolicyRule } from '../rbac/rule.ts';
import { DEFAULT_AUDIENCE, type Tokens, type User } from '../tokens.ts';
import { invalid, invalidValue } from './errors.ts';

type Asked = {
  readonly kind: Kind;
  readonly user: User;
  readonly object: KubeObject;
  readonly tokens: Tokens;
  readonly authorizer: Authorizer;
};

const BAD_TOKEN = '[invalid bearer token, the signature, the time or the audience is wrong]';

const ANSWERS: Readonly<Record<string, (asked: Asked) => JsonObject>> = {
  selfsubjectreviews: ({ user }) => ({ userInfo: user }),
  tokenreviews: ({ object, tokens }) => {
    const given = valueAt(object, 'spec', 'audiences');
    const audiences = Array.isArray(given) && given.length > 0 ? given.map(String) : [DEFAULT_AUDIENCE];
    const token = `Bearer ${String(valueAt(object, 'spec', 'token'))}`;
    const user = tokens.identify(token, audiences);
    if (user === undefined) return { authenticated: false, error: BAD_TOKEN };
    const good = audiences.filter((one) => tokens.identify(token, [one]) !== undefined);
    return { authenticated: true, user, audiences: good };
  },
  selfsubjectaccessreviews: (asked) => access(asked, asked.user),
  subjectaccessreviews: (asked) => access(asked, subjectOf(asked)),
  localsubjectaccessreviews: (asked) => {
    const namespace = valueAt(asked.object, 'spec', 'resourceAttributes', 'namespace');
    if (namespace !== asked.object.metadata.namespace)
      throw invalid(asked.kind, '', [
        invalidValue('spec.resourceAttributes.namespace', namespace ?? '', 'must match metadata.namespace'),
      ]);
    return access(asked, subjectOf(asked));
  },
  selfsubjectrulesreviews: ({ object, user, authorizer }) => {
    const rules = authorizer.rulesFor(user, String(valueAt(object, 'spec', 'namespace') ?? ''));
    return {
      resourceRules: rules.filter(({ resources }) => resources.length > 0).map(resourceRule),
      nonResourceRules: rules
        .filter(({ nonResourceURLs }) => nonResourceURLs.length > 0)
        .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
      incomplete: false,
    };
  },
};

/** Answers a review: the object with its status filled in. Undefined for a kind that is not a review. */
export const review = (kind: Kind, asked: Omit<Asked, 'kind'>): KubeObject | undefined => {
  const answer = ANSWERS[kind.plural];
  if (answer === undefined) return undefined;
  const { object } = asked;
  return {
    ...object,
    metadata: { ...object.metadata, creationTimestamp: kubeTime() },
    status: answer({ ...asked, kind }),
  };
};

const resourceRule = ({ verbs, apiGroups, resources, resourceNames }: PolicyRule): JsonObject => ({
  verbs,
  apiGroups,
  resources,
  ...(resourceNames.length > 0 ? { resourceNames } : {}),
});

const access = (asked: Asked, user: User): JsonObject => {
  const { allowed, reason } = asked.authorizer.decide(attributes(asked, user));
  return { allowed, ...(reason === '' ? {} : { reason }) };
};

const subjectOf = ({ kind, object }: Asked): User => {
  const groups = valueAt(object, 'spec', 'groups');
  const username = String(valueAt(object, 'spec', 'user') ?? '');
  if (username === '' && !(Array.isArray(groups) && groups.length > 0))
    throw invalid(kind, '', [
      invalidValue('spec.user', username, 'at least one of user or group must be specified'),
    ]);
  return { username, groups: Array.isArray(groups) ? groups.map(String) : [] };
};

const attributes = ({ kind, object }: Asked, user: User): Attributes => {
  const resource = valueAt(object, 'spec', 'resourceAttributes');
  const path = valueAt(object, 'spec', 'nonResourceAttributes');
  if (isJsonObject(resource) === isJsonObject(path))
    throw invalid(kind, '', [
      invalidValue(
        'spec.resourceAttributes',
        path ?? null,
        'exactly one of nonResourceAttributes or resourceAttributes must be specified',
      ),
    ]);
  const text = (from: unknown, field: string): string => String(valueAt(from, field) ?? '');
  if (isJsonObject(path)) return { user, verb: text(path, 'verb'), path: text(path, 'path') };
  return {
    user,
    verb: text(resource, 'verb'),
    group: text(resource, 'group'),
    resource: text(resource, 'resource'),
    subresource: text(resource, 'subresource'),
    namespace: text(resource, 'namespace'),
    name: text(resource, 'name'),
  };
};
