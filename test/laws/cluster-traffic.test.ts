/**
 * What requests see while a cluster becomes another one: hosts, paths, default backends, ports and groups, over the whole
 * of translation and diff. traffic.test.ts says the same of one listener with more rules.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Actual, NOTHING } from '../../src/core/model/actual.ts';
import { RESOURCE_TAG } from '../../src/core/model/names.ts';
import type { Graph, Resource } from '../../src/core/model/resource.ts';
import type { Action, Condition } from '../../src/core/model/rule.ts';
import { type Operation, operationId } from '../../src/core/plan/plan.ts';
import { afterOperation } from '../../src/core/plan/simulate.ts';
import { type Cluster, cluster, EMPTY, FACTS, pass, type Wanted } from './clusters.ts';
import { lastFirst } from './interleave.ts';
import { runs } from './runs.ts';

const RUNS = runs(150);

type Request = { readonly host: string; readonly path: string; readonly method: 'GET' | 'POST' };

const REQUESTS: readonly Request[] = ['x.example.com', 'y.example.com', 'z.example.com', 'other.org'].flatMap(
  (host) =>
    ['/', '/a', '/a/b', '/a/b/c', '/ab', '/c', '/c/', '/c/d'].flatMap((path) =>
      (['GET', 'POST'] as const).map((method) => ({ host, path, method })),
    ),
);

const fits = (glob: string, value: string): boolean =>
  new RegExp(
    `^${glob
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  ).test(value);

const matches = (condition: Condition, { host, path, method }: Request): boolean => {
  if (condition.field === 'http-request-method') return condition.values.includes(method);
  const value = condition.field === 'host-header' ? host : path;
  if (condition.field !== 'host-header' && condition.field !== 'path-pattern') return false;
  return condition.values?.some((glob) => fits(glob, value)) ?? false;
};

/** Who answers in the end: Services by the names of their target groups, whichever generation it is. */
const answerOf = (actions: readonly Action[], graph: Graph): string => {
  const action = actions.at(-1);
  if (action?.type !== 'forward') return JSON.stringify(action ?? 'nothing');
  const names = action.targetGroups
    .filter(({ weight }) => weight > 0)
    .map(({ targetGroup }) => {
      const group = graph.get(targetGroup as Resource['key']);
      return group?.kind === 'target-group'
        ? (group.spec.tags[RESOURCE_TAG] ?? '')
        : `nobody (${targetGroup})`;
    });
  return names.sort().join();
};

type Answers = ReadonlyMap<string, readonly string[]>;

/** By listener and protocol, what each request gets: the first matching rule, else the default action. */
const answersOf = ({ owned }: Actual): Answers => {
  const all = [...owned.values()];
  const rules = all
    .flatMap((it) => (it.kind === 'rule' ? [it.spec] : []))
    .sort((a, b) => a.priority - b.priority);
  const listeners = all.flatMap((it) => (it.kind === 'listener' ? [it] : []));
  return new Map(
    listeners.map(({ key, spec }) => {
      const here = rules.filter((rule) => rule.listener === key);
      const answers = REQUESTS.map((request) => {
        const found = here.find((rule) => rule.conditions.every((it) => matches(it, request)));
        return answerOf(found?.actions ?? spec.defaultActions, owned);
      });
      return [`${spec.protocol} ${key}`, answers];
    }),
  );
};

/** Fails when a request that is answered alike before and after is answered otherwise in between. */
const assertSteady = (start: Actual, operations: readonly Operation[]): void => {
  const [first, last] = [answersOf(start), answersOf(operations.reduce(afterOperation, start))];
  let state = start;
  for (const operation of operations) {
    state = afterOperation(state, operation);
    for (const [listener, now] of answersOf(state)) {
      const [before, after] = [first.get(listener), last.get(listener)];
      now.forEach((answer, i) => {
        if (before?.[i] === undefined || before[i] !== after?.[i]) return;
        const told = `${listener}: ${JSON.stringify(REQUESTS[i])} after ${operationId(operation)}`;
        assert.equal(answer, before[i], told);
      });
    }
  }
};

/** Some Ingresses become other ones, the rest stays. */
const change: fc.Arbitrary<readonly [Cluster, Cluster]> = fc
  .tuple(cluster, cluster, fc.subarray([0, 1, 2], { minLength: 1 }))
  .map(([from, to, which]) => [
    from,
    {
      ...to,
      ingresses: from.ingresses.map(
        (it, i): Wanted => (which.includes(i) ? (to.ingresses[i] ?? it) : it),
      ) as unknown as Cluster['ingresses'],
    },
  ]);

/** Whether new rules find room beside the old ones: otherwise some go before others come, which decision 22 names. */
const hasRoom = ({ owned }: Actual, operations: readonly Operation[], most: number): boolean => {
  const standing = [...owned.keys()].filter(isRule).length;
  return standing + operations.filter(({ verb, key }) => verb === 'create' && isRule(key)).length <= most;
};

const isRule = (key: string): boolean => key.startsWith('rule/');

type Order = (operations: readonly Operation[]) => readonly Operation[];

const law = (name: string, order: Order, rules = 100): void => {
  test(name, () => {
    const facts = { ...FACTS, limits: { rules, certificates: 25 } };
    fc.assert(
      fc.property(change, ([from, to]) => {
        const before = pass(from, EMPTY, (it) => it, facts).state;
        for (const [stack, operations] of pass(to, before, (it) => it, facts).plans) {
          const start = before.actuals.get(stack) ?? NOTHING;
          if (hasRoom(start, operations, rules)) assertSteady(start, order(operations));
        }
      }),
      RUNS,
    );
  });
};

law('a request answered alike before and after is answered alike all the while', (it) => it);
law('the waits alone keep it so, however an apply interleaves what may run at once', lastFirst);
law('few rules, of which some are packed, keep it so where room is left', (it) => it, 12);
