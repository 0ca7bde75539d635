/**
 * Identity. A key holds what AWS cannot change about a resource, so a change there is another key, and
 * replacing is nothing but a create and a delete. Both translation and scan compute keys here, from content.
 */
import type { BackendProtocol, ProtocolVersion, TargetType } from './backend.ts';
import type { Scheme } from './scheme.ts';

/** A row of `Specs` in `resource.ts` says what each is. */
export type Kind =
  | 'security-group'
  | 'certificate'
  | 'target-group'
  | 'load-balancer'
  | 'listener'
  | 'rule'
  | 'network-load-balancer'
  | 'network-target-group'
  | 'network-listener'
  | 'target-access'
  | 'dns-record';

/** `kind/identity`. The identity contains every field that AWS cannot change, so replacing is a new key. */
export type Key<K extends Kind = Kind> = { [P in K]: `${P}/${string}` }[K];

/** A security group that this graph makes, by key, or one that exists already, by its id. */
export type SecurityGroupRef = Key<'security-group'> | `sg-${string}`;

/** What a name can lead to. */
export type BalancerKey = Key<'load-balancer' | 'network-load-balancer'>;

/** A stack is what shares one load balancer: `namespace/name` of a lone Ingress, or the name of an IngressGroup. */
export const securityGroupKey = (stack: string): Key<'security-group'> => `security-group/${stack}`;

export const loadBalancerKey = (stack: string, scheme: Scheme): Key<'load-balancer'> =>
  `load-balancer/${stack}~${scheme}`;

export const listenerKey = (loadBalancer: Key<'load-balancer'>, port: number): Key<'listener'> =>
  `listener/${identity(loadBalancer)}:${port}`;

export type FixedTargetGroupFields = {
  readonly targetType: TargetType;
  readonly protocol: BackendProtocol;
  readonly protocolVersion: ProtocolVersion;
  readonly port: number;
  readonly controlPort?: number | undefined;
  readonly ipAddressType?: 'ipv6' | undefined;
};

/** `resourceId` is `<namespace>/<ingress>-<service>:<port>`, as in the tag `ingress.k8s.aws/resource`. */
export const targetGroupKey = (
  loadBalancer: Key<'load-balancer'>,
  resourceId: string,
  fixed: FixedTargetGroupFields,
): Key<'target-group'> => {
  const version = fixed.protocolVersion === 'HTTP1' ? '' : `-${fixed.protocolVersion}`;
  const control = fixed.controlPort === undefined ? '' : `-control-${fixed.controlPort}`;
  return `target-group/${identity(loadBalancer)}/${resourceId}~${fixed.targetType}-${fixed.protocol}${version}-${fixed.port}${control}${fixed.ipAddressType ? '-ipv6' : ''}`;
};

export const networkLoadBalancerKey = (stack: string, scheme: Scheme): Key<'network-load-balancer'> =>
  `network-load-balancer/${stack}~${scheme}`;

export const networkListenerKey = (
  loadBalancer: Key<'network-load-balancer'>,
  port: number,
): Key<'network-listener'> => `network-listener/${identity(loadBalancer)}:${port}`;

export const networkTargetGroupKey = (
  loadBalancer: Key<'network-load-balancer'>,
  port: number,
  target: { readonly loadBalancer: Key<'load-balancer'>; readonly port: number },
): Key<'network-target-group'> => {
  const scheme = target.loadBalancer.slice(target.loadBalancer.lastIndexOf('~') + 1);
  return `network-target-group/${identity(loadBalancer)}/${port}~${scheme}:${target.port}`;
};

/** `name` without the trailing dot, lower case, `*` for a wildcard. */
export const dnsRecordKey = (zone: string, name: string): Key<'dns-record'> => `dns-record/${zone}/${name}`;

/** The part of a key after its kind. */
export const identity = (key: Key): string => key.slice(key.indexOf('/') + 1);
