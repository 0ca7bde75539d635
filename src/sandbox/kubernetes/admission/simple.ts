import { type Cause, forbiddenField, invalidValue, notSupported, required } from '../api/errors.ts';
import { isJsonObject, type JsonObject, type KubeObject, sameJson, valueAt } from '../object.ts';
import type { Rule, Writing } from './rule.ts';
import { webhookRule } from './webhooks.ts';

const specDefaults = (defaults: JsonObject): Rule => ({
  defaults: (object) => ({ ...object, spec: { ...defaults, ...(object.spec as JsonObject | undefined) } }),
});

/** Secrets: text given as stringData is stored encoded; type and immutable contents never change. */
const secretRule: Rule = {
  defaults: (object) => {
    const { stringData, ...rest } = object;
    const texts = isJsonObject(stringData) ? Object.entries(stringData) : [];
    const encoded = Object.fromEntries(
      texts.map(([key, text]) => [key, Buffer.from(String(text)).toString('base64')]),
    );
    const data = { ...(rest.data as JsonObject | undefined), ...encoded };
    return {
      ...rest,
      ...(Object.keys(data).length > 0 ? { data } : {}),
      type: rest.type ?? 'Opaque',
    } as KubeObject;
  },
  validate: (writing) => [...checkSecretType(writing), ...checkImmutable(writing)],
};

const TYPE_KEYS: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
};

const checkSecretType = ({ object, before }: Writing): readonly Cause[] => {
  if (before !== undefined && before.type !== object.type)
    return [invalidValue('type', object.type, 'field is immutable')];
  const keys = TYPE_KEYS[String(object.type)] ?? [];
  return keys
    .filter((key) => valueAt(object, 'data', key) === undefined)
    .map((key) => required(`data[${key}]`));
};

const checkImmutable = ({ object, before }: Writing): readonly Cause[] => {
  if (before?.immutable !== true) return [];
  if (object.immutable !== true)
    return [forbiddenField('immutable', 'field is immutable when `immutable` is set')];
  return sameJson(before.data, object.data)
    ? []
    : [forbiddenField('data', 'field is immutable when `immutable` is set')];
};

const configMapRule: Rule = {
  validate: (writing) => {
    const keys = [
      ...Object.keys((writing.object.data as JsonObject | undefined) ?? {}),
      ...Object.keys((writing.object.binaryData as JsonObject | undefined) ?? {}),
    ];
    const bad = keys.filter((key) => !/^[-._a-zA-Z0-9]+$/.test(key));
    const rule =
      "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
    return [...bad.map((key) => invalidValue(`data[${key}]`, key, rule)), ...checkImmutable(writing)];
  },
};

const RBAC_GROUP = 'rbac.authorization.k8s.io';

const bindingRule: Rule = {
  defaults: (object) => {
    const subjects = Array.isArray(object.subjects) ? object.subjects.filter(isJsonObject) : undefined;
    const named = subjects?.map((one) =>
      one.kind === 'ServiceAccount' ? one : { apiGroup: RBAC_GROUP, ...one },
    );
    const roleRef = { apiGroup: RBAC_GROUP, ...(object.roleRef as JsonObject | undefined) };
    return { ...object, roleRef, ...(named === undefined ? {} : { subjects: named }) };
  },
  validate: ({ object, before }) => [
    ...(before !== undefined && !sameJson(before.roleRef, object.roleRef)
      ? [invalidValue('roleRef', object.roleRef, 'cannot change roleRef')]
      : []),
    ...(Array.isArray(object.subjects) ? object.subjects : []).flatMap((one: unknown, at) =>
      valueAt(one, 'kind') === 'ServiceAccount' && !valueAt(one, 'namespace')
        ? [required(`subjects[${at}].namespace`)]
        : [],
    ),
  ],
};

const ADDRESS_TYPES = ['FQDN', 'IPv4', 'IPv6'];

