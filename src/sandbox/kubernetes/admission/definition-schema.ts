import { type Cause, required } from '../api/errors.ts';
import { isJsonObject, type JsonObject, valueAt } from '../object.ts';

/**
 * What is wrong with the schemas of a definition: each version needs one, and each place in it a type.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */
export const checkSchemas = (definition: unknown): readonly Cause[] =>
  versionsOf(definition).flatMap((version, at) => {
    const field = `spec.versions[${at}].schema.openAPIV3Schema`;
    const schema = valueAt(version, 'schema', 'openAPIV3Schema');
    if (!isJsonObject(schema)) return [required(field, 'schemas are required')];
    return schema.type === undefined
      ? [required(`${field}.type`, 'must not be empty at the root'), ...untyped(schema, field)]
      : untyped(schema, field);
  });

/** Where a definition asks for what the sandbox cannot do: rules in CEL. */
export const unevaluated = (definition: unknown): readonly string[] =>
  versionsOf(definition).flatMap((version) => {
    const paths = rulesIn(valueAt(version, 'schema', 'openAPIV3Schema'), '');
    const named = paths.map((path) => path || 'the root').join(', ');
    return paths.length === 0
      ? []
      : [
          `the sandbox has no CEL: x-kubernetes-validations of ${String(version.name)} at ${named} are kept and never checked`,
        ];
  });

const versionsOf = (definition: unknown): readonly JsonObject[] => {
  const versions = valueAt(definition, 'spec', 'versions');
  return Array.isArray(versions) ? versions.map((one: unknown) => (isJsonObject(one) ? one : {})) : [];
};

type Inner = { readonly schema: JsonObject; readonly field: string; readonly kind: string };

const innerOf = (schema: JsonObject, field: string): readonly Inner[] => {
  const { properties, items, additionalProperties } = schema;
  const all: Inner[] = [];
  for (const [name, inner] of Object.entries(isJsonObject(properties) ? properties : {}))
    if (isJsonObject(inner))
      all.push({ schema: inner, field: `${field}.properties[${name}]`, kind: 'object fields' });
  if (isJsonObject(items)) all.push({ schema: items, field: `${field}.items`, kind: 'array items' });
  if (isJsonObject(additionalProperties))
    all.push({ schema: additionalProperties, field: `${field}.additionalProperties`, kind: 'object fields' });
  return all;
};

/** A place may go without a type only where anything, or a number or text, is allowed. */
const untyped = (owner: JsonObject, field: string): readonly Cause[] =>
  innerOf(owner, field).flatMap(({ schema, field: path, kind }) => {
    const free =
      schema['x-kubernetes-int-or-string'] === true ||
      schema['x-kubernetes-preserve-unknown-fields'] === true;
    const bare = schema.type === undefined && !free;
    const why = `must not be empty for specified ${kind}`;
    return [...(bare ? [required(`${path}.type`, why)] : []), ...untyped(schema, path)];
  });

const rulesIn = (schema: unknown, path: string): readonly string[] => {
  if (!isJsonObject(schema)) return [];
  const rules = schema['x-kubernetes-validations'];
  const inner = innerOf(schema, '').flatMap((one) =>
    rulesIn(
      one.schema,
      `${path}${one.field.replace(/^\.properties\[(.*)\]$/, '.$1').replace('.items', '[]')}`,
    ),
  );
  return Array.isArray(rules) && rules.length > 0 ? [path, ...inner] : inner;
};
