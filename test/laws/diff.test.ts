import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Actual } from '../../src/core/model/actual.ts';
import { dnsRecordKey, type Key, loadBalancerKey } from '../../src/core/model/key.ts';
import type { Graph } from '../../src/core/model/resource.ts';
import { diff } from '../../src/core/plan/diff.ts';
import type { Operation, Plan } from '../../src/core/plan/plan.ts';
import { afterOperation, afterPlan } from '../../src/core/plan/simulate.ts';
import { lastFirst } from './interleave.ts';
import { runs } from './runs.ts';
import { actualOf, graphOf, shuffled, twoWishes, type Wish, wish } from './worlds.ts';

const GRACES = { loadBalancer: 60, targetGroup: 300 };
const RUNS = runs(1500);

const plan = (desired: Graph, actual: Actual): Plan => diff(desired, actual, GRACES);
const law = (name: string, property: (from: Wish | undefined, to: Wish | undefined) => void): void => {
  test(name, () => {
    fc.assert(
      fc.property(twoWishes, ([from, to]) => property(from, to)),
      RUNS,
    );
  });
};

/** Written out here on purpose: a law must not use the function it judges. */
const dangling = (owned: Graph): string[] => {
  const problems: string[] = [];
  const need = (by: Key, key: string): void => {
    if (!owned.has(key as Key)) problems.push(`${by} refers to missing ${key}`);
  };
  for (const [key, { spec }] of owned) {
    const of = spec as Record<string, unknown>;
    if (typeof of.listener === 'string') need(key, of.listener);
    if (key.startsWith('listener/')) need(key, String(of.loadBalancer));
    if (typeof of.alias === 'string') need(key, of.alias);
    const named = [of.actions, of.defaultActions, of.securityGroups, of.certificates];
    for (const match of JSON.stringify(named).matchAll(
      /"((?:target-group|security-group|certificate)\/[^"]+)"/g,
    ))
      need(key, match[1] ?? '');
  }
  return problems;
};

/** Priorities of one listener are unique at every moment. */
const duplicatePriorities = (owned: Graph): string[] => {
  const seen = new Map<string, string>();
  const problems: string[] = [];
  for (const resource of owned.values())
    if (resource.kind === 'rule') {
      const place = `${resource.spec.listener} ${resource.spec.priority}`;
      const other = seen.get(place);
      if (other) problems.push(`${place}: ${other} and ${resource.key}`);
      seen.set(place, resource.key);
    }
  return problems;
};

const content = (graph: Graph): unknown => {
  const ordered = [...graph.values()].map((resource) => ({
    ...resource,
    spec: { ...resource.spec } as Record<string, unknown>,
  }));
  for (const { spec } of ordered)
    for (const loose of ['name', 'tags', 'priority', 'attributes', 'serves']) delete spec[loose];
  return Object.fromEntries(
    ordered.sort((a, b) => (a.key < b.key ? -1 : 1)).map((resource) => [resource.key, resource.spec]),
  );
};

const ruleOrder = (graph: Graph): unknown => {
  const rules = [...graph.values()].flatMap((resource) => (resource.kind === 'rule' ? [resource] : []));
  return rules
    .sort((a, b) =>
      a.spec.listener < b.spec.listener
        ? -1
        : a.spec.listener > b.spec.listener
          ? 1
          : a.spec.priority - b.spec.priority,
    )
    .map((rule) => rule.key);
};

law('applying the plan gives what was wanted, in the order that was wanted', (from, to) => {
  const before = actualOf(from);
  const made = plan(graphOf(to), before);
  if (made.holds.length > 0) return;
  const after = afterPlan(before, made.operations);
  assert.deepEqual(content(after.owned), content(graphOf(to)));
  assert.deepEqual(ruleOrder(after.owned), ruleOrder(graphOf(to)));
});

law('a second plan has nothing left to do', (from, to) => {
  const before = actualOf(from);
  const after = afterPlan(before, plan(graphOf(to), before).operations);
  assert.deepEqual(plan(graphOf(to), after).operations, []);
});

test('what is as wanted needs no plan', () => {
  fc.assert(
    fc.property(wish, (it) => {
      const settled = afterPlan(actualOf(undefined), plan(graphOf(it), actualOf(undefined)).operations);
      assert.deepEqual(plan(graphOf(it), settled), { operations: [], holds: [] });
      // Contiguous numbers, as LBC writes them, are an order like any other.
      assert.deepEqual(plan(graphOf(it), actualOf(it)), { operations: [], holds: [] });
    }),
    RUNS,
  );
});

