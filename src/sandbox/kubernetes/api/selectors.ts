import { isJsonObject, type KubeObject, valueAt } from '../object.ts';

export type Matches = (object: KubeObject) => boolean;

/** One part of a selector. `operator` is `in`, `notin`, `exists`, `!`, `>` or `<`. */
export type Requirement = {
  readonly key: string;
  readonly operator: string;
  readonly values: readonly string[];
};

/** The selector of a spec: matchLabels and matchExpressions. An empty one matches everything, none nothing. */
export const matchLabels = (selector: unknown, labels: Readonly<Record<string, string>>): boolean => {
  if (!isJsonObject(selector)) return false;
  const wanted = isJsonObject(selector.matchLabels) ? Object.entries(selector.matchLabels) : [];
  if (!wanted.every(([key, value]) => labels[key] === value)) return false;
  const expressions = Array.isArray(selector.matchExpressions) ? selector.matchExpressions : [];
  return expressions.every((one: unknown) => {
    const values = valueAt(one, 'values');
    return meets(labels, {
      key: String(valueAt(one, 'key')),
      operator: OPERATORS[String(valueAt(one, 'operator'))] ?? 'none',
      values: Array.isArray(values) ? values.map(String) : [],
    });
  });
};

const OPERATORS: Readonly<Record<string, string>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
};

/** Whether labels are as one part of a selector asks. */
export const meets = (
  labels: Readonly<Record<string, string>>,
  { key, operator, values }: Requirement,
): boolean => {
  const value = labels[key];
  if (operator === 'in') return value !== undefined && values.includes(value);
  if (operator === 'notin') return value === undefined || !values.includes(value);
  if (operator === 'exists') return value !== undefined;
  if (operator === '>' || operator === '<') return compares(value, operator, Number(values[0]));
  return operator === '!' && value === undefined;
};

const compares = (value: string | undefined, operator: '>' | '<', bound: number): boolean => {
  if (value === undefined || !/^-?\d+$/.test(value)) return false;
  return operator === '>' ? Number(value) > bound : Number(value) < bound;
};
