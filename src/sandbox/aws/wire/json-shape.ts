/** JSON 1.1 bodies to inputs and outputs to JSON, by closures compiled once from the schemas. */
import { NormalizedSchema } from '@smithy/core/schema';
import type { SchemaReference } from './refusal.ts';
import { malformed } from './text-values.ts';

type Converter = (value: unknown, path: string) => unknown;
type Direction = 'read' | 'write';

/** Compiles the conversion between an operation's input or output and what JSON.parse or JSON.stringify handle. */
export const compileJson = (shape: SchemaReference, direction: Direction): Converter =>
  compilers[direction](NormalizedSchema.of(shape));

const expect = (value: unknown, type: 'string' | 'number' | 'boolean', path: string): unknown => {
  if (typeof value !== type) throw malformed(path, `a ${type}`, JSON.stringify(value) ?? '');
  return value;
};

const simple = (schema: NormalizedSchema, direction: Direction): Converter | undefined => {
  if (schema.isTimestampSchema()) {
    return direction === 'read'
      ? (value, path) => new Date((expect(value, 'number', path) as number) * 1000)
      : (value) => (value as Date).getTime() / 1000;
  }
  if (schema.isBlobSchema()) {
    return direction === 'read'
      ? (value, path) => new Uint8Array(Buffer.from(expect(value, 'string', path) as string, 'base64'))
      : (value) => Buffer.from(value as Uint8Array).toString('base64');
  }
  if (schema.isBooleanSchema()) return (value, path) => expect(value, 'boolean', path);
  if (schema.isNumericSchema()) return (value, path) => expect(value, 'number', path);
  if (schema.isStringSchema()) return (value, path) => expect(value, 'string', path);
  if (schema.isDocumentSchema()) return (value) => value;
  return undefined;
};

const makeCompiler = (direction: Direction) => {
  const known = new Map<unknown, Converter>();
  const compile = (schema: NormalizedSchema): Converter => {
    const leaf = simple(schema, direction);
    if (leaf !== undefined) return leaf;
    if (schema.isListSchema()) {
      const convert = compile(schema.getValueSchema());
      return (value, path) => {
        if (!Array.isArray(value)) throw malformed(path, 'a list', JSON.stringify(value) ?? '');
        return value.map((item, index) => convert(item, `${path}.${index}`));
      };
    }
    if (schema.isMapSchema()) {
      const convert = compile(schema.getValueSchema());
      return (value, path) =>
        Object.fromEntries(entries(value, path).map(([key, item]) => [key, convert(item, `${path}.${key}`)]));
    }
    if (!schema.isStructSchema()) return () => ({});
    return known.get(schema.getSchema()) ?? structure(schema);
  };
  const structure = (schema: NormalizedSchema): Converter => {
    const members = new Map<string, readonly [string, Converter]>();
    const converter: Converter = (value, path) => {
      const converted: Record<string, unknown> = {};
      for (const [key, item] of entries(value, path)) {
        if (item === undefined || item === null) continue;
        const at = path === '' ? key : `${path}.${key}`;
        const member = members.get(key);
        if (member === undefined) throw malformed(at, 'a member of the operation', key);
        converted[member[0]] = member[1](item, at);
      }
      return converted;
    };
    known.set(schema.getSchema(), converter);
    for (const [name, member] of schema.structIterator()) {
      const wire = (member.getMemberTraits().jsonName as string | undefined) ?? name;
      const convert = compile(member);
      if (direction === 'read') members.set(wire, [name, convert]);
      else members.set(name, [wire, convert]);
    }
    return converter;
  };
  return compile;
};

const entries = (value: unknown, path: string): [string, unknown][] => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw malformed(path === '' ? 'the body' : path, 'an object', JSON.stringify(value) ?? '');
  }
  return Object.entries(value);
};

const compilers = { read: makeCompiler('read'), write: makeCompiler('write') } as const;
