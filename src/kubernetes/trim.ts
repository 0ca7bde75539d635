import type { Meta, Pod, WatchedKinds } from '../core/kube/objects.ts';
import { healthGatesOf } from '../core/model/readiness-gate.ts';
import { asRecord } from './failure.ts';
import { KINDS } from './kinds.ts';

/**
 * Keeps of a Kubernetes object what decides anything here, with apiVersion and kind (which list items lack).
 * The rest (managedFields, pod specs, heartbeats…) is most of an object's size and most of its changes.
 * Undefined when the value is not an object of that kind, as after a damaged transfer.
 */
export const trim = <K extends keyof WatchedKinds>(kind: K, raw: unknown): WatchedKinds[K] | undefined => {
  const address = KINDS[kind];
  const { name, namespace } = asRecord(asRecord(raw).metadata);
  if (typeof name !== 'string' || name === '') return undefined;
  if (address.namespaced && typeof namespace !== 'string') return undefined;
  const kept = { ...asRecord(pick(SHAPES[kind], raw)) };
  const metadata = { ...asRecord(kept.metadata), ...keptAnnotations(asRecord(kept.metadata).annotations) };
  if (kind === 'pods') withoutBallast(kept);
  // The server's schema is trusted from here on: the shape keeps exactly the fields the type has.
  return {
    apiVersion: address.apiVersion,
    kind: address.kind,
    ...kept,
    metadata,
  } as unknown as WatchedKinds[K];
};

/** True for a field kept whole, otherwise the fields (or items) to keep. The compiler holds it to the type. */
type ShapeOf<T> =
  | true
  | (T extends readonly (infer E)[]
      ? readonly [ShapeOf<E>]
      : T extends object
        ? { readonly [F in keyof T]-?: ShapeOf<NonNullable<T[F]>> }
        : never);

const META: ShapeOf<Meta> = {
  name: true,
  namespace: true,
  uid: true,
  generation: true,
  resourceVersion: true,
  creationTimestamp: true,
  deletionTimestamp: true,
  finalizers: true,
  labels: true,
  annotations: true,
};

const SHAPES: { readonly [K in keyof WatchedKinds]: ShapeOf<WatchedKinds[K]> } = {
  ingresses: {
    metadata: META,
    spec: { ingressClassName: true, defaultBackend: true, tls: true, rules: true },
    status: {
      loadBalancer: { ingress: [{ hostname: true, ip: true, ports: [{ port: true, protocol: true }] }] },
    },
  },
  ingressclasses: { metadata: META, spec: { controller: true, parameters: true } },
  services: {
    metadata: META,
    spec: {
      type: true,
      ipFamilies: true,
      ports: [{ name: true, port: true, targetPort: true, nodePort: true, protocol: true }],
      selector: true,
    },
  },
  endpointslices: {
    metadata: META,
    addressType: true,
    ports: [{ name: true, port: true, protocol: true }],
    endpoints: [
      {
        addresses: true,
        conditions: { ready: true, serving: true, terminating: true },
        targetRef: { kind: true, name: true, namespace: true },
      },
    ],
  },
  nodes: {
    metadata: META,
    spec: { providerID: true, unschedulable: true, taints: [{ key: true, value: true, effect: true }] },
    status: { conditions: [{ type: true, status: true }] },
  },
  namespaces: { metadata: META },
  ingressclassparams: { metadata: META, spec: true },
  targetgroupbindings: { metadata: META, spec: true, status: { observedGeneration: true, conditions: true } },
  secrets: { metadata: META, type: true, data: true },
  pods: {
    metadata: {
      name: true,
      namespace: true,
      uid: true,
      resourceVersion: true,
      creationTimestamp: true,
      deletionTimestamp: true,
    },
    spec: {
      readinessGates: [{ conditionType: true }],
      containers: [
        {
          ports: [{ name: true, containerPort: true }],
          readinessProbe: { httpGet: { path: true, port: true, scheme: true } },
        },
      ],
    },
    status: { podIP: true, conditions: [{ type: true, status: true }] },
  },
};

/**
 * Pods are many: of one without a gate of ours and without a readiness probe nothing is kept but that it is there, or
 * leaving. Pods of one template share what is kept of their probes.
 */
const withoutBallast = (pod: Record<string, unknown>): void => {
  const { spec, status } = pod as Pick<Pod, 'spec' | 'status'>;
  const gates = healthGatesOf({ metadata: { name: '' }, ...(spec && { spec }) });
  const containers = sharedProbes(spec?.containers);
  delete pod.spec;
  delete pod.status;
  if (gates.length > 0 || containers.length > 0)
    pod.spec = {
      ...(gates.length > 0 && { readinessGates: gates.map((conditionType) => ({ conditionType })) }),
      ...(containers.length > 0 && { containers }),
    };
  if (gates.length === 0) {
    if (status?.podIP !== undefined) pod.status = { podIP: status.podIP };
    return;
  }
  const telling = new Set(['ContainersReady', ...gates]);
  pod.status = {
    ...(status?.podIP !== undefined && { podIP: status.podIP }),
    conditions: (status?.conditions ?? []).filter(({ type }) => telling.has(type)),
  };
};

type Containers = NonNullable<NonNullable<Pod['spec']>['containers']>;

/** More templates than that are not kept in mind; what is in use stays with its Pods. */
const MOST_TEMPLATES = 2000;
const templates = new Map<string, Containers>();

const sharedProbes = (containers: Containers = []): Containers => {
  const probed = containers.filter(({ readinessProbe }) => readinessProbe !== undefined);
  if (probed.length === 0) return probed;
  const text = JSON.stringify(probed);
  const known = templates.get(text);
  if (known) return known;
  if (templates.size >= MOST_TEMPLATES) templates.clear();
  templates.set(text, probed);
  return probed;
};

/** Annotations written by machines for machines: a second copy of the object, and the time of a pod's change. */
const DROPPED_ANNOTATIONS: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'endpoints.kubernetes.io/last-change-trigger-time',
]);

const keptAnnotations = (annotations: unknown): { annotations?: Readonly<Record<string, unknown>> } => {
  if (annotations === undefined) return {};
  const kept = Object.entries(asRecord(annotations)).filter(([name]) => !DROPPED_ANNOTATIONS.has(name));
  return { annotations: Object.fromEntries(kept) };
};

const pick = (shape: unknown, value: unknown): unknown => {
  if (shape === true || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(shape)) return Array.isArray(value) ? value.map((item) => pick(shape[0], item)) : value;
  const given = asRecord(value);
  const kept: Record<string, unknown> = {};
  for (const [field, inner] of Object.entries(asRecord(shape))) {
    if (given[field] !== undefined) kept[field] = pick(inner, given[field]);
  }
  return kept;
};
