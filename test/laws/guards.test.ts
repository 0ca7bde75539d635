/** Nobody gets in where nobody should: not for a moment, whatever changes, and whatever is wrong. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Actual, NOTHING } from '../../src/core/model/actual.ts';
import { type Guard, isGuard } from '../../src/core/model/guard.ts';
import type { Graph } from '../../src/core/model/resource.ts';
import type { Action } from '../../src/core/model/rule.ts';
import { diff } from '../../src/core/plan/diff.ts';
import { operationId } from '../../src/core/plan/plan.ts';
import { afterOperation } from '../../src/core/plan/simulate.ts';
import { CERTIFICATE, type Cluster, EMPTY, pass, type State, type Wanted } from './clusters.ts';
import { lastFirst } from './interleave.ts';
import { actionsMet, GRACES, HTTPS, inOrderOf, listenerGraph, PATTERNS, REQUESTS } from './one-listener.ts';
import { runs } from './runs.ts';

const jwt = (issuer: string): Guard => ({
  type: 'jwt-validation',
  jwksEndpoint: 'https://k',
  issuer,
  claims: [],
});

type Does = { readonly guard: string | undefined; readonly status: string };
type Table = {
  readonly rules: readonly { readonly pattern: string; readonly does: Does }[];
  readonly fallback: Does;
};

const does: fc.Arbitrary<Does> = fc.record({
  guard: fc.constantFrom(undefined, undefined, 'one', 'two'),
  status: fc.constantFrom('200', '201'),
});
const table: fc.Arbitrary<Table> = fc.record({
  rules: fc.uniqueArray(fc.record({ pattern: fc.constantFrom(...PATTERNS), does }), {
    selector: (rule) => rule.pattern,
    maxLength: PATTERNS.length,
  }),
  fallback: does,
});

/** As in the laws of traffic: either rules change and those that stay keep their order, or only the order changes. */
const change: fc.Arbitrary<readonly [Table, Table]> = fc.oneof(
  fc
    .tuple(table, table)
    .map(([from, to]): readonly [Table, Table] => [from, { ...to, rules: inOrderOf(from.rules, to.rules) }]),
  table.chain((from) =>
    fc
      .tuple(
        fc.shuffledSubarray([...from.rules], { minLength: from.rules.length }),
        fc.array(does, { minLength: 9, maxLength: 9 }),
      )
      .map(([rules, changed]): readonly [Table, Table] => [
        from,
        { ...from, rules: rules.map((rule, i) => ({ ...rule, does: changed[i] ?? rule.does })) },
      ]),
  ),
);

const actionsOf = ({ guard, status }: Does): readonly Action[] => [
  ...(guard === undefined ? [] : [jwt(guard)]),
  { type: 'fixed-response', statusCode: status, contentType: 'text/plain', messageBody: '' },
];

const graphOf = ({ rules, fallback }: Table, gap: number): Graph => {
  const acting = rules.map((rule) => ({ pattern: rule.pattern, actions: actionsOf(rule.does) }));
  return listenerGraph(HTTPS, { rules: acting, fallback: actionsOf(fallback) }, gap);
};

/** Whether each request has to pass a guard: what the first rule that matches says, else the default action. */
const guarded = (graph: Graph): readonly boolean[] =>
  actionsMet(graph).map((actions) => actions.some(isGuard));

for (const [name, ordered] of [
  ['in the order of the plan', (it: ReturnType<typeof diff>['operations']) => it],
  ['however an apply interleaves what may run at once', lastFirst],
] as const)
  test(`a request that is guarded before and after is guarded all the while, ${name}`, () => {
    fc.assert(
      fc.property(change, fc.constantFrom(1, 2, 100), ([from, to], gap) => {
        let state: Actual = { ...NOTHING, owned: graphOf(from, gap) };
        const wanted = graphOf(to, 1);
        const [first, last] = [guarded(state.owned), guarded(wanted)];
        for (const operation of ordered(diff(wanted, state, GRACES).operations)) {
          state = afterOperation(state, operation);
          guarded(state.owned).forEach((now, i) => {
            if (first[i] && last[i]) assert.ok(now, `${REQUESTS[i]} after ${operationId(operation)}`);
          });
        }
        assert.deepEqual(guarded(state.owned), last);
      }),
      runs(2000),
    );
  });

/** Clusters in which an Ingress is guarded, and then something is done to it. */
const IDP = (secret: string): string =>
  JSON.stringify({
    issuer: 'https://i.example.com',
    authorizationEndpoint: 'https://i.example.com/a',
    tokenEndpoint: 'https://i.example.com/t',
    userInfoEndpoint: 'https://i.example.com/u',
    secretName: secret,
  });

