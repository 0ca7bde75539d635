import { isJsonObject, type JsonObject, valueAt } from '../object.ts';
import type { Store } from '../store.ts';

export const MUTATING = 'mutatingwebhookconfigurations.admissionregistration.k8s.io';
export const VALIDATING = 'validatingwebhookconfigurations.admissionregistration.k8s.io';

/** One webhook of a stored configuration, with its defaults filled in. */
export type Webhook = {
  readonly name: string;
  readonly client: JsonObject;
  readonly rules: readonly Rule[];
  readonly namespaceSelector: unknown;
  readonly objectSelector: unknown;
  /** Rules match other versions of a resource too; the object is shown in the version the rule names. */
  readonly equivalent: boolean;
  readonly ignoreFailure: boolean;
  readonly timeoutSeconds: number;
  readonly reinvoke: boolean;
};

export type Rule = {
  readonly groups: readonly string[];
  readonly versions: readonly string[];
  readonly resources: readonly string[];
  readonly operations: readonly string[];
  /** `Cluster`, `Namespaced` or `*`. */
  readonly scope: string;
};

/** In the order they are called: by the name of their configuration, then as written. */
export const webhooksIn = (store: Store, storage: string): readonly Webhook[] =>
  store.list(storage).flatMap(({ webhooks }) => (Array.isArray(webhooks) ? webhooks.map(webhookOf) : []));

const strings = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

const webhookOf = (one: unknown): Webhook => {
  const rules = valueAt(one, 'rules');
  const client = valueAt(one, 'clientConfig');
  return {
    name: String(valueAt(one, 'name')),
    client: isJsonObject(client) ? client : {},
    rules: (Array.isArray(rules) ? rules : []).map((rule: unknown) => ({
      groups: strings(valueAt(rule, 'apiGroups')),
      versions: strings(valueAt(rule, 'apiVersions')),
      resources: strings(valueAt(rule, 'resources')),
      operations: strings(valueAt(rule, 'operations')),
      scope: String(valueAt(rule, 'scope') ?? '*'),
    })),
    namespaceSelector: valueAt(one, 'namespaceSelector') ?? {},
    objectSelector: valueAt(one, 'objectSelector') ?? {},
    equivalent: valueAt(one, 'matchPolicy') !== 'Exact',
    ignoreFailure: valueAt(one, 'failurePolicy') === 'Ignore',
    timeoutSeconds: Number(valueAt(one, 'timeoutSeconds') ?? 10),
    reinvoke: valueAt(one, 'reinvocationPolicy') === 'IfNeeded',
  };
};
