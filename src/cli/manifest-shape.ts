/** Typing mistakes in manifests that an API server would refuse, found without one. */
import type { Manifest } from './manifest.ts';

/** What a field holds; `texts` are values by name, `open` lets fields be that nothing is said of. */
type Shape =
  | 'any'
  | 'text'
  | 'number'
  | 'texts'
  | { readonly each: Shape }
  | { readonly fields: Readonly<Record<string, Shape>>; readonly open?: true };

/** ObjectMeta of the Kubernetes API reference. */
const METADATA: Shape = {
  fields: {
    name: 'text',
    generateName: 'text',
    namespace: 'text',
    labels: 'texts',
    annotations: 'texts',
    ownerReferences: 'any',
    finalizers: { each: 'text' },
    uid: 'any',
    resourceVersion: 'any',
    generation: 'any',
    creationTimestamp: 'any',
    deletionTimestamp: 'any',
    deletionGracePeriodSeconds: 'any',
    managedFields: 'any',
    selfLink: 'any',
  },
};

const BACKEND: Shape = {
  fields: {
    service: { fields: { name: 'text', port: { fields: { name: 'text', number: 'number' } } } },
    resource: { fields: { apiGroup: 'text', kind: 'text', name: 'text' } },
  },
};

const PATH: Shape = { fields: { path: 'text', pathType: 'text', backend: BACKEND } };

/** Ingress of networking.k8s.io/v1. */
const INGRESS: Shape = {
  fields: {
    apiVersion: 'text',
    kind: 'text',
    metadata: METADATA,
    spec: {
      fields: {
        ingressClassName: 'text',
        defaultBackend: BACKEND,
        tls: { each: { fields: { hosts: { each: 'text' }, secretName: 'text' } } },
        rules: { each: { fields: { host: 'text', http: { fields: { paths: { each: PATH } } } } } },
      },
    },
    status: 'any',
  },
};

/** Of other kinds, what they have in common. */
const OBJECT: Shape = { fields: { metadata: METADATA }, open: true };

const NETWORKING = 'networking.k8s.io/v1';

/** The kinds of networking.k8s.io/v1: whoever mistypes one of them means an Ingress more often than not. */
const NETWORKING_KINDS: readonly string[] = [
  'Ingress',
  'IngressClass',
  'NetworkPolicy',
  'IPAddress',
  'ServiceCIDR',
];

/** What is wrong first, with the field and what was expected; undefined: nothing that can be seen from here. */
export const mistakeIn = (manifest: Manifest): string | undefined => {
  const { apiVersion, kind, metadata } = manifest;
  const told = `${kind} ${metadata.name}`;
  if (apiVersion === NETWORKING && !NETWORKING_KINDS.includes(kind))
    return `there is no kind ${kind} in ${NETWORKING}; expected one of ${NETWORKING_KINDS.join(', ')}`;
  if (kind === 'Ingress' && /^(extensions|networking\.k8s\.io)\/v1beta1$/.test(apiVersion))
    return `${told}: no cluster has ${apiVersion} since Kubernetes 1.22; write it for ${NETWORKING}`;
  const isIngress = kind === 'Ingress' && apiVersion === NETWORKING;
  const wrong = misfit(manifest, isIngress ? INGRESS : OBJECT, '');
  if (wrong !== undefined) return `${told}: ${wrong}`;
  return isIngress && servesNothing(manifest) ? `${told}: spec: expected rules or defaultBackend` : undefined;
};

const servesNothing = (ingress: Manifest & { readonly spec?: unknown }): boolean => {
  const { rules, defaultBackend } = (ingress.spec ?? {}) as Readonly<Record<string, unknown>>;
  return !defaultBackend && !(Array.isArray(rules) && rules.length > 0);
};

/** A field that is null counts as absent, as it does for an API server. */
const misfit = (value: unknown, shape: Shape, at: string): string | undefined => {
  if (shape === 'any' || value === null || value === undefined) return undefined;
  if (shape === 'text') return typeof value === 'string' ? undefined : expected(at, 'a text', value);
  if (shape === 'number') return typeof value === 'number' ? undefined : expected(at, 'a number', value);
  if (typeof shape === 'object' && 'each' in shape) {
    if (!Array.isArray(value)) return expected(at, 'a list', value);
    return first(value.map((item, index) => () => misfit(item, shape.each, `${at}[${index}]`)));
  }
  if (typeof value !== 'object' || Array.isArray(value)) return expected(at, 'fields', value);
  return first(
    Object.entries(value).map(([name, of]) => () => {
      if (shape === 'texts') return misfit(of, 'text', `${at}.${name}`);
      const known = shape.fields[name];
      const place = at === '' ? name : `${at}.${name}`;
      if (known) return misfit(of, known, place);
      if (shape.open) return undefined;
      return `${place} is no field of it; expected one of ${Object.keys(shape.fields).join(', ')}`;
    }),
  );
};

const first = (looks: readonly (() => string | undefined)[]): string | undefined => {
  for (const look of looks) {
    const found = look();
    if (found !== undefined) return found;
  }
  return undefined;
};

const expected = (at: string, what: string, value: unknown): string => {
  const quotes = what === 'a text' && typeof value !== 'object' ? '; put it in quotes' : '';
  return `${at}: expected ${what}, got ${JSON.stringify(value)}${quotes}`;
};
