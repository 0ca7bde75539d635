import { isJsonObject, type JsonObject } from '../object.ts';
import type { Scalar, Shape, StructShape } from './shape.ts';

/** A value that cannot be read as its type; the message is worded as Go's JSON decoder words it. */
export class WrongType extends Error {}

/**
 * Reads a body against its type: drops nulls and unknown fields and collects the latter's paths into `unknown`.
 * Throws WrongType for a value of the wrong type.
 */
export const readAs = (value: unknown, shape: StructShape, unknown: string[]): JsonObject =>
  readStruct(value, shape, { path: '', goPath: [], owner: shape, unknown });

type Here = {
  /** With indexes, for people. */
  readonly path: string;
  /** Without indexes, as Go reports it. */
  readonly goPath: readonly string[];
  readonly owner: StructShape;
  readonly unknown: string[];
};

const readStruct = (value: unknown, shape: StructShape, here: Here): JsonObject => {
  if (!isJsonObject(value)) throw wrong(value, goName(shape), here);
  const result: JsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    const path = here.path === '' ? key : `${here.path}.${key}`;
    const field = shape.fields.get(key);
    if (field === undefined) {
      if (shape.open) result[key] = item;
      else here.unknown.push(path);
    } else if (item !== null && item !== undefined) {
      const next = { path, goPath: [...here.goPath, key], owner: shape, unknown: here.unknown };
      result[key] = readShape(item, field.shape, next);
    }
  }
  return result;
};

/** Only what a custom resource has below its metadata. */
const isLoose = (shape: Shape, { owner }: Here): boolean =>
  shape.kind === 'struct' ? shape.loose === true : shape.kind !== 'scalar' && owner.loose === true;

const readShape = (value: unknown, shape: Shape, here: Here): unknown => {
  const fits = shape.kind === 'list' ? Array.isArray(value) : isJsonObject(value);
  if (!fits && isLoose(shape, here)) return value;
  if (shape.kind === 'struct') return readStruct(value, shape, here);
  if (shape.kind === 'scalar') return readScalar(value, shape.scalar, here);
  if (shape.kind === 'any') return value;
  if (shape.kind === 'list') {
    if (!Array.isArray(value)) throw wrong(value, goName(shape), here);
    return value.map((item, at) => readShape(item, shape.of, { ...here, path: `${here.path}[${at}]` }));
  }
  if (!isJsonObject(value)) throw wrong(value, goName(shape), here);
  const result: JsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    result[key] = readShape(item ?? '', shape.of, { ...here, path: `${here.path}.${key}` });
  }
  return result;
};

const QUANTITY = /^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

const readScalar = (value: unknown, scalar: Scalar, here: Here): unknown => {
  const complaint = COMPLAINTS[scalar](value);
  if (complaint === undefined)
    return scalar === 'quantity' && typeof value === 'number' ? String(value) : value;
  throw complaint === '' ? wrong(value, GO_SCALARS[scalar], here) : new WrongType(complaint);
};

/** Undefined: fine. Empty: wrong JSON type. Otherwise what Go would say of the text. */
const COMPLAINTS: Readonly<Record<Scalar, (value: unknown) => string | undefined>> = {
  string: (value) => (typeof value === 'string' ? undefined : ''),
  int32: (value) => integer(value, 2 ** 31),
  int64: (value) => integer(value, 2 ** 63),
  double: (value) => (typeof value === 'number' ? undefined : ''),
  boolean: (value) => (typeof value === 'boolean' ? undefined : ''),
  time: (value) => time(value),
  microTime: (value) => time(value),
  bytes: (value) => {
    if (typeof value !== 'string') return '';
    const bad = value.search(/[^A-Za-z0-9+/=\r\n]/);
    return bad < 0 ? undefined : `illegal base64 data at input byte ${bad}`;
  },
  quantity: (value) => {
    if (typeof value === 'number') return undefined;
    if (typeof value !== 'string') return '';
    return QUANTITY.test(value)
      ? undefined
      : `quantities must match the regular expression '${QUANTITY.source}'`;
  },
  intOrString: (value) => (typeof value === 'string' ? undefined : integer(value, 2 ** 31)),
};

const integer = (value: unknown, bound: number): string | undefined =>
  typeof value === 'number' && Number.isInteger(value) && value >= -bound && value < bound ? undefined : '';

const time = (value: unknown): string | undefined => {
  if (typeof value !== 'string') return '';
  if (TIME.test(value)) return undefined;
  return `parsing time "${value}" as "2006-01-02T15:04:05Z07:00": cannot parse "${value}" as "2006"`;
};

const GO_SCALARS: Readonly<Record<Scalar, string>> = {
  string: 'string',
  int32: 'int32',
  int64: 'int64',
  double: 'float64',
  boolean: 'bool',
  time: 'string',
  microTime: 'string',
  bytes: '[]uint8',
  quantity: 'string',
  intOrString: 'int32',
};

const goName = (shape: Shape): string => {
  if (shape.kind === 'scalar') return GO_SCALARS[shape.scalar];
  if (shape.kind === 'list') return `[]${goName(shape.of)}`;
  if (shape.kind === 'map') return `map[string]${goName(shape.of)}`;
  if (shape.kind === 'any') return 'interface {}';
  return shape.name.split('.').slice(-2).join('.');
};

const wrong = (value: unknown, type: string, here: Here): WrongType => {
  const given = Array.isArray(value) ? 'array' : value === null ? 'null' : GIVEN[typeof value];
  const shown = typeof value === 'number' && type.startsWith('int') ? `number ${value}` : given;
  const owner = here.owner.name.split('.').at(-1);
  const where =
    here.goPath.length === 0
      ? `Go value of type ${type}`
      : `Go struct field ${owner}.${here.goPath.join('.')} of type ${type}`;
  return new WrongType(`json: cannot unmarshal ${shown} into ${where}`);
};

const GIVEN: Readonly<Record<string, string>> = {
  string: 'string',
  number: 'number',
  boolean: 'bool',
  object: 'object',
};
