/** What requests see while the rules of a listener change: the law is told in answers, not in operations. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Actual, NOTHING } from '../../src/core/model/actual.ts';
import { listenerKey, loadBalancerKey, ruleKey } from '../../src/core/model/key.ts';
import type { Graph, Key, Resource } from '../../src/core/model/resource.ts';
import type { Action } from '../../src/core/model/rule.ts';
import { diff } from '../../src/core/plan/diff.ts';
import { operationId } from '../../src/core/plan/plan.ts';
import { afterOperation, afterPlan } from '../../src/core/plan/simulate.ts';
import { lastFirst } from './interleave.ts';
import { runs } from './runs.ts';

const RUNS = runs(2000);
const GRACES = { loadBalancer: 60, targetGroup: 300 };
const BALANCER = loadBalancerKey('ns/web', 'internal');
const LISTENER = listenerKey(BALANCER, 80);

const PATTERNS = ['/a', '/a/*', '/a*', '/*', '/b', '/b*', '/?', '*x'] as const;
const REQUESTS = ['/a', '/a/x', '/ab', '/b', '/bx', '/', '/c', '/c/x'];

type Table = {
  readonly rules: readonly { readonly pattern: string; readonly to: string }[];
  readonly fallback: string;
};

const backend = fc.constantFrom('200', '201', '202');
const table: fc.Arbitrary<Table> = fc.record({
  rules: fc.uniqueArray(fc.record({ pattern: fc.constantFrom(...PATTERNS), to: backend }), {
    selector: (rule) => rule.pattern,
    maxLength: PATTERNS.length,
  }),
  fallback: backend,
});

const answer = (statusCode: string): Action => ({
  type: 'fixed-response',
  statusCode,
  contentType: 'text/plain',
  messageBody: '',
});

/** A stack with these rules, `gap` apart: 1 is what LBC writes, 2 leaves little room, 100 is ours. */
const graphOf = ({ rules, fallback }: Table, gap: number): Graph => {
  const made: Resource[] = [
    {
      kind: 'load-balancer',
      key: BALANCER,
      spec: {
        name: 'k8s-web',
        scheme: 'internal',
        ipAddressType: 'ipv4',
        subnets: ['s-1', 's-2'],
        securityGroups: ['sg-1'],
        attributes: {},
        tags: {},
      },
    },
    {
      kind: 'listener',
      key: LISTENER,
      spec: {
        loadBalancer: BALANCER,
        port: 80,
        protocol: 'HTTP',
        certificates: [],
        sslPolicy: '',
        defaultActions: [answer(fallback)],
        tags: {},
      },
    },
    ...rules.map(({ pattern, to }, index): Resource => {
      const conditions = [{ field: 'path-pattern' as const, values: [pattern] }];
      const spec = {
        listener: LISTENER,
        priority: gap * (index + 1),
        conditions,
        actions: [answer(to)],
        tags: {},
      };
      return { kind: 'rule', key: ruleKey(LISTENER, conditions), spec };
    }),
  ];
  return new Map(made.map((resource) => [resource.key, resource]));
};

/** What an ALB does, written out here: the first matching rule by priority, else the default action. */
const answers = (graph: Graph): readonly string[] => {
  const rules = [...graph.values()]
    .flatMap((it) => (it.kind === 'rule' ? [it.spec] : []))
    .sort((a, b) => a.priority - b.priority);
  const listener = graph.get(LISTENER);
  const fallback = listener?.kind === 'listener' ? listener.spec.defaultActions : [];
  return REQUESTS.map((path) => {
    const found = rules.find((rule) =>
      rule.conditions.some(
        (it) => it.field === 'path-pattern' && it.values?.some((glob) => fits(glob, path)),
      ),
    );
    const [action] = found?.actions ?? fallback;
    return action?.type === 'fixed-response' ? action.statusCode : 'none';
  });
};

