/** An ALB rule takes five values in all its conditions. More of them are several rules that do the same. */
import type { Condition } from '../model/rule.ts';

/** ELBv2 quota: values in all conditions of one rule. */
export const MOST_VALUES = 5;

/**
 * Rules one path may become: what AWS gives a whole load balancer unless the quota is raised. A few long lists multiply
 * to billions, and one annotation must not use up the memory that serves everybody.
 */
const MOST_RULES = 100;

export const countOf = (it: Condition): number =>
  it.field === 'query-string' ? it.pairs.length : (it.values ?? it.regexValues).length;

/** One rule for each of `rules`, which do the same. `wrong` is empty where the reason is known already. */
export type Conditions = { readonly rules: readonly (readonly Condition[])[] } | { readonly wrong: string };

/**
 * The fewest rules that together match the same: values of a condition are OR-ed, so each condition can be cut into
 * pieces, and every combination of pieces is a rule.
 */
export const splitConditions = (conditions: readonly Condition[]): Conditions => {
  const all = conditions.reduce((sum, it) => sum + countOf(it), 0);
  if (conditions.length > MOST_VALUES)
    return {
      wrong: `${conditions.length} conditions with ${all} values in one rule; an ALB takes at most ${MOST_VALUES} values in a rule, and more than ${MOST_VALUES} conditions cannot be split into rules`,
    };
  const counts = conditions.map(countOf);
  const rulesOf = (sizes: readonly number[]): number =>
    sizes.reduce((product, size, i) => product * Math.ceil((counts[i] ?? 0) / size), 1);
  const [best = []] = pieceSizes(counts, MOST_VALUES).toSorted((a, b) => rulesOf(a) - rulesOf(b));
  if (rulesOf(best) > MOST_RULES)
    return {
      wrong: `${conditions.length} conditions with ${all} values become ${rulesOf(best)} rules, because an ALB takes at most ${MOST_VALUES} values in a rule; expected fewer values, for at most ${MOST_RULES} rules`,
    };
  const rules = conditions.reduce<readonly (readonly Condition[])[]>(
    (made, condition, i) =>
      made.flatMap((rule) => pieces(condition, best[i] ?? 1).map((piece) => [...rule, piece])),
    [[]],
  );
  return { rules };
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
