import { type Cause, invalidValue, notSupported, required } from '../api/errors.ts';
import { isJsonObject, type JsonObject, valueAt } from '../object.ts';
import { balanced } from './load-balancer-status.ts';
import type { Rule, Writing } from './rule.ts';

/** An Ingress gets the default class when it names none, and is checked as networking/v1 demands. */
export const ingressRule: Rule = {
  defaults: (object) => ({ ...object, status: balanced(object) }),
  prepare: ({ cluster, object, before }) => {
    const annotated = object.metadata.annotations?.['kubernetes.io/ingress.class'] !== undefined;
    if (before !== undefined || annotated || valueAt(object, 'spec', 'ingressClassName') !== undefined)
      return object;
    const standard = cluster.store
      .list('ingressclasses.networking.k8s.io')
      .find((one) => one.metadata.annotations?.['ingressclass.kubernetes.io/is-default-class'] === 'true');
    if (standard === undefined) return object;
    return { ...object, spec: { ...(object.spec as JsonObject), ingressClassName: standard.metadata.name } };
  },
  validate: (writing) => validateIngress(writing),
};

/** The controller of a class never changes; a parameters reference is cluster-wide unless it says otherwise. */
export const ingressClassRule: Rule = {
  defaults: (object) => {
    const parameters = valueAt(object, 'spec', 'parameters');
    if (!isJsonObject(parameters) || parameters.scope !== undefined) return object;
    return {
      ...object,
      spec: { ...(object.spec as JsonObject), parameters: { ...parameters, scope: 'Cluster' } },
    };
  },
  validate: ({ object, before }) => {
    const controller = valueAt(object, 'spec', 'controller');
    if (before !== undefined && controller !== valueAt(before, 'spec', 'controller')) {
      return [invalidValue('spec.controller', controller, 'field is immutable')];
    }
    return controller === undefined ? [required('spec.controller')] : [];
  },
};

const HOST = /^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const HOST_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

const validateIngress = ({ object }: Writing): readonly Cause[] => {
  const spec: JsonObject = isJsonObject(object.spec) ? object.spec : {};
  const rules = listOf(spec.rules);
  const causes: Cause[] = [];
  if (rules.length === 0 && spec.defaultBackend === undefined) {
    causes.push(invalidValue('spec', null, 'either `defaultBackend` or `rules` must be specified'));
  }
  if (isJsonObject(spec.defaultBackend))
    causes.push(...checkBackend(spec.defaultBackend, 'spec.defaultBackend'));
  rules.forEach((rule, at) => {
    causes.push(...checkRule(rule, `spec.rules[${at}]`));
  });
  listOf(spec.tls).forEach((tls, at) => {
    listOf(tls.hosts).forEach((_, inner) => {
      const host = Array.isArray(tls.hosts) ? tls.hosts[inner] : undefined;
      if (typeof host === 'string' && !HOST.test(host))
        causes.push(invalidValue(`spec.tls[${at}].hosts[${inner}]`, host, HOST_RULE));
    });
  });
  return causes;
};

const checkRule = (rule: JsonObject, field: string): readonly Cause[] => {
  const causes: Cause[] = [];
  const host = rule.host;
  if (typeof host === 'string' && host !== '') {
    if (/^\d+\.\d+\.\d+\.\d+$/.test(host))
      causes.push(invalidValue(`${field}.host`, host, 'must be a DNS name, not an IP address'));
    else if (!HOST.test(host)) causes.push(invalidValue(`${field}.host`, host, HOST_RULE));
  }
  const http = rule.http;
  if (!isJsonObject(http)) return causes;
  const paths = listOf(http.paths);
  if (paths.length === 0) causes.push(required(`${field}.http.paths`));
  paths.forEach((path, at) => {
    causes.push(...checkPath(path, `${field}.http.paths[${at}]`));
  });
  return causes;
};

const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix'];

const checkPath = (path: JsonObject, field: string): readonly Cause[] => {
  const causes: Cause[] = [];
  const { path: text, pathType, backend } = path;
  if (typeof pathType === 'string' && !PATH_TYPES.includes(pathType))
    causes.push(notSupported(`${field}.pathType`, pathType, PATH_TYPES));
  if (
    (pathType === 'Exact' || pathType === 'Prefix') &&
    (typeof text !== 'string' || !text.startsWith('/'))
  ) {
    causes.push(invalidValue(`${field}.path`, text ?? '', 'must be an absolute path'));
  } else if (
    typeof text === 'string' &&
    text !== '' &&
    !text.startsWith('/') &&
    pathType === 'ImplementationSpecific'
  ) {
    causes.push(invalidValue(`${field}.path`, text, 'must be an absolute path'));
  }
  causes.push(...checkBackend(isJsonObject(backend) ? backend : {}, `${field}.backend`));
  return causes;
};

const checkBackend = (backend: JsonObject, field: string): readonly Cause[] => {
  const { service, resource } = backend;
  if (service !== undefined && resource !== undefined) {
    return [invalidValue(field, '', 'cannot set both resource and service backends')];
  }
  if (service === undefined && resource === undefined)
    return [required(`${field}`, 'port name or number is required')];
  if (!isJsonObject(service)) return [];
  const port = isJsonObject(service.port) ? service.port : {};
  const { name, number } = port;
  if (name !== undefined && number !== undefined)
    return [invalidValue(field, '', 'cannot set both port name & port number')];
  if (name === undefined && number === undefined)
    return [required(`${field}.service.port`, 'port name or number is required')];
  if (typeof number === 'number' && (number < 1 || number > 65535)) {
    return [invalidValue(`${field}.service.port.number`, number, 'must be between 1 and 65535, inclusive')];
  }
  return [];
};

const listOf = (value: unknown): readonly JsonObject[] =>
  Array.isArray(value) ? value.map((item) => (isJsonObject(item) ? item : {})) : [];
