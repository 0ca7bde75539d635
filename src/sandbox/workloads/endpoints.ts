import type { JsonObject, KubeObject } from '../kubernetes/object.ts';
import { sameJson, valueAt } from '../kubernetes/object.ts';
import { type Access, controlledBy } from './access.ts';
import { createLoop, follow, type Loop, ownKey } from './loop.ts';
import type { Service } from './objects.ts';

const SLICES = 'endpointslices.discovery.k8s.io';
const SERVICE = 'kubernetes.io/service-name';
const MANAGED = 'endpointslice.kubernetes.io/managed-by';
const FROM_PODS = 'endpointslice-controller.k8s.io';
const FROM_ENDPOINTS = 'endpointslicemirroring-controller.k8s.io';
const OURS = { 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' };

type Slice = KubeObject & { readonly endpoints?: unknown; readonly ports?: unknown };

/**
 * Keeps the older Endpoints objects beside the EndpointSlices: written for Services with a selector, and, where somebody
 * wrote them by hand for a Service without one, mirrored into a slice.
 */
export const runEndpoints = (access: Access, onError: (message: string) => void): Loop => {
  const loop = createLoop(
    'Endpoints',
    (namespace, name) => {
      const service = access.get<Service>('services', namespace, name);
      if (service === undefined) return;
      const slices = access
        .list<Slice>(SLICES, namespace)
        .filter((slice) => slice.metadata.labels?.[SERVICE] === name);
      if (service.spec.selector === undefined) mirror(access, service, slices);
      else writeEndpoints(access, service, slices);
    },
    onError,
  );
  follow(access.cluster.store, loop, 'services', ownKey);
  follow(access.cluster.store, loop, 'endpoints', ownKey);
  follow(access.cluster.store, loop, SLICES, ({ object }) => {
    const name = object.metadata.labels?.[SERVICE];
    return name === undefined ? [] : [`${object.metadata.namespace ?? ''}/${name}`];
  });
  return loop;
};

const list = (value: unknown): readonly JsonObject[] => (Array.isArray(value) ? (value as JsonObject[]) : []);

const writeEndpoints = (access: Access, service: Service, slices: readonly Slice[]): void => {
  const { name, namespace, labels } = service.metadata;
  const subsets = slices.filter((slice) => slice.metadata.labels?.[MANAGED] === FROM_PODS).flatMap(subsetOf);
  const before = access.get<KubeObject>('endpoints', namespace, name);
  if (before !== undefined) {
    if (!sameJson(before.subsets ?? [], subsets))
      access.update('endpoints', { ...before, subsets } as KubeObject);
    return;
  }
  access.create('endpoints', namespace, {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      name,
      labels: { ...labels, ...OURS },
      ownerReferences: [controlledBy({ apiVersion: 'v1', kind: 'Service', metadata: service.metadata })],
    },
    subsets,
  });
};

const subsetOf = (slice: Slice): readonly JsonObject[] => {
  const address = (one: JsonObject): JsonObject => ({
    ip: list(one.addresses)[0],
    ...(one.nodeName === undefined ? {} : { nodeName: one.nodeName }),
    ...(one.targetRef === undefined ? {} : { targetRef: one.targetRef }),
  });
  // Endpoints know no "terminating": what ends is not listed at all.
  const all = list(slice.endpoints).filter((one) => valueAt(one, 'conditions', 'terminating') !== true);
  const ready = all.filter((one) => valueAt(one, 'conditions', 'ready') !== false).map(address);
  const notReady = all.filter((one) => valueAt(one, 'conditions', 'ready') === false).map(address);
  if (ready.length + notReady.length === 0) return [];
  const ports = list(slice.ports).map(({ name, ...port }) => (name === '' ? port : { name, ...port }));
  return [
    {
      ...(ready.length > 0 ? { addresses: ready } : {}),
      ...(notReady.length > 0 ? { notReadyAddresses: notReady } : {}),
      ports,
    },
  ];
};

/** One slice for each subset, named after the Endpoints. */
const mirror = (access: Access, service: Service, slices: readonly Slice[]): void => {
  const { name, namespace } = service.metadata;
  const endpoints = access.get<KubeObject>('endpoints', namespace, name);
  const have = slices.filter((slice) => slice.metadata.labels?.[MANAGED] === FROM_ENDPOINTS);
  const wanted = list(endpoints?.subsets).map((subset) => ({
    addressType: 'IPv4',
    ports: list(subset.ports).map((port) => ({ name: '', protocol: 'TCP', ...port })),
    endpoints: [
      ...list(subset.addresses).map((one) => endpointOf(one, true)),
      ...list(subset.notReadyAddresses).map((one) => endpointOf(one, false)),
    ],
  }));
  wanted.forEach((content, at) => {
    const before = have[at];
    if (before !== undefined) {
      if (
        !sameJson(
          { ports: before.ports, endpoints: before.endpoints },
          { ...content, addressType: undefined },
        )
      )
        access.update(SLICES, { ...before, ...content } as KubeObject);
      return;
    }
    access.create(SLICES, namespace, {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name: '',
        generateName: `${name}-`,
        labels: { [SERVICE]: name, [MANAGED]: FROM_ENDPOINTS },
        ownerReferences: endpoints === undefined ? [] : [controlledBy(endpoints)],
      },
      ...content,
    });
  });
  for (const slice of have.slice(wanted.length)) access.remove(SLICES, slice);
};

const endpointOf = ({ ip, nodeName }: JsonObject, ready: boolean): JsonObject => ({
  addresses: [ip],
  conditions: { ready, serving: ready, terminating: false },
  ...(nodeName === undefined ? {} : { nodeName }),
});
