import { isJsonObject } from '../object.ts';
import { type Attributes, fullResource, isPath } from './attributes.ts';

/** One rule of a Role or ClusterRole. */
export type PolicyRule = {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames: readonly string[];
  readonly nonResourceURLs: readonly string[];
};

/** The rules an object holds; what is not there counts as empty, which allows nothing. */
export const rulesIn = (value: unknown): readonly PolicyRule[] =>
  (Array.isArray(value) ? value.filter(isJsonObject) : []).map((rule) => ({
    verbs: strings(rule.verbs),
    apiGroups: strings(rule.apiGroups),
    resources: strings(rule.resources),
    resourceNames: strings(rule.resourceNames),
    nonResourceURLs: strings(rule.nonResourceURLs),
  }));

const strings = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

/** https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources */
export const ruleAllows = (rule: PolicyRule, asked: Attributes): boolean => {
  if (!has(rule.verbs, asked.verb)) return false;
  if (isPath(asked)) return rule.nonResourceURLs.some((url) => urlCovers(url, asked.path));
  return (
    has(rule.apiGroups, asked.group) &&
    (has(rule.resources, fullResource(asked)) ||
      (asked.subresource !== '' && rule.resources.includes(`*/${asked.subresource}`))) &&
    (rule.resourceNames.length === 0 || rule.resourceNames.includes(asked.name))
  );
};

const has = (values: readonly string[], wanted: string): boolean =>
  values.includes('*') || values.includes(wanted);

const urlCovers = (url: string, path: string): boolean =>
  url === path || (url.endsWith('*') && path.startsWith(url.slice(0, -1)));
