/** Reads `A.member.1.B=x` forms of AWS Query and EC2 Query into inputs, by closures compiled from the schemas. */
import { NormalizedSchema } from '@smithy/core/schema';
import type { SchemaReference } from './refusal.ts';
import { refuse } from './refusal.ts';
import { malformed, textCodec } from './text-values.ts';

export type QueryDialect = 'query' | 'ec2';

/** A form as a tree: `A.1=x` is the value x at child 1 of child A. */
type Node = { text: string | undefined; readonly children: Map<string, Node> };
type Reader = (node: Node, path: string) => unknown;
type Names = { readonly form: string; readonly member: string; readonly read: Reader };

/** Parameters that carry the call itself, not the operation's input. */
const ENVELOPE = /^(Action|Version|X-Amz-[A-Za-z-]+|AWSAccessKeyId|Signature\w*|Timestamp)$/;
const MAX_DEPTH = 24;

/** Compiles the reader of one operation's input. */
export const compileFormReader = (
  input: SchemaReference,
  dialect: QueryDialect,
): ((form: URLSearchParams) => Record<string, unknown>) => {
  const read = compilers[dialect](NormalizedSchema.of(input));
  return (form) => read(treeOf(form), '') as Record<string, unknown>;
};

const treeOf = (form: URLSearchParams): Node => {
  const root: Node = { text: undefined, children: new Map() };
  for (const [key, value] of form) {
    if (ENVELOPE.test(key)) continue;
    let node = root;
    const steps = key.split('.');
    if (steps.length > MAX_DEPTH) throw malformed(key.slice(0, 80), `at most ${MAX_DEPTH} levels`, value);
    for (const step of steps) {
      let child = node.children.get(step);
      if (child === undefined) {
        child = { text: undefined, children: new Map() };
        node.children.set(step, child);
      }
      node = child;
    }
    node.text = value;
  }
  return root;
};

const capitalised = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
const traitName = (schema: NormalizedSchema, trait: 'xmlName' | 'ec2QueryName'): string | undefined =>
  schema.getMemberTraits()[trait] as string | undefined;
const below = (path: string, step: string): string => (path === '' ? step : `${path}.${step}`);

const makeCompiler = (dialect: QueryDialect): ((schema: NormalizedSchema) => Reader) => {
  const known = new Map<unknown, Reader>();
  const memberName = (name: string, schema: NormalizedSchema): string =>
    dialect === 'ec2'
      ? (traitName(schema, 'ec2QueryName') ?? capitalised(traitName(schema, 'xmlName') ?? name))
      : (traitName(schema, 'xmlName') ?? name);

  const structure = (schema: NormalizedSchema): Reader => {
    const members = new Map<string, Names>();
    const reader: Reader = (node, path) => {
      const value: Record<string, unknown> = {};
      for (const [step, child] of node.children) {
        const member = members.get(step);
        if (member === undefined) throw unknownParameter(dialect, below(path, step));
        value[member.member] = member.read(child, below(path, step));
      }
      return value;
    };
    known.set(schema.getSchema(), reader);
    for (const [name, member] of schema.structIterator()) {
      const form = memberName(name, member);
      members.set(form, { form, member: name, read: compile(member) });
    }
    return reader;
  };

  const list = (schema: NormalizedSchema): Reader => {
    const element = schema.getValueSchema();
    const read = compile(element);
    const step = traitName(element, 'xmlName') ?? 'member';
    const flat = dialect === 'ec2' || Boolean(schema.getMergedTraits().xmlFlattened);
    return (node, path) => indexed(node, flat ? undefined : step, path).map(([at, item]) => read(item, at));
  };

  const map = (schema: NormalizedSchema): Reader => {
    const [key, value] = [schema.getKeySchema(), schema.getValueSchema()];
    const names = [traitName(key, 'xmlName') ?? 'key', traitName(value, 'xmlName') ?? 'value'] as const;
    const readValue = compile(value);
    const flat = dialect === 'ec2' || Boolean(schema.getMergedTraits().xmlFlattened);
    return (node, path) =>
      Object.fromEntries(
        indexed(node, flat ? undefined : 'entry', path).map(([at, entry]) => [
          entry.children.get(names[0])?.text ?? '',
          readValue(entry.children.get(names[1]) ?? { text: '', children: new Map() }, at),
        ]),
      );
  };

  const compile = (schema: NormalizedSchema): Reader => {
    const simple = textCodec(schema);
    if (simple !== undefined) {
      return (node, path) => {
        if (node.children.size > 0)
          throw unknownParameter(dialect, below(path, [...node.children.keys()][0] ?? ''));
        return simple.parse(node.text ?? '', path);
      };
    }
    const before = known.get(schema.getSchema());
    if (before !== undefined) return before;
    if (schema.isStructSchema()) return structure(schema);
    if (schema.isListSchema()) return list(schema);
    if (schema.isMapSchema()) return map(schema);
    return (node, path) => {
      for (const step of node.children.keys()) throw unknownParameter(dialect, below(path, step));
      return {};
    };
  };
  return compile;
};

/** The numbered children in the order of their numbers. An empty list arrives as `Key=` and has none. */
const indexed = (node: Node, step: string | undefined, path: string): [path: string, node: Node][] => {
  const parent = step === undefined ? node : node.children.get(step);
  if (step !== undefined) {
    for (const other of node.children.keys())
      if (other !== step) throw unknownParameter('query', below(path, other));
  }
  return [...(parent?.children ?? [])]
    .map(([index, item]): [number, string, Node] => {
      if (!/^\d{1,6}$/.test(index))
        throw malformed(below(path, index), 'the number of a list element', index);
      return [Number(index), below(path, step === undefined ? index : `${step}.${index}`), item];
    })
    .sort((a, b) => a[0] - b[0])
    .map(([, at, item]) => [at, item]);
};

const unknownParameter = (dialect: QueryDialect, path: string) =>
  dialect === 'ec2'
    ? refuse('UnknownParameter', `The parameter ${path} is not recognized`)
    : refuse('ValidationError', `The parameter ${path} is not recognized by this operation`);

const compilers: Readonly<Record<QueryDialect, (schema: NormalizedSchema) => Reader>> = {
  query: makeCompiler('query'),
  ec2: makeCompiler('ec2'),
};
