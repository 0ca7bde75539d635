/** AWS names are unique per account and Region, and a replacement has to stand beside what it replaces. */
import type { Actual } from '../model/actual.ts';
import { alternativeName } from '../model/alternative-name.ts';
import type { Graph, Resource } from '../model/resource.ts';

export type Named = { readonly resource: Resource } | { readonly clash: string };

/**
 * The resource to create, under a name that is free beside everything owned.
 * A load balancer whose name the user chose has no other name to take.
 */
export const nameWithoutClash = (resource: Resource, actual: Actual, graph: Graph): Named => {
  if (resource.kind !== 'load-balancer' && resource.kind !== 'target-group') return { resource };
  const taken = new Set<string>();
  for (const source of [actual.owned, actual.adoptable])
    for (const other of source.values()) if (other.kind === resource.kind) taken.add(other.spec.name);
  if (!taken.has(resource.spec.name)) return { resource };
  if (resource.kind === 'load-balancer')
    return {
      clash:
        `the name ${resource.spec.name} is still taken by the load balancer it would replace, and AWS cannot change its scheme; ` +
        'change or remove the annotation load-balancer-name together with the scheme',
    };
  const owner = graph.get(resource.spec.loadBalancer);
  const name = alternativeName(
    resource.spec.name,
    owner?.kind === 'load-balancer' ? owner.spec.scheme : 'internal',
  );
  if (taken.has(name))
    return {
      clash: `both ${resource.spec.name} and ${name} are taken by target groups that are still in use`,
    };
  return { resource: { ...resource, spec: { ...resource.spec, name } } };
};
