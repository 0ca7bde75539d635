/** An ALB rule takes five values in all its conditions. More of them are several rules that do the same. */
import type { Condition } from '../model/rule.ts';

/** ELBv2 quota: values in all conditions of one rule. */
export const MOST_VALUES = 5;

export const countOf = (it: Condition): number =>
  it.field === 'query-string' ? it.pairs.length : (it.values ?? it.regexValues).length;

/**
 * The fewest rules that together match the same: values of a condition are OR-ed, so each condition can be cut into
 * pieces, and every combination of pieces is a rule. Undefined when there are more conditions than a rule has values.
 */
export const splitConditions = (
  conditions: readonly Condition[],
): readonly (readonly Condition[])[] | undefined => {
  if (conditions.length > MOST_VALUES) return undefined;
  const counts = conditions.map(countOf);
  const rulesOf = (sizes: readonly number[]): number =>
    sizes.reduce((product, size, i) => product * Math.ceil((counts[i] ?? 0) / size), 1);
  const [best = []] = pieceSizes(counts, MOST_VALUES).toSorted((a, b) => rulesOf(a) - rulesOf(b));
  return conditions.reduce<readonly (readonly Condition[])[]>(
    (rules, condition, i) =>
      rules.flatMap((rule) => pieces(condition, best[i] ?? 1).map((piece) => [...rule, piece])),
    [[]],
  );
};

/** Every way to give each condition a number of values of its own, together not more than `room`. */
const pieceSizes = (counts: readonly number[], room: number): readonly (readonly number[])[] => {
  const [first, ...rest] = counts;
  if (first === undefined) return [[]];
  const most = Math.min(Math.max(first, 1), room - rest.length);
  return Array.from({ length: most }, (_, i) => most - i).flatMap((size) =>
    pieceSizes(rest, room - size).map((others) => [size, ...others]),
  );
};

const pieces = (condition: Condition, size: number): readonly Condition[] => {
  if (countOf(condition) <= size) return [condition];
  switch (condition.field) {
    case 'query-string':
      return chunks(condition.pairs, size).map((pairs) => ({ ...condition, pairs }));
    case 'http-request-method':
    case 'source-ip':
      return chunks(condition.values, size).map((values) => ({ ...condition, values }));
    default:
      return condition.values
        ? chunks(condition.values, size).map((values) => ({ ...condition, values }))
        : chunks(condition.regexValues, size).map((regexValues) => ({ ...condition, regexValues }));
  }
};

const chunks = <T>(all: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));
