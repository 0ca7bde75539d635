/** Which resources a resource refers to. Explicit per kind: a path or header value may look like a key. */
import { isCertificateKey } from './certificate.ts';
import { type Key, listenerKey } from './key.ts';
import type { LoadBalancerSpec, Resource } from './resource.ts';
import type { Action } from './rule.ts';

const ofActions = (actions: readonly Action[]): readonly Key[] =>
  actions
    .flatMap((action) => (action.type === 'forward' ? action.targetGroups : []))
    .map((weighted) => weighted.targetGroup)
    .filter((group): group is Key<'target-group'> => group.startsWith('target-group/'));

/**
 * Keys AWS must know before it accepts the resource, and must keep until the resource lets go.
 * A target group names its load balancer in its identity only; AWS asks for no such order.
 */
export const references = (resource: Resource): readonly Key[] => {
  switch (resource.kind) {
    case 'security-group':
    case 'certificate':
    case 'target-group':
      return [];
    case 'load-balancer':
    case 'network-load-balancer':
      return groupsMade(resource.spec.securityGroups);
    case 'network-target-group': {
      const { loadBalancer, port } = resource.spec.target;
      return [loadBalancer, listenerKey(loadBalancer, port)];
    }
    case 'network-listener':
      return [resource.spec.loadBalancer, resource.spec.targetGroup];
    case 'listener':
      return [
        resource.spec.loadBalancer,
        ...resource.spec.certificates.filter(isCertificateKey),
        ...ofActions(resource.spec.defaultActions),
      ];
    case 'rule':
      return [resource.spec.listener, ...ofActions(resource.spec.actions)];
    case 'target-access':
      return groupsMade([resource.spec.source]);
    case 'dns-record':
      return [resource.spec.alias];
  }
};

const groupsMade = (groups: LoadBalancerSpec['securityGroups']): readonly Key<'security-group'>[] =>
  groups.filter((group): group is Key<'security-group'> => group.startsWith('security-group/'));

/** The resource AWS deletes this one with: a balancer takes its listeners along, a listener its rules. */
export const parent = (resource: Resource): Key | undefined => {
  if (resource.kind === 'listener' || resource.kind === 'network-listener') return resource.spec.loadBalancer;
  return resource.kind === 'rule' ? resource.spec.listener : undefined;
};
