import { type FieldTree, isJsonObject, type JsonObject, sameJson } from '../object.ts';
import type { ListShape, Shape } from '../schema/shape.ts';

/** A set of field paths. A node is in the set itself, or leads to fields that are, or both. */
export type FieldSet = { member: boolean; readonly children: Map<string, FieldSet> };

export const emptySet = (): FieldSet => ({ member: false, children: new Map() });

export const isEmptySet = (set: FieldSet): boolean => !set.member && set.children.size === 0;

/** All the fields a value sets. Atomic values and scalars are one field. */
export const fieldsOf = (value: unknown, shape: Shape): FieldSet => {
  const set = emptySet();
  const parts = partsOf(value, shape);
  if (parts === undefined) return { member: true, children: new Map() };
  for (const part of parts) {
    const inner = fieldsOf(part.value, part.shape);
    if (part.item) inner.member = true;
    set.children.set(part.key, inner);
  }
  if (parts.length === 0) set.member = true;
  return set;
};

export type Part = {
  readonly key: string;
  readonly value: unknown;
  readonly shape: Shape;
  readonly item: boolean;
};

/** The separately owned parts of a value, or undefined when it is owned as a whole. */
const partsOf = (value: unknown, shape: Shape): readonly Part[] | undefined => {
  if (shape.kind === 'struct' && isJsonObject(value) && !shape.atomic) {
    return Object.entries(value).flatMap(([name, item]) =>
      item === undefined
        ? []
        : [{ key: `f:${name}`, value: item, shape: shape.fields.get(name)?.shape ?? DEDUCED, item: false }],
    );
  }
  if (isJsonObject(value) && ((shape.kind === 'map' && !shape.atomic) || shape === DEDUCED)) {
    const of = shape.kind === 'map' ? shape.of : DEDUCED;
    return Object.entries(value).map(([name, item]) => ({
      key: `f:${name}`,
      value: item,
      shape: of,
      item: false,
    }));
  }
  if (shape.kind === 'list' && Array.isArray(value) && shape.merge !== 'atomic') {
    return value.map((item) => ({ key: itemKey(item, shape), value: item, shape: shape.of, item: true }));
  }
  return undefined;
};

/** Fields without a schema: objects merge, everything else is atomic. */
const DEDUCED: Shape = { kind: 'any' };

/** `k:{"name":"web"}` or `v:"value"`; a missing key counts with the default that Kubernetes gives it. */
export const itemKey = (item: unknown, shape: ListShape): string => {
  if (shape.merge === 'set' || !isJsonObject(item)) return `v:${JSON.stringify(item)}`;
  const keys: JsonObject = {};
  for (const key of [...shape.keys].sort()) {
    const value = item[key] ?? (key === 'protocol' ? 'TCP' : undefined);
    if (value !== undefined) keys[key] = value;
  }
  return `k:${JSON.stringify(keys)}`;
};

export const unite = (a: FieldSet, b: FieldSet): FieldSet => {
  const result: FieldSet = { member: a.member || b.member, children: new Map(a.children) };
  for (const [key, set] of b.children) {
    const other = result.children.get(key);
    result.children.set(key, other === undefined ? set : unite(other, set));
  }
  return result;
};

export const subtract = (a: FieldSet, b: FieldSet): FieldSet =>
  combine(a, b, (inA, inB) => inA && !inB, true);

export const intersect = (a: FieldSet, b: FieldSet): FieldSet =>
  combine(a, b, (inA, inB) => inA && inB, false);

const combine = (
  a: FieldSet,
  b: FieldSet,
  rule: (a: boolean, b: boolean) => boolean,
  keepAlone: boolean,
): FieldSet => {
  const result: FieldSet = { member: rule(a.member, b.member), children: new Map() };
  for (const [key, set] of a.children) {
    const other = b.children.get(key);
    if (other === undefined) {
      if (keepAlone) result.children.set(key, set);
      continue;
    }
    const inner = combine(set, other, rule, keepAlone);
    if (!isEmptySet(inner)) result.children.set(key, inner);
  }
  return result;
};

/** The fields that differ: `changed` are new or have another value, `removed` are gone. */
export const compare = (
  before: unknown,
  after: unknown,
  shape: Shape,
): { changed: FieldSet; removed: FieldSet } => {
  if (sameJson(before, after)) return { changed: emptySet(), removed: emptySet() };
  if (before === undefined) return { changed: fieldsOf(after, shape), removed: emptySet() };
  if (after === undefined) return { changed: emptySet(), removed: fieldsOf(before, shape) };
  const old = partsOf(before, shape);
  const fresh = partsOf(after, shape);
  if (old === undefined || fresh === undefined)
    return { changed: { member: true, children: new Map() }, removed: emptySet() };
  const result = { changed: emptySet(), removed: emptySet() };
  const oldParts = new Map(old.map((part) => [part.key, part]));
  const freshParts = new Map(fresh.map((part) => [part.key, part]));
  for (const key of new Set([...oldParts.keys(), ...freshParts.keys()])) {
    const had = oldParts.get(key);
    const has = freshParts.get(key);
    const part = has ?? had;
    if (part === undefined) continue;
    const inner = compare(had?.value, has?.value, part.shape);
    if (part.item && had === undefined) inner.changed.member = true;
    if (part.item && has === undefined) inner.removed.member = true;
    if (!isEmptySet(inner.changed)) result.changed.children.set(key, inner.changed);
    if (!isEmptySet(inner.removed)) result.removed.children.set(key, inner.removed);
  }
  return result;
};

export const toTree = (set: FieldSet): FieldTree => {
  const tree: FieldTree = {};
  if (set.member && set.children.size > 0) tree['.'] = {};
  for (const [key, inner] of [...set.children].sort(([a], [b]) => (a < b ? -1 : 1)))
    tree[key] = toTree(inner);
  return tree;
};

export const fromTree = (tree: FieldTree): FieldSet => {
  const keys = Object.keys(tree);
  const set: FieldSet = { member: keys.length === 0 || '.' in tree, children: new Map() };
  for (const key of keys) if (key !== '.') set.children.set(key, fromTree(tree[key] ?? {}));
  return set;
};

/** Every member as a path for people: `.spec.ports[port=80,protocol="TCP"].name`. */
export const pathsOf = (set: FieldSet, prefix = ''): readonly string[] => {
  const inner = [...set.children].flatMap(([key, child]) => pathsOf(child, prefix + pathPart(key)));
  return set.member ? [prefix, ...inner] : inner;
};

const pathPart = (key: string): string => {
  if (key.startsWith('f:')) return `.${key.slice(2)}`;
  if (key.startsWith('v:')) return `[=${key.slice(2)}]`;
  const keys: unknown = JSON.parse(key.slice(2));
  const each = isJsonObject(keys)
    ? Object.entries(keys).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    : [];
  return `[${each.join(',')}]`;
};
