/**
 * What the 2017 controller left and nobody wants. It is cleared away with the rest, but is made ours first, by tags:
 * whoever looks next, after a crash say, must find in it what it is, and the recommended IAM policy lets us delete
 * only what carries them.
 */
import type { Actual } from '../model/actual.ts';
import { differences } from '../model/fields.ts';
import type { Key } from '../model/key.ts';
import type { Graph, Resource } from '../model/resource.ts';
import type { Update } from './plan.ts';

export type TakenOver = {
  /** As if it were ours already. */
  readonly actual: Actual;
  /** What makes it so. */
  readonly taken: readonly Update[];
};

/** Nothing of it is touched before a load balancer of the stack is wanted, or ours. */
export const takeOver = (desired: Graph, actual: Actual): TakenOver => {
  const hasBalancer = [...desired.values(), ...actual.owned.values()].some(
    (resource) => resource.kind === 'load-balancer',
  );
  if (!hasBalancer) return { actual, taken: [] };
  const isTaken = (key: Key): boolean => actual.retirable.has(key) && !desired.has(key);
  const taken = [...actual.adoptable].filter(([key]) => isTaken(key));
  return {
    actual: {
      ...actual,
      owned: new Map([...actual.owned, ...taken]),
      adoptable: new Map([...actual.adoptable].filter(([key]) => !isTaken(key))),
    },
    taken: taken.flatMap(([key, resource]) => tagging(resource, actual.retirable.get(key) ?? {})),
  };
};

const tagging = (resource: Resource, tags: Resource<'rule'>['spec']['tags']): readonly Update[] => {
  if (!('tags' in resource.spec)) return [];
  const ours = {
    ...resource,
    spec: { ...resource.spec, tags: { ...resource.spec.tags, ...tags } },
  } as Resource;
  const changes = differences(resource.kind, ours.spec as typeof resource.spec, resource.spec);
  return changes.length > 0 ? [{ verb: 'adopt', key: resource.key, resource: ours, changes, after: [] }] : [];
};
