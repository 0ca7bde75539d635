import { apiVersionOf, isReview, type Kind } from '../kinds.ts';
import type { JsonObject } from '../object.ts';
import { builtInType } from './built-in-types.ts';
import type { Field, Shape, StructShape } from './shape.ts';

/** Texts for `kubectl explain`: of a type, or of one of its fields. */
export type Descriptions = (type: string, field?: string) => string | undefined;

export type Documented = {
  readonly kind: Kind;
  /** The OpenAPI schema of a custom resource's definition; undefined for built-in kinds. */
  readonly schema: JsonObject | undefined;
};

/** The OpenAPI v3 document of one group and version. */
export const openApiDocument = (
  prefix: string,
  kinds: readonly Documented[],
  descriptions: Descriptions,
): JsonObject => {
  const schemas: JsonObject = {};
  const paths: JsonObject = {};
  for (const one of kinds) {
    const name = addKind(one, schemas, descriptions);
    for (const [path, item] of pathsOf(prefix, one.kind, name)) paths[path] = item;
  }
  for (const { name, schema } of Object.values(NAMED)) schemas[name] = schema;
  addType(builtInType('V1DeleteOptions'), schemas, descriptions);
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1.35.0' },
    paths,
    components: { schemas },
  };
};

const gvkOf = ({ group, version, kind }: Kind): JsonObject => ({ group, version, kind });

const addKind = ({ kind, schema }: Documented, schemas: JsonObject, descriptions: Descriptions): string => {
  const gvk = { 'x-kubernetes-group-version-kind': [gvkOf(kind)] };
  if (kind.type === undefined) {
    const name = `${kind.group.split('.').reverse().join('.')}.${kind.version}.${kind.kind}`;
    const meta = builtInType('V1ObjectMeta');
    addType(meta, schemas, descriptions);
    const standard = { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: refTo(meta) };
    const given = schema ?? { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
    schemas[name] = {
      ...given,
      properties: { ...(given.properties as JsonObject | undefined), ...standard },
      ...gvk,
    };
    return name;
  }
  const type = builtInType(kind.type);
  addType(type, schemas, descriptions);
  schemas[type.name] = { ...(schemas[type.name] as JsonObject), ...gvk };
  return type.name;
};

const addType = (type: StructShape, schemas: JsonObject, descriptions: Descriptions): void => {
  if (schemas[type.name] !== undefined) return;
  const properties: JsonObject = {};
  const schema: JsonObject = { type: 'object' };
  schemas[type.name] = schema;
  const text = descriptions(type.name);
  if (text !== undefined) schema.description = text;
  const required: string[] = [];
  for (const field of type.fields.values()) {
    properties[field.name] = fieldSchema(type, field, descriptions);
    if (field.required) required.push(field.name);
    for (const inner of structsIn(field.shape)) addType(inner, schemas, descriptions);
  }
  if (type.fields.size > 0) schema.properties = properties;
  if (required.length > 0) schema.required = required;
  if (type.atomic) schema['x-kubernetes-map-type'] = 'atomic';
};

const structsIn = (shape: Shape): readonly StructShape[] => {
  if (shape.kind === 'struct') return [shape];
  return shape.kind === 'list' || shape.kind === 'map' ? structsIn(shape.of) : [];
};

const refTo = (type: StructShape): JsonObject => ({
  allOf: [{ $ref: `#/components/schemas/${type.name}` }],
  default: {},
});

const fieldSchema = (owner: StructShape, field: Field, descriptions: Descriptions): JsonObject => {
  const description = descriptions(owner.name, field.name);
  return {
    ...(description === undefined ? {} : { description }),
    ...shapeSchema(field.shape),
    ...patchHints(field),
  };
};

const patchHints = ({ shape, retainKeys }: Field): JsonObject => {
  const key = shape.kind === 'list' ? shape.patchKey : undefined;
  const strategy = [key === undefined ? '' : 'merge', retainKeys ? 'retainKeys' : '']
    .filter((one) => one !== '')
    .join(',');
  return {
    ...(strategy === '' ? {} : { 'x-kubernetes-patch-strategy': strategy }),
    ...(key ? { 'x-kubernetes-patch-merge-key': key } : {}),
  };
};

const SCALARS: Readonly<Record<string, JsonObject>> = {
  string: { type: 'string' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  double: { type: 'number', format: 'double' },
  boolean: { type: 'boolean' },
  bytes: { type: 'string', format: 'byte' },
};

/** Scalars that are types with names, which `kubectl explain` shows. */
const NAMED: Readonly<Record<string, { readonly name: string; readonly schema: JsonObject }>> = {
  time: {
    name: 'io.k8s.apimachinery.pkg.apis.meta.v1.Time',
    schema: { type: 'string', format: 'date-time' },
  },
  microTime: {
    name: 'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime',
    schema: { type: 'string', format: 'date-time' },
  },
  quantity: { name: 'io.k8s.apimachinery.pkg.api.resource.Quantity', schema: { type: 'string' } },
  intOrString: {
    name: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
    schema: { oneOf: [{ type: 'integer' }, { type: 'string' }], format: 'int-or-string' },
  },
};

const shapeSchema = (shape: Shape): JsonObject => {
  if (shape.kind === 'struct') return refTo(shape);
  if (shape.kind === 'scalar') {
    const named = NAMED[shape.scalar];
    return named === undefined
      ? (SCALARS[shape.scalar] ?? {})
      : { $ref: `#/components/schemas/${named.name}` };
  }
  if (shape.kind === 'any') return { type: 'object' };
  if (shape.kind === 'map') {
    return {
      type: 'object',
      additionalProperties: shapeSchema(shape.of),
      ...(shape.atomic ? { 'x-kubernetes-map-type': 'atomic' } : {}),
    };
  }
  return {
    type: 'array',
    items: shapeSchema(shape.of),
    'x-kubernetes-list-type': shape.merge,
    ...(shape.merge === 'map' ? { 'x-kubernetes-list-map-keys': shape.keys } : {}),
  };
};

const QUERY = ['dryRun', 'fieldManager', 'fieldValidation', 'force', 'pretty'];

/** Clients look here for one thing: whether writes take fieldValidation and dryRun. */
const pathsOf = (prefix: string, kind: Kind, schema: string): readonly (readonly [string, JsonObject])[] => {
  const namespace = kind.namespaced ? '/namespaces/{namespace}' : '';
  const gvk = { 'x-kubernetes-group-version-kind': gvkOf(kind) };
  const parameters = QUERY.map((name) => ({
    name,
    in: 'query',
    schema: { type: name === 'force' ? 'boolean' : 'string', uniqueItems: true },
  }));
  const content = { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } };
  const responses = { 200: { description: 'OK', content } };
  const operation = (action: string, body = true): JsonObject => ({
    operationId: `${action}${apiVersionOf(kind)}${kind.kind}`,
    parameters,
    ...(body ? { requestBody: { content } } : {}),
    responses,
    'x-kubernetes-action': action,
    ...gvk,
  });
  const collection = [`${prefix}${namespace}/${kind.plural}`, { post: operation('post') }] as const;
  if (isReview(kind)) return [collection];
  const item: JsonObject = {
    get: operation('get', false),
    put: operation('put'),
    patch: operation('patch'),
    delete: operation('delete', false),
  };
  return [
    [collection[0], { ...collection[1], get: operation('list', false) }],
    [`${prefix}${namespace}/${kind.plural}/{name}`, item],
  ];
};
