/** Network Load Balancers, address pools and control ports, through the AWS room and back. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import {
  AllocateAddressCommand,
  CreateIpamCommand,
  CreateIpamPoolCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import {
  AddTagsCommand,
  ElasticLoadBalancingV2Client,
  RemoveTagsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  networkListenerKey,
  networkLoadBalancerKey,
  networkTargetGroupKey,
  targetGroupKey,
} from '../../src/core/model/key.ts';
import {
  networkLoadBalancerName,
  networkTargetGroupName,
  ownershipTags,
} from '../../src/core/model/names.ts';
import type { Graph, HealthCheck, Resource } from '../../src/core/model/resource.ts';
import { CHECK, CLUSTER, STACK, sample } from './aws-sample.ts';
import { act, converge, look, planFor, startWorld, type World } from './aws-world.ts';

let world: World;
let ec2: EC2Client;
let elb: ElasticLoadBalancingV2Client;

before(async () => {
  world = await startWorld();
  ec2 = new EC2Client(world);
  elb = new ElasticLoadBalancingV2Client(world);
});
after(async () => {
  ec2.destroy();
  elb.destroy();
  await world.stop();
});
beforeEach(() => world.reset());

const NETWORK_CHECK: HealthCheck = { ...CHECK, codes: '200-404' };

type Front = {
  readonly graph: Graph;
  readonly balancer: Resource<'network-load-balancer'>;
  readonly group: Resource<'network-target-group'>;
  readonly listener: Resource<'network-listener'>;
};

/** The sample with a Network Load Balancer in front of its port 80. */
const fronted = (addresses: Readonly<Record<string, string>> = {}): Front => {
  const inner = sample(world.fixtures);
  const key = networkLoadBalancerKey(STACK, 'internet-facing');
  const target = { loadBalancer: inner.balancer, port: 80 };
  const balancer: Front['balancer'] = {
    kind: 'network-load-balancer',
    key,
    spec: {
      name: networkLoadBalancerName('k8s-shop-web-0123456789'),
      scheme: 'internet-facing',
      ipAddressType: 'ipv4',
      subnets: ['subnet-a', 'subnet-b'],
      addresses,
      securityGroups: [inner.group],
      attributes: { 'load_balancing.cross_zone.enabled': 'true' },
      tags: ownershipTags(CLUSTER, STACK, 'FrontendNlb'),
    },
  };
  const group: Front['group'] = {
    kind: 'network-target-group',
    key: networkTargetGroupKey(key, 8080, target),
    spec: {
      name: networkTargetGroupName(CLUSTER, STACK, 8080, NETWORK_CHECK),
      loadBalancer: key,
      vpc: world.fixtures.vpc,
      port: 8080,
      target,
      healthCheck: NETWORK_CHECK,
      tags: ownershipTags(CLUSTER, STACK, 'FrontendNlb-tg-TCP-8080'),
    },
  };
  const listener: Front['listener'] = {
    kind: 'network-listener',
    key: networkListenerKey(key, 8080),
    spec: {
      loadBalancer: key,
      port: 8080,
      targetGroup: group.key,
      application: inner.balancer,
      tags: ownershipTags(CLUSTER, STACK, 'FrontendNlb-ls-TCP-8080'),
    },
  };
  const graph = new Map([...inner.graph, ...[balancer, group, listener].map((it) => [it.key, it] as const)]);
  return { graph, balancer, group, listener };
};

const withSpec = <R extends Resource>(graph: Graph, it: R, spec: Partial<R['spec']>): Graph =>
  new Map([...graph, [it.key, { ...it, spec: { ...it.spec, ...spec } } as Resource]]);

const seen = async (graph: Graph) => (await look(world.connect(), graph)).owned;

test('what was made is seen as it was wanted, addresses included, and nothing is left to do', async () => {
  const allocations = await Promise.all(
    ['a', 'b'].map(async () => (await ec2.send(new AllocateAddressCommand({}))).AllocationId ?? ''),
  );
  const addresses = { 'subnet-a': allocations[0] ?? '', 'subnet-b': allocations[1] ?? '' };
  const { graph, balancer, group, listener } = fronted(addresses);
  await converge(world.connect(), graph);
  const actual = await look(world.connect(), graph);
  for (const want of [group, listener]) assert.deepEqual(actual.owned.get(want.key)?.spec, want.spec);
  const found = actual.owned.get(balancer.key);
  assert.ok(found?.kind === 'network-load-balancer');
  assert.deepEqual({ ...found.spec, attributes: balancer.spec.attributes }, balancer.spec);
  assert.equal(found.spec.attributes['load_balancing.cross_zone.enabled'], 'true');
  assert.match(
    actual.loadBalancers.get(balancer.key)?.dnsName ?? '',
    /^k8s-shop-web-0123456789-nlb-[0-9a-f]{16}\.elb\.eu-west-1\.amazonaws\.com$/,
  );
  assert.deepEqual(planFor(graph, actual), { operations: [], holds: [] });
});

