/** What requests see while the rules of a listener change: the law is told in answers, not in operations. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Actual, NOTHING } from '../../src/core/model/actual.ts';
import type { Graph } from '../../src/core/model/resource.ts';
import type { Action } from '../../src/core/model/rule.ts';
import { diff } from '../../src/core/plan/diff.ts';
import { operationId } from '../../src/core/plan/plan.ts';
import { afterOperation, afterPlan } from '../../src/core/plan/simulate.ts';
import { lastFirst } from './interleave.ts';
import {
  actionsMet,
  GRACES,
  HTTP,
  inOrderOf,
  keyOfRule,
  listenerGraph,
  PATTERNS,
  REQUESTS,
} from './one-listener.ts';
import { runs } from './runs.ts';

const RUNS = runs(2000);

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

const graphOf = ({ rules, fallback }: Table, gap: number): Graph => {
  const answering = rules.map(({ pattern, to }) => ({ pattern, actions: [answer(to)] }));
  return listenerGraph(HTTP, { rules: answering, fallback: [answer(fallback)] }, gap);
};

/** What each request is answered. */
const answers = (graph: Graph): readonly string[] =>
  actionsMet(graph).map(([action]) => (action?.type === 'fixed-response' ? action.statusCode : 'none'));

const common = (one: Table, other: Table): string =>
  one.rules
    .map((rule) => rule.pattern)
    .filter((pattern) => other.rules.some((rule) => rule.pattern === pattern))
    .join(' ');

/** Two tables of which either the rules change and those that stay keep their order, or only the order changes. */
const change: fc.Arbitrary<readonly [Table, Table]> = fc.oneof(
  fc
    .tuple(table, table)
    .map(([from, to]): readonly [Table, Table] => [from, { ...to, rules: inOrderOf(from.rules, to.rules) }]),
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
    const key = keyOfRule(HTTP, pattern);
    return plan.operations.find((operation) => operation.key === key)?.after;
  };
  assert.deepEqual(after('/b*'), []);
  assert.equal(after('/*')?.length, 2);
});
