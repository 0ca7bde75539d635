/** What AWS holds after a plan, or after its first operations: the plan's meaning, used by laws and by `apply`. */
import type { Actual } from '../model/actual.ts';
import { FIELDS, missingTags, type Row, staleTags } from '../model/fields.ts';
import type { Key } from '../model/key.ts';
import { parent } from '../model/references.ts';
import type { Attributes, Resource } from '../model/resource.ts';
import type { Tags } from '../model/tags.ts';
import type { Operation } from './plan.ts';

/** The state after one operation has been done. Identifiers AWS gives are left to the caller. */
export const afterOperation = (actual: Actual, operation: Operation): Actual => {
  const owned = new Map<Key, Resource>(actual.owned);
  const adoptable = new Map<Key, Resource>(actual.adoptable);
  switch (operation.verb) {
    case 'create':
      owned.set(operation.key, operation.resource);
      break;
    case 'update':
    case 'prepare':
    case 'adopt': {
      const have = owned.get(operation.key) ?? adoptable.get(operation.key);
      adoptable.delete(operation.key);
      owned.set(operation.key, have ? changed(have, operation.resource) : operation.resource);
      break;
    }
    case 'move':
      for (const move of operation.moves)
        for (const graph of [owned, adoptable]) {
          const rule = graph.get(move.rule);
          if (rule?.kind === 'rule')
            graph.set(move.rule, { ...rule, spec: { ...rule.spec, priority: move.to } });
        }
      break;
    case 'delete':
      remove([owned, adoptable], operation.key);
  }
  return { ...actual, owned, adoptable };
};

export const afterPlan = (actual: Actual, operations: readonly Operation[]): Actual =>
  operations.reduce(afterOperation, actual);

/** AWS keeps what an update does not mention: the name, attributes and tags of others, a rule's priority. */
const changed = (have: Resource, want: Resource): Resource => {
  const spec: Record<string, unknown> = { ...have.spec };
  for (const [field, row] of Object.entries(FIELDS[want.kind]) as [string, Row<unknown>][])
    if (row.change === 'update' || row.change === 'order') {
      const wanted = (want.spec as Record<string, unknown>)[field];
      if (wanted === undefined && row.keeps) continue;
      if (wanted === undefined) delete spec[field];
      else spec[field] = wanted;
    }
  if (have.kind === 'rule') spec.priority = have.spec.priority;
  const attributes = { ...attributesOf(have), ...attributesOf(want) };
  if (Object.keys(attributes).length > 0) spec.attributes = attributes;
  if ('tags' in want.spec && 'tags' in have.spec) spec.tags = mergedTags(want.spec.tags, have.spec.tags);
  return { ...have, spec } as unknown as Resource;
};

const attributesOf = ({ spec }: Resource): Attributes =>
  'attributes' in spec ? (spec.attributes ?? {}) : {};

const mergedTags = (want: Tags, have: Tags): Tags => {
  const stale = staleTags(want, have);
  return {
    ...Object.fromEntries(Object.entries(have).filter(([name]) => !stale.includes(name))),
    ...missingTags(want, have),
  };
};

/** What is ours may have children that are not. */
const remove = (graphs: readonly Map<Key, Resource>[], key: Key): void => {
  const children = graphs.flatMap((graph) => [...graph.values()].filter((it) => parent(it) === key));
  for (const graph of graphs) graph.delete(key);
  for (const child of children) remove(graphs, child.key);
};
