/** Turns the wanted order of rules into priorities, listener by listener, changing as few numbers as possible. */
import type { Actual } from '../model/actual.ts';
import { identity, type Key } from '../model/key.ts';
import { RESOURCE_TAG } from '../model/names.ts';
import type { Graph, Resource } from '../model/resource.ts';
import type { Move, Reorder } from './plan.ts';
import { assignPriorities } from './rules.ts';

export type Settled = { readonly graph: Graph; readonly moves: readonly Reorder[] };

type Rule = Resource<'rule'>;

export const settlePriorities = (desired: Graph, actual: Actual): Settled => {
  const graph = new Map<Key, Resource>(desired);
  const moves: Reorder[] = [];
  const [owned, adoptable] = [rulesByListener(actual.owned), rulesByListener(actual.adoptable)];
  for (const [listener, rules] of rulesByListener(desired)) {
    const wanted = rules.toSorted((a, b) => a.spec.priority - b.spec.priority);
    const ours = owned.get(listener) ?? [];
    const theirs = adoptable.get(listener) ?? [];
    const current = new Map(
      [...theirs.filter((rule) => desired.has(rule.key)), ...ours].map((rule) => [
        rule.key,
        rule.spec.priority,
      ]),
    );
    const untouched = theirs.filter((rule) => !desired.has(rule.key)).map((rule) => rule.spec.priority);
    const occupied = new Set([...untouched, ...foreignOn(listener, actual)]);
    const order = withLeaving(
      wanted.map((rule) => rule.key),
      current,
    );
    const priorities = assignPriorities(order, current, occupied);
    for (const rule of wanted)
      graph.set(rule.key, withPriority(rule, priorities.get(rule.key) ?? 0, listener, current.has(rule.key)));
    const moved = [...current]
      .map(([rule, from]): Move => ({ rule, from, to: priorities.get(rule) ?? from }))
      .filter((move) => move.from !== move.to);
    if (moved.length > 0)
      moves.push({ verb: 'move', key: listener, moves: moved.sort((a, b) => a.to - b.to), after: [] });
  }
  return { graph, moves };
};

const foreignOn = (listener: Key<'listener'>, actual: Actual): readonly number[] =>
  actual.foreign.flatMap((found) =>
    found.priority !== undefined && found.key.startsWith(`rule/${identity(listener)}#`)
      ? [found.priority]
      : [],
  );

/**
 * The wanted order with the rules that go away, each behind all rules it stands behind now: while it is still there, a
 * rule that moves must not pass it, or requests would change sides and back. Where it cannot be so, because rules on
 * both sides of it change places, it stays behind the one next to it.
 */
const withLeaving = (
  order: readonly Key<'rule'>[],
  current: ReadonlyMap<Key<'rule'>, number>,
): readonly Key<'rule'>[] => {
  const ranks = new Map(order.map((key, rank) => [key, rank]));
  const standing = [...current].sort(([, a], [, b]) => a - b).map(([key]) => key);
  const ranksOf = (keys: readonly Key<'rule'>[]): readonly number[] =>
    keys.flatMap((key) => ranks.get(key) ?? []);
  const behind = new Map<number, Key<'rule'>[]>();
  for (const [at, key] of standing.entries()) {
    if (ranks.has(key)) continue;
    const ahead = ranksOf(standing.slice(0, at));
    const last = Math.max(FRONT, ...ahead);
    const fits = ranksOf(standing.slice(at + 1)).every((rank) => rank > last);
    const rank = fits ? last : (ahead.at(-1) ?? FRONT);
    behind.set(rank, [...(behind.get(rank) ?? []), key]);
  }
  return [...(behind.get(FRONT) ?? []), ...order.flatMap((key, rank) => [key, ...(behind.get(rank) ?? [])])];
};

/** The rank of what stands before all that is wanted. */
const FRONT = -1;

/** LBC tags a rule with its port and priority. The tag tells whose it is; moving a rule is no reason to rewrite it. */
const withPriority = (rule: Rule, priority: number, listener: Key<'listener'>, exists: boolean): Rule => {
  const port = listener.slice(listener.lastIndexOf(':') + 1);
  const tags = exists ? rule.spec.tags : { ...rule.spec.tags, [RESOURCE_TAG]: `${port}:${priority}` };
  return { ...rule, spec: { ...rule.spec, priority, tags } };
};

const rulesByListener = (graph: Graph): ReadonlyMap<Key<'listener'>, readonly Rule[]> => {
  const rules = new Map<Key<'listener'>, Rule[]>();
  for (const resource of graph.values())
    if (resource.kind === 'rule') {
      const of = rules.get(resource.spec.listener);
      if (of) of.push(resource);
      else rules.set(resource.spec.listener, [resource]);
    }
  return rules;
};
