/** Checks decoded inputs: members the schema requires, and what AWS's model says beyond types. */
import { NormalizedSchema } from '@smithy/core/schema';
import type { Constraint, Constraints } from './operation.ts';
import type { SchemaReference } from './refusal.ts';

type Check = (value: unknown, path: string, problems: string[]) => void;

/**
 * Compiles the check of one operation's input; it returns the violations in AWS's words, empty when there are none.
 * The SDK's schemas sort required members first and end with their number.
 */
export const compileConstraints = (
  input: SchemaReference,
  constraints: Constraints,
): ((value: Readonly<Record<string, unknown>>) => readonly string[]) => {
  const check = compile(NormalizedSchema.of(input), constraints, new Map());
  return (value) => {
    const problems: string[] = [];
    check?.(value, '', problems);
    return problems;
  };
};

const compile = (
  schema: NormalizedSchema,
  table: Constraints,
  known: Map<unknown, Check>,
): Check | undefined => {
  if (schema.isListSchema()) {
    const check = compile(schema.getValueSchema(), table, known);
    return check === undefined ? undefined : eachElement(check);
  }
  if (!schema.isStructSchema()) return undefined;
  return known.get(schema.getSchema()) ?? structure(schema, table, known);
};

const eachElement =
  (check: Check): Check =>
  (value, path, problems) => {
    for (const [index, item] of (value as readonly unknown[]).entries())
      check(item, `${path}.${index + 1}.member`, problems);
  };

const structure = (schema: NormalizedSchema, table: Constraints, known: Map<unknown, Check>): Check => {
  const members: (readonly [
    name: string,
    required: boolean,
    own: Check | undefined,
    inner: Check | undefined,
  ])[] = [];
  const checkAll: Check = (value, path, problems) => {
    const source = value as Readonly<Record<string, unknown>>;
    for (const [name, required, own, inner] of members) {
      const member = source[name];
      const at = path === '' ? lowerFirst(name) : `${path}.${lowerFirst(name)}`;
      if (member === undefined) {
        if (required)
          problems.push(`Value null at '${at}' failed to satisfy constraint: Member must not be null`);
        continue;
      }
      own?.(member, at, problems);
      inner?.(member, at, problems);
    }
  };
  known.set(schema.getSchema(), checkAll);
  const raw = schema.getSchema() as unknown as readonly unknown[];
  const required = typeof raw[6] === 'number' ? raw[6] : 0;
  let position = 0;
  for (const [name, member] of schema.structIterator()) {
    const key = `${schema.getName() ?? ''}.${name}`;
    const [own, element] = [table[key], table[`${key}[]`]];
    const inner = compile(member, table, known);
    const elements = element === undefined ? inner : eachElement(single(element));
    members.push([name, position < required, own === undefined ? undefined : single(own), elements]);
    position += 1;
  }
  return checkAll;
};

const single =
  (constraint: Constraint): Check =>
  (value, path, problems) => {
    const broken = violation(constraint, value);
    if (broken === undefined) return;
    const shown = Array.isArray(value) ? `[${value.map(String).join(', ')}]` : String(value);
    problems.push(
      `Value '${shown.slice(0, 300)}' at '${path}' failed to satisfy constraint: Member must ${broken}`,
    );
  };

const violation = ({ min, max, pattern, values }: Constraint, value: unknown): string | undefined => {
  const [size, what] =
    typeof value === 'number' ? [value, 'value'] : [(value as { length: number }).length, 'length'];
  if (min !== undefined && size < min) return `have ${what} greater than or equal to ${min}`;
  if (max !== undefined && size > max) return `have ${what} less than or equal to ${max}`;
  if (pattern !== undefined && !pattern.test(String(value)))
    return `satisfy regular expression pattern: ${pattern.source}`;
  if (values !== undefined && !values.includes(String(value)))
    return `satisfy enum value set: [${values.join(', ')}]`;
  return undefined;
};

const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);
