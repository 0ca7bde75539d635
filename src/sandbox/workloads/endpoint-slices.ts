import { randomSuffix } from '../kubernetes/api/metadata.ts';
import type { JsonObject, KubeObject } from '../kubernetes/object.ts';
import { sameJson } from '../kubernetes/object.ts';
import { type Access, controlledBy } from './access.ts';
import { createLoop, follow, keyOf, type Loop, ownKey } from './loop.ts';
import { isEnded, isReady, type Node, type Pod, type Service, type ServicePort } from './objects.ts';

const SLICES = 'endpointslices.discovery.k8s.io';
const SERVICE = 'kubernetes.io/service-name';
const MANAGED = 'endpointslice.kubernetes.io/managed-by';
const MANAGER = 'endpointslice-controller.k8s.io';
/** Endpoints in one slice, as the real controller fills them. */
const MOST = 100;

type Port = { readonly name: string; readonly port: number; readonly protocol: string };
type Group = { readonly ports: readonly Port[]; readonly endpoints: JsonObject[] };

/** Keeps the EndpointSlices of Services that have a selector. */
export const runEndpointSlices = (access: Access, onError: (message: string) => void): Loop => {
  const loop = createLoop(
    'EndpointSlice',
    (namespace, name) => {
      const service = access.get<Service>('services', namespace, name);
      const have = access
        .list<KubeObject>(SLICES, namespace)
        .filter(
          (slice) => slice.metadata.labels?.[SERVICE] === name && slice.metadata.labels[MANAGED] === MANAGER,
        );
      if (
        service === undefined ||
        service.spec.selector === undefined ||
        service.spec.type === 'ExternalName'
      ) {
        for (const slice of have) access.remove(SLICES, slice);
        return;
      }
      write(access, service, have, groupsOf(access, service));
    },
    onError,
  );
  follow(access.cluster.store, loop, 'services', ownKey);
  // Labels may have changed: the Services that selected the Pod before count too.
  follow(access.cluster.store, loop, 'pods', ({ object, previous }) => [
    ...selecting(access, object),
    ...(previous === undefined ? [] : selecting(access, previous)),
  ]);
  return loop;
};

const matches = (
  selector: Readonly<Record<string, string>> | undefined,
  labels: Readonly<Record<string, string>> | undefined,
): boolean => {
  const wanted = Object.entries(selector ?? {});
  return wanted.length > 0 && wanted.every(([key, value]) => labels?.[key] === value);
};

const selecting = (access: Access, pod: KubeObject): readonly string[] =>
  access
    .list<Service>('services', pod.metadata.namespace)
    .filter((service) => matches(service.spec.selector, pod.metadata.labels))
    .map(keyOf);

/** Endpoints by the ports they have: a named target port may be another number in each Pod. */
const groupsOf = (access: Access, service: Service): readonly Group[] => {
  const groups = new Map<string, Group>();
  for (const pod of access.list<Pod>('pods', service.metadata.namespace)) {
    if (
      !matches(service.spec.selector, pod.metadata.labels) ||
      pod.status?.podIP === undefined ||
      isEnded(pod)
    )
      continue;
    const ports = (service.spec.ports ?? []).flatMap((port) => resolve(port, pod));
    const key = JSON.stringify(ports);
    const group = groups.get(key) ?? { ports, endpoints: [] };
    group.endpoints.push(endpointOf(access, service, pod));
    groups.set(key, group);
  }
  if (groups.size === 0) {
    const ports = (service.spec.ports ?? []).flatMap((port) =>
      typeof port.targetPort === 'string' ? [] : [portOf(port, port.targetPort ?? port.port)],
    );
    return [{ ports, endpoints: [] }];
  }
  return [...groups.values()].flatMap(({ ports, endpoints }) =>
    chunks(endpoints).map((some) => ({ ports, endpoints: some })),
  );
};

const portOf = (port: ServicePort, number: number): Port => ({
  name: port.name ?? '',
  port: number,
  protocol: port.protocol ?? 'TCP',
});

const resolve = (port: ServicePort, pod: Pod): readonly Port[] => {
  const target = port.targetPort ?? port.port;
  if (typeof target === 'number') return [portOf(port, target)];
  const found = pod.spec.containers.flatMap((one) => one.ports ?? []).find((one) => one.name === target);
  return found === undefined ? [] : [portOf(port, found.containerPort)];
};

const chunks = (all: readonly JsonObject[]): JsonObject[][] => {
  const result: JsonObject[][] = [];
  for (let at = 0; at < all.length; at += MOST) result.push(all.slice(at, at + MOST));
  return result;
};

const endpointOf = (access: Access, service: Service, pod: Pod): JsonObject => {
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const serving = isReady(pod);
  const node = access.get<Node>('nodes', undefined, pod.spec.nodeName ?? '');
  const zone = node?.metadata.labels?.['topology.kubernetes.io/zone'];
  return {
    addresses: [pod.status?.podIP],
    conditions: {
      ready: service.spec.publishNotReadyAddresses === true || (serving && !terminating),
      serving,
      terminating,
    },
    ...(pod.spec.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName }),
    ...(zone === undefined ? {} : { zone }),
    targetRef: {
      kind: 'Pod',
      namespace: pod.metadata.namespace,
      name: pod.metadata.name,
      uid: pod.metadata.uid,
    },
  };
};

/** Slices keep their names as long as there is a group for them. */
const write = (
  access: Access,
  service: Service,
  have: readonly KubeObject[],
  groups: readonly Group[],
): void => {
  groups.forEach((group, at) => {
    const existing = have[at];
    const content = { addressType: 'IPv4', ports: group.ports, endpoints: group.endpoints };
    if (existing !== undefined) {
      const before = {
        addressType: existing.addressType,
        ports: existing.ports ?? [],
        endpoints: existing.endpoints,
      };
      if (!sameJson(before, content)) access.update(SLICES, { ...existing, ...content } as KubeObject);
      return;
    }
    access.create(SLICES, service.metadata.namespace, {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name: `${service.metadata.name}-${randomSuffix()}`,
        labels: { ...service.metadata.labels, [SERVICE]: service.metadata.name, [MANAGED]: MANAGER },
        ownerReferences: [controlledBy({ apiVersion: 'v1', kind: 'Service', metadata: service.metadata })],
      },
      ...content,
    });
  });
  for (const slice of have.slice(groups.length)) access.remove(SLICES, slice);
};