const PORTS = [
  '[{"HTTPS":443}]',
  '[{"HTTP":80},{"HTTPS":443}]',
  '[{"HTTP":80}]',
  '[{"HTTPS":8443},{"HTTP":443}]',
  undefined,
];
const LOGINS: readonly Readonly<Record<string, string>>[] = [
  { 'auth-type': 'oidc', 'auth-idp-oidc': IDP('login') },
  { 'jwt-validation': '{"jwksEndpoint":"https://i.example.com/k","issuer":"i"}' },
];
/** Ways to say or have something wrong; none of them is a wish to be open. */
const TROUBLES: readonly Readonly<Record<string, string>>[] = [
  {},
  { 'auth-type': 'basic' },
  { 'auth-type': 'oidc', 'auth-idp-oidc': IDP('gone') },
  { 'auth-type': 'oidc', 'auth-idp-oidc': IDP('empty') },
  { 'auth-type': 'oidc', 'auth-idp-oidc': IDP('unseen') },
  { 'auth-type': 'oidc', 'auth-idp-oidc': '{' },
  { 'auth-type': 'cognito', 'auth-idp-cognito': '{}' },
  { 'auth-tpye': 'oidc' },
  { 'jwt-validation': '{"issuer":"i"}' },
  { 'jwt-validaton': '{}' },
  { scheme: 'public' },
  { 'ssl-redirect': '443' },
  { 'ssl-redirect': 'yes' },
  { 'conditions.s': '{' },
];

const wanted = (name: string, more: Readonly<Record<string, string>>, ports: string | undefined): Wanted => ({
  namespace: 'a',
  name,
  created: '2024-01-01T00:00:00Z',
  className: 'alb',
  annotations: {
    'group.name': 'g',
    ...(ports && { 'listen-ports': ports }),
    'certificate-arn': CERTIFICATE,
    ...more,
  },
  paths: [
    { host: 'x.example.com', path: '/', type: 'Prefix', service: 's', port: 80 },
    { host: 'x.example.com', path: '/a', type: 'Prefix', service: 's', port: 80 },
  ],
  fallback: 's',
});

const clusterOf = (one: Wanted): Cluster => ({
  ingresses: [
    one,
    {
      ...wanted('two', {}, PORTS[1]),
      paths: [{ host: 'y.example.com', path: '/', type: 'Prefix', service: 't', port: 80 }],
      fallback: undefined,
    },
  ],
  serviceAnnotations: {},
  pods: ['10.0.0.1'],
});

/** Ways into the backend of Ingress `a/one` that ask nobody anything. */
const openWays = (state: State): readonly string[] =>
  [...state.actuals.values()].flatMap(({ owned }) =>
    [...owned.values()].flatMap((it) => {
      const actions =
        it.kind === 'rule' ? it.spec.actions : it.kind === 'listener' ? it.spec.defaultActions : [];
      const reaches = actions.some(
        (action) =>
          action.type === 'forward' &&
          action.targetGroups.some(
            ({ targetGroup, weight }) => weight > 0 && targetGroup.includes('/a/one-s:'),
          ),
      );
      return reaches && !actions.some(isGuard) ? [it.key] : [];
    }),
  );

/** Guards where AWS takes none. */
const misplaced = ({ owned }: Actual): readonly string[] =>
  [...owned.values()].flatMap((it) => {
    if (it.kind === 'listener')
      return it.spec.protocol === 'HTTP' && it.spec.defaultActions.some(isGuard) ? [it.key] : [];
    if (it.kind !== 'rule' || !it.spec.actions.some(isGuard)) return [];
    const listener = owned.get(it.spec.listener);
    return listener?.kind === 'listener' && listener.spec.protocol === 'HTTP' ? [it.key] : [];
  });

const after = (state: State, stack: string, actual: Actual): State => ({
  ...state,
  actuals: new Map([...state.actuals, [stack, actual]]),
});

const trouble = fc.record({
  login: fc.constantFrom(...LOGINS),
  ports: fc.constantFrom(...PORTS),
  later: fc.constantFrom(...PORTS),
  how: fc.constantFrom(...TROUBLES),
  hows: fc.constantFrom(...LOGINS),
});

test('a backend that was never open is never open, whatever is wrong with what is said of it later', () => {
  fc.assert(
    fc.property(trouble, ({ login, ports, later, how, hows }) => {
      const steps = [
        wanted('one', login, ports),
        wanted('one', { ...login, ...how }, later),
        wanted('one', { ...hows, ...how }, ports),
        wanted('one', hows, later),
      ];
      let state = EMPTY;
      for (const step of steps) {
        const { operations, state: next } = pass(clusterOf(step), state);
        for (const [stack, before] of [...state.actuals, ['g', NOTHING] as const].slice(0, 1)) {
          let actual = before;
          for (const operation of operations) {
            actual = afterOperation(actual, operation);
            assert.deepEqual(openWays(after(EMPTY, stack, actual)), [], operationId(operation));
            assert.deepEqual(misplaced(actual), [], operationId(operation));
          }
        }
        state = next;
        assert.deepEqual(openWays(state), []);
      }
    }),
    runs(400),
  );
});
