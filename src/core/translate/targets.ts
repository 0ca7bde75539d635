/** Where the requests of a target group go: nodes by instance id, or pods by address. */
import type { EndpointSlice, Node, Service, ServicePort } from '../kube/objects.ts';
import { objectId } from '../kube/objects.ts';
import type { Snapshot } from '../kube/snapshot.ts';
import type { Facts } from '../model/facts.ts';
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

/** Ready pod addresses of a Service port. */
export const ipTargets = (
  service: Service,
  port: ServicePort,
  snapshot: Snapshot,
  facts: Facts,
): readonly Target[] => {
  const slices = snapshot.endpointSlices.get(objectId(service.metadata)) ?? [];
  const targets = slices
    .filter((slice) => slice.addressType === 'IPv4')
    .flatMap((slice) => ofSlice(slice, port, facts));
  const unique = new Map(targets.map((target) => [`${target.id}:${target.port}`, target]));
  return [...unique.values()].sort(byTarget);
};

const ofSlice = (slice: EndpointSlice, port: ServicePort, facts: Facts): readonly Target[] => {
  const number = slice.ports?.find((candidate) => (candidate.name ?? '') === (port.name ?? ''))?.port;
  if (number === undefined) return [];
  return (slice.endpoints ?? [])
    .filter((endpoint) => endpoint.conditions?.ready !== false && endpoint.conditions?.terminating !== true)
    .flatMap((endpoint) => endpoint.addresses)
    .map((id) => ({
      id,
      port: number,
      ...(facts.vpcCidrs.some((cidr) => inCidr(id, cidr)) ? {} : { zone: 'all' }),
    }));
};

const byTarget = (a: Target, b: Target): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : a.port - b.port);
