import { invalidValue } from '../api/errors.ts';
import { isJsonObject, type JsonObject, type KubeObject, sameJson } from '../object.ts';
import { accountFound, prioritized } from './pod-references.ts';
import { checkPodSpec, defaultPodSpec } from './pod-template.ts';
import type { Rule, Writing } from './rule.ts';

const NOT_READY = { effect: 'NoExecute', operator: 'Exists', tolerationSeconds: 300 };
const TOLERATIONS = [
  { key: 'node.kubernetes.io/not-ready', ...NOT_READY },
  { key: 'node.kubernetes.io/unreachable', ...NOT_READY },
];

/** Pods: defaults of the template plus what admission adds to each Pod; a running Pod's spec is nearly fixed. */
export const podRule: Rule = {
  defaults: (object) => {
    const spec = withRequests(defaultPodSpec(object.spec));
    return {
      ...object,
      spec: {
        enableServiceLinks: true,
        serviceAccount: 'default',
        serviceAccountName: 'default',
        tolerations: TOLERATIONS,
        ...spec,
      },
      status: object.status ?? { phase: 'Pending', qosClass: qosClass(spec) },
    };
  },
  // A binding is no change of what was asked for.
  counted: (object) => ({ ...object, spec: { ...(object.spec as JsonObject), nodeName: undefined } }),
  admit: (writing) => prioritized(writing, accountFound(writing)),
  validate: (writing) => [...checkPodSpec(writing.object.spec, 'spec'), ...checkFixed(writing)],
};

/** Who says only what a container is limited to requests as much. */
const withRequests = (spec: JsonObject): JsonObject => {
  const requesting = (list: unknown): unknown =>
    Array.isArray(list)
      ? list.map((one: unknown) => (isJsonObject(one) ? requestingLimits(one) : one))
      : list;
  return {
    ...spec,
    ...(spec.containers === undefined ? {} : { containers: requesting(spec.containers) }),
    ...(spec.initContainers === undefined ? {} : { initContainers: requesting(spec.initContainers) }),
  };
};

const requestingLimits = (container: JsonObject): JsonObject => {
  const { resources } = container;
  if (!isJsonObject(resources) || !isJsonObject(resources.limits)) return container;
  const requests = { ...resources.limits, ...(resources.requests as JsonObject | undefined) };
  return { ...container, resources: { ...resources, requests } };
};

const qosClass = (spec: JsonObject): string => {
  const containers = Array.isArray(spec.containers) ? spec.containers.filter(isJsonObject) : [];
  const resources = containers.map((one): JsonObject => (isJsonObject(one.resources) ? one.resources : {}));
  if (resources.every((one) => one.limits === undefined && one.requests === undefined)) return 'BestEffort';
  const guaranteed = resources.every(
    (one) =>
      isJsonObject(one.limits) &&
      one.limits.cpu !== undefined &&
      one.limits.memory !== undefined &&
      (one.requests === undefined || sameJson(one.requests, one.limits)),
  );
  return guaranteed ? 'Guaranteed' : 'Burstable';
};

const FIXED =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

const checkFixed = ({ object, before }: Writing) => {
  if (before === undefined || sameJson(changeable(before), changeable(object))) return [];
  return [{ ...invalidValue('spec', '', ''), reason: 'FieldValueForbidden', message: `Forbidden: ${FIXED}` }];
};

/** The spec without the fields that may change. */
const changeable = (object: KubeObject): unknown => {
  const spec: JsonObject = isJsonObject(object.spec) ? object.spec : {};
  const withoutImages = (list: unknown): unknown =>
    Array.isArray(list)
      ? list.map((one: unknown) => (isJsonObject(one) ? { ...one, image: '' } : one))
      : list;
  return {
    ...spec,
    containers: withoutImages(spec.containers),
    initContainers: withoutImages(spec.initContainers),
    activeDeadlineSeconds: undefined,
    tolerations: undefined,
    nodeName: undefined,
    ephemeralContainers: undefined,
    schedulingGates: undefined,
  };
};
