/**
 * AWS names and ownership tags, exactly as the AWS Load Balancer Controller (LBC) v3 writes them, so that a
 * load balancer can pass from one controller to the other and back without being rebuilt.
 */

import type { BackendProtocol, ProtocolVersion, TargetType } from './backend.ts';
import { sha256Hex } from './digest.ts';
import type { Scheme } from './scheme.ts';
import type { Tags } from './tags.ts';

export const CLUSTER_TAG = 'elbv2.k8s.aws/cluster';
export const STACK_TAG = 'ingress.k8s.aws/stack';
export const RESOURCE_TAG = 'ingress.k8s.aws/resource';
/** Ours: which Ingress a rule speaks for, so that one broken Ingress can be held while the others move on. */
export const INGRESS_TAG = 'alb.ingress.kubernetes.io/ingress';
/** Ours: how a load balancer's rules are ordered. LBC writes no such tag, and its order is kept where it is missing. */
export const RULE_ORDER_TAG = 'alb.ingress.kubernetes.io/rule-order';
/** Ours: the user tags stated last time, so that removing one in the manifest removes it in AWS, and only it. */
export const STATED_TAGS_TAG = 'alb.ingress.kubernetes.io/stated-tags';

/** Ours: the settings stated last time, as codes, so that one stated no more goes back to its default. */
export const STATED_SETTINGS_TAG = 'alb.ingress.kubernetes.io/stated-settings';

/** Ours: digest of what was imported into a certificate, so that only a Secret with other content is imported again. */
export const CONTENT_TAG = 'alb.ingress.kubernetes.io/content';

/** Ours: a digest of the client credentials a login was given, because AWS never tells the secret. See `clientVersion`. */
export const CLIENT_TAG = 'alb.ingress.kubernetes.io/client-secret-version';

/** Ours: which targets of a group that several clusters fill this one has registered, as codes. */
export const REGISTERED_TAG = 'alb.ingress.kubernetes.io/registered-targets';

/** Tags that say whose a resource is. */
export const ownershipTags = (cluster: string, stack: string, resource: string): Tags => ({
  [CLUSTER_TAG]: cluster,
  [STACK_TAG]: stack,
  [RESOURCE_TAG]: resource,
});

export const NETWORK_LOAD_BALANCER_RESOURCE = 'FrontendNlb';
export const networkListenerResource = (port: number): string => `FrontendNlb-ls-TCP-${port}`;
export const networkTargetGroupResource = (port: number): string => `FrontendNlb-tg-TCP-${port}`;

export const LOAD_BALANCER_RESOURCE = 'LoadBalancer';
export const SECURITY_GROUP_RESOURCE = 'ManagedLBSecurityGroup';
export const SECURITY_GROUP_DESCRIPTION = '[k8s] Managed SecurityGroup for LoadBalancer';

/** `<namespace>/<ingress>-<service>:<port>`; the port as the backend writes it, by name or by number. */
export const targetGroupResource = (ingress: string, service: string, port: string): string =>
  `${ingress}-${service}:${port}`;

const alphanumeric = (text: string): string => text.replace(/[^A-Za-z0-9]/g, '');
const part = (text: string, length: number): string => alphanumeric(text).slice(0, length);

const isImplicit = (stack: string): boolean => stack.includes('/');

const readable = (stack: string): string => {
  if (!isImplicit(stack)) return part(stack, 17);
  const [namespace = '', name = ''] = stack.split('/');
  return `${part(namespace, 8)}-${part(name, 8)}`;
};

/** Name of a load balancer without `load-balancer-name`; at most 32 characters. */
export const loadBalancerName = (cluster: string, stack: string, scheme: Scheme): string =>
  `k8s-${readable(stack)}-${sha256Hex([cluster, stack, scheme], 10)}`;

/** Name of the security group made for a load balancer. */
export const securityGroupName = (cluster: string, stack: string): string =>
  `k8s-${readable(stack)}-${sha256Hex([cluster, stack], 10)}`;

export type TargetGroupNameParts = {
  readonly cluster: string;
  readonly stack: string;
  /** `namespace/name` of the Ingress. */
  readonly ingress: string;
  readonly service: string;
  readonly serviceUid: string;
  /** As the backend writes it. */
  readonly servicePort: string;
  readonly targetGroupPort: number;
  readonly targetType: TargetType;
  readonly protocol: BackendProtocol;
  readonly protocolVersion: ProtocolVersion;
  readonly controlPort?: number | undefined;
};

const targetGroupHash = (parts: TargetGroupNameParts): string => {
  const [namespace = '', name = ''] = parts.ingress.split('/');
  return sha256Hex(
    [
      parts.cluster,
      parts.stack,
      namespace,
      name,
      parts.serviceUid,
      parts.servicePort,
      String(parts.targetGroupPort),
      parts.targetType,
      parts.protocol,
      parts.protocolVersion,
      ...(parts.controlPort === undefined ? [] : [String(parts.controlPort)]),
    ],
    10,
  );
};

/** Name of a target group; a Service lives in the namespace of its Ingress. */
export const targetGroupName = (parts: TargetGroupNameParts): string =>
  `k8s-${part(parts.ingress.split('/')[0] ?? '', 8)}-${part(parts.service, 8)}-${targetGroupHash(parts)}`;

/** Name of the Network Load Balancer in front of a load balancer; at most 32 characters. */
export const networkLoadBalancerName = (loadBalancer: string): string => `${loadBalancer.slice(0, 28)}-nlb`;

/** Name of the target group behind one of its ports. */
export const networkTargetGroupName = (
  cluster: string,
  stack: string,
  port: number,
  healthCheck: { readonly port: string; readonly protocol: BackendProtocol },
): string => {
  const parts = [cluster, stack, String(port), 'alb', 'TCP', healthCheck.port, healthCheck.protocol];
  return `k8s-${readable(stack)}-${sha256Hex(parts, 10)}`;
};
