import { type Cause, invalidValue, notSupported, required } from '../api/errors.ts';
import { isJsonObject, type JsonObject } from '../object.ts';
import { isOfFormat } from './json-formats.ts';
import { checkListType } from './json-lists.ts';

/** What is wrong with a custom resource, by the OpenAPI schema of its definition. */
export const checkSchema = (value: unknown, schema: JsonObject, path: string): readonly Cause[] => {
  if (value === undefined || (value === null && schema.nullable === true)) return [];
  const problem = checkType(value, schema, path);
  if (problem !== undefined) return [problem];
  const causes: Cause[] = [...checkBounds(value, schema, path)];
  if (Array.isArray(schema.enum) && !schema.enum.some((one) => one === value)) {
    causes.push(notSupported(path, value, schema.enum.map(String)));
  }
  if (isJsonObject(value)) causes.push(...checkMembers(value, schema, path));
  if (Array.isArray(value)) causes.push(...checkListType(value, schema, path));
  if (Array.isArray(value) && isJsonObject(schema.items)) {
    const items = schema.items;
    value.forEach((item, at) => {
      causes.push(...checkSchema(item, items, `${path}[${at}]`));
    });
  }
  return causes;
};

const join = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);

const checkMembers = (value: JsonObject, schema: JsonObject, path: string): readonly Cause[] => {
  const causes: Cause[] = [];
  for (const name of Array.isArray(schema.required) ? schema.required.map(String) : []) {
    if (value[name] === undefined || value[name] === null) causes.push(required(join(path, name)));
  }
  const properties: JsonObject = isJsonObject(schema.properties) ? schema.properties : {};
  for (const [name, item] of Object.entries(value)) {
    const inner = properties[name] ?? schema.additionalProperties;
    const top = path === '' && (name === 'metadata' || name === 'apiVersion' || name === 'kind');
    if (isJsonObject(inner) && !top) causes.push(...checkSchema(item, inner, join(path, name)));
  }
  return causes;
};

const checkType = (value: unknown, schema: JsonObject, path: string): Cause | undefined => {
  const given = typeOf(value);
  if (schema['x-kubernetes-int-or-string'] === true) {
    return given === 'integer' || given === 'string' ? undefined : wrongType(path, given, 'integer,string');
  }
  const wanted = schema.type;
  if (typeof wanted !== 'string' || wanted === given || (wanted === 'number' && given === 'integer'))
    return undefined;
  return wrongType(path, given, wanted);
};

const wrongType = (path: string, given: string, wanted: string): Cause => ({
  reason: 'FieldValueTypeInvalid',
  message: `Invalid value: "${given}": ${path} in body must be of type ${wanted}: "${given}"`,
  field: path,
});

const typeOf = (value: unknown): string => {
  if (Array.isArray(value)) return 'array';
  if (value === null) return 'null';
  return typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value;
};

const checkBounds = (value: unknown, schema: JsonObject, path: string): readonly Cause[] => {
  const causes: Cause[] = [];
  const over = (limit: unknown, size: number): boolean => typeof limit === 'number' && size > limit;
  const under = (limit: unknown, size: number): boolean => typeof limit === 'number' && size < limit;
  const bad = (why: string): void => void causes.push(invalidValue(path, value, `${path} in body ${why}`));
  if (typeof value === 'number') {
    if (under(schema.minimum, value)) bad(`should be greater than or equal to ${String(schema.minimum)}`);
    if (over(schema.maximum, value)) bad(`should be less than or equal to ${String(schema.maximum)}`);
  }
  if (typeof value === 'string') {
    if (under(schema.minLength, value.length))
      bad(`should be at least ${String(schema.minLength)} chars long`);
    if (over(schema.maxLength, value.length)) bad(`should be at most ${String(schema.maxLength)} chars long`);
    if (typeof schema.pattern === 'string' && !new RegExp(schema.pattern).test(value))
      bad(`should match '${schema.pattern}'`);
    if (!isOfFormat(value, schema.format))
      bad(`must be of type ${String(schema.format)}: ${JSON.stringify(value)}`);
  }
  if (Array.isArray(value)) {
    if (under(schema.minItems, value.length)) bad(`should have at least ${String(schema.minItems)} items`);
    if (over(schema.maxItems, value.length)) bad(`should have at most ${String(schema.maxItems)} items`);
  }
  return causes;
};

/** The value with the defaults of its schema filled in, at every depth that is present. */
export const fillDefaults = (value: unknown, schema: JsonObject): unknown => {
  if (Array.isArray(value) && isJsonObject(schema.items)) {
    const items = schema.items;
    return value.map((item) => fillDefaults(item, items));
  }
  if (!isJsonObject(value)) return value;
  const result: JsonObject = { ...value };
  const properties: JsonObject = isJsonObject(schema.properties) ? schema.properties : {};
  for (const [name, inner] of Object.entries(properties)) {
    if (!isJsonObject(inner)) continue;
    if (result[name] === undefined && inner.default !== undefined) result[name] = inner.default;
    if (result[name] !== undefined) result[name] = fillDefaults(result[name], inner);
  }
  if (isJsonObject(schema.additionalProperties)) {
    for (const [name, item] of Object.entries(result)) {
      if (!Object.hasOwn(properties, name)) result[name] = fillDefaults(item, schema.additionalProperties);
    }
  }
  return result;
};
