/** A load balancer that has as many rules as the account allows. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ownershipTags } from '../../src/core/model/names.ts';
import type { Graph, Resource } from '../../src/core/model/resource.ts';
import { ruleKey } from '../../src/core/model/rule.ts';
import { diff } from '../../src/core/plan/diff.ts';
import { NO_LIMITS } from '../../src/core/plan/record-limits.ts';
import { CLUSTER, NOT_FOUND, STACK, sample } from './aws-sample.ts';
import { act, converge, look, startWorld, type World } from './aws-world.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world.stop());

const MOST = 100;

/** The sample with its rules exchanged for these paths. */
const withPaths = (paths: readonly string[]): Graph => {
  const { graph, http } = sample(world.fixtures);
  const others = [...graph.values()].filter((it) => it.kind !== 'rule');
  const rules = paths.map((path, index): Resource<'rule'> => {
    const conditions = [{ field: 'path-pattern', values: [path] }] as const;
    const tags = ownershipTags(CLUSTER, STACK, `80:${index + 1}`);
    const spec = { listener: http, priority: index + 1, conditions, actions: [NOT_FOUND], tags };
    return { kind: 'rule', key: ruleKey(http, conditions), spec };
  });
  return new Map([...others, ...rules].map((it) => [it.key, it]));
};

test('the quota is read, and at the quota a path that changes makes room for itself first', async () => {
  const aws = world.connect();
  assert.deepEqual((await aws.facts(0)).limits, { rules: MOST, certificates: 25, targetGroups: 100 });
  const paths = Array.from({ length: MOST }, (_, index) => `/${index}`);
  await converge(aws, withPaths(paths));
  assert.equal(world.count().rules, MOST);

  // The new path overlaps with the old one, so that in other circumstances it would come first.
  const wanted = withPaths(paths.map((path) => (path === '/7' ? '/7*' : path)));
  let actual = await look(aws, wanted);
  const { operations } = diff(
    wanted,
    actual,
    { loadBalancer: 0, targetGroup: 0 },
    { ...NO_LIMITS, mostRules: MOST },
  );
  assert.deepEqual(
    operations.map(({ verb }) => verb).filter((verb) => verb !== 'move'),
    ['delete', 'create'],
  );
  for (const operation of operations) {
    const step = await act(aws, operation, actual);
    assert.equal(step.attempt.status, 'done', JSON.stringify(step.attempt));
    actual = step.actual;
  }
  assert.equal(world.count().rules, MOST);
});
