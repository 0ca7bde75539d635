/**
 * Rules of one Ingress that do the same become one rule, where the load balancer would otherwise have no room: the
 * values of a condition are OR-ed. What is not needed is not packed, so that a rule is usually one path.
 */
import { canonical } from '../model/digest.ts';
import type { Key } from '../model/key.ts';
import type { Resource } from '../model/resource.ts';
import { type Condition, ruleKey } from '../model/rule.ts';
import { mayOverlap, reachOf } from '../plan/overlap.ts';
import type { KeptRule } from './kept.ts';
import type { Place } from './precedence.ts';
import { countOf, MOST_VALUES } from './split-conditions.ts';

/** Wildcards in all conditions of one rule. AWS documentation gives 5 in one place and 6 in another. */
const MOST_WILDCARDS = 5;

/** Part of the room that is left free if that costs nothing: so a change has space for new beside old. */
const RESERVE = 0.05;

const FIELDS = ['path-pattern', 'host-header'] as const;
type Field = (typeof FIELDS)[number];

export type PackedRule = KeptRule & {
  /** The other paths this rule is for; absent: it is for one. */
  readonly also?: readonly Place[];
};

/** Rules of one listener, as they must match. */
type Row = readonly PackedRule[];

export type PackInput = {
  readonly rows: readonly Row[];
  /** What stays exactly as AWS has it. */
  readonly kept: ReadonlySet<KeptRule>;
  /** Rules the load balancer may have; undefined: nobody knows, and nothing is packed. */
  readonly most: number | undefined;
  /** Rules it has now. */
  readonly standing: readonly Resource<'rule'>[];
};

/**
 * The same routing in as many rules as there is room for, if that can be. What was packed stays packed while all of
 * it is wanted, and what stands unpacked is left alone as long as nothing new asks for room.
 */
export const packRules = ({ rows, kept, most, standing }: PackInput): readonly Row[] => {
  if (most === undefined) return rows;
  const there = new Set(standing.map(({ key }) => digestOf(key)));
  const isNew = ({ resource }: PackedRule): boolean => !there.has(digestOf(resource.key));
  const again = rows.map((row) => FIELDS.reduce((now, field) => restored(now, kept, field, standing), row));
  const all = again.flat();
  if (all.length <= most && !all.some(isNew)) return again;
  const stays = new Set(all.filter((it) => kept.has(it) || !isNew(it)));
  const roomy = packedTo(Math.floor(most * (1 - RESERVE)), again, stays, kept);
  // Where new rules do not fit beside the old ones something has to go first: then no more is done than must be.
  const fits = standing.length + roomy.flat().filter(isNew).length <= most;
  return fits ? roomy : packedTo(most, again, stays, kept);
};

/** The same for a rule and its copy on the load balancer that replaces another: its port and its conditions. */
export const digestOf = (key: Key<'rule'>): string => key.slice(key.lastIndexOf(':'));

/**
 * What to do with a rule that would be kept because its Ingress is in trouble, where it is a packed one: it loses the
 * paths that do something else now, and `covers` those that it goes on serving. No rule: all of it is stated anew.
 */
export const keptOfPacked = (
  kept: KeptRule,
  wanted: readonly KeptRule[],
): { readonly rule?: KeptRule; readonly covers: readonly KeptRule[] } => {
  const field = FIELDS.find((it) => isPacked(valuesOf(kept.resource, it)));
  if (!field) return { rule: kept, covers: [] };
  const { conditions, listener } = kept.resource.spec;
  const all = new Set(valuesOf(kept.resource, field));
  const others = (it: KeptRule): string =>
    canonical([it.place.ingress, it.resource.spec.conditions.filter((one) => one.field !== field)]);
  const parts = wanted.filter(
    (it) => others(it) === others(kept) && valuesOf(it.resource, field).every((one) => all.has(one)),
  );
  const stated = new Set(parts.flatMap((it) => valuesOf(it.resource, field)));
  if (all.size === stated.size) return { covers: [] };
  const covers = parts.filter((it) => doesOf(it) === doesOf(kept));
  const gone = new Set(
    parts.filter((it) => !covers.includes(it)).flatMap((it) => valuesOf(it.resource, field)),
  );
  const values = [...all].filter((it) => !gone.has(it));
  const left = conditions.map((it): Condition => (it.field === field ? { field, values } : it));
  const spec = { ...kept.resource.spec, conditions: left };
  return { rule: { ...kept, resource: { ...kept.resource, key: ruleKey(listener, left), spec } }, covers };
};

/** One prefix is two values: the path itself and what is below it. */
const isPacked = ([first, second, ...more]: readonly string[]): boolean =>
  more.length > 0 || (second !== undefined && second !== `${first}/*`);

/** Joins rules until there are so many. First those that are new: that replaces nothing which answers requests now. */
const packedTo = (
  count: number,
  rows: readonly Row[],
  stays: ReadonlySet<KeptRule>,
  kept: ReadonlySet<KeptRule>,
): readonly Row[] => {
  const budget = { left: rows.flat().length - count };
  const join = (of: readonly Row[], fixed: ReadonlySet<KeptRule>): readonly Row[] =>
    of.map((row) => FIELDS.reduce((now, field) => joined(now, fixed, field, budget), row));
  let now = join(rows, stays);
  // What has moved up may have made way for others.
  for (let before = 0; before !== budget.left && budget.left > 0; ) {
    before = budget.left;
    now = join(now, kept);
  }
  return now;
};