for (const [how, arranged] of [
  ['as planned', (operations: readonly Operation[]) => operations],
  ['as the waits alone allow', lastFirst],
] as const) {
  law(`stopping after any operation, ${how}, leaves nothing dangling and no priority twice`, (from, to) => {
    let state = actualOf(from);
    for (const operation of arranged(plan(graphOf(to), state).operations)) {
      state = afterOperation(state, operation);
      assert.deepEqual(dangling(state.owned), [], `after ${operation.verb} ${operation.key}`);
      assert.deepEqual(duplicatePriorities(state.owned), [], `after ${operation.verb} ${operation.key}`);
    }
  });

  law(`${how}, a name never points at less than it serves, and what serves does not go first`, (from, to) => {
    let state = actualOf(from);
    const wanted = graphOf(to);
    for (const operation of arranged(plan(wanted, state).operations)) {
      const after = `after ${operation.verb} ${operation.key}`;
      state = afterOperation(state, operation);
      for (const record of state.owned.values())
        if (record.kind === 'dns-record' && operation.key === record.key)
          for (const key of record.spec.serves)
            assert.ok(state.owned.has(key), `${record.key} before ${key}`);
      const balancers = [...state.owned.values()].filter((it) => it.kind === 'load-balancer');
      if (from && to) assert.ok(balancers.length > 0, `no balancer ${after}`);
      if (operation.verb === 'delete') assertSucceeded(operation.resource.kind, wanted, state.owned, after);
    }
  });
}

/** A balancer or listener goes only when all of its successors stand. */
const assertSucceeded = (gone: string, wanted: Graph, owned: Graph, after: string): void => {
  const kinds = gone === 'load-balancer' ? ['listener', 'rule'] : gone === 'listener' ? ['listener'] : [];
  for (const it of wanted.values())
    if (kinds.includes(it.kind)) assert.ok(owned.has(it.key), `${it.key} missing ${after}`);
};

