import type { AdmissionRequest, Change, Cluster } from '../api/cluster.ts';
import { matchLabels } from '../api/selectors.ts';
import type { Kind } from '../kinds.ts';
import type { KubeObject } from '../object.ts';
import type { Rule, Webhook } from './webhook.ts';

/** The version of the resource in which the webhook wants to see the object. */
export type Match = { readonly kind: Kind };

/** Whether a webhook is to be asked about a change, by its rules and selectors. */
export const matching = (
  cluster: Cluster,
  request: AdmissionRequest,
  webhook: Webhook,
  change: Change,
): Match | undefined => {
  if (!inNamespace(cluster, request, webhook.namespaceSelector, change)) return undefined;
  const chosen = [change.object, change.before].some(
    (one) => one !== undefined && matchLabels(webhook.objectSelector, one.metadata.labels ?? {}),
  );
  if (!chosen) return undefined;
  const exact = webhook.rules.some((rule) => fits(rule, request, request.kind, change.operation));
  if (exact) return { kind: request.kind };
  if (!webhook.equivalent) return undefined;
  const other = cluster.kinds
    .all()
    .filter((kind) => kind.storage === request.kind.storage)
    .find((kind) => webhook.rules.some((rule) => fits(rule, request, kind, change.operation)));
  return other === undefined ? undefined : { kind: other };
};

const listed = (list: readonly string[], one: string): boolean => list.includes('*') || list.includes(one);

const fits = (
  rule: Rule,
  { namespace, subresource, kind: { plural } }: AdmissionRequest,
  kind: Kind,
  operation: string,
): boolean =>
  listed(rule.operations, operation) &&
  listed(rule.groups, kind.group) &&
  listed(rule.versions, kind.version) &&
  (rule.scope === '*' ||
    (rule.scope === 'Namespaced') === (namespace !== undefined && plural !== 'namespaces')) &&
  rule.resources.some((pattern) => {
    const [resource = '', sub] = pattern.split('/');
    if (resource !== '*' && resource !== kind.plural) return false;
    return sub === '*' || sub === subresource;
  });

/** Namespaces are chosen by the labels of the object's namespace; a Namespace by its own; what has none always. */
const inNamespace = (
  cluster: Cluster,
  { kind, namespace }: AdmissionRequest,
  selector: unknown,
  { object, before }: Change,
): boolean => {
  const own = kind.plural === 'namespaces' && kind.group === '' ? (object ?? before) : undefined;
  const place: KubeObject | undefined =
    own ?? (namespace === undefined ? undefined : cluster.store.get('namespaces', undefined, namespace));
  if (place === undefined) return true;
  return matchLabels(selector, {
    'kubernetes.io/metadata.name': place.metadata.name,
    ...place.metadata.labels,
  });
};
