import { isReview, type KindTable } from '../kinds.ts';
import type { JsonObject, KubeObject } from '../object.ts';

/**
 * The roles and bindings that every cluster begins with. What they allow follows the documentation; the roles for
 * people are made for the kinds that this API serves.
 * https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings
 */
export const standardRoles = (kinds: KindTable): readonly KubeObject[] => [
  clusterRole('cluster-admin', [
    { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
    { nonResourceURLs: ['*'], verbs: ['*'] },
  ]),
  clusterRole('system:discovery', [{ nonResourceURLs: DISCOVERY, verbs: ['get'] }]),
  clusterRole('system:public-info-viewer', [{ nonResourceURLs: PUBLIC, verbs: ['get'] }]),
  clusterRole('system:basic-user', [
    {
      apiGroups: ['authorization.k8s.io'],
      resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
      verbs: ['create'],
    },
    { apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'], verbs: ['create'] },
  ]),
  aggregated('admin', ['admin', 'edit', 'view']),
  aggregated('edit', ['edit', 'view']),
  aggregated('view', ['view']),
  part(
    'view',
    rulesOf(kinds, (storage) => !SECRETS.has(storage) && !ROLES.test(storage), READ),
  ),
  part('edit', [
    ...rulesOf(kinds, (storage) => SECRETS.has(storage), READ),
    ...rulesOf(kinds, (storage) => !ROLES.test(storage) && !UNTOUCHED.has(storage), WRITE),
    { apiGroups: [''], resources: ['pods/eviction', 'serviceaccounts/token'], verbs: ['create'] },
    { apiGroups: [''], resources: ['serviceaccounts'], verbs: ['impersonate'] },
  ]),
  part('admin', [
    ...rulesOf(kinds, (storage) => ROLES.test(storage), [...READ, ...WRITE]),
    { apiGroups: ['authorization.k8s.io'], resources: ['localsubjectaccessreviews'], verbs: ['create'] },
  ]),
  binding('cluster-admin', ['system:masters']),
  binding('system:discovery', ['system:authenticated']),
  binding('system:basic-user', ['system:authenticated']),
  binding('system:public-info-viewer', ['system:authenticated', 'system:unauthenticated']),
];

const PUBLIC = ['/healthz', '/livez', '/readyz', '/version', '/version/'];
const DISCOVERY = [...PUBLIC, '/api', '/api/*', '/apis', '/apis/*', '/openapi', '/openapi/*'];
const READ = ['get', 'list', 'watch'];
const WRITE = ['create', 'delete', 'deletecollection', 'patch', 'update'];

/** Who reads these can act as others. */
const SECRETS: ReadonlySet<string> = new Set(['secrets']);
const ROLES = /^role(binding)?s\.rbac\.authorization\.k8s\.io$/;
/** Only the cluster's administrators set limits. */
const UNTOUCHED: ReadonlySet<string> = new Set(['resourcequotas', 'limitranges']);

const GROUP = 'rbac.authorization.k8s.io';
const BOOTSTRAP = { 'kubernetes.io/bootstrapping': 'rbac-defaults' };
const UPDATED = { 'rbac.authorization.kubernetes.io/autoupdate': 'true' };

const object = (
  kind: string,
  name: string,
  labels: Record<string, string>,
  more: JsonObject,
): KubeObject => ({
  apiVersion: `${GROUP}/v1`,
  kind,
  metadata: { name, labels: { ...BOOTSTRAP, ...labels }, annotations: UPDATED },
  ...more,
});

const clusterRole = (name: string, rules: readonly JsonObject[], labels: Record<string, string> = {}) =>
  object('ClusterRole', name, labels, { rules });

const part = (of: string, rules: readonly JsonObject[]): KubeObject =>
  clusterRole(`system:aggregate-to-${of}`, rules, {
    [`rbac.authorization.k8s.io/aggregate-to-${of}`]: 'true',
  });

const aggregated = (name: string, of: readonly string[]): KubeObject =>
  object(
    'ClusterRole',
    name,
    {},
    {
      aggregationRule: {
        clusterRoleSelectors: of.map((one) => ({
          matchLabels: { [`rbac.authorization.k8s.io/aggregate-to-${one}`]: 'true' },
        })),
      },
      rules: [],
    },
  );

const binding = (name: string, groups: readonly string[]): KubeObject =>
  object(
    'ClusterRoleBinding',
    name,
    {},
    {
      roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name },
      subjects: groups.map((group) => ({ apiGroup: GROUP, kind: 'Group', name: group })),
    },
  );

/** One rule for each API group, for what lives in namespaces. */
const rulesOf = (
  kinds: KindTable,
  wanted: (storage: string) => boolean,
  verbs: readonly string[],
): readonly JsonObject[] => {
  const groups = new Map<string, Set<string>>();
  for (const kind of kinds.all()) {
    if (!kind.namespaced || isReview(kind) || !wanted(kind.storage)) continue;
    const resources = groups.get(kind.group) ?? new Set<string>();
    resources.add(kind.plural);
    if (kind.status) resources.add(`${kind.plural}/status`);
    if (kind.scale) resources.add(`${kind.plural}/scale`);
    if (kind.storage === 'pods') resources.add('pods/log');
    groups.set(kind.group, resources);
  }
  return [...groups].map(([group, resources]) => ({ apiGroups: [group], resources: [...resources], verbs }));
};
