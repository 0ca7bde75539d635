import { isJsonObject, type JsonObject, type KubeObject, valueAt } from '../object.ts';
import { listAt } from './cells.ts';
import { age, type Column } from './table.ts';

/** The printer columns of a CustomResourceDefinition; only Age without any. */
export const customColumns = (definition: KubeObject | undefined, version: string): readonly Column[] => {
  const versions = listAt(definition, 'spec', 'versions');
  const found = versions.find((one) => one.name === version);
  const given = listAt(found, 'additionalPrinterColumns');
  const standard: JsonObject = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };
  return (given.length === 0 ? [standard] : given).map(toColumn);
};

const toColumn = (given: JsonObject): Column => {
  const path = parsePath(String(given.jsonPath ?? ''));
  const type = String(given.type);
  return {
    name: String(given.name),
    type: isColumnType(type) ? type : 'string',
    priority: given.priority === undefined || given.priority === 0 ? 0 : 1,
    cell: (object) => {
      const value = follow(object, path);
      if (type === 'date') return value === undefined ? '<unknown>' : age(value);
      return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
    },
  };
};

const isColumnType = (type: string): type is Column['type'] =>
  ['string', 'integer', 'date', 'boolean', 'number'].includes(type);

type Step =
  | { readonly name: string }
  | { readonly index: number }
  | { readonly key: string; readonly value: string };

/** The part of JSONPath that definitions use: names, indexes and `[?(@.type=="Ready")]`. */
const parsePath = (text: string): readonly Step[] =>
  [
    ...text.matchAll(
      /\.((?:[^.[\\]|\\\.)+)|\[(\d+)\]|\['([^']+)'\]|\[\?\(@\.([\w.]+)\s*==\s*["']([^"']*)["']\)\]/g,
    ),
  ].map(([, name, index, quoted, key, value = '']): Step => {
    if (index !== undefined) return { index: Number(index) };
    if (key !== undefined) return { key, value };
    return { name: (name ?? quoted ?? '').replaceAll('\\.', '.') };
  });

const follow = (start: unknown, steps: readonly Step[]): unknown => {
  let here = start;
  for (const step of steps) {
    if ('name' in step) here = isJsonObject(here) ? here[step.name] : undefined;
    else if (!Array.isArray(here)) return undefined;
    else if ('index' in step) here = here[step.index];
    else here = here.find((item: unknown) => String(valueAt(item, ...step.key.split('.'))) === step.value);
  }
  return here;
};
