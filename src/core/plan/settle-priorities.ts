/** Turns the wanted order of rules into priorities, listener by listener, changing as few numbers as possible. */
import type { Actual } from '../model/actual.ts';
import { RESOURCE_TAG } from '../model/names.ts';
import type { Graph, Key, Resource } from '../model/resource.ts';
import type { Move, Reorder } from './plan.ts';
import { assignPriorities } from './rules.ts';

export type Settled = { readonly graph: Graph; readonly moves: readonly Reorder[] };

type Rule = Resource<'rule'>;

export const settlePriorities = (desired: Graph, actual: Actual): Settled => {
  const graph = new Map<Key, Resource>(desired);
  const moves: Reorder[] = [];
  for (const [listener, wanted] of rulesByListener(desired)) {
    const found = new Map(
      [
        ...(rulesByListener(actual.adoptable).get(listener) ?? []),
        ...(rulesByListener(actual.owned).get(listener) ?? []),
      ].map((rule) => [rule.key, rule.spec.priority]),
    );
    const order = wanted.toSorted((a, b) => a.spec.priority - b.spec.priority).map((rule) => rule.key);
    const current = new Map([...found].filter(([key]) => desired.has(key)));
    const occupied = new Set([...found].filter(([key]) => !desired.has(key)).map(([, priority]) => priority));
    for (const foreign of actual.foreign)
      if (
        foreign.priority !== undefined &&
        foreign.key.startsWith(`rule/${listener.slice('listener/'.length)}#`)
      )
        occupied.add(foreign.priority);
    const priorities = assignPriorities(order, current, occupied);
    for (const rule of wanted)
      graph.set(rule.key, withPriority(rule, priorities.get(rule.key) ?? 0, listener, found.has(rule.key)));
    const moved = [...current]
      .map(([rule, from]): Move => ({ rule, from, to: priorities.get(rule) ?? from }))
      .filter((move) => move.from !== move.to);
    if (moved.length > 0)
      moves.push({ verb: 'move', key: listener, moves: moved.sort((a, b) => a.to - b.to), after: [] });
  }
  return { graph, moves };
};

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
