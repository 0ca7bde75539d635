import { type Cause, duplicate, invalidValue, notSupported, required } from '../api/errors.ts';
import { isJsonObject, type JsonObject } from '../object.ts';
import { checkResources } from './resources.ts';

/** What the API server fills into the spec of a Pod or a Pod template. */
export const defaultPodSpec = (given: unknown): JsonObject => {
  const spec: JsonObject = isJsonObject(given) ? given : {};
  return {
    restartPolicy: 'Always',
    dnsPolicy: 'ClusterFirst',
    schedulerName: 'default-scheduler',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
    ...spec,
    ...(spec.serviceAccountName !== undefined && spec.serviceAccount === undefined
      ? { serviceAccount: spec.serviceAccountName }
      : {}),
    ...mapped(spec, 'containers', defaultContainer),
    ...mapped(spec, 'initContainers', defaultContainer),
    ...mapped(spec, 'volumes', defaultVolume),
  };
};

const mapped = (owner: JsonObject, name: string, change: (item: JsonObject) => JsonObject): JsonObject => {
  const list = owner[name];
  return Array.isArray(list)
    ? { [name]: list.map((item: unknown) => (isJsonObject(item) ? change(item) : item)) }
    : {};
};

const defaultContainer = (container: JsonObject): JsonObject => ({
  imagePullPolicy: pullPolicy(container.image),
  resources: {},
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
  ...container,
  ...mapped(container, 'ports', (port) => ({ protocol: 'TCP', ...port })),
  ...mapped(container, 'env', defaultEnv),
  ...Object.fromEntries(
    PROBES.flatMap((name) => (isJsonObject(container[name]) ? [[name, defaultProbe(container[name])]] : [])),
  ),
});

const PROBES = ['livenessProbe', 'readinessProbe', 'startupProbe'];

const pullPolicy = (image: unknown): string => {
  const tag = typeof image === 'string' ? /:([^/@]+)$/.exec(image)?.[1] : undefined;
  return tag === undefined || tag === 'latest' ? 'Always' : 'IfNotPresent';
};

const defaultEnv = (env: JsonObject): JsonObject => {
  const from = env.valueFrom;
  if (!isJsonObject(from) || !isJsonObject(from.fieldRef)) return env;
  return { ...env, valueFrom: { ...from, fieldRef: { apiVersion: 'v1', ...from.fieldRef } } };
};

const defaultProbe = (probe: JsonObject): JsonObject => ({
  timeoutSeconds: 1,
  periodSeconds: 10,
  successThreshold: 1,
  failureThreshold: 3,
  ...probe,
  ...(isJsonObject(probe.httpGet) ? { httpGet: { path: '/', scheme: 'HTTP', ...probe.httpGet } } : {}),
  ...(isJsonObject(probe.grpc) ? { grpc: { service: '', ...probe.grpc } } : {}),
});

const defaultVolume = (volume: JsonObject): JsonObject => {
  const sources = Object.keys(volume).filter((name) => name !== 'name');
  const result: JsonObject = sources.length === 0 ? { ...volume, emptyDir: {} } : { ...volume };
  for (const name of ['configMap', 'secret', 'projected', 'downwardAPI']) {
    const source = volume[name];
    if (isJsonObject(source)) result[name] = { defaultMode: 420, ...source };
  }
  return result;
};

const RESTART = ['Always', 'OnFailure', 'Never'];

/** What is wrong with the spec of a Pod or Pod template. */
export const checkPodSpec = (given: unknown, field: string): readonly Cause[] => {
  const spec: JsonObject = isJsonObject(given) ? given : {};
  const containers = Array.isArray(spec.containers) ? spec.containers.filter(isJsonObject) : [];
  const causes: Cause[] = [];
  if (containers.length === 0) causes.push(required(`${field}.containers`));
  if (typeof spec.restartPolicy === 'string' && !RESTART.includes(spec.restartPolicy)) {
    causes.push(notSupported(`${field}.restartPolicy`, spec.restartPolicy, RESTART));
  }
  const names = new Set<unknown>();
  containers.forEach((container, at) => {
    causes.push(...checkContainer(container, `${field}.containers[${at}]`));
    if (names.has(container.name)) causes.push(duplicate(`${field}.containers[${at}].name`, container.name));
    names.add(container.name);
  });
  return causes;
};

const checkContainer = (container: JsonObject, field: string): readonly Cause[] => {
  const causes: Cause[] = [];
  const { name, image, ports } = container;
  if (name === '') causes.push(required(`${field}.name`));
  if (typeof name === 'string' && name !== '' && !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name)) {
    causes.push(
      invalidValue(
        `${field}.name`,
        name,
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
      ),
    );
  }
  if (image === undefined || image === '') causes.push(required(`${field}.image`));
  causes.push(...checkResources(container, field));
  const list = Array.isArray(ports) ? ports.filter(isJsonObject) : [];
  list.forEach((port, at) => {
    const number = port.containerPort;
    if (typeof number === 'number' && (number < 1 || number > 65535)) {
      causes.push(
        invalidValue(`${field}.ports[${at}].containerPort`, number, 'must be between 1 and 65535, inclusive'),
      );
    }
  });
  return causes;
};
