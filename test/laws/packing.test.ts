/** Packed rules answer as unpacked ones do: told in answers to random requests. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Resource } from '../../src/core/model/resource.ts';
import type { Condition } from '../../src/core/model/rule.ts';
import { type Cluster, cluster, EMPTY, FACTS, type Path, pass, type State } from './clusters.ts';
import { runs } from './runs.ts';

const RUNS = runs(100);
const HOSTS = ['x.example.com', 'y.example.com', '*.example.com', ''];
const PATHS = ['/', '/a', '/a/b', '/c', '/d', '/d/e', '/f', '/g'];
const REQUESTS = ['x.example.com', 'y.example.com', 'z.example.com', 'example.org'].flatMap((host) =>
  ['/', '/a', '/a/', '/a/b', '/a/b/c', '/ab', '/c', '/d', '/d/e', '/d/f', '/f/x', '/g', '/h'].map((path) => ({
    host,
    path,
  })),
);

const path: fc.Arbitrary<Path> = fc.record({
  host: fc.constantFrom(...HOSTS),
  path: fc.constantFrom(...PATHS),
  type: fc.constantFrom('Prefix', 'Exact', 'ImplementationSpecific'),
  service: fc.constantFrom('s', 's', 't'),
  port: fc.constant(80),
});

const paths = fc.uniqueArray(path, { selector: (it) => `${it.host}${it.path}${it.type}`, maxLength: 12 });

/** One group with many paths and few backends. */
const crowded: fc.Arbitrary<Cluster> = fc.tuple(cluster, fc.tuple(paths, paths, paths)).map(([of, many]) => ({
  ...of,
  ingresses: of.ingresses.map((it, i) => ({
    ...it,
    annotations: { 'group.name': 'g', 'share-hosts-with': '*' },
    fallback: undefined,
    paths: many[i] ?? [],
  })),
}));

const rulesIn = ({ actuals }: State): readonly Resource<'rule'>[] =>
  [...(actuals.get('g')?.owned.values() ?? [])]
    .flatMap((it) => (it.kind === 'rule' ? [it] : []))
    .sort((a, b) => a.spec.priority - b.spec.priority);

type Request = (typeof REQUESTS)[number];

const matches = (condition: Condition, { host, path }: Request): boolean => {
  if (condition.field !== 'host-header' && condition.field !== 'path-pattern') return false;
  const value = condition.field === 'host-header' ? host : path;
  const fits = (glob: string): boolean => new RegExp(`^${glob.replaceAll('*', '.*')}$`).test(value);
  return condition.values?.some(fits) ?? false;
};

const answers = (state: State): readonly string[] => {
  const rules = rulesIn(state);
  return REQUESTS.map((request) => {
    const found = rules.find(({ spec }) => spec.conditions.every((it) => matches(it, request)));
    return JSON.stringify(found?.spec.actions ?? 'none');
  });
};

const values = ({ spec }: Resource<'rule'>): number =>
  spec.conditions.reduce((sum, it) => sum + ('values' in it ? (it.values?.length ?? 0) : 0), 0);

const limited = (of: Cluster, before: State, rules: number) =>
  pass(of, before, (snapshot) => snapshot, { ...FACTS, limits: { rules, certificates: 25 } });

test('packed rules answer every request as unpacked ones do, and AWS takes them', () => {
  let packed = 0;
  fc.assert(
    fc.property(crowded, fc.integer({ min: 50, max: 100 }), (of, percent) => {
      const loose = pass(of, EMPTY);
      const count = rulesIn(loose.state).length;
      const most = Math.max(1, Math.floor((count * percent) / 100));
      const tight = limited(of, EMPTY, most);
      const made = rulesIn(tight.state);
      assert.ok(made.length <= most || count <= most);
      assert.ok(made.every((rule) => values(rule) <= 5));
      if (tight.problems.some(({ code }) => code === 'QuotaReached')) return;
      if (made.length < count) packed++;
      assert.deepEqual(answers(tight.state), answers(loose.state));
      assert.deepEqual(limited(of, tight.state, most).operations, []);
    }),
    RUNS,
  );
  assert.ok(packed > RUNS.numRuns / 10, `only ${packed} worlds were packed`);
});

test('rules that stand unpacked are left alone while nothing new asks for room', () => {
  fc.assert(
    fc.property(crowded, (of) => {
      const loose = pass(of, EMPTY);
      const count = rulesIn(loose.state).length;
      if (count > 0) assert.deepEqual(limited(of, loose.state, count).operations, []);
    }),
    RUNS,
  );
});

test('after any change the packing settles at once, and answers rightly', () => {
  fc.assert(
    fc.property(crowded, crowded, fc.integer({ min: 50, max: 110 }), (one, other, percent) => {
      const loose = pass(other, EMPTY);
      const count = Math.max(rulesIn(pass(one, EMPTY).state).length, rulesIn(loose.state).length);
      const most = Math.max(1, Math.floor((count * percent) / 100));
      const before = limited(one, EMPTY, most);
      const after = limited(other, before.state, most);
      assert.deepEqual(limited(other, after.state, most).operations, []);
      if (after.problems.some(({ code }) => code === 'QuotaReached')) return;
      assert.deepEqual(answers(after.state), answers(loose.state));
    }),
    RUNS,
  );
});
