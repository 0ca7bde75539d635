import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Actual } from '../../src/core/model/actual.ts';
import type { Kind } from '../../src/core/model/key.ts';
import type { Graph } from '../../src/core/model/resource.ts';
import { type Sample, sample } from './aws-sample.ts';
import { converge, look, planFor, startWorld, type World } from './aws-world.ts';

let world: World;
let wanted: Sample;
let seen: Actual;

before(async () => {
  world = await startWorld();
  wanted = sample(world.fixtures);
  await converge(world.connect(), wanted.graph);
  world.mark();
  seen = await look(world.connect(), wanted.graph);
});
after(() => world.stop());

const ofKind = (graph: Graph, kind: Kind) => [...graph.values()].filter((one) => one.kind === kind);

for (const kind of [
  'security-group',
  'target-group',
  'load-balancer',
  'listener',
  'rule',
  'dns-record',
] as const)
  test(`a ${kind} that was created is seen as it was wanted`, () => {
    const all = ofKind(wanted.graph, kind);
    assert.ok(all.length > 0);
    assert.deepEqual(
      ofKind(seen.owned, kind)
        .map(({ key }) => key)
        .sort(),
      all.map(({ key }) => key).sort(),
    );
    for (const want of all) {
      const have = seen.owned.get(want.key);
      assert.ok(have);
      const expected: Record<string, unknown> = { ...want.spec };
      if ('attributes' in have.spec)
        expected.attributes = {
          ...have.spec.attributes,
          ...('attributes' in want.spec ? want.spec.attributes : {}),
        };
      assert.deepEqual(have.spec, expected);
      assert.ok(seen.ids.get(want.key), `${want.key} has an id`);
    }
  });

test('looking writes nothing, and there is nothing left to do', () => {
  assert.deepEqual(world.writes(), []);
  assert.deepEqual(planFor(wanted.graph, seen), { operations: [], holds: [] });
  assert.equal(seen.adoptable.size, 0);
  assert.deepEqual(seen.foreign, []);
});

test('the name and zone of the load balancer are told', () => {
  const facts = seen.loadBalancers.get(wanted.balancer);
  assert.match(facts?.dnsName ?? '', /^k8s-shop-web-[0-9a-f]{10}-\d+\.eu-west-1\.elb\.amazonaws\.com$/);
  assert.equal(facts?.hostedZoneId, 'Z32O12XQLNTSW2');
});

test('a target group that nothing refers to yet belongs to the balancer it was made for', async () => {
  const other = await startWorld();
  try {
    const { graph, instances } = sample(other.fixtures);
    const only = new Map([...graph].filter(([key]) => key === instances));
    await converge(other.connect(), only);
    const { owned } = await look(other.connect(), graph);
    assert.deepEqual([...owned.keys()], [instances]);
  } finally {
    await other.stop();
  }
});
