import { type Cause, duplicate } from '../api/errors.ts';
import { isJsonObject, type JsonObject, sameJson } from '../object.ts';

/** What `x-kubernetes-list-type` asks of a list: a set holds nothing twice, a map no two items of the same keys. */
export const checkListType = (
  list: readonly unknown[],
  schema: JsonObject,
  path: string,
): readonly Cause[] => {
  const identity = IDENTITIES[String(schema['x-kubernetes-list-type'])];
  if (identity === undefined) return [];
  const keys = schema['x-kubernetes-list-map-keys'];
  const all = list.map((item) => identity(item, Array.isArray(keys) ? keys.map(String) : []));
  return all.flatMap((one, at) =>
    all.slice(0, at).some((earlier) => sameJson(earlier, one)) ? [duplicate(`${path}[${at}]`, one)] : [],
  );
};

const IDENTITIES: Readonly<Record<string, (item: unknown, keys: readonly string[]) => unknown>> = {
  set: (item) => item,
  map: (item, keys) =>
    Object.fromEntries(
      keys.flatMap((key) => (isJsonObject(item) && item[key] !== undefined ? [[key, item[key]]] : [])),
    ),
};
