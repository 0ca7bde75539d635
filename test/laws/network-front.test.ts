/** Laws of Network Load Balancers in front: whatever prefix of a plan is done, what names lead to leads on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Actual, NOTHING } from '../../src/core/model/actual.ts';
import { references } from '../../src/core/model/references.ts';
import type { Resource } from '../../src/core/model/resource.ts';
import type { Operation } from '../../src/core/plan/plan.ts';
import { afterOperation } from '../../src/core/plan/simulate.ts';
import { type Cluster, cluster, EMPTY, pass } from './clusters.ts';
import { lastFirst } from './interleave.ts';
import { runs } from './runs.ts';

const RUNS = runs(300);

/** All in one group, whose first Ingress says what stands in front. */
const fronted = fc
  .tuple(
    cluster,
    fc.constantFrom('true', 'true', 'true', 'false'),
    fc.constantFrom(undefined, 'internal', 'internet-facing'),
    fc.constantFrom(undefined, '80=80', '81=80', '80=8080', '80=80,81=80'),
  )
  .map(
    ([of, enabled, scheme, mapping]): Cluster => ({
      ...of,
      ingresses: of.ingresses.map((it, index) => ({
        ...it,
        annotations: {
          ...it.annotations,
          'group.name': 'g',
          ...(index === 0 && {
            'enable-frontend-nlb': enabled,
            ...(scheme && { 'frontend-nlb-scheme': scheme }),
            ...(mapping && { 'frontend-nlb-listener-port-mapping': mapping }),
          }),
        },
      })),
    }),
  );

const dangling = ({ owned }: Actual): readonly string[] =>
  [...owned.values()].flatMap((it) =>
    references(it)
      .filter((key) => !owned.has(key))
      .map((key) => `${it.key} refers to missing ${key}`),
  );

const isFront = (it: Resource): it is Resource<'network-listener'> => it.kind === 'network-listener';

/** Names whose Network Load Balancer has no port that leads anywhere. */
const deadEnds = ({ owned }: Actual): readonly string[] => {
  const listeners = [...owned.values()].filter(isFront);
  return [...owned.values()].flatMap((it) => {
    if (it.kind !== 'dns-record' || !it.spec.alias.startsWith('network-load-balancer/')) return [];
    return listeners.some(({ spec }) => spec.loadBalancer === it.spec.alias) ? [] : [it.key];
  });
};

for (const [how, arranged] of [
  ['as planned', (operations: readonly Operation[]) => operations],
  ['as the waits alone allow', lastFirst],
] as const)
  test(`${how}, no prefix leaves anything dangling, and names lead to ports that lead on`, () => {
    let fronts = 0;
    fc.assert(
      fc.property(fronted, fronted, (from, to) => {
        const before = pass(from, EMPTY);
        let actual = before.state.actuals.get('g') ?? NOTHING;
        const wasDead = new Set(deadEnds(actual));
        const second = pass(to, before.state);
        const lead = hasPorts(second.state.actuals.get('g'));
        for (const operation of arranged(second.operations)) {
          actual = afterOperation(actual, operation);
          const after = `after ${operation.verb} ${operation.key}`;
          assert.deepEqual(dangling(actual), [], after);
          const dead = deadEnds(actual).filter((key) => !wasDead.has(key));
          if (lead) assert.deepEqual(dead, [], after);
        }
        if ([...actual.owned.values()].some(isFront)) fronts += 1;
      }),
      RUNS,
    );
    assert.ok(fronts > RUNS.numRuns / 4, `only ${fronts} had one in the end`);
  });

const hasPorts = (actual: Actual | undefined): boolean => [...(actual?.owned.values() ?? [])].some(isFront);
