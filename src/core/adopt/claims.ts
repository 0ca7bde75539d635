/**
 * Whose is a resource that was found? Ownership is by tags LBC and we write alike. The 2017 controller wrote no
 * cluster tag; its load balancers and target groups are recognised by recomputing their names from their tags,
 * because the tags alone are words anybody may use.
 */
import { md5Hex } from '../model/digest.ts';
import { CLUSTER_TAG, RESOURCE_TAG, STACK_TAG } from '../model/names.ts';
import type { Tags } from '../model/tags.ts';

export type Claim = {
  /** `namespace/name` of a lone Ingress, or the name of a group. */
  readonly stack: string;
  /** Value of the resource tag: which part of the stack this is. */
  readonly resource: string;
};

/** The claim that ownership tags make for a cluster; undefined for everybody else's. */
export const claimByTags = (tags: Tags, cluster: string): Claim | undefined => {
  const stack = tags[STACK_TAG];
  const resource = tags[RESOURCE_TAG];
  return tags[CLUSTER_TAG] === cluster && stack && resource ? { stack, resource } : undefined;
};

/** Name the 2017 controller gave the load balancer of one host of an Ingress. */
export const loadBalancerName2017 = (
  cluster: string,
  namespace: string,
  ingress: string,
  host: string,
): string => `${cluster}-${md5Hex([namespace, ingress, host], 15)}`;

/** Name the 2017 controller gave a target group of a load balancer. */
export const targetGroupName2017 = (
  cluster: string,
  loadBalancer: string,
  nodePort: number,
  protocol: string,
): string =>
  `${cluster.slice(0, 12)}-${String(nodePort).padStart(5, '0')}-${protocol.slice(0, 5)}-${md5Hex([loadBalancer], 7)}`;

/** What a 2017 load balancer was made for. */
export type Made2017 = {
  /** `namespace/name`. */
  readonly ingress: string;
  readonly host: string;
};

/** Having our tags does not unmake it: a take-over that was interrupted has to be recognised again. */
const mayBe2017 = (tags: Tags, cluster: string): boolean =>
  tags[CLUSTER_TAG] === undefined || tags[CLUSTER_TAG] === cluster;

/** The Ingress and host a 2017 load balancer was made for: its tags say so and its name proves it. */
export const made2017 = (name: string, tags: Tags, cluster: string): Made2017 | undefined => {
  const { Namespace: namespace, IngressName: ingress, Hostname: host } = tags;
  if (!namespace || !ingress || host === undefined || !mayBe2017(tags, cluster)) return undefined;
  return loadBalancerName2017(cluster, namespace, ingress, host) === name
    ? { ingress: `${namespace}/${ingress}`, host }
    : undefined;
};

/** The Service a 2017 target group of that load balancer, and of that Ingress, was made for. */
export const serviceOf2017TargetGroup = (
  group: { readonly name: string; readonly port: number; readonly protocol: string; readonly tags: Tags },
  balancer: { readonly name: string; readonly ingress: string },
  cluster: string,
): string | undefined => {
  const { Namespace: namespace, IngressName: ingress, ServiceName: service } = group.tags;
  if (!service || `${namespace}/${ingress}` !== balancer.ingress || !mayBe2017(group.tags, cluster))
    return undefined;
  return targetGroupName2017(cluster, balancer.name, group.port, group.protocol) === group.name
    ? service
    : undefined;
};
