import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { loadBalancerName2017, targetGroupName2017 } from '../../src/core/adopt/claims.ts';
import { CLUSTER_TAG, ownershipTags } from '../../src/core/model/names.ts';
import type { Operation } from '../../src/core/plan/plan.ts';
import { CLUSTER, graphOf, resource, type Sample, STACK, sample, withChange } from './aws-sample.ts';
import { act, converge, look, planFor, startWorld, type World } from './aws-world.ts';

let world: World;
let made: Sample;

before(async () => {
  world = await startWorld();
  made = sample(world.fixtures);
  await converge(world.connect(), made.graph);
});
after(() => world.stop());

test('the inventory names this cluster’s stacks and nobody else’s', async () => {
  await world.tamper.loadBalancer('foreign-cluster', ownershipTags('prod', 'shop/other', 'LoadBalancer'));
  await world.tamper.loadBalancer('untagged', {});
  await world.tamper.loadBalancer('shared-tag', { [CLUSTER_TAG]: CLUSTER });
  await world.tamper.targetGroup('orphan', ownershipTags(CLUSTER, 'team', 'shop/a-b:80'));
  assert.deepEqual(await world.connect().inventory(), [STACK, 'team']);
  assert.deepEqual(await world.connect({ clusterName: 'prod' }).inventory(), ['shop/other']);
});

test('a restart looks in bulk: no listing, tag or record is read twice', async () => {
  const aws = world.connect();
  await aws.inventory();
  world.mark();
  await look(aws, made.graph);
  const reads = world.reads();
  for (const bulk of [
    'DescribeLoadBalancers',
    'DescribeTargetGroups',
    'DescribeSecurityGroups',
    'ListResourceRecordSets',
  ])
    assert.ok(!reads.includes(bulk), `${bulk} was called again: ${reads.join(' ')}`);
  assert.deepEqual(world.writes(), []);
});

test('a second look is fresh', async () => {
  const aws = world.connect();
  await look(aws, made.graph);
  await world.tamper.dropTargets(made.addresses);
  const seen = await look(aws, made.graph);
  assert.deepEqual(
    planFor(made.graph, seen).operations.map(({ key }) => key),
    [made.addresses],
  );
  await converge(aws, made.graph);
});

test('looks at the same time share one listing', async () => {
  const aws = world.connect();
  world.mark();
  await Promise.all(['a/1', 'a/2', 'a/3', STACK].map((stack) => aws.observe(stack, [])));
  assert.equal(world.reads().filter((read) => read === 'DescribeLoadBalancers').length, 1);
});

test('a rule without our tags is adoptable; of two alike the later one is let go', async () => {
  await world.tamper.rule(made.https, 50, '/by-hand', {});
  await world.tamper.rule(made.https, 60, '/twin', ownershipTags(CLUSTER, STACK, '443:60'));
  await world.tamper.rule(made.https, 70, '/twin', ownershipTags(CLUSTER, STACK, '443:70'));
  const seen = await look(world.connect(), made.graph);
  assert.deepEqual(
    [...seen.adoptable.values()].map(({ kind }) => kind),
    ['rule'],
  );
  const { operations } = planFor(made.graph, seen);
  assert.deepEqual(
    operations.map(({ verb }) => verb),
    ['delete', 'delete'],
  );
  await converge(world.connect(), made.graph);
});

test('a second load balancer of one scheme is told, not touched', async () => {
  await world.tamper.loadBalancer('twin', ownershipTags(CLUSTER, STACK, 'LoadBalancer'));
  const seen = await look(world.connect(), made.graph);
  assert.match(seen.foreign[0]?.description ?? '', /twin.*second internet-facing/);
  assert.deepEqual(planFor(made.graph, seen), { operations: [], holds: [] });
  await world.tamper.drop('twin');
});

test('a load balancer name that somebody else has is not taken', async () => {
  await world.tamper.loadBalancer('taken', { team: 'other' });
  const { spec } = made.graph.get(made.balancer) ?? {};
  assert.ok(spec);
  const other = withChange(made.graph, made.balancer, { name: 'taken' }).get(made.balancer);
  assert.ok(other);
  const aws = world.connect();
  const create: Operation = { verb: 'create', key: made.balancer, resource: other, after: [] };
  const { attempt } = await act(aws, create, await look(aws, made.graph));
  assert.ok(
    attempt.status === 'failed' && attempt.code === 'NameTaken' && !attempt.retry,
    JSON.stringify(attempt),
  );
});

const HEIR = { ingress: 'shop/old', hosts: ['old.example.com'], ports: new Map([['web:31027', '80']]) };

test('resources of the 2017 controller are adoptable for the Ingresses named, and adopting begins with tags', async () => {
  const name = loadBalancerName2017(CLUSTER, 'shop', 'old', 'old.example.com');
  const group = targetGroupName2017(CLUSTER, name, 31027, 'HTTP');
  const tags = { Namespace: 'shop', IngressName: 'old' };
  await world.tamper.loadBalancer(name, { ...tags, Hostname: 'old.example.com' });
  await world.tamper.targetGroup(group, { ...tags, ServiceName: 'web' });
  await world.tamper.listener(name, 80, group);
  const aws = world.connect();
  const unasked = await aws.observe('shop/old', []);
  assert.equal(unasked.owned.size + unasked.adoptable.size, 0);
  const seen = await aws.observe('shop/old', [HEIR]);
  assert.equal(seen.owned.size, 0);
  assert.deepEqual([...seen.adoptable.keys()].sort(), [
    'listener/shop/old~internet-facing:80',
    'load-balancer/shop/old~internet-facing',
    'target-group/shop/old~internet-facing/shop/old-web:80~instance-HTTP-31027',
  ]);
  const found = seen.adoptable.get('load-balancer/shop/old~internet-facing');
  assert.ok(found?.kind === 'load-balancer');
  const tagsToWrite = ownershipTags(CLUSTER, 'shop/old', 'LoadBalancer');
  const attributes = { 'idle_timeout.timeout_seconds': '90' };
  const owned = { ...found.spec, attributes, tags: { ...found.spec.tags, ...tagsToWrite } };
  world.mark();
  await converge(aws, graphOf(resource('load-balancer', found.key, owned)), {
    stack: 'shop/old',
    heirs: [HEIR],
  });
  assert.deepEqual(
    world.writes(),
    ['AddTags', 'AddTags', 'ModifyLoadBalancerAttributes', 'DeleteListener', 'DeleteTargetGroup'],
    'ours first; what nobody wants goes then',
  );
  assert.ok((await aws.observe('shop/old', [])).owned.has(found.key));
});
