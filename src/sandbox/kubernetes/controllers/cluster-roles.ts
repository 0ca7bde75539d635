import { type Cluster, internalWrite } from '../api/cluster.ts';
import { matchLabels } from '../api/selectors.ts';
import { createObject, replaceObject } from '../api/write.ts';
import type { Kind } from '../kinds.ts';
import { type KubeObject, sameJson, valueAt } from '../object.ts';
import { CLUSTER_ROLES } from '../rbac/bindings.ts';
import { standardRoles } from '../rbac/standard-roles.ts';

const WRITE = internalWrite('clusterrole-aggregation-controller');
const BOOTSTRAP = internalWrite('kube-apiserver');

/**
 * Creates the roles every cluster begins with, and fills in the rules of those that collect them from others.
 * https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles
 */
export const runClusterRoles = (cluster: Cluster): void => {
  const { store, kinds } = cluster;
  const kindOf = (kind: string): Kind => {
    const found = kinds.byObject('rbac.authorization.k8s.io/v1', kind);
    if (found === undefined) throw new Error(`the kind table lacks ${kind}`);
    return found;
  };
  const aggregate = (): void => {
    const roles = store.list(CLUSTER_ROLES);
    for (const role of roles) {
      const rules = collected(role, roles);
      if (rules !== undefined && !sameJson(rules, role.rules ?? []))
        replaceObject(cluster, kindOf('ClusterRole'), role, { ...role, rules }, WRITE);
    }
  };
  for (const one of standardRoles(kinds)) {
    const kind = kindOf(one.kind);
    if (store.get(kind.storage, undefined, one.metadata.name) === undefined)
      createObject(cluster, kind, undefined, one, BOOTSTRAP);
  }
  aggregate();
  store.onWrite((storage) => {
    if (storage === CLUSTER_ROLES) queueMicrotask(aggregate);
  });
};

/** Undefined for a role that says its rules itself. */
const collected = (role: KubeObject, roles: readonly KubeObject[]): readonly unknown[] | undefined => {
  const selectors = valueAt(role, 'aggregationRule', 'clusterRoleSelectors');
  if (!Array.isArray(selectors)) return undefined;
  const rules: unknown[] = [];
  for (const { metadata, rules: more } of roles) {
    if (metadata.name === role.metadata.name || !Array.isArray(more)) continue;
    if (!selectors.some((selector) => matchLabels(selector, metadata.labels ?? {}))) continue;
    for (const rule of more) if (!rules.some((known) => sameJson(known, rule))) rules.push(rule);
  }
  return rules;
};
