import { badRequest } from '../api/errors.ts';
import { copyJson, isJsonObject, type JsonObject, sameJson } from '../object.ts';
import type { ListShape, Shape } from '../schema/shape.ts';

/**
 * Strategic merge patch: like a merge patch, but lists with a merge key merge item by item, and `$patch`,
 * `$retainKeys`, `$setElementOrder/…` and `$deleteFromPrimitiveList/…` direct it. Returns a changed copy.
 */
export const applyStrategicMerge = (document: JsonObject, patch: JsonObject, shape: Shape): JsonObject => {
  if (patch.$patch === 'delete') return {};
  if (patch.$patch === 'replace') return withoutDirectives(patch);
  if (patch.$patch !== undefined && patch.$patch !== 'merge')
    throw badRequest(`unknown $patch type: ${String(patch.$patch)}`);
  const result: JsonObject = { ...document };
  if (Array.isArray(patch.$retainKeys)) {
    for (const key of Object.keys(result)) if (!patch.$retainKeys.includes(key)) delete result[key];
  }
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$')) continue;
    if (value === null) delete result[key];
    else result[key] = mergeValue(result[key], value, fieldShape(shape, key));
  }
  applyListDirectives(result, patch, shape);
  return result;
};

const fieldShape = (shape: Shape, name: string): Shape => {
  if (shape.kind === 'struct') return shape.fields.get(name)?.shape ?? ANY;
  return shape.kind === 'map' ? shape.of : ANY;
};

const ANY: Shape = { kind: 'any' };

const mergeValue = (have: unknown, want: unknown, shape: Shape): unknown => {
  if (isJsonObject(want)) return applyStrategicMerge(isJsonObject(have) ? have : {}, want, shape);
  if (!Array.isArray(want) || shape.kind !== 'list' || shape.patchKey === undefined) return copyJson(want);
  return mergeList(Array.isArray(have) ? have : [], want, shape, shape.patchKey);
};

const mergeList = (
  have: readonly unknown[],
  want: readonly unknown[],
  shape: ListShape,
  key: string,
): unknown[] => {
  if (key === '') return [...have, ...want.filter((item) => !have.some((one) => sameJson(one, item)))];
  const replacing = want.some(
    (item) => isJsonObject(item) && item.$patch === 'replace' && item[key] === undefined,
  );
  if (replacing) return want.filter((item) => !isJsonObject(item) || item.$patch === undefined).map(copyJson);
  const result = [...have];
  for (const item of want) {
    if (!isJsonObject(item)) throw badRequest(`a list merged by "${key}" must hold objects`);
    const value = item[key];
    if (value === undefined)
      throw badRequest(`map: ${JSON.stringify(item)} does not contain declared merge key: ${key}`);
    const at = result.findIndex((one) => isJsonObject(one) && one[key] === value);
    const found = result[at];
    if (item.$patch === 'delete') {
      if (at >= 0) result.splice(at, 1);
    } else if (isJsonObject(found)) result[at] = applyStrategicMerge(found, item, shape.of);
    else result.push(applyStrategicMerge({}, item, shape.of));
  }
  return result;
};

const applyListDirectives = (result: JsonObject, patch: JsonObject, shape: Shape): void => {
  for (const [key, value] of Object.entries(patch)) {
    const [directive, name = ''] = key.split('/', 2);
    const list = result[name];
    if (!Array.isArray(value) || !Array.isArray(list)) continue;
    if (directive === '$deleteFromPrimitiveList') {
      result[name] = list.filter((item) => !value.some((one) => sameJson(one, item)));
    } else if (directive === '$setElementOrder') {
      const inner = fieldShape(shape, name);
      result[name] = ordered(list, value, inner.kind === 'list' ? inner.patchKey : undefined);
    }
  }
};

/** Listed items in the order given; items only the server knows stay before the listed one they stood before. */
const ordered = (list: readonly unknown[], order: readonly unknown[], key: string | undefined): unknown[] => {
  const identity = (item: unknown): unknown =>
    key !== undefined && key !== '' && isJsonObject(item) ? item[key] : item;
  const places = order.map(identity);
  const place = (item: unknown): number => places.findIndex((one) => sameJson(one, identity(item)));
  const listed = list.filter((item) => place(item) >= 0).sort((a, b) => place(a) - place(b));
  const others = list.filter((item) => place(item) < 0);
  const result: unknown[] = [];
  for (const item of listed) {
    while (others.length > 0 && list.indexOf(others[0]) < list.indexOf(item)) result.push(others.shift());
    result.push(item);
  }
  return [...result, ...others];
};

const withoutDirectives = (patch: JsonObject): JsonObject =>
  copyJson(Object.fromEntries(Object.entries(patch).filter(([key]) => !key.startsWith('$'))));