/** Joins each rule to the last one before it that is like it, while the budget lasts. */
const joined = (row: Row, fixed: ReadonlySet<KeptRule>, field: Field, budget: { left: number }): Row => {
  const alike = joinable(row, fixed, field);
  const open = new Map<string, PackedRule>();
  let now = row;
  for (const rule of row) {
    const like = alike.get(rule);
    if (like === undefined) continue;
    const before = open.get(like);
    const both = before && budget.left > 0 ? merged(now, [before, rule], field) : undefined;
    if (both) {
      now = both.row;
      budget.left--;
    }
    open.set(like, both?.rule ?? rule);
  }
  return now;
};

/** Puts together again what AWS has together. */
const restored = (
  row: Row,
  fixed: ReadonlySet<KeptRule>,
  field: Field,
  standing: readonly Resource<'rule'>[],
): Row => {
  const alike = joinable(row, fixed, field);
  const groups = [...Map.groupBy(alike.keys(), (rule) => alike.get(rule)).values()];
  let now = row;
  for (const found of standing) {
    const values = new Set(valuesOf(found, field));
    if (values.size < 2) continue;
    for (const group of groups) {
      const parts = group.filter(({ resource }) => valuesOf(resource, field).every((it) => values.has(it)));
      const both = parts.length > 1 ? merged(now, parts, field) : undefined;
      if (both && digestOf(both.rule.resource.key) === digestOf(found.key)) now = both.row;
    }
  }
  return now;
};

/** A row with these rules as one, at the place of the first of them; undefined where that is not the same routing. */
const merged = (
  row: Row,
  parts: readonly PackedRule[],
  field: Field,
): { readonly row: Row; readonly rule: PackedRule } | undefined => {
  const rule = join(parts, field);
  const at = row.findIndex((it) => parts.includes(it));
  const rest = row.filter((it) => !parts.includes(it));
  if (!rule || rest.length + parts.length !== row.length) return undefined;
  if (rest.some((it) => it.resource.key === rule.resource.key)) return undefined;
  const passes = parts.every((part) => {
    const over = row.slice(at, row.indexOf(part)).filter((it) => !parts.includes(it));
    return canPass(part, over);
  });
  return passes ? { row: rest.toSpliced(at, 0, rule), rule } : undefined;
};

/** Whether a rule may stand before these: none of them does something else with a request that it would take. */
const canPass = (rule: PackedRule, over: Row): boolean => {
  const reach = reachOf(rule.resource.spec.conditions);
  const does = doesOf(rule);
  return over.every((it) => doesOf(it) === does || !mayOverlap(reach, reachOf(it.resource.spec.conditions)));
};

const doesOf = ({ resource: { spec } }: KeptRule): string => canonical([spec.actions, spec.transforms]);

/**
 * The rules that may be joined, and what makes them alike. One whose values another has as well stays as it is: from
 * the joined rule there would be no telling whether it is in it.
 */
const joinable = (row: Row, fixed: ReadonlySet<KeptRule>, field: Field): ReadonlyMap<PackedRule, string> => {
  const found = row.flatMap((rule) => {
    const like = likeness(rule, field);
    return like === undefined ? [] : [{ rule, like, values: new Set(valuesOf(rule.resource, field)) }];
  });
  const rivals = Map.groupBy(found, ({ like }) => like);
  const isInside = ({ rule, like, values }: (typeof found)[number]): boolean =>
    (rivals.get(like) ?? []).some((it) => it.rule !== rule && [...values].every((one) => it.values.has(one)));
  const free = found.filter((it) => !fixed.has(it.rule) && !isInside(it));
  return new Map(free.map(({ rule, like }) => [rule, like]));
};

/** Equal for rules that differ in the values of one condition only; undefined where it cannot be joined. */
const likeness = (rule: PackedRule, field: Field): string | undefined => {
  const { conditions } = rule.resource.spec;
  const [own, ...more] = conditions.filter((it) => it.field === field);
  if (!own || more.length > 0 || valuesOf(rule.resource, field).length === 0) return undefined;
  // Paths first, and not both: what was joined in two ways could not be told from what AWS has.
  if (field === 'host-header' && rule.also) return undefined;
  const others = conditions.filter((it) => it !== own);
  return canonical([rule.place.ingress, doesOf(rule), others.map(canonical).sort()]);
};

/** One rule for all of them; undefined when AWS would not take it. */
const join = (parts: readonly PackedRule[], field: Field): PackedRule | undefined => {
  const [first, ...others] = parts;
  if (!first) return undefined;
  const { resource } = first;
  const values = [...new Set(parts.flatMap((it) => valuesOf(it.resource, field)))];
  const conditions = resource.spec.conditions.map(
    (it): Condition => (it.field === field ? { field, values } : it),
  );
  const count = conditions.reduce((sum, it) => sum + countOf(it), 0);
  const wildcards = (canonical(conditions).match(/[*?]/g) ?? []).length;
  if (count > MOST_VALUES || wildcards > MOST_WILDCARDS) return undefined;
  const key = ruleKey(resource.spec.listener, conditions);
  return {
    ...first,
    resource: { ...resource, key, spec: { ...resource.spec, conditions } },
    also: [...(first.also ?? []), ...others.flatMap((it) => [it.place, ...(it.also ?? [])])],
  };
};

const valuesOf = ({ spec }: Resource<'rule'>, field: Field): readonly string[] =>
  spec.conditions.flatMap((it) => (it.field === field ? (it.values ?? []) : []));
