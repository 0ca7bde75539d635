/** Writes outputs as XML and reads XML inputs, by closures compiled once from the schemas. */
import { NormalizedSchema } from '@smithy/core/schema';
import type { SchemaReference } from './refusal.ts';
import { refuse } from './refusal.ts';
import { textCodec } from './text-values.ts';
import type { XmlElement } from './xml-parse.ts';

type Writer = (value: unknown) => string;
type Reader = (element: XmlElement, path: string) => unknown;

/** Compiles the writer of a structure's content, without its own element. `skip` names members carried elsewhere. */
export const compileXmlWriter = (
  output: SchemaReference,
  skip: (member: NormalizedSchema) => boolean = never,
): Writer => {
  const schema = NormalizedSchema.of(output);
  return schema.isUnitSchema() ? () => '' : structureWriter(schema, skip);
};

/** Compiles the reader of a structure's element. Unknown elements are refused. */
export const compileXmlReader = (input: SchemaReference): ((root: XmlElement) => Record<string, unknown>) => {
  const read = compileReader(NormalizedSchema.of(input));
  return (root) => read(root, root.name) as Record<string, unknown>;
};

const never = (): boolean => false;

/** Escapes text for XML; a carriage return would otherwise be read back as a line feed. */
export const escapeXml = (text: string): string =>
  /[&<>"\r]/.test(text) ? text.replace(/[&<>"\r]/g, (c) => ESCAPES[c] ?? c) : text;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#xD;',
};

/** Only a member's own xmlName counts; a name on the shape it refers to does not. */
const nameOf = (member: NormalizedSchema, otherwise: string): string =>
  member.getMemberTraits().xmlName ?? otherwise;
const isFlat = (schema: NormalizedSchema): boolean => Boolean(schema.getMergedTraits().xmlFlattened);

const writers = new Map<unknown, Writer>();

const compileWriter = (schema: NormalizedSchema): Writer => {
  const simple = textCodec(schema);
  if (simple !== undefined) return (value) => escapeXml(simple.print(value));
  if (schema.isUnitSchema()) return () => '';
  if (schema.isListSchema()) {
    const write = itemWriter(schema, nameOf(schema.getValueSchema(), 'member'));
    return write;
  }
  if (schema.isMapSchema()) return mapWriter(schema, 'entry');
  const known = writers.get(schema.getSchema());
  if (known !== undefined) return known;
  return structureWriter(schema, never);
};

const structureWriter = (schema: NormalizedSchema, skip: (member: NormalizedSchema) => boolean): Writer => {
  const members: (readonly [name: string, write: Writer])[] = [];
  const writer: Writer = (value) => {
    const source = value as Readonly<Record<string, unknown>>;
    let xml = '';
    for (const [name, write] of members) {
      const member = source[name];
      if (member !== undefined && member !== null) xml += write(member);
    }
    return xml;
  };
  if (skip === never) writers.set(schema.getSchema(), writer);
  for (const [name, member] of schema.structIterator())
    if (!skip(member)) members.push([name, memberWriter(name, member)]);
  return writer;
};

const memberWriter = (name: string, member: NormalizedSchema): Writer => {
  const element = nameOf(member, name);
  if (isFlat(member) && member.isListSchema()) return itemWriter(member, element);
  if (isFlat(member) && member.isMapSchema()) return mapWriter(member, element);
  const write = compileWriter(member);
  const [start, end] = [`<${element}>`, `</${element}>`];
  return (value) => start + write(value) + end;
};

const itemWriter = (list: NormalizedSchema, element: string): Writer => {
  const write = compileWriter(list.getValueSchema());
  const [start, end] = [`<${element}>`, `</${element}>`];
  return (value) => {
    let xml = '';
    for (const item of value as readonly unknown[]) xml += start + write(item) + end;
    return xml;
  };
};

const mapWriter = (map: NormalizedSchema, element: string): Writer => {
  const [key, item] = [map.getKeySchema(), map.getValueSchema()];
  const [keyName, itemName] = [nameOf(key, 'key'), nameOf(item, 'value')];
  const write = compileWriter(item);
  return (value) => {
    let xml = '';
    for (const [k, v] of Object.entries(value as Readonly<Record<string, unknown>>)) {
      xml += `<${element}><${keyName}>${escapeXml(k)}</${keyName}><${itemName}>${write(v)}</${itemName}></${element}>`;
    }
    return xml;
  };
};

const readers = new Map<unknown, Reader>();

const compileReader = (schema: NormalizedSchema): Reader => {
  const simple = textCodec(schema);
  if (simple !== undefined) return (element, path) => simple.parse(element.text, path);
  if (schema.isListSchema()) {
    const item = schema.getValueSchema();
    const [name, read] = [nameOf(item, 'member'), compileReader(item)];
    return (element, path) =>
      element.children.map((child, index) => {
        if (child.name !== name) throw unknownElement(path, child.name);
        return read(child, `${path}.${index + 1}`);
      });
  }
  return readers.get(schema.getSchema()) ?? structureReader(schema);
};

const structureReader = (schema: NormalizedSchema): Reader => {
  const members = new Map<string, readonly [name: string, read: Reader, flat: boolean]>();
  const reader: Reader = (element, path) => {
    const value: Record<string, unknown> = {};
    for (const child of element.children) {
      const member = members.get(child.name);
      if (member === undefined) throw unknownElement(path, child.name);
      const [name, read, flat] = member;
      const item = read(child, `${path}.${child.name}`);
      if (!flat) value[name] = item;
      else value[name] = [...((value[name] as readonly unknown[] | undefined) ?? []), item];
    }
    return value;
  };
  readers.set(schema.getSchema(), reader);
  for (const [name, member] of schema.structIterator()) {
    const flat = isFlat(member) && member.isListSchema();
    members.set(nameOf(member, name), [name, compileReader(flat ? member.getValueSchema() : member), flat]);
  }
  return reader;
};

const unknownElement = (path: string, name: string) =>
  refuse('InvalidInput', `Invalid XML: the element ${name} is not known in ${path}`);
