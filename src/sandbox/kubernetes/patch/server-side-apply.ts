import { ApiError, type Cause } from '../api/errors.ts';
import { copyJson, isJsonObject, type JsonObject, type KubeObject, sameJson } from '../object.ts';
import type { ListShape, Shape, StructShape } from '../schema/shape.ts';
import {
  compare,
  emptySet,
  type FieldSet,
  fromTree,
  intersect,
  isEmptySet,
  itemKey,
  pathsOf,
  subtract,
  toTree,
  unite,
} from './field-set.ts';
import { entryOf, intern, isWriter, ownableFields, type Writer, withEntries } from './managed-fields.ts';

/**
 * Server-side apply of `config` onto `live`: sets what the manager asks for, removes what it asked for before and
 * no longer does unless somebody else owns it, and refuses to change what others own unless `force`.
 */
export const applyServerSide = (
  live: KubeObject,
  config: KubeObject,
  shape: StructShape,
  writer: Writer,
  force: boolean,
): KubeObject => {
  const wanted = ownableFields(config, shape);
  const entries = live.metadata.managedFields ?? [];
  const others = entries.filter((entry) => !isWriter(entry, writer));
  const before = entries.find((entry) => isWriter(entry, writer));
  const merged = mergeStruct(live, config, shape);
  const dropped = before === undefined ? emptySet() : subtract(fromTree(before.fieldsV1), wanted);
  const held = others.reduce((set, entry) => unite(set, fromTree(entry.fieldsV1)), emptySet());
  const pruned = removeFields(merged, subtract(dropped, held), shape) as JsonObject;
  const changed = intersect(compare(live, pruned, shape).changed, wanted);
  const conflicts = others.flatMap((entry) => {
    const contested = intersect(fromTree(entry.fieldsV1), changed);
    return isEmptySet(contested) ? [] : [{ entry, contested }];
  });
  if (conflicts.length > 0 && !force) throw conflictError(conflicts);
  const kept = others.flatMap((entry) => {
    const rest = subtract(fromTree(entry.fieldsV1), changed);
    return isEmptySet(rest)
      ? []
      : [sameSet(rest, entry.fieldsV1) ? entry : { ...entry, fieldsV1: intern(toTree(rest)) }];
  });
  const mine = entryOf(writer, wanted);
  const unchanged = before !== undefined && sameJson(before.fieldsV1, mine.fieldsV1);
  return withEntries(pruned as KubeObject, [...kept, unchanged ? before : mine]);
};

const sameSet = (set: FieldSet, tree: Parameters<typeof fromTree>[0]): boolean => sameJson(toTree(set), tree);

const mergeStruct = (have: JsonObject, want: JsonObject, shape: Shape): JsonObject => {
  const result: JsonObject = { ...have };
  for (const [key, value] of Object.entries(want))
    result[key] = mergeValue(have[key], value, fieldShape(shape, key));
  return result;
};

const fieldShape = (shape: Shape, name: string): Shape => {
  if (shape.kind === 'struct') return shape.fields.get(name)?.shape ?? ANY;
  return shape.kind === 'map' ? shape.of : ANY;
};
const ANY: Shape = { kind: 'any' };

const mergeValue = (have: unknown, want: unknown, shape: Shape): unknown => {
  const atomic = (shape.kind === 'struct' || shape.kind === 'map') && shape.atomic;
  if (isJsonObject(want) && isJsonObject(have) && !atomic) return mergeStruct(have, want, shape);
  if (Array.isArray(want) && Array.isArray(have) && shape.kind === 'list' && shape.merge !== 'atomic') {
    return mergeItems(have, want, shape);
  }
  return copyJson(want);
};

/** The manager's items in its order; items it does not name keep their place before the next named one. */
const mergeItems = (have: readonly unknown[], want: readonly unknown[], shape: ListShape): unknown[] => {
  const result = [...have];
  for (const item of want) {
    const key = itemKey(item, shape);
    const at = result.findIndex((one) => itemKey(one, shape) === key);
    if (at < 0) result.push(copyJson(item));
    else result[at] = mergeValue(result[at], item, shape.of);
  }
  return result;
};

const removeFields = (value: unknown, away: FieldSet, shape: Shape): unknown => {
  if (away.children.size === 0) return value;
  if (Array.isArray(value) && shape.kind === 'list') {
    return value.flatMap((item) => {
      const set = away.children.get(itemKey(item, shape));
      if (set === undefined) return [item];
      return set.member ? [] : [removeFields(item, set, shape.of)];
    });
  }
  if (!isJsonObject(value)) return value;
  const result: JsonObject = { ...value };
  for (const [key, set] of away.children) {
    const name = key.slice(2);
    if (result[name] === undefined) continue;
    const rest =
      set.children.size === 0 ? undefined : removeFields(result[name], set, fieldShape(shape, name));
    if (rest === undefined || isHollow(rest, result[name])) delete result[name];
    else result[name] = rest;
  }
  return result;
};

/** Whether removing its fields left nothing of a value that had something. */
const isHollow = (rest: unknown, before: unknown): boolean => isSize(rest, 0) && !isSize(before, 0);
const isSize = (value: unknown, size: number): boolean =>
  Array.isArray(value) ? value.length === size : isJsonObject(value) && Object.keys(value).length === size;

type Conflict = {
  readonly entry: {
    readonly manager: string;
    readonly operation: string;
    readonly apiVersion: string;
    readonly subresource?: string;
    readonly time?: string;
  };
  readonly contested: FieldSet;
};

const conflictError = (conflicts: readonly Conflict[]): ApiError => {
  const causes: Cause[] = conflicts.flatMap(({ entry, contested }) =>
    pathsOf(contested).map((field) => ({
      reason: 'FieldManagerConflict',
      message: `conflict with ${whoIs(entry)}`,
      field,
    })),
  );
  const count = causes.length;
  const managers = conflicts.map(({ entry, contested }) => {
    const paths = pathsOf(contested);
    return paths.length === 1
      ? `conflict with ${whoIs(entry)}: ${paths[0]}`
      : `conflicts with ${whoIs(entry)}:\n${paths.map((path) => `- ${path}`).join('\n')}`;
  });
  const text = count === 1 ? managers[0] : `${managers.join('\n')}`;
  return new ApiError(
    409,
    'Conflict',
    `Apply failed with ${count} conflict${count === 1 ? '' : 's'}: ${text}`,
    { causes },
  );
};

const whoIs = (entry: Conflict['entry']): string => {
  const subresource = entry.subresource === undefined ? '' : ` with subresource "${entry.subresource}"`;
  const using = entry.operation === 'Apply' ? '' : ` using ${entry.apiVersion}`;
  return `"${entry.manager}"${subresource}${using}`;
};
