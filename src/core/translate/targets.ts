/** Where the requests of a target group go: nodes by instance id, or pods by address. */
import type { EndpointSlice, Node, Pod, Service, ServicePort } from '../kube/objects.ts';
import { objectId } from '../kube/objects.ts';
import type { Snapshot } from '../kube/snapshot.ts';
import type { Facts } from '../model/facts.ts';
import { waitsForHealth } from '../model/readiness-gate.ts';
import type { Target } from '../model/resource.ts';
import { inCidr } from './cidr.ts';

const EXCLUDE_LABEL = 'node.kubernetes.io/exclude-from-external-load-balancers';
const CONTROL_PLANE_LABELS = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'];
const LEAVING_TAINTS = ['ToBeDeletedByClusterAutoscaler', 'karpenter.sh/disrupted'];

/** Nodes that may receive traffic and have all the labels, at the node port. One of unknown state still counts. */
export const instanceTargets = (
  nodes: Iterable<Node>,
  nodePort: number,
  labels: Readonly<Record<string, string>> = {},
): readonly Target[] =>
  [...nodes]
    .filter(mayServe)
    .filter((node) => Object.entries(labels).every(([name, value]) => node.metadata.labels?.[name] === value))
    .flatMap((node) => instanceId(node) ?? [])
    .map((id) => ({ id, port: nodePort }))
    .sort(byTarget);

const mayServe = (node: Node): boolean => {
  const labels = node.metadata.labels ?? {};
  if (EXCLUDE_LABEL in labels || CONTROL_PLANE_LABELS.some((label) => label in labels)) return false;
  if (labels['eks.amazonaws.com/compute-type'] === 'fargate') return false;
  if (node.spec?.taints?.some((taint) => LEAVING_TAINTS.includes(taint.key))) return false;
  const ready = node.status?.conditions?.find((condition) => condition.type === 'Ready');
  return ready === undefined || ready.status !== 'False';
};

const instanceId = (node: Node): string | undefined =>
  /\/(i-[0-9a-z]+)$/.exec(node.spec?.providerID ?? '')?.[1];

/**
 * Pod addresses of a Service port: of ready Pods, and of those that only wait for target health. Pods that are leaving
 * are none, except where nobody else is ready: then those that still serve stay, as kube-proxy does it.
 */
export const ipTargets = (
  service: Service,
  port: ServicePort,
  snapshot: Snapshot,
  facts: Facts,
  ipAddressType?: 'ipv6',
): readonly Target[] => {
  const slices = snapshot.endpointSlices.get(objectId(service.metadata)) ?? [];
  const found = slices
    .filter((slice) => slice.addressType === (ipAddressType ? 'IPv6' : 'IPv4'))
    .flatMap((slice) => ofSlice(slice, port, snapshot, facts));
  const wanted = found.some(({ is }) => is === 'ready') ? ['ready', 'waiting'] : ['waiting', 'leaving'];
  const targets = found.filter(({ is }) => wanted.includes(is)).map(({ target }) => target);
  const unique = new Map(targets.map((target) => [`${target.id}:${target.port}`, target]));
  return [...unique.values()].sort(byTarget);
};

type Endpoint = NonNullable<EndpointSlice['endpoints']>[number];
type Standing = 'ready' | 'waiting' | 'leaving' | 'out';

const ofSlice = (
  slice: EndpointSlice,
  port: ServicePort,
  { pods }: Pick<Snapshot, 'pods'>,
  facts: Facts,
): readonly { readonly is: Standing; readonly target: Target }[] => {
  const number = slice.ports?.find((candidate) => (candidate.name ?? '') === (port.name ?? ''))?.port;
  if (number === undefined) return [];
  return (slice.endpoints ?? []).flatMap((endpoint) => {
    const is = standingOf(endpoint, podOf(endpoint, slice, pods));
    return endpoint.addresses.map((id) => {
      const inside = facts.vpcCidrs.some((cidr) => inCidr(id, cidr));
      return { is, target: { id, port: number, ...(inside ? {} : { zone: 'all' }) } };
    });
  });
};

/** The Pod knows first that it is going: its slice follows. Absent conditions mean yes (Kubernetes documentation). */
const standingOf = ({ conditions }: Endpoint, pod: Pod | undefined): Standing => {
  const ready = conditions?.ready !== false;
  if (conditions?.terminating === true || pod?.metadata.deletionTimestamp !== undefined)
    return (conditions?.serving ?? ready) ? 'leaving' : 'out';
  if (ready) return 'ready';
  return pod && waitsForHealth(pod) ? 'waiting' : 'out';
};

const podOf = ({ targetRef }: Endpoint, slice: EndpointSlice, pods: Snapshot['pods']): Pod | undefined =>
  targetRef?.kind === 'Pod' && targetRef.name !== undefined
    ? pods.get(`${targetRef.namespace ?? slice.metadata.namespace}/${targetRef.name}`)
    : undefined;

const byTarget = (a: Target, b: Target): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : a.port - b.port);
