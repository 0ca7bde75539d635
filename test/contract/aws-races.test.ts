import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import type { Key } from '../../src/core/model/key.ts';
import type { Resource } from '../../src/core/model/resource.ts';
import { ruleKey } from '../../src/core/model/rule.ts';
import type { Operation } from '../../src/core/plan/plan.ts';
import { type Sample, sample, without } from './aws-sample.ts';
import { act, converge, look, planFor, startWorld, type World } from './aws-world.ts';

let world: World;
let wanted: Sample;

before(async () => {
  world = await startWorld();
  wanted = sample(world.fixtures);
});
after(() => world.stop());
afterEach(() => world.reset());

const createOf = (key: Key): Operation => {
  const resource = wanted.graph.get(key);
  assert.ok(resource);
  return { verb: 'create', key, resource, after: [] };
};

test('a listing from before a write does not answer a look after it', async () => {
  const aws = world.connect();
  const nothing = await look(world.connect(), wanted.graph);
  await aws.inventory();
  assert.equal((await act(aws, createOf(wanted.group), nothing)).attempt.status, 'done');
  assert.ok((await aws.observe('shop/web', [])).owned.has(wanted.group));
});

test('a reading of records from before a write does not answer a look after it', async () => {
  const aws = world.connect();
  await converge(world.connect(), without(wanted.graph, wanted.record));
  await aws.inventory();
  const seen = await look(world.connect(), wanted.graph);
  assert.equal((await act(aws, createOf(wanted.record), seen)).attempt.status, 'done');
  assert.ok((await aws.observe('shop/web', [])).owned.has(wanted.record));
});

test('what goes while we look makes us look again', async () => {
  await converge(world.connect(), wanted.graph);
  let gone = false;
  const aws = world.connect({
    onCall: (_, operation) => {
      if (gone || operation !== 'DescribeTags') return;
      gone = true;
      world.state.loadBalancers.clear();
    },
  });
  const seen = await aws.observe('shop/web', []);
  assert.ok(gone);
  assert.ok(!seen.owned.has(wanted.balancer));
  assert.ok(seen.owned.has(wanted.group));
});

test('one thing that goes does not hide the tags of the others', async () => {
  await converge(world.connect(), wanted.graph);
  await world.tamper.targetGroup('short-lived', {});
  const aws = world.connect({
    onCall: (_, operation) => {
      if (operation !== 'DescribeTargetGroups') return;
      for (const [arn, { TargetGroupName }] of world.state.targetGroups)
        if (TargetGroupName === 'short-lived') world.state.targetGroups.delete(arn);
    },
  });
  assert.deepEqual(await aws.inventory(), ['shop/web']);
});

test('a permission that somebody added meanwhile is no obstacle', async () => {
  const aws = world.connect();
  await converge(aws, wanted.graph);
  const found = wanted.graph.get(wanted.group) as Resource<'security-group'>;
  const opened = { protocol: 'tcp', fromPort: 8443, toPort: 8443, cidr: '0.0.0.0/0' } as const;
  const inbound = [...found.spec.inbound, opened, { ...opened, fromPort: 9000, toPort: 9000 }];
  const graph = new Map(wanted.graph).set(wanted.group, { ...found, spec: { ...found.spec, inbound } });
  const seen = await look(aws, graph);
  await world.tamper.open(seen.ids.get(wanted.group) ?? '', 8443);
  const [update] = planFor(graph, seen).operations;
  assert.ok(update);
  assert.equal((await act(aws, update, seen)).attempt.status, 'done');
  assert.deepEqual(planFor(graph, await look(aws, graph)).operations, []);
});

test('a rule of somebody else on our priority is not taken for ours, be it the same', async () => {
  const aws = world.connect();
  const rule = wanted.graph.get(wanted.rules[2] ?? wanted.https) as Resource<'rule'>;
  const path = [{ field: 'path-pattern', values: ['/theirs'] }] as const;
  await converge(aws, without(wanted.graph, ...wanted.rules));
  const seen = await look(aws, wanted.graph);
  await world.tamper.rule(wanted.https, 300, '/theirs', {});

  const key = ruleKey(wanted.https, path);
  const resource: Resource<'rule'> = { ...rule, key, spec: { ...rule.spec, conditions: path } };
  const { attempt } = await act(aws, { verb: 'create', key, resource, after: [] }, seen);
  assert.ok(
    attempt.status === 'failed' && attempt.code === 'PriorityInUse' && attempt.retry,
    JSON.stringify(attempt),
  );
});

test('a target group of somebody else with our name and settings is not taken', async () => {
  const group = wanted.graph.get(wanted.instances) as Resource<'target-group'>;
  await world.tamper.targetGroupLike(group);
  await world.tamper.loadBalancer('theirs', {});
  await world.tamper.listener('theirs', 80, group.spec.name);
  const aws = world.connect();
  const { attempt } = await act(aws, createOf(wanted.instances), await look(aws, wanted.graph));
  assert.ok(attempt.status === 'failed' && attempt.code === 'NameTaken', JSON.stringify(attempt));
});

test('nor is a load balancer, should AWS not count tags as settings', async () => {
  const lax = await startWorld({ tagsAreSettings: false });
  try {
    const { graph, balancer, group } = sample(lax.fixtures);
    const found = graph.get(balancer) as Resource<'load-balancer'>;
    const spec = { ...found.spec, securityGroups: [lax.fixtures.group] };
    await lax.tamper.loadBalancer(spec.name, { team: 'other' });
    const aws = lax.connect();
    const seen = await look(aws, without(graph, group));
    const create: Operation = { verb: 'create', key: balancer, resource: { ...found, spec }, after: [] };
    const { attempt } = await act(aws, create, seen);
    assert.ok(attempt.status === 'failed' && attempt.code === 'NameTaken', JSON.stringify(attempt));
  } finally {
    await lax.stop();
  }
});
