import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DescribeSecurityGroupsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DeleteRuleCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { INGRESS_CLASS, ingress, textServer } from './manifests.ts';
import { type Controller, startWorld, type World } from './world.ts';

let world: World;
let controller: Controller;

before(async () => {
  world = await startWorld();
});
after(() => world.stop());

const address = (name: string): Promise<string> =>
  world.until(`address of ${name}`, async () => {
    const text = await world.kubectl([
      'get',
      'ingress',
      name,
      '-n',
      'web',
      '-o',
      'jsonpath={.status.loadBalancer.ingress[0].hostname}',
    ]);
    return text || undefined;
  });

const arn = (): string => [...world.box.aws.state.loadBalancers.keys()].join();

test('an Ingress becomes a load balancer and a name that answer', async () => {
  await world.kubectl(
    ['create', '-f', '-'],
    INGRESS_CLASS +
      textServer('web', 'shop', 'hello-shop') +
      ingress({ namespace: 'web', name: 'shop', annotations: { scheme: 'internal' } }),
  );
  controller = world.startController();
  const hostname = await address('shop');
  assert.match(hostname, /^internal-k8s-web-shop-[0-9a-f]{10}-\d+\.us-west-1\.elb\.amazonaws\.com$/);
  await world.served('http://shop.example.com/', 'hello-shop');
  assert.equal((await world.get(`http://${hostname}/`)).status, 404);
  const described = await world.kubectl(['describe', 'ingress', 'shop', '-n', 'web']);
  assert.match(described, /Normal\s+Created.*load balancer k8s-web-shop/);
  assert.match(described, /record shop\.example\.com/);
});

test('a second pass over unchanged input reads and writes nothing', async () => {
  await world.quiet();
  const since = world.box.aws.journal.length;
  await world.kubectl(['annotate', 'ingress', 'shop', '-n', 'web', 'example.com/unrelated=1']);
  await world.quiet();
  assert.deepEqual(world.calls(since), { reads: [], writes: [] });
});

test('a restart adopts everything with zero writes', async () => {
  const took = await controller.stop();
  assert.ok(took < 5000, `stopping took ${took} ms`);
  const since = world.box.aws.journal.length;
  controller = world.startController();
  await world.started(controller);
  await world.quiet();
  assert.deepEqual(world.calls(since).writes, []);
});

test('changing a path costs at most two writes and keeps the load balancer', async () => {
  const before = arn();
  const since = world.box.aws.journal.length;
  await world.kubectl(
    ['apply', '-f', '-'],
    ingress({
      namespace: 'web',
      name: 'shop',
      annotations: { scheme: 'internal' },
      paths: [['/new', 'shop']],
    }),
  );
  await world.served('http://shop.example.com/new', 'hello-shop');
  await world.quiet();
  const { writes } = world.calls(since);
  assert.ok(writes.length >= 1 && writes.length <= 2, writes.join(', '));
  assert.equal(arn(), before);
  assert.equal((await world.get('http://shop.example.com/old')).status, 404);
});

test('what somebody changed or deleted in AWS is repaired by the audit', async () => {
  await controller.stop();
  controller = world.startController(['--sync-period', '2s']);
  await world.started(controller);
  await world.quiet();
  const [rule] = [...world.box.aws.state.rules.values()].filter((it) => !it.IsDefault);
  assert.ok(rule);
  const elb = new ElasticLoadBalancingV2Client(world.sdk);
  await elb.send(new DeleteRuleCommand({ RuleArn: rule.RuleArn }));
  await world.until('the rule is back', () =>
    [...world.box.aws.state.rules.values()].some((it) => !it.IsDefault),
  );
  await world.served('http://shop.example.com/new', 'hello-shop');
  await controller.stop();
  controller = world.startController();
});

test('a change of scheme serves on while the balancer is replaced', async () => {
  const [before] = [...world.box.aws.state.loadBalancers.keys()];
  let failures = 0;
  let requests = 0;
  let asking = true;
  const loop = (async () => {
    while (asking) {
      const answer = await world.get('http://shop.example.com/new').catch(() => ({ status: 599, body: '' }));
      requests++;
      if (answer.status >= 500) failures++;
    }
  })();
  try {
    await world.kubectl([
      'annotate',
      '--overwrite',
      'ingress',
      'shop',
      '-n',
      'web',
      'alb.ingress.kubernetes.io/scheme=internet-facing',
    ]);
    await world.until('only the new balancer is left', () => {
      const [only, ...others] = [...world.box.aws.state.loadBalancers.values()];
      return others.length === 0 && only?.Scheme === 'internet-facing' && only.LoadBalancerArn !== before;
    });
    await world.served('http://shop.example.com/new', 'hello-shop');
  } finally {
    asking = false;
    await loop;
  }
  assert.equal(failures, 0, `${failures} of ${requests} requests failed`);
  assert.ok(requests > 50, `only ${requests} requests were made`);
  await world.until('the address follows', async () => (await address('shop')).startsWith('k8s-web-shop'));
  await world.quiet();
});

test('deleting the Ingress leaves nothing in AWS but the fixtures', async () => {
  await world.kubectl(['delete', 'ingress', 'shop', '-n', 'web', '--timeout=30s']);
  await world.quiet();
  const ec2 = new EC2Client(world.sdk);
  const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({}));
  assert.deepEqual(
    SecurityGroups?.map((group) => group.GroupName).filter((name) => name?.startsWith('k8s-')),
    [],
  );
  const { loadBalancers, listeners, rules, targetGroups, zones } = world.box.aws.state;
  assert.deepEqual([loadBalancers.size, listeners.size, rules.size, targetGroups.size], [0, 0, 0, 0]);
  const names = [...zones.values()].flatMap((zone) =>
    [...zone.records.values()].filter((it) => it.Type !== 'NS' && it.Type !== 'SOA').map((it) => it.Name),
  );
  assert.deepEqual(names, []);
});
