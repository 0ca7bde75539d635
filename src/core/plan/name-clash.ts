/** AWS names are unique per account and Region, and a replacement has to stand beside what it replaces. */
import type { Actual } from '../model/actual.ts';
import { alternativeName } from '../model/alternative-name.ts';
import { identity, type Kind } from '../model/key.ts';
import type { Graph, Resource } from '../model/resource.ts';

export type Named = { readonly resource: Resource } | { readonly clash: string };

/** Kinds that share their names. */
const NAMESAKES: readonly (readonly Kind[])[] = [
  ['load-balancer', 'network-load-balancer'],
  ['target-group', 'network-target-group'],
];

/**
 * The resource to create, under a name that is free beside everything owned.
 * A load balancer whose name the user chose has no other name to take.
 */
export const nameWithoutClash = (resource: Resource, actual: Actual, graph: Graph): Named => {
  const namesakes = NAMESAKES.find((kinds) => kinds.includes(resource.kind));
  if (!namesakes || !('name' in resource.spec)) return { resource };
  const taken = new Set<string>();
  for (const source of [actual.owned, actual.adoptable])
    for (const { kind, spec } of source.values())
      if (namesakes.includes(kind) && 'name' in spec) taken.add(spec.name);
  if (!taken.has(resource.spec.name)) return { resource };
  const generation = generationOf(resource, graph);
  if (generation === undefined)
    return {
      clash:
        `the name ${resource.spec.name} is still taken by the load balancer it would replace, and AWS cannot change its scheme; ` +
        'change or remove the annotation load-balancer-name together with the scheme',
    };
  const name = alternativeName(resource.spec.name, generation);
  if (taken.has(name))
    return {
      clash: `both ${resource.spec.name} and ${name} are taken by ${namesakes[0]}s that are still in use`,
    };
  return { resource: { ...resource, spec: { ...resource.spec, name } } as Resource };
};

/** What tells it from what it replaces; undefined where there is no other name to take. */
const generationOf = (resource: Resource, graph: Graph): string | undefined => {
  if (resource.kind === 'target-group') {
    const owner = graph.get(resource.spec.loadBalancer);
    return owner?.kind === 'load-balancer' ? owner.spec.scheme : 'internal';
  }
  return resource.kind === 'load-balancer' ? undefined : identity(resource.key);
};
