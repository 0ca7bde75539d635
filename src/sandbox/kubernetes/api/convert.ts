import { apiVersionOf, type Kind } from '../kinds.ts';
import { isJsonObject, type JsonObject, type KubeObject } from '../object.ts';

/** An object in another version of its kind. Only Events and HorizontalPodAutoscalers differ in more than the name. */
export const convertObject = (object: KubeObject, kind: Kind): KubeObject => {
  const apiVersion = apiVersionOf(kind);
  if (object.apiVersion === apiVersion) return object;
  const change = CONVERSIONS[`${object.apiVersion} ${apiVersion} ${kind.kind}`];
  return { ...(change?.(object) ?? object), apiVersion };
};

const rename = (object: KubeObject, names: Readonly<Record<string, string>>): KubeObject =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [names[key] ?? key, value])) as KubeObject;

const TO_EVENTS: Readonly<Record<string, string>> = {
  involvedObject: 'regarding',
  message: 'note',
  source: 'deprecatedSource',
  firstTimestamp: 'deprecatedFirstTimestamp',
  lastTimestamp: 'deprecatedLastTimestamp',
  count: 'deprecatedCount',
  reportingComponent: 'reportingController',
};
const TO_CORE = Object.fromEntries(Object.entries(TO_EVENTS).map(([core, events]) => [events, core]));

const hpaToV1 = (object: KubeObject): KubeObject => {
  const { metrics, behavior: _, ...spec } = object.spec as JsonObject;
  const cpu = (Array.isArray(metrics) ? metrics : []).find(
    (one: unknown) => isJsonObject(one) && isJsonObject(one.resource) && one.resource.name === 'cpu',
  );
  const target =
    isJsonObject(cpu) && isJsonObject(cpu.resource) && isJsonObject(cpu.resource.target)
      ? cpu.resource.target
      : {};
  return {
    ...object,
    spec: {
      ...spec,
      ...(target.averageUtilization === undefined
        ? {}
        : { targetCPUUtilizationPercentage: target.averageUtilization }),
    },
  };
};

const hpaToV2 = (object: KubeObject): KubeObject => {
  const { targetCPUUtilizationPercentage: percent, ...spec } = (object.spec ?? {}) as JsonObject;
  const target = { type: 'Utilization', averageUtilization: percent };
  const metrics =
    percent === undefined ? {} : { metrics: [{ type: 'Resource', resource: { name: 'cpu', target } }] };
  return { ...object, spec: { ...spec, ...metrics } };
};

const CONVERSIONS: Readonly<Record<string, (object: KubeObject) => KubeObject>> = {
  'v1 events.k8s.io/v1 Event': (object) => rename(object, TO_EVENTS),
  'events.k8s.io/v1 v1 Event': (object) => rename(object, TO_CORE),
  'autoscaling/v2 autoscaling/v1 HorizontalPodAutoscaler': hpaToV1,
  'autoscaling/v1 autoscaling/v2 HorizontalPodAutoscaler': hpaToV2,
};
