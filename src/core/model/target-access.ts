/** The permission in a security group of nodes that lets the load balancer of a stack reach its targets. */
import type { Key, SecurityGroupRef } from './key.ts';

/** Ports, inclusive. */
export type PortRange = { readonly from: number; readonly to: number };

export type TargetAccessSpec = {
  /** The security group of nodes and pods; somebody else's, in which we keep this permission only. */
  readonly group: `sg-${string}`;
  /** The security group of the load balancer. */
  readonly source: SecurityGroupRef;
  /** As a set; more than one only between two steps. */
  readonly ports: readonly PortRange[];
};

export const targetAccessKey = (
  stack: string,
  group: string,
  source: SecurityGroupRef,
): Key<'target-access'> => `target-access/${stack}~${group}~${source.startsWith('sg-') ? source : 'made'}`;

/** Marks a permission as ours and names its stack; EC2 permissions of a group have no tags when groups are listed. */
const MARK = 'alb-ingress.io/stack=';

export const accessDescription = (stack: string): string => `${MARK}${stack}`;

export const stackOfAccess = (description: string | undefined): string | undefined =>
  description?.startsWith(MARK) ? description.slice(MARK.length) : undefined;

/** Tag by which a cluster's own groups of nodes are known, on EKS and elsewhere; also in LBC. */
export const clusterGroupTag = (cluster: string): string => `kubernetes.io/cluster/${cluster}`;
