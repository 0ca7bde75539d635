import type { FieldTree, KubeObject, ManagedFieldsEntry } from '../object.ts';
import { kubeTime } from '../object.ts';
import type { StructShape } from '../schema/shape.ts';
import {
  compare,
  emptySet,
  type FieldSet,
  fieldsOf,
  fromTree,
  isEmptySet,
  subtract,
  toTree,
  unite,
} from './field-set.ts';

/** Who wrote, how and through which subresource: one entry of metadata.managedFields each. */
export type Writer = {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string | undefined;
};

/** Fields nobody owns: identity and what the server itself keeps. */
const UNOWNED = fromTree({
  'f:apiVersion': {},
  'f:kind': {},
  'f:metadata': Object.fromEntries(
    `name namespace generateName uid selfLink creationTimestamp deletionTimestamp deletionGracePeriodSeconds resourceVersion
    generation managedFields`
      .split(/\s+/)
      .map((name) => [`f:${name}`, {}]),
  ),
});
const UNOWNED_NODES = ['f:metadata', 'f:spec', 'f:status'];

/** The fields of an object that a manager can own. */
export const ownableFields = (object: unknown, shape: StructShape): FieldSet =>
  withoutUnowned(fieldsOf(object, shape));

const withoutUnowned = (set: FieldSet): FieldSet => {
  const rest = subtractDeep(set, UNOWNED);
  for (const key of UNOWNED_NODES) {
    const node = rest.children.get(key);
    if (node !== undefined && node.children.size === 0 && key === 'f:metadata') rest.children.delete(key);
  }
  return rest;
};

/** Takes away the named fields with everything below them. */
const subtractDeep = (set: FieldSet, away: FieldSet): FieldSet => {
  const result: FieldSet = { member: set.member, children: new Map() };
  for (const [key, inner] of set.children) {
    const other = away.children.get(key);
    if (other?.member) continue;
    result.children.set(key, other === undefined ? inner : subtractDeep(inner, other));
  }
  return result;
};

/** After a create, update or patch: the writer owns what it changed, the others lose it. */
export const afterUpdate = (
  before: KubeObject | undefined,
  after: KubeObject,
  shape: StructShape,
  writer: Writer,
): KubeObject => {
  const { changed, removed } = compare(before, after, shape);
  const mine = withoutUnowned(changed);
  const gone = withoutUnowned(removed);
  const entries = after.metadata.managedFields ?? before?.metadata.managedFields ?? [];
  if (isEmptySet(mine) && isEmptySet(gone)) return withEntries(after, entries);
  const lost = unite(mine, gone);
  const kept: ManagedFieldsEntry[] = [];
  let own = emptySet();
  for (const entry of entries) {
    const rest = subtract(fromTree(entry.fieldsV1), isWriter(entry, writer) ? gone : lost);
    if (isWriter(entry, writer)) own = rest;
    else if (!isEmptySet(rest)) kept.push({ ...entry, fieldsV1: intern(toTree(rest)) });
  }
  const set = unite(own, mine);
  return withEntries(after, isEmptySet(set) ? kept : [...kept, entryOf(writer, set)]);
};

export const isWriter = (entry: ManagedFieldsEntry, writer: Writer): boolean =>
  entry.manager === writer.manager &&
  entry.operation === writer.operation &&
  entry.apiVersion === writer.apiVersion &&
  (entry.subresource ?? undefined) === writer.subresource;

export const entryOf = (writer: Writer, set: FieldSet): ManagedFieldsEntry => ({
  manager: writer.manager,
  operation: writer.operation,
  apiVersion: writer.apiVersion,
  time: kubeTime(),
  fieldsType: 'FieldsV1',
  fieldsV1: intern(toTree(set)),
  ...(writer.subresource === undefined ? {} : { subresource: writer.subresource }),
});

export const withEntries = (object: KubeObject, entries: readonly ManagedFieldsEntry[]): KubeObject => {
  const { managedFields: _, ...metadata } = object.metadata;
  return {
    ...object,
    metadata: entries.length === 0 ? metadata : { ...metadata, managedFields: [...entries] },
  };
};

/** Objects made by one program share their trees: ten thousand alike cost the memory of one. */
const interned = new Map<string, FieldTree>();
export const intern = (tree: FieldTree): FieldTree => {
  const text = JSON.stringify(tree);
  const known = interned.get(text);
  if (known !== undefined) return known;
  if (interned.size > 2_000) interned.clear();
  interned.set(text, tree);
  return tree;
};
