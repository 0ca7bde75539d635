/**
 * Identity. A key holds what AWS cannot change about a resource, so a change there is another key, and
 * replacing is nothing but a create and a delete. Both translation and scan compute keys here, from content.
 */
import { canonical, sha256Hex } from './digest.ts';
import type { BackendProtocol, Key, ProtocolVersion, Scheme, TargetType } from './resource.ts';
import type { Condition } from './rule.ts';

/** A stack is what shares one load balancer: `namespace/name` of a lone Ingress, or the name of an IngressGroup. */
export const securityGroupKey = (stack: string): Key<'security-group'> => `security-group/${stack}`;

export const loadBalancerKey = (stack: string, scheme: Scheme): Key<'load-balancer'> =>
  `load-balancer/${stack}~${scheme}`;

export const listenerKey = (loadBalancer: Key<'load-balancer'>, port: number): Key<'listener'> =>
  `listener/${identity(loadBalancer)}:${port}`;

/** Two rules with the same conditions are the same rule, whatever they do: AWS changes actions in place. */
export const ruleKey = (listener: Key<'listener'>, conditions: readonly Condition[]): Key<'rule'> =>
  `rule/${identity(listener)}#${conditionsDigest(conditions)}`;

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

const sorted = (values: readonly string[] | undefined): readonly string[] | undefined =>
  values === undefined ? undefined : [...values].sort();

/** Values inside a condition are OR-ed and conditions AND-ed: neither order means anything. */
const conditionsDigest = (conditions: readonly Condition[]): string => {
  const forms = conditions.map((condition) => {
    switch (condition.field) {
      case 'query-string':
        return canonical({ ...condition, pairs: condition.pairs.map(canonical).sort() });
      case 'http-request-method':
      case 'source-ip':
        return canonical({ ...condition, values: sorted(condition.values) });
      case 'http-header':
        return canonical({
          field: condition.field,
          header: condition.header.toLowerCase(),
          values: sorted(condition.values),
          regexValues: sorted(condition.regexValues),
        });
      default:
        return canonical({
          field: condition.field,
          values: sorted(condition.values),
          regexValues: sorted(condition.regexValues),
        });
    }
  });
  return sha256Hex([forms.sort().join()], 10);
};
