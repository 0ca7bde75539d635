/**
 * Lets the load balancer in where its targets are. Only what is needed is opened and nothing of others is closed:
 * a permission goes when no target group of the stack, not even one that is on its way out, has its ports.
 */

import type { Actual } from '../model/actual.ts';
import type { Facts } from '../model/facts.ts';
import { type SecurityGroupRef, securityGroupKey } from '../model/key.ts';
import { CLUSTER_TAG } from '../model/names.ts';
import type { Graph, LoadBalancerSpec, Resource } from '../model/resource.ts';
import { clusterGroupTag, type PortRange, targetAccessKey } from '../model/target-access.ts';

export type TargetAccessInput = {
  readonly cluster: string;
  readonly stack: string;
  readonly balancer: LoadBalancerSpec;
  /** Everything else that is wanted. */
  readonly graph: Graph;
  readonly actual: Actual;
  readonly facts: Facts;
  /** The flag `--enable-backend-security-group`. */
  readonly isOn: boolean;
  /** The annotation manage-backend-security-group-rules; undefined: only for a group that is made here. */
  readonly stated: boolean | undefined;
  /** Whether that cannot be told: then what is open stays open. */
  readonly isUnknown: boolean;
  /** About the annotation. */
  readonly report: (message: string) => void;
};

export const targetAccessOf = (input: TargetAccessInput): readonly Resource<'target-access'>[] => {
  const { cluster, stack, graph, actual, facts } = input;
  if (input.isUnknown)
    return [...actual.owned.values()].flatMap((it) => (it.kind === 'target-access' ? [it] : []));
  if (input.stated && !input.isOn)
    input.report(
      'true: the controller runs with --enable-backend-security-group=false and opens no security group of nodes; expected false, no such annotation, or the flag',
    );
  const source = sourceOf(input);
  const ports = source && hullOf([...graph.values(), ...actual.owned.values()]);
  if (!source || !ports) return [];
  const groups = facts.securityGroups.filter(
    (it) => it.vpc === facts.vpc && clusterGroupTag(cluster) in it.tags && !(CLUSTER_TAG in it.tags),
  );
  return groups.map(({ id }) => {
    const group = id as `sg-${string}`;
    const key = targetAccessKey(stack, group, source);
    return { kind: 'target-access', key, spec: { group, source, ports: [ports] } };
  });
};

/** A balancer of LBC's that keeps the group shared by its cluster is let in by that. */
const sourceOf = ({
  balancer,
  stack,
  facts,
  isOn,
  stated,
}: TargetAccessInput): SecurityGroupRef | undefined => {
  const made = securityGroupKey(stack);
  const [first] = balancer.securityGroups;
  const isMade = balancer.securityGroups.includes(made);
  const isShared = facts.securityGroups.some(
    ({ id, tags }) =>
      tags['elbv2.k8s.aws/resource'] === 'backend-sg' && balancer.securityGroups.some((it) => it === id),
  );
  if (isShared || !isOn || !(stated ?? isMade)) return undefined;
  return isMade ? made : first;
};

/** One range over all ports of targets and health checks, as a security group has room for few permissions. */
const hullOf = (resources: readonly Resource[]): PortRange | undefined => {
  const ports = resources.flatMap((it) => {
    if (it.kind !== 'target-group') return [];
    const own = it.spec.targets.map(({ port }) => port);
    return [...(own.length > 0 ? own : [it.spec.port]), Number(it.spec.healthCheck.port)];
  });
  // Once each: there may be more targets than a call takes arguments.
  const known = [...new Set(ports.filter((port) => Number.isInteger(port) && port > 0))];
  return known.length > 0 ? { from: Math.min(...known), to: Math.max(...known) } : undefined;
};