const fits = (glob: string, path: string): boolean =>
  new RegExp(`^${glob.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(path);

const common = (one: Table, other: Table): string =>
  one.rules
    .map((rule) => rule.pattern)
    .filter((pattern) => other.rules.some((rule) => rule.pattern === pattern))
    .join(' ');

/** Two tables of which either the rules change and those that stay keep their order, or only the order changes. */
const change: fc.Arbitrary<readonly [Table, Table]> = fc.oneof(
  fc.tuple(table, table).map(([from, to]): readonly [Table, Table] => {
    const order = to.rules.map((rule) => rule.pattern);
    const staying = from.rules.filter((rule) => order.includes(rule.pattern)).map((rule) => rule.pattern);
    const rank = (pattern: string): number => staying.indexOf(pattern);
    const sorted = to.rules
      .filter((rule) => rank(rule.pattern) >= 0)
      .sort((a, b) => rank(a.pattern) - rank(b.pattern));
    const rules = to.rules.map((rule) => (rank(rule.pattern) < 0 ? rule : (sorted.shift() ?? rule)));
    return [from, { ...to, rules }];
  }),
  table.chain((from) =>
    fc
      .shuffledSubarray([...from.rules], { minLength: from.rules.length })
      .map((rules): readonly [Table, Table] => [from, { ...from, rules }]),
  ),
);

const law = (name: string, property: (from: Table, to: Table, gap: number) => void): void => {
  test(name, () => {
    fc.assert(
      fc.property(change, fc.constantFrom(1, 2, 100), ([from, to], gap) => property(from, to, gap)),
      RUNS,
    );
  });
};

law('a request answered alike before and after is answered alike all the while', (from, to, gap) => {
  let state: Actual = { ...NOTHING, owned: graphOf(from, gap) };
  const wanted = graphOf(to, 1);
  const [first, last] = [answers(state.owned), answers(wanted)];
  for (const operation of diff(wanted, state, GRACES).operations) {
    state = afterOperation(state, operation);
    answers(state.owned).forEach((now, i) => {
      if (first[i] !== last[i]) return;
      const told = `${REQUESTS[i]} after ${operationId(operation)} (${common(from, to)})`;
      assert.equal(now, first[i], told);
    });
  }
  assert.deepEqual(answers(state.owned), last);
});

law('the waits alone keep it so, however an apply interleaves what may run at once', (from, to, gap) => {
  let state: Actual = { ...NOTHING, owned: graphOf(from, gap) };
  const wanted = graphOf(to, 1);
  const [first, last] = [answers(state.owned), answers(wanted)];
  for (const operation of lastFirst(diff(wanted, state, GRACES).operations)) {
    state = afterOperation(state, operation);
    answers(state.owned).forEach((now, i) => {
      if (first[i] === last[i]) assert.equal(now, first[i], `${REQUESTS[i]} after ${operationId(operation)}`);
    });
  }
});

law(
  'a pure change of order is one move, and rules that stay in order do not move for room there is',
  (from, to, gap) => {
    const before: Actual = { ...NOTHING, owned: graphOf(from, gap) };
    const { operations } = diff(graphOf(to, 1), before, GRACES);
    const moves = operations.filter((operation) => operation.verb === 'move');
    assert.ok(moves.length <= 1);
    const staying = common(from, to);
    if (gap === 100 && staying === common(to, from)) assert.equal(moves.length, 0);
    assert.deepEqual(diff(graphOf(to, 1), afterPlan(before, operations), GRACES).operations, []);
  },
);

test('a rule that goes does not come to stand before one it stood behind', () => {
  const [a, b, gone] = [
    { pattern: '/a', to: '200' },
    { pattern: '/b*', to: '201' },
    { pattern: '/*', to: '202' },
  ] as const;
  let state: Actual = { ...NOTHING, owned: graphOf({ rules: [b, a, gone], fallback: '200' }, 100) };
  const at = REQUESTS.indexOf('/bx');
  for (const operation of diff(graphOf({ rules: [a, b], fallback: '200' }, 1), state, GRACES).operations) {
    state = afterOperation(state, operation);
    assert.equal(answers(state.owned)[at], '201', operationId(operation));
  }
});

test('a refused rule holds up only what it may overlap', () => {
  const rules = [
    { pattern: '/a', to: '200' },
    { pattern: '/b*', to: '201' },
    { pattern: '/*', to: '202' },
  ];
  const plan = diff(
    graphOf({ rules, fallback: '200' }, 1),
    { ...NOTHING, owned: graphOf({ rules: [], fallback: '200' }, 1) },
    GRACES,
  );
  const after = (pattern: string): readonly string[] | undefined => {
    const key: Key = ruleKey(LISTENER, [{ field: 'path-pattern', values: [pattern] }]);
    return plan.operations.find((operation) => operation.key === key)?.after;
  };
  assert.deepEqual(after('/b*'), []);
  assert.equal(after('/*')?.length, 2);
});
