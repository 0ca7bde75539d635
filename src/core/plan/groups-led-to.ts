/** Target groups that listeners and rules forward to, as the plan makes them or as AWS has them. */
import type { Actual } from '../model/actual.ts';
import type { Key } from '../model/key.ts';
import { references } from '../model/references.ts';
import type { Resource } from '../model/resource.ts';
import type { Operation } from './plan.ts';

/** The target group of a key; undefined when neither the plan nor AWS has it. */
export type GroupOf = (key: Key) => Resource<'target-group'> | undefined;

export const groupLookup = (operations: readonly Operation[], actual: Actual): GroupOf => {
  const made = new Map(
    operations.flatMap((it): [Key, Resource][] => ('resource' in it ? [[it.key, it.resource]] : [])),
  );
  return (key) => {
    const found = actual.owned.get(key) ?? actual.adoptable.get(key) ?? made.get(key);
    return found?.kind === 'target-group' ? found : undefined;
  };
};

/** Those that a listener's default actions or a rule's actions forward to; none of other resources. */
export const groupsOf = (resource: Resource, groupOf: GroupOf): readonly Resource<'target-group'>[] =>
  resource.kind === 'listener' || resource.kind === 'rule'
    ? references(resource).flatMap((key) => groupOf(key) ?? [])
    : [];
