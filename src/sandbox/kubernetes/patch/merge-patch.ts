import { copyJson, isJsonObject, type JsonObject } from '../object.ts';

/** JSON Merge Patch (RFC 7386): null removes, objects merge, everything else replaces. Returns a changed copy. */
export const applyMergePatch = (document: unknown, patch: unknown): unknown => {
  if (!isJsonObject(patch)) return copyJson(patch);
  const result: JsonObject = isJsonObject(document) ? { ...document } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = applyMergePatch(result[key], value);
  }
  return result;
};