law(
  'a host that has a certificate before and after has one at every moment, and a renewal touches no listener',
  (from, to) => {
    let state = actualOf(from);
    const namesIn = (owned: Graph): ReadonlySet<string> =>
      new Set(
        [...owned.values()]
          .flatMap((it) => (it.kind === 'listener' ? it.spec.certificates : []))
          .flatMap((key) => {
            const it = owned.get(key as Key);
            return it?.kind === 'certificate' ? it.spec.domains : [];
          }),
      );
    const sameBalancer = from?.scheme === to?.scheme;
    const constant = [...namesIn(graphOf(to))].filter(
      (name) => sameBalancer && namesIn(state.owned).has(name),
    );
    for (const operation of lastFirst(plan(graphOf(to), state).operations)) {
      state = afterOperation(state, operation);
      for (const name of constant)
        assert.ok(namesIn(state.owned).has(name), `${name} after ${operation.key}`);
    }
    const renewed = to && { ...to, certificates: to.certificates.map((it) => ({ ...it, renewals: 2 })) };
    for (const { key } of plan(graphOf(renewed), actualOf(to)).operations)
      assert.match(key, /^certificate\//);
  },
);

test('what somebody else still refers to stays, and the hold says who', () => {
  const [from, to] = [fullWish('internal'), fullWish('internet-facing')];
  const foreign = [
    {
      key: dnsRecordKey('Z9', 'theirs.org'),
      description: 'A of theirs',
      refersTo: [loadBalancerKey('ns/web', 'internal')],
    },
  ];
  const made = plan(graphOf(to), { ...actualOf(from), foreign });
  assert.deepEqual(
    made.holds.filter((hold) => hold.key.startsWith('load-balancer/')).map((hold) => hold.why),
    ['still needed by dns-record/Z9/theirs.org'],
  );
  assert.ok(!made.operations.some((it) => it.verb === 'delete' && it.key.startsWith('load-balancer/')));
});

test('no rule takes the priority of one that somebody made by hand', () => {
  fc.assert(
    fc.property(
      twoWishes,
      fc.array(fc.integer({ min: 1, max: 700 }), { maxLength: 8 }),
      ([from, to], taken) => {
        const before = actualOf(from);
        const used = new Set(prioritiesIn(before.owned));
        const byHand = taken.filter((priority) => !used.has(priority));
        const listeners = [...graphOf(to).values()].filter((it) => it.kind === 'listener');
        const foreign = listeners.flatMap(({ key }) =>
          byHand.map((priority) => ({
            key: `rule/${key.slice('listener/'.length)}#by-hand-${priority}` as Key<'rule'>,
            description: 'a rule',
            priority,
          })),
        );
        let state: Actual = { ...before, foreign };
        for (const operation of plan(graphOf(to), state).operations) {
          state = afterOperation(state, operation);
          const clash = prioritiesIn(state.owned).find((priority) => byHand.includes(priority));
          const isNew = clash !== undefined && !used.has(clash);
          assert.ok(!isNew, `priority ${clash} after ${operation.verb} ${operation.key}`);
        }
      },
    ),
    RUNS,
  );
});

const prioritiesIn = (graph: Graph): readonly number[] =>
  [...graph.values()].flatMap((it) => (it.kind === 'rule' ? [it.spec.priority] : []));

const fullWish = (scheme: Wish['scheme']): Wish => ({
  ...{
    scheme,
    ownGroup: true,
    idle: undefined,
    name: undefined,
    ports: [80],
    certificates: [],
    fallback: 'fixed',
  },
  ...{ rules: [{ path: '/p', to: 'fixed' }], hosts: ['x.example.com'], interval: 15, targets: [] },
});

law('a plan resumed after a crash ends where the whole one does', (from, to) => {
  const before = actualOf(from);
  const whole = plan(graphOf(to), before);
  for (let cut = 0; cut <= whole.operations.length; cut++) {
    const crashed = afterPlan(before, whole.operations.slice(0, cut));
    const resumed = afterPlan(crashed, plan(graphOf(to), crashed).operations);
    assert.deepEqual(content(resumed.owned), content(afterPlan(before, whole.operations).owned));
  }
});

law('the order of inputs does not matter', (from, to) => {
  const before = actualOf(from);
  const expected = plan(graphOf(to), before);
  assert.deepEqual(
    plan(shuffled(graphOf(to), 7), { ...before, owned: shuffled(before.owned, 11) }),
    expected,
  );
});

test('the order inside a set is no change', () => {
  fc.assert(
    fc.property(wish, (it) => {
      const reversed = { ...it, targets: it.targets.toReversed(), ports: it.ports.toReversed() };
      assert.deepEqual(plan(graphOf(reversed), actualOf(it)).operations, []);
    }),
    RUNS,
  );
});

test('the order in which AWS tells the target groups of a forward is no change, a weight is', () => {
  const [listener] = [...graphOf(fullWish('internal')).values()].filter((it) => it.kind === 'listener');
  assert.ok(listener);
  const forwarding = (...weights: readonly (readonly [string, number])[]): Graph => {
    const targetGroups = weights.map(([name, weight]) => ({ targetGroup: `arn:${name}` as const, weight }));
    const defaultActions = [{ type: 'forward' as const, targetGroups }];
    return new Map([[listener.key, { ...listener, spec: { ...listener.spec, defaultActions } }]]);
  };
  const before = { ...actualOf(undefined), owned: forwarding(['a', 1], ['b', 2]) };
  assert.deepEqual(plan(forwarding(['b', 2], ['a', 1]), before).operations, []);
  assert.equal(plan(forwarding(['b', 1], ['a', 2]), before).operations.length, 1);
});

law('each verb fits what is there, and every wait is for something earlier', (from, to) => {
  let state = actualOf(from);
  const done = new Set<string>();
  for (const operation of plan(graphOf(to), state).operations) {
    for (const id of operation.after)
      assert.ok(done.has(id), `${operation.verb} ${operation.key} waits for ${id}`);
    if (operation.verb !== 'move')
      assert.equal(
        state.owned.has(operation.key),
        operation.verb !== 'create',
        `${operation.verb} ${operation.key}`,
      );
    done.add(`${operation.verb} ${operation.key}`);
    state = afterOperation(state, operation);
  }
});

test('a new rule takes no number of a rule that is not ours', () => {
  const from = fullWish('internal');
  const to: Wish = { ...from, rules: [{ path: '/q', to: 'fixed' }] };
  const isRule = (key: Key): boolean => key.startsWith('rule/');
  const before: Actual = {
    ...actualOf(undefined),
    owned: new Map([...graphOf(from)].filter(([key]) => !isRule(key))),
    adoptable: new Map(
      [...graphOf(from)].map(([key, it]) => [
        key,
        it.kind === 'rule' ? { ...it, spec: { ...it.spec, priority: 100 } } : it,
      ]),
    ),
  };
  const [made] = plan(graphOf(to), before).operations.filter((it) => isRule(it.key));
  assert.ok(made?.verb === 'create' && made.resource.kind === 'rule');
  assert.notEqual(made.resource.spec.priority, 100);
});

test('whatever of it is only adoptable or foreign, there is a plan, it comes to rest, and a record holds no balancer', () => {
  const hostKey = dnsRecordKey('Z1', 'x.example.com');
  fc.assert(
    fc.property(
      twoWishes,
      fc.array(fc.boolean(), { minLength: 5 }),
      fc.boolean(),
      ([from, to], bits, taken) => {
        const all = [...graphOf(from)].filter(([key]) => !(taken && key === hostKey));
        const isOwned = (i: number): boolean => bits[i % bits.length] ?? true;
        const before: Actual = {
          ...actualOf(undefined),
          owned: new Map(all.filter((_, i) => isOwned(i))),
          adoptable: new Map(all.filter((_, i) => !isOwned(i))),
          foreign: taken ? [{ key: hostKey, description: 'CNAME of somebody' }] : [],
        };
        const made = plan(graphOf(to), before);
        const clash = made.holds.some((hold) => hold.why.includes('taken'));
        const heldBalancer = made.holds.some(
          (hold) => hold.key.startsWith('load-balancer/') && graphOf(to).has(hold.key),
        );
        assert.ok(clash || !heldBalancer, JSON.stringify(made.holds));
        for (let done = 1; done <= made.operations.length; done++) {
          const { owned, adoptable } = afterPlan(before, made.operations.slice(0, done));
          assert.deepEqual(duplicatePriorities(new Map([...adoptable, ...owned])), []);
        }
        assert.ok(!taken || made.operations.every((operation) => operation.key !== hostKey));
        assert.deepEqual(plan(graphOf(to), afterPlan(before, made.operations)).operations, []);
      },
    ),
    RUNS,
  );
});
