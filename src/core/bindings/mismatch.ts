/** Why a target group is not what its binding takes it for, or is not a binding's to fill. */
import type { Facts } from '../model/facts.ts';
import { CLUSTER_TAG, INGRESS_TAG, RESOURCE_TAG, STACK_TAG } from '../model/names.ts';
import type { ProblemCode } from '../problems/table.ts';
import type { BoundGroup } from './group.ts';
import type { BindingSpec } from './read-binding.ts';

/** What a binding says of a target group, and what AWS does. */
type Pair = { readonly spec: BindingSpec; readonly group: BoundGroup; readonly cluster: string };

type Mismatch = { readonly code: ProblemCode; readonly message: string };

export const mismatchOf = ({
  spec,
  group,
  cluster,
  facts,
}: Pair & { readonly facts?: Facts }): Mismatch | undefined => {
  const owner = ownerOf({ spec, group, cluster });
  if (owner !== undefined) return { code: 'TargetGroupTaken', message: owner };
  const differs = (field: string, said: string | undefined, is: string): string | undefined =>
    said === undefined || said === is
      ? undefined
      : `spec.${field}: target group ${group.name} has ${is || 'none'}, not ${said}; correct the field, or name another target group`;
  const reaches = facts === undefined || facts.vpc === group.vpc;
  const why =
    differs('targetType', spec.targetType, group.targetType) ??
    unusable(group.targetType, group.protocol, group.name) ??
    differs('targetGroupProtocol', spec.protocol, group.protocol) ??
    differs('ipAddressType', spec.ipAddressType ?? 'ipv4', group.ipAddressType) ??
    differs('vpcID', spec.vpc, group.vpc) ??
    (group.targetType === 'instance' && spec.role
      ? 'spec.iamRoleArnToAssume: another account cannot register instances of this one; expected a target group of type ip'
      : undefined) ??
    (group.targetType === 'instance' && !reaches
      ? `target group ${group.name} is in ${group.vpc}, and nodes are in ${facts?.vpc}; AWS registers instances of the same VPC only`
      : undefined) ??
    (group.targetType === 'ip' && spec.nodeSelector
      ? 'spec.nodeSelector: expected none, because the target group is of type ip'
      : undefined);
  return why === undefined ? undefined : { code: 'TargetGroupMismatch', message: why };
};

const unusable = (targetType: string, protocol: string, name: string): string | undefined => {
  if (targetType !== 'instance' && targetType !== 'ip')
    return `target group ${name} is of type ${targetType}; expected instance or ip`;
  // AWS documentation of target groups for Network Load Balancers.
  return targetType === 'instance' && protocol.endsWith('QUIC')
    ? `target group ${name} has protocol ${protocol}; expected type ip for QUIC`
    : undefined;
};

/** Who fills the target group, when that is an Ingress, or the controller of another cluster. */
export const ownerOf = ({ spec, group: { name, tags }, cluster }: Pair): string | undefined => {
  const owner = tags[CLUSTER_TAG];
  const by = tags[INGRESS_TAG] ?? tags[STACK_TAG] ?? tags[RESOURCE_TAG];
  if (owner === undefined || by === undefined) return undefined;
  if (owner === cluster)
    return `target group ${name} was made for Ingress ${by}, which registers its targets itself; expected a target group made by somebody else`;
  return spec.shared
    ? undefined
    : `target group ${name} was made for ${by} of cluster ${owner}; expected spec.multiClusterTargetGroup: true here, and the annotation multi-cluster-target-group there`;
};
