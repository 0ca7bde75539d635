import type { Field, ListShape, Scalar, Shape, StructShape } from './shape.ts';
import { TYPES } from './types.generated.ts';

/** The shape of a built-in type by its model name, such as `V1Ingress`. Parsed on first use, about 5 ms for all. */
export const builtInType = (model: string): StructShape => {
  table ??= parseTable();
  const found = table.get(model);
  if (found === undefined)
    throw new Error(`no built-in type ${model}: run src/sandbox/kubernetes/schema/generate.ts`);
  return found;
};

let table: Map<string, StructShape> | undefined;

type OpenStruct = StructShape & { readonly fields: Map<string, Field> };

const parseTable = (): Map<string, StructShape> => {
  const lines = TYPES.trim()
    .split('\n')
    .map((line) => line.split(' '));
  const types = new Map<string, OpenStruct>();
  for (const [model = '', group = ''] of lines) types.set(model, emptyType(model, group));
  for (const [model = '', , ...fields] of lines) {
    for (const text of fields) {
      const field = parseField(text, types);
      types.get(model)?.fields.set(field.name, field);
    }
  }
  return types;
};

const emptyType = (model: string, group: string): OpenStruct => ({
  kind: 'struct',
  name: `${openApiPackage(group.replace('&', ''))}.${model.replace(/^[A-Za-z]*?V[12](?=[A-Z])/, '')}`,
  fields: new Map(),
  atomic: group.endsWith('&'),
  open: false,
});

const openApiPackage = (group: string): string => {
  const dotted = group.replace('/', '.');
  if (dotted.startsWith('meta.')) return `io.k8s.apimachinery.pkg.apis.${dotted}`;
  if (dotted.startsWith('apiextensions.')) return `io.k8s.apiextensions-apiserver.pkg.apis.${dotted}`;
  return `io.k8s.api.${dotted}`;
};

const FIELD = /^([^:!]+)(!?):([^#~^!]+)(?:#([\d.]+)(p?))?(?:~([a-zA-Z]*))?(!?)(?:\^(.*))?$/;

const parseField = (text: string, types: ReadonlyMap<string, StructShape>): Field => {
  const [, name = '', required, code = '', numbers, pointer, patchKey, retain, rule] = FIELD.exec(text) ?? [];
  return {
    name,
    required: required === '!',
    shape: parseShape(code, types, { patchKey, rule }),
    numbers: numbers === undefined ? [] : numbers.split('.').map(Number),
    zeroCounts: pointer === 'p',
    retainKeys: retain === '!',
  };
};

type Merge = { readonly patchKey: string | undefined; readonly rule: string | undefined };
const NO_MERGE: Merge = { patchKey: undefined, rule: undefined };

const parseShape = (code: string, types: ReadonlyMap<string, StructShape>, merge: Merge): Shape => {
  if (code.startsWith('[]')) return listOf(parseShape(code.slice(2), types, NO_MERGE), merge);
  if (code.startsWith('{}')) {
    return { kind: 'map', of: parseShape(code.slice(2), types, NO_MERGE), atomic: merge.rule === '&' };
  }
  if (code === 'x') return { kind: 'any' };
  const scalar = SCALARS[code];
  if (scalar !== undefined) return { kind: 'scalar', scalar };
  const struct = types.get(code);
  if (struct === undefined) throw new Error(`type ${code} is used but not described`);
  return struct;
};

const listOf = (of: Shape, { patchKey, rule }: Merge): ListShape => {
  if (rule === undefined || rule === '&') return { kind: 'list', of, merge: 'atomic', keys: [], patchKey };
  if (rule === '') return { kind: 'list', of, merge: 'set', keys: [], patchKey };
  return { kind: 'list', of, merge: 'map', keys: rule.split(','), patchKey };
};

const SCALARS: Readonly<Record<string, Scalar>> = {
  s: 'string',
  i: 'int32',
  l: 'int64',
  d: 'double',
  b: 'boolean',
  t: 'time',
  T: 'microTime',
  B: 'bytes',
  q: 'quantity',
  o: 'intOrString',
};
