/** What must hold while something takes over from something: in any order that the waits allow. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Key } from '../../src/core/model/key.ts';
import type { Graph } from '../../src/core/model/resource.ts';
import type { Action } from '../../src/core/model/rule.ts';
import { diff } from '../../src/core/plan/diff.ts';
import type { Operation } from '../../src/core/plan/plan.ts';
import { afterOperation } from '../../src/core/plan/simulate.ts';
import { lastFirst } from './interleave.ts';
import { runs } from './runs.ts';
import { actualOf, graphOf, twoWishes } from './worlds.ts';

const GRACES = { loadBalancer: 60, targetGroup: 300 };
const RUNS = runs(1500);

type Step = (before: Graph, operation: Operation, after: Graph, first: Graph) => void;

/** Walks from one wish to the other, in the order of the plan and in the most contrary one. */
const law = (name: string, check: Step): void => {
  test(name, () => {
    fc.assert(
      fc.property(twoWishes, ([from, to]) => {
        const start = actualOf(from);
        const { operations } = diff(graphOf(to), start, GRACES);
        for (const order of [operations, lastFirst(operations)]) {
          let state = start;
          for (const operation of order) {
            const next = afterOperation(state, operation);
            check(state.owned, operation, next.owned, start.owned);
            state = next;
          }
        }
      }),
      RUNS,
    );
  });
};

const actionsIn = (graph: Graph): ReadonlyMap<Key, readonly Action[]> =>
  new Map(
    [...graph].flatMap(([key, it]): (readonly [Key, readonly Action[]])[] =>
      it.kind === 'rule'
        ? [[key, it.spec.actions]]
        : it.kind === 'listener'
          ? [[key, it.spec.defaultActions]]
          : [],
    ),
  );

/** Groups that get requests. */
const groupsIn = (actions: readonly Action[] | undefined): ReadonlySet<string> =>
  new Set(
    (actions ?? [])
      .flatMap((it) => (it.type === 'forward' ? it.targetGroups : []))
      .flatMap(({ targetGroup, weight }) => (weight > 0 ? [targetGroup] : [])),
  );

law(
  'what forwards goes on to a group nobody used before only when a target of it is healthy',
  (before, operation, after, first) => {
    const used = new Set([...actionsIn(first).values()].flatMap((actions) => [...groupsIn(actions)]));
    for (const [key, actions] of actionsIn(after)) {
      const had = groupsIn(actionsIn(before).get(key));
      if (had.size === 0 || operation.key !== key) continue;
      const listener = operation.verb === 'update' && operation.resource.kind === 'listener';
      if (listener && operation.changes.some(({ field }) => field === 'protocol')) continue;
      const fresh = [...groupsIn(actions)].filter((group) => !had.has(group) && !used.has(group));
      const checked =
        operation.verb === 'update' && typeof operation.when === 'object' ? operation.when.healthy : [];
      assert.deepEqual(
        fresh.filter((group) => !checked.some((key) => key === group)),
        [],
        `${operation.verb} ${key}`,
      );
    }
  },
);

law('a group that has to become healthy is in a forward by then', (before, operation) => {
  if (operation.verb !== 'update' || typeof operation.when !== 'object') return;
  const named = JSON.stringify(actionsIn(before).get(operation.key));
  for (const group of operation.when.healthy)
    assert.ok(named.includes(`"${group}"`), `${operation.key}: ${group}`);
});

law(
  'a port stays open for as long as something listens on it that was open before',
  (_, operation, after, first) => {
    for (const [key, it] of after) {
      if (it.kind !== 'listener' || !first.has(key)) continue;
      const balancer = after.get(it.spec.loadBalancer);
      if (balancer?.kind !== 'load-balancer') continue;
      for (const group of balancer.spec.securityGroups) {
        const [was, is] = [first.get(group as Key), after.get(group as Key)];
        if (was?.kind !== 'security-group' || is?.kind !== 'security-group') continue;
        const open = (of: typeof was): boolean =>
          of.spec.inbound.some(({ fromPort }) => fromPort === it.spec.port);
        if (open(was)) assert.ok(open(is), `${operation.verb} ${operation.key} closes port ${it.spec.port}`);
      }
    }
  },
);
