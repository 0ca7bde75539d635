import { isJsonObject, type JsonObject } from '../object.ts';
import { builtInType } from './built-in-types.ts';
import type { Field, Shape, StructShape } from './shape.ts';

/** The type of a custom resource, from the OpenAPI schema of its definition; without one anything goes. */
export const shapeFromSchema = (schema: JsonObject | undefined, name: string): StructShape => {
  const inner = schema === undefined ? undefined : structOf(schema, name);
  const fields = new Map<string, Field>(inner?.fields);
  fields.set('apiVersion', field('apiVersion', STRING));
  fields.set('kind', field('kind', STRING));
  fields.set('metadata', field('metadata', builtInType('V1ObjectMeta')));
  return {
    kind: 'struct',
    name,
    fields,
    atomic: false,
    open: inner === undefined || inner.open,
    loose: true,
  };
};

const STRING: Shape = { kind: 'scalar', scalar: 'string' };

const field = (name: string, shape: Shape): Field => ({
  name,
  required: false,
  shape,
  numbers: [],
  zeroCounts: true,
  retainKeys: false,
});

const structOf = (schema: JsonObject, name: string): StructShape => {
  const properties: JsonObject = isJsonObject(schema.properties) ? schema.properties : {};
  const fields = new Map<string, Field>();
  for (const [key, inner] of Object.entries(properties)) {
    if (isJsonObject(inner)) fields.set(key, field(key, shapeOf(inner, `${name}.${key}`)));
  }
  return {
    kind: 'struct',
    name,
    fields,
    atomic: schema['x-kubernetes-map-type'] === 'atomic',
    open:
      schema['x-kubernetes-preserve-unknown-fields'] === true ||
      schema['x-kubernetes-embedded-resource'] === true,
    loose: true,
  };
};

const shapeOf = (schema: JsonObject, name: string): Shape => {
  if (schema['x-kubernetes-int-or-string'] === true) return { kind: 'any' };
  if (schema.type === 'array') return listOf(schema, name);
  if (isJsonObject(schema.properties)) return structOf(schema, name);
  if (isJsonObject(schema.additionalProperties)) {
    return {
      kind: 'map',
      of: shapeOf(schema.additionalProperties, name),
      atomic: schema['x-kubernetes-map-type'] === 'atomic',
    };
  }
  if (schema.type === 'object' && schema['x-kubernetes-preserve-unknown-fields'] !== true)
    return structOf(schema, name);
  // Values of a wrong type are refused by checkSchema, which words it as a real API server does for custom resources.
  return { kind: 'any' };
};

const listOf = (schema: JsonObject, name: string): Shape => {
  const type = schema['x-kubernetes-list-type'];
  const keys = schema['x-kubernetes-list-map-keys'];
  return {
    kind: 'list',
    of: isJsonObject(schema.items) ? shapeOf(schema.items, name) : { kind: 'any' },
    merge: type === 'map' || type === 'set' ? type : 'atomic',
    keys: Array.isArray(keys) ? keys.map(String) : [],
    patchKey: undefined,
  };
};
