/** The targets a binding stands for right now: ready pods of its Service port, or nodes at its node port. */
import type { Service, ServicePort, TargetGroupBinding } from '../kube/objects.ts';
import type { Snapshot } from '../kube/snapshot.ts';
import type { Facts } from '../model/facts.ts';
import type { Target } from '../model/resource.ts';
import { instanceTargets, ipTargets } from '../translate/targets.ts';
import type { BoundGroup } from './group.ts';
import { selects } from './node-selector.ts';
import type { BindingSpec } from './read-binding.ts';

export type Wanted =
  | { readonly targets: readonly Target[] }
  /** There is no such Service: nothing may stay registered, its addresses may be somebody else's by now. */
  | { readonly missing: string }
  | { readonly wrong: string };

export const wantedTargets = (
  binding: TargetGroupBinding,
  spec: BindingSpec,
  group: Pick<BoundGroup, 'targetType' | 'protocol' | 'vpc' | 'ipAddressType'>,
  { snapshot, facts }: { readonly snapshot: Snapshot; readonly facts: Facts },
): Wanted => {
  const id = `${binding.metadata.namespace}/${spec.service.name}`;
  const service = snapshot.services.get(id);
  if (!service) return { missing: `spec.serviceRef: Service ${id} does not exist` };
  const port = portOf(service, spec.service.port, group.protocol);
  if (!port) return { wrong: `spec.serviceRef.port: Service ${id} has no port ${spec.service.port}` };
  if (group.targetType === 'ip') {
    // AWS asks for the zone `all` where an address is not of the VPC of the target group.
    const vpcCidrs = group.vpc === facts.vpc ? facts.vpcCidrs : [];
    const family = group.ipAddressType === 'ipv6' ? 'ipv6' : undefined;
    return { targets: ipTargets(service, port, snapshot, { ...facts, vpcCidrs }, family) };
  }
  if (!port.nodePort)
    return {
      wrong: `spec.serviceRef: Service ${id} has no node port; expected type NodePort or LoadBalancer, or a target group of type ip`,
    };
  const { nodeSelector = {} } = spec;
  const nodes = [...snapshot.nodes.values()].filter((node) => selects(nodeSelector, node));
  return { targets: instanceTargets(nodes, port.nodePort) };
};

/** Kubernetes lets a Service have one number for TCP and for UDP. */
const portOf = (service: Service, ref: number | string, protocol: string): ServicePort | undefined => {
  const named = (service.spec?.ports ?? []).filter((it) =>
    typeof ref === 'number' ? it.port === ref : it.name === ref,
  );
  const transport = ['UDP', 'QUIC'].includes(protocol) ? 'UDP' : 'TCP';
  return named.find((it) => (it.protocol ?? 'TCP') === transport) ?? named[0];
};