const endpointSliceRule: Rule = {
  defaults: (object) => {
    const ports = Array.isArray(object.ports) ? object.ports.filter(isJsonObject) : undefined;
    const endpoints = object.endpoints ?? null;
    return {
      ...object,
      endpoints,
      ...(ports === undefined
        ? {}
        : { ports: ports.map((port) => ({ name: '', protocol: 'TCP', ...port })) }),
    };
  },
  validate: ({ object, before }) => {
    if (!ADDRESS_TYPES.includes(String(object.addressType)))
      return [notSupported('addressType', object.addressType, ADDRESS_TYPES)];
    return before !== undefined && before.addressType !== object.addressType
      ? [invalidValue('addressType', object.addressType, 'field is immutable')]
      : [];
  },
};

const endpointsRule: Rule = {
  defaults: (object) => {
    const subsets = Array.isArray(object.subsets) ? object.subsets.filter(isJsonObject) : undefined;
    if (subsets === undefined) return object;
    const ported = subsets.map((one) =>
      Array.isArray(one.ports)
        ? { ...one, ports: one.ports.map((port: unknown) => ({ protocol: 'TCP', ...(port as JsonObject) })) }
        : one,
    );
    return { ...object, subsets: ported };
  },
};

const networkPolicyRule: Rule = {
  defaults: (object) => {
    const spec: JsonObject = isJsonObject(object.spec) ? object.spec : {};
    const policyTypes = spec.egress === undefined ? ['Ingress'] : ['Ingress', 'Egress'];
    return { ...object, spec: { podSelector: {}, policyTypes, ...spec } };
  },
};

/** kubectl relies on the policy being there. */
const priorityClassRule: Rule = {
  defaults: (object) => ({ preemptionPolicy: 'PreemptLowerPriority', ...object }) as KubeObject,
  validate: ({ object, before }) =>
    before === undefined || before.value === object.value
      ? []
      : [forbiddenField('value', 'may not be changed in an update.')],
};

const eventRule: Rule = {
  defaults: (object) => ({ type: 'Normal', ...object }) as KubeObject,
};

/** Kinds whose rules fit in a few lines, by where they are stored. */
export const SIMPLE_RULES: Readonly<Record<string, Rule>> = {
  secrets: secretRule,
  configmaps: configMapRule,
  nodes: { keepStatusOnCreate: true },
  endpoints: endpointsRule,
  events: eventRule,
  persistentvolumeclaims: {
    defaults: (object) => ({
      ...object,
      spec: { volumeMode: 'Filesystem', ...(object.spec as JsonObject) },
      status: object.status ?? { phase: 'Pending' },
    }),
  },
  persistentvolumes: specDefaults({ persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem' }),
  'priorityclasses.scheduling.k8s.io': priorityClassRule,
  'storageclasses.storage.k8s.io': {
    defaults: (object) =>
      ({ reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate', ...object }) as KubeObject,
  },
  'rolebindings.rbac.authorization.k8s.io': bindingRule,
  'clusterrolebindings.rbac.authorization.k8s.io': bindingRule,
  'endpointslices.discovery.k8s.io': endpointSliceRule,
  'networkpolicies.networking.k8s.io': networkPolicyRule,
  'horizontalpodautoscalers.autoscaling': {
    ...specDefaults({ minReplicas: 1 }),
    validate: ({ object }) => {
      const most = valueAt(object, 'spec', 'maxReplicas');
      return Number(most) < Number(valueAt(object, 'spec', 'minReplicas'))
        ? [invalidValue('spec.maxReplicas', most, 'must be greater than or equal to `minReplicas`')]
        : [];
    },
  },
  'poddisruptionbudgets.policy': {
    validate: ({ object }) => {
      const spec: JsonObject = isJsonObject(object.spec) ? object.spec : {};
      return spec.minAvailable === undefined || spec.maxUnavailable === undefined
        ? []
        : [invalidValue('spec', spec, 'minAvailable and maxUnavailable cannot be both set')];
    },
  },
  'mutatingwebhookconfigurations.admissionregistration.k8s.io': webhookRule({ reinvocationPolicy: 'Never' }),
  'validatingwebhookconfigurations.admissionregistration.k8s.io': webhookRule({}),
};
