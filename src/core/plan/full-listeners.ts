/** What to do where the quota of rules leaves no room for the new ones beside the old ones. */
import type { Actual } from '../model/actual.ts';
import type { Key } from '../model/key.ts';
import { type Operation, operationId } from './plan.ts';
import type { Wait } from './rule-order.ts';

/**
 * Listeners of load balancers that are too full: there, what goes has to go first. No order keeps all requests in
 * their place then; but what new rules need is made before anything goes.
 */
export const fullListeners = (
  operations: readonly Operation[],
  actual: Actual,
  most: number,
): ReadonlySet<Key<'listener'>> => {
  const counts = new Map<string, number>();
  const count = (listener: string): void => {
    const balancer = balancerOf(listener);
    counts.set(balancer, (counts.get(balancer) ?? 0) + 1);
  };
  for (const graph of [actual.owned, actual.adoptable])
    for (const it of graph.values()) if (it.kind === 'rule') count(it.spec.listener);
  for (const { key, priority } of actual.foreign)
    if (priority !== undefined) count(`listener/${key.slice('rule/'.length, key.lastIndexOf('#'))}`);
  const listeners = new Set<Key<'listener'>>();
  for (const it of operations) {
    if (it.verb === 'move' || it.resource.kind !== 'rule') continue;
    if (it.verb === 'create') count(it.resource.spec.listener);
    listeners.add(it.resource.spec.listener);
  }
  return new Set([...listeners].filter((listener) => (counts.get(balancerOf(listener)) ?? 0) > most));
};

const balancerOf = (listener: string): string => listener.slice(0, listener.lastIndexOf(':'));

/** New target groups come before rules make room for those that need them. */
export const waitsForRoom = (
  operations: readonly Operation[],
  full: ReadonlySet<Key<'listener'>>,
): readonly Wait[] => {
  const groups = operations.filter((it) => it.verb === 'create' && it.resource.kind === 'target-group');
  return operations
    .filter(
      (it) => it.verb === 'delete' && it.resource.kind === 'rule' && full.has(it.resource.spec.listener),
    )
    .flatMap((later) => groups.map((earlier): Wait => [operationId(later), operationId(earlier)]));
};
