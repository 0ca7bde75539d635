/** Whether two rules can match the same request: only then does it matter which of them stands first. */
import type { Condition } from '../model/rule.ts';

/** False only when no request can match both; what cannot be told counts as true. */
export const mayOverlap = (one: readonly Condition[], other: readonly Condition[]): boolean =>
  FIELDS.every((field) => {
    const here = patternsOf(one, field);
    const there = patternsOf(other, field);
    return !here || !there || here.some((a) => there.some((b) => compatible(a, b)));
  });

const FIELDS = ['host-header', 'path-pattern'] as const;

/** The glob values of a field; undefined when the rule takes any value or uses regular expressions. */
const patternsOf = (
  conditions: readonly Condition[],
  field: 'host-header' | 'path-pattern',
): readonly string[] | undefined => {
  for (const condition of conditions)
    if (condition.field === field)
      return field === 'path-pattern' ? condition.values : condition.values?.map((it) => it.toLowerCase());
  return undefined;
};

const WILDCARD = /[*?]/;

/** Compares what stands before the first and after the last wildcard of two globs. */
const compatible = (a: string, b: string): boolean => {
  if (!WILDCARD.test(a) && !WILDCARD.test(b)) return a === b;
  const [headA, tailA] = ends(a);
  const [headB, tailB] = ends(b);
  return (
    (headA.startsWith(headB) || headB.startsWith(headA)) && (tailA.endsWith(tailB) || tailB.endsWith(tailA))
  );
};

const ends = (glob: string): readonly [string, string] => {
  const first = glob.search(WILDCARD);
  const last = Math.max(glob.lastIndexOf('*'), glob.lastIndexOf('?'));
  return first < 0 ? [glob, glob] : [glob.slice(0, first), glob.slice(last + 1)];
};
