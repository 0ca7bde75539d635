/** What the 2017 controller left, in whatever state it is found. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Actual } from '../../src/core/model/actual.ts';
import type { Key } from '../../src/core/model/key.ts';
import { CLUSTER_TAG } from '../../src/core/model/names.ts';
import type { Graph, Resource } from '../../src/core/model/resource.ts';
import { diff } from '../../src/core/plan/diff.ts';
import type { Plan } from '../../src/core/plan/plan.ts';
import { afterOperation, afterPlan } from '../../src/core/plan/simulate.ts';
import { runs } from './runs.ts';
import { actualOf, graphOf, twoWishes } from './worlds.ts';

const RUNS = runs(1500);
const OURS = { [CLUSTER_TAG]: 'dev' };

const plan = (desired: Graph, actual: Actual): Plan =>
  diff(desired, actual, { loadBalancer: 60, targetGroup: 300 });

const wordless = (it: Resource): Resource =>
  ('tags' in it.spec ? { ...it, spec: { ...it.spec, tags: {} } } : it) as Resource;

const needsTags = (key: Key): boolean => /^(load-balancer|target-group)\//.test(key);

/** Of `from`, some is ours, some is provably of 2017, some belongs to nobody known. */
const worlds = fc
  .tuple(twoWishes, fc.array(fc.constantFrom('ours', '2017', 'unknown'), { minLength: 5 }))
  .map(([[from, to], states]) => {
    const found = [...graphOf(from)].map(([key, it], i) => ({ key, it, is: states[i % states.length] }));
    const before: Actual = {
      ...actualOf(undefined),
      owned: new Map(found.flatMap(({ key, it, is }) => (is === 'ours' ? [[key, it]] : []))),
      adoptable: new Map(found.flatMap(({ key, it, is }) => (is === 'ours' ? [] : [[key, wordless(it)]]))),
      retirable: new Map(
        found.flatMap(({ key, is }) =>
          is === '2017' && /^(load-balancer|target-group|listener|rule)\//.test(key)
            ? [[key, needsTags(key) ? OURS : {}]]
            : [],
        ),
      ),
    };
    return { before, to: graphOf(to) };
  });

test('a load balancer or target group carries our tags before it goes, and nothing of unknown origin goes', () => {
  fc.assert(
    fc.property(worlds, ({ before, to }) => {
      let state = before;
      for (const operation of plan(to, before).operations) {
        const { key } = operation;
        if (operation.verb === 'delete') {
          assert.ok(before.owned.has(key) || before.retirable.has(key), `${key} was nobody's we know`);
          const found = state.owned.get(key);
          const mine = found !== undefined && 'tags' in found.spec && CLUSTER_TAG in found.spec.tags;
          assert.ok(mine || before.owned.has(key) || !needsTags(key), `${key} without tags`);
        }
        state = afterOperation(state, operation);
      }
    }),
    RUNS,
  );
});

test('interrupted anywhere, it comes to the same rest, and then there is nothing to do', () => {
  fc.assert(
    fc.property(worlds, fc.nat(), ({ before, to }, cut) => {
      const whole = plan(to, before).operations;
      const rest = afterPlan(before, whole);
      assert.deepEqual(plan(to, rest).operations, []);
      const crashed = afterPlan(before, whole.slice(0, cut % (whole.length + 1)));
      const resumed = afterPlan(crashed, plan(to, crashed).operations);
      assert.deepEqual([...resumed.owned.keys()].sort(), [...rest.owned.keys()].sort());
      assert.deepEqual([...resumed.adoptable.keys()].sort(), [...rest.adoptable.keys()].sort());
    }),
    RUNS,
  );
});

test('while no load balancer is wanted or ours, nothing of 2017 is touched', () => {
  fc.assert(
    fc.property(worlds, ({ before }) => {
      const isBalancer = (key: Key): boolean => key.startsWith('load-balancer/');
      const owned = new Map([...before.owned].filter(([key]) => !isBalancer(key)));
      const touched = plan(new Map(), { ...before, owned }).operations.filter(({ key }) =>
        before.adoptable.has(key),
      );
      assert.deepEqual(touched, []);
    }),
    RUNS,
  );
});
