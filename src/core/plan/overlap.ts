/** Whether two rules can match the same request: only then does it matter which of them stands first. */
import type { Condition } from '../model/rule.ts';

/** What a rule's host and path globs begin and end with; undefined where it takes anything that can be told. */
export type Reach = {
  readonly hosts: readonly Ends[] | undefined;
  readonly paths: readonly Ends[] | undefined;
};

/** What stands before the first and after the last wildcard of a glob; both are everything where it has none. */
type Ends = { readonly head: string; readonly tail: string; readonly literal: boolean };

export const reachOf = (conditions: readonly Condition[]): Reach => {
  const hosts = conditions.find((it) => it.field === 'host-header')?.values;
  const paths = conditions.find((it) => it.field === 'path-pattern')?.values;
  return { hosts: hosts?.map((it) => endsOf(it.toLowerCase())), paths: paths?.map(endsOf) };
};

/** False only when no request can match both; what cannot be told counts as true. */
export const mayOverlap = (one: Reach, other: Reach): boolean =>
  meet(one.hosts, other.hosts) && meet(one.paths, other.paths);

const meet = (here: readonly Ends[] | undefined, there: readonly Ends[] | undefined): boolean =>
  !here || !there || here.some((a) => there.some((b) => compatible(a, b)));

const compatible = (a: Ends, b: Ends): boolean => {
  if (a.literal && b.literal) return a.head === b.head;
  return (
    (a.head.startsWith(b.head) || b.head.startsWith(a.head)) &&
    (a.tail.endsWith(b.tail) || b.tail.endsWith(a.tail))
  );
};

const endsOf = (glob: string): Ends => {
  const first = glob.search(/[*?]/);
  if (first < 0) return { head: glob, tail: glob, literal: true };
  const last = Math.max(glob.lastIndexOf('*'), glob.lastIndexOf('?'));
  return { head: glob.slice(0, first), tail: glob.slice(last + 1), literal: false };
};