test('subnets, attributes, tags and health checks are changed in place', async () => {
  const { graph, balancer, group } = fronted();
  await converge(world.connect(), graph);
  world.mark();
  const next = withSpec(
    withSpec(graph, balancer, {
      subnets: ['subnet-b', 'subnet-c'],
      attributes: { 'load_balancing.cross_zone.enabled': 'false' },
      tags: { ...balancer.spec.tags, team: 'edge' },
    }),
    group,
    { healthCheck: { ...NETWORK_CHECK, path: '/healthz', interval: 30 } },
  );
  await converge(world.connect(), next);
  assert.deepEqual(world.writes().toSorted(), [
    'AddTags',
    'ModifyLoadBalancerAttributes',
    'ModifyTargetGroup',
    'SetSubnets',
  ]);
  const owned = await seen(next);
  const found = owned.get(balancer.key);
  assert.deepEqual(found?.kind === 'network-load-balancer' && found.spec.subnets, ['subnet-b', 'subnet-c']);
});

test('a lost reply is found again, and what belongs to somebody else is left alone', async () => {
  const { graph, balancer, group, listener } = fronted();
  const aws = world.connect();
  await converge(aws, sample(world.fixtures).graph);
  let actual = await look(aws, graph);
  for (const resource of [balancer, group, listener]) {
    const operation = { verb: 'create' as const, key: resource.key, resource, after: [] };
    assert.equal((await aws.perform(operation, actual)).status, 'done');
    const again = await act(aws, operation, actual);
    assert.equal(again.attempt.status, 'done', JSON.stringify(again.attempt));
    actual = again.actual;
  }
  assert.deepEqual(planFor(graph, await look(world.connect(), graph)).operations, []);
  for (const resource of [balancer, group, listener]) {
    const ResourceArns = [actual.ids.get(resource.key) ?? ''];
    await elb.send(new RemoveTagsCommand({ ResourceArns, TagKeys: ['elbv2.k8s.aws/cluster'] }));
    const attempt = await aws.perform({ verb: 'create', key: resource.key, resource, after: [] }, actual);
    assert.equal(attempt.status === 'failed' && attempt.code, 'NameTaken', JSON.stringify(attempt));
    const Tags = [{ Key: 'elbv2.k8s.aws/cluster', Value: CLUSTER }];
    await elb.send(new AddTagsCommand({ ResourceArns, Tags }));
  }
});

test('all of it goes, in an order that AWS permits', async () => {
  const { graph } = fronted();
  await converge(world.connect(), graph);
  await converge(world.connect(), new Map());
  const { loadBalancers, targetGroups, listeners } = world.count();
  assert.deepEqual([loadBalancers, targetGroups, listeners], [0, 0, 0]);
});

test('an address pool is given, exchanged and taken away', async () => {
  const { Ipam } = await ec2.send(new CreateIpamCommand({}));
  const pools = await Promise.all(
    [1, 2].map(async () => {
      const IpamScopeId = Ipam?.PublicDefaultScopeId;
      const { IpamPool } = await ec2.send(new CreateIpamPoolCommand({ IpamScopeId, AddressFamily: 'ipv4' }));
      return IpamPool?.IpamPoolId ?? '';
    }),
  );
  const { graph, balancer: key } = sample(world.fixtures);
  const balancer = graph.get(key);
  assert.ok(balancer?.kind === 'load-balancer');
  for (const pool of [...pools, '']) {
    await converge(world.connect(), withSpec(graph, balancer, { ipv4IpamPool: pool }));
    const [found] = [...world.state.loadBalancers.values()];
    assert.equal(found?.IpamPools?.Ipv4IpamPoolId ?? '', pool);
  }
});

test('a target group has its control port, which AWS cannot change', async () => {
  const { graph, addresses: key } = sample(world.fixtures);
  const group = graph.get(key);
  assert.ok(group?.kind === 'target-group');
  const spec = { ...group.spec, name: 'k8s-shop-controlled', controlPort: 3000 };
  const own = targetGroupKey(spec.loadBalancer, 'shop/web-controlled:80', spec);
  const tags = ownershipTags(CLUSTER, STACK, 'shop/web-controlled:80');
  const controlled: Resource = { ...group, key: own, spec: { ...spec, tags } };
  const wanted = new Map([...graph, [own, controlled]]);
  await converge(world.connect(), wanted);
  const found = [...world.state.targetGroups.values()].find(({ TargetControlPort }) => TargetControlPort);
  assert.deepEqual([found?.TargetGroupName, found?.TargetControlPort], ['k8s-shop-controlled', 3000]);
  assert.deepEqual(planFor(wanted, await look(world.connect(), wanted)).operations, []);
});
