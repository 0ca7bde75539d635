/** kubectl makes a TargetGroupBinding for a target group that somebody made by hand, and requests reach the pods. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DeleteTargetGroupCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { CreateRoleCommand, IAMClient, UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam';
import { needsOwnCluster } from './foreign-cluster.ts';
import { INGRESS_CLASS, ingress, textServer } from './manifests.ts';
import { type Controller, startWorld, type World } from './world.ts';

let world: World;
let controller: Controller;

before(async () => {
  world = await startWorld();
  await world.define('targetgroupbindings');
  await world.kubectl(['create', '-f', '-'], INGRESS_CLASS + textServer('web', 'shop', 'hello-shop'));
  controller = world.startController();
});
after(() => world.stop());

const elb = () => new ElasticLoadBalancingV2Client(world.sdk);

const vpc = (): string => [...world.box.aws.state.instances.values()][0]?.vpc ?? '';

const makeGroup = async (Name: string, TargetType: 'ip' | 'instance'): Promise<string> => {
  const { TargetGroups } = await elb().send(
    new CreateTargetGroupCommand({ Name, TargetType, Protocol: 'HTTP', Port: 80, VpcId: vpc() }),
  );
  return TargetGroups?.[0]?.TargetGroupArn ?? '';
};

/** Targets that are not on their way out, as `address:port`. */
const targetsOf = async (arn: string): Promise<readonly string[]> => {
  const { TargetHealthDescriptions } = await elb().send(
    new DescribeTargetHealthCommand({ TargetGroupArn: arn }),
  );
  return (TargetHealthDescriptions ?? [])
    .filter((it) => it.TargetHealth?.State !== 'draining')
    .map((it) => `${it.Target?.Id}:${it.Target?.Port}`)
    .sort();
};

const podAddresses = async (name: string): Promise<readonly string[]> =>
  JSON.parse(await world.kubectl(['get', 'endpointslices', '-n', 'web', '-o', 'json']))
    .items.filter(
      (it: { metadata: { labels: Record<string, string> } }) =>
        it.metadata.labels['kubernetes.io/service-name'] === name,
    )
    .flatMap((it: { ports: { port: number }[]; endpoints?: { addresses: string[] }[] }) =>
      (it.endpoints ?? []).flatMap(({ addresses }) =>
        addresses.map((address) => `${address}:${it.ports[0]?.port}`),
      ),
    )
    .sort();

const binding = (name: string, spec: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({
    apiVersion: 'elbv2.k8s.aws/v1beta1',
    kind: 'TargetGroupBinding',
    metadata: { name, namespace: 'web' },
    spec: { serviceRef: { name: 'shop', port: 80 }, ...spec },
  });

const ready = async (name: string): Promise<string> =>
  world.kubectl([
    'get',
    'targetgroupbinding',
    name,
    '-n',
    'web',
    '-o',
    'jsonpath={.status.conditions[0].status} {.status.conditions[0].reason} {.status.conditions[0].message}',
  ]);

const becomes = (name: string, expected: RegExp): Promise<true> =>
  world.until(`${name} says ${expected}`, async () => expected.test(await ready(name)));

const remove = (name: string): Promise<string> =>
  world.kubectl(['delete', 'targetgroupbinding', name, '-n', 'web', '--timeout=30s']);

let byHand = '';

test('pods are registered in a group made by hand, and requests flow through a balancer made by hand', async () => {
  byHand = await makeGroup('by-hand', 'ip');
  await world.kubectl(['create', '-f', '-'], binding('shop', { targetGroupARN: byHand, targetType: 'ip' }));
  await becomes('shop', /^True TargetsRegistered 2 targets/);
  assert.deepEqual(await targetsOf(byHand), await podAddresses('shop'));
  const { LoadBalancers } = await elb().send(
    new CreateLoadBalancerCommand({ Name: 'by-hand', Subnets: subnets(), Scheme: 'internal' }),
  );
  const [{ LoadBalancerArn = '', DNSName = '' } = {}] = LoadBalancers ?? [];
  await elb().send(
    new CreateListenerCommand({
      LoadBalancerArn,
      Port: 80,
      Protocol: 'HTTP',
      DefaultActions: [{ Type: 'forward', TargetGroupArn: byHand }],
    }),
  );
  await world.until('an answer', async () => {
    const answer = await world.get(`http://${DNSName}/`).catch(() => undefined);
    return answer?.status === 200 && answer.body.includes('hello-shop');
  });
});

const subnets = (): string[] => ['subnet-1234', 'subnet-5678'];

test('a Service that grows and shrinks takes its targets along, and nothing else is touched', async () => {
  const since = world.box.aws.journal.length;
  await elb().send(
    new RegisterTargetsCommand({ TargetGroupArn: byHand, Targets: [{ Id: '127.64.99.9', Port: 9 }] }),
  );
  await world.kubectl(['scale', 'deployment', 'shop', '-n', 'web', '--replicas=3']);
  await becomes('shop', /^True TargetsRegistered 3 targets/);
  await world.kubectl(['scale', 'deployment', 'shop', '-n', 'web', '--replicas=1']);
  await becomes('shop', /^True TargetsRegistered 1 targets/);
  assert.deepEqual(
    (await targetsOf(byHand)).filter((it) => it !== '127.64.99.9:9'),
    await podAddresses('shop'),
  );
  await world.quiet();
  const { writes } = world.calls(since);
  assert.deepEqual([...new Set(writes)].sort(), [
    'elasticloadbalancing DeregisterTargets',
    'elasticloadbalancing RegisterTargets',
  ]);
  const after = world.box.aws.journal.length;
  await world.kubectl(['annotate', 'targetgroupbinding', 'shop', '-n', 'web', 'example.com/unrelated=1']);
  await world.quiet();
  assert.deepEqual(world.calls(after), { reads: [], writes: [] });
});

test('a second binding for the group waits, and has it when the first one goes', async () => {
  await world.kubectl(['create', '-f', '-'], binding('second', { targetGroupARN: byHand, targetType: 'ip' }));
  await becomes('second', /^False TargetGroupTaken TargetGroupBinding web\/shop has target group by-hand/);
  await remove('shop');
  await becomes('second', /^True TargetsRegistered 1 targets/);
  // Of a group that is not shared what others registered goes, too, at the next look.
  assert.deepEqual(await targetsOf(byHand), await podAddresses('shop'));
  await remove('second');
  await world.quiet();
  assert.deepEqual(await targetsOf(byHand), []);
});

test('a binding stays with its target group: nothing is left behind in it', {
  skip: needsOwnCluster,
}, async () => {
  // The sandbox knows no rules of CEL; the definition of the AWS Load Balancer Controller has none either.
  const [before, after] = [await makeGroup('before', 'ip'), await makeGroup('after', 'ip')];
  const says = (targetGroupARN: string, targetType = 'ip') =>
    world.kubectl(['apply', '-f', '-'], binding('moving', { targetGroupARN, targetType }));
  await says(before);
  await becomes('moving', /^True TargetsRegistered 1 targets/);
  const pods = await podAddresses('shop');
  await says(after, 'instance');
  const told = new RegExp(`^False InvalidBinding spec.targetGroupARN: expected ${before},.* got ${after};`);
  await becomes('moving', told);
  await controller.kill();
  controller = world.startController();
  await world.quiet();
  assert.match(await ready('moving'), told);
  assert.deepEqual([await targetsOf(before), await targetsOf(after)], [pods, []]);
  await says(before);
  await becomes('moving', /^True TargetsRegistered 1 targets/);
  await says(after, 'instance');
  await becomes('moving', told);
  await remove('moving');
  assert.deepEqual([await targetsOf(before), await targetsOf(after)], [[], []]);

  await says(before);
  await becomes('moving', /^True TargetsRegistered 1 targets/);
  await elb().send(new DeleteTargetGroupCommand({ TargetGroupArn: before }));
  await says(after);
  await world.until('the other group is filled', async () => (await targetsOf(after)).join() === pods.join());
  await remove('moving');
});

test('a Pod whose gate is named after a binding waits until it is healthy in the group of that one', async () => {
  const arn = await makeGroup('gates', 'ip');
  const { LoadBalancers } = await elb().send(
    new CreateLoadBalancerCommand({ Name: 'gates', Subnets: subnets(), Scheme: 'internal' }),
  );
  const gate = 'target-health.elbv2.k8s.aws/gates';
  await world.kubectl(
    ['apply', '-f', '-'],
    `${textServer('web', 'gated', 'from-gated', 'ClusterIP').replace(
      '      containers:',
      `      readinessGates: [{ conditionType: ${gate} }]\n      containers:`,
    )}\n${binding('gates', { targetGroupARN: arn, serviceRef: { name: 'gated', port: 80 } })}`,
  );
  await becomes('gates', /^True TargetsRegistered 2 targets/);
  const isReady = async (): Promise<boolean> =>
    (await world.kubectl(['get', 'deployment', 'gated', '-n', 'web', '--no-headers'])).includes('2/2');
  assert.equal(await isReady(), false, 'no listener leads to the group, so AWS checks nobody');
  await elb().send(
    new CreateListenerCommand({
      LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn,
      Port: 80,
      Protocol: 'HTTP',
      DefaultActions: [{ Type: 'forward', TargetGroupArn: arn }],
    }),
  );
  await world.until('the gates are open', isReady);
  await remove('gates');
});

test('nodes are registered in a group of instances, as the selector says', async () => {
  const arn = await makeGroup('nodes', 'instance');
  await world.kubectl(['label', 'node', 'node-a', 'pool=front']);
  await world.kubectl(
    ['create', '-f', '-'],
    binding('nodes', {
      targetGroupName: 'nodes',
      targetType: 'instance',
      nodeSelector: { matchExpressions: [{ key: 'pool', operator: 'In', values: ['front'] }] },
    }),
  );
  await becomes('nodes', /^True TargetsRegistered 1 targets/);
  assert.match((await targetsOf(arn)).join(), /^i-\w+:3\d{4}$/);
  await world.kubectl(['label', 'node', 'node-a', 'pool-']);
  await becomes('nodes', /^True TargetsRegistered 0 targets/);
  assert.deepEqual(await targetsOf(arn), []);
  await remove('nodes');
});

test('of a shared group only what the binding registered is taken out', async () => {
  const arn = await makeGroup('shared', 'ip');
  await elb().send(
    new RegisterTargetsCommand({ TargetGroupArn: arn, Targets: [{ Id: '127.64.99.9', Port: 9 }] }),
  );
  await world.kubectl(
    ['create', '-f', '-'],
    binding('shared', { targetGroupARN: arn, targetType: 'ip', multiClusterTargetGroup: true }),
  );
  await becomes('shared', /^True TargetsRegistered 1 targets/);
  assert.deepEqual(await targetsOf(arn), [...(await podAddresses('shop')), '127.64.99.9:9'].sort());
  await world.kubectl(['rollout', 'restart', 'deployment', 'shop', '-n', 'web']);
  await world.kubectl(['rollout', 'status', 'deployment', 'shop', '-n', 'web', '--timeout=30s']);
  await world.until('the new pods alone', async () => {
    const wanted = [...(await podAddresses('shop')), '127.64.99.9:9'].sort();
    return JSON.stringify(await targetsOf(arn)) === JSON.stringify(wanted);
  });
  await remove('shared');
  await world.quiet();
  assert.deepEqual(await targetsOf(arn), ['127.64.99.9:9']);
});

test('what cannot be is told on the object, and changes nothing', async () => {
  const arn = await makeGroup('strict', 'ip');
  const since = world.box.aws.journal.length;
  const wrong: readonly (readonly [string, Readonly<Record<string, unknown>>, RegExp])[] = [
    [
      'type',
      { targetGroupARN: arn, targetType: 'instance' },
      /^False TargetGroupMismatch spec.targetType: target group strict has ip, not instance/,
    ],
    [
      'protocol',
      { targetGroupARN: arn, targetGroupProtocol: 'TCP' },
      /^False TargetGroupMismatch spec.targetGroupProtocol: .* has HTTP, not TCP/,
    ],
    ['vpc', { targetGroupARN: arn, vpcID: 'vpc-else' }, /^False TargetGroupMismatch spec.vpcID/],
    [
      'family',
      { targetGroupARN: arn, ipAddressType: 'ipv6' },
      /^False TargetGroupMismatch spec.ipAddressType: .* has ipv4, not ipv6/,
    ],
    ['name', { targetGroupName: 'nobodys' }, /^False TargetGroupMissing target group nobodys does not exist/],
    [
      'arn',
      { targetGroupARN: 'strict' },
      /^False InvalidBinding spec.targetGroupARN: expected the ARN of a target group/,
    ],
    [
      'port',
      { targetGroupARN: arn, serviceRef: { name: 'shop', port: 'metrics' } },
      /^False InvalidBinding spec.serviceRef.port: Service web\/shop has no port metrics/,
    ],
  ];
  for (const [name, spec, expected] of wrong) {
    await world.kubectl(['create', '-f', '-'], binding(name, spec));
    await becomes(name, expected);
    assert.match(
      await world.kubectl(['describe', 'targetgroupbinding', name, '-n', 'web']),
      new RegExp(`Warning +${/False (\w+)/.exec(expected.source)?.[1]}`),
    );
    await remove(name);
  }
  assert.deepEqual(world.calls(since).writes, []);
  await world.kubectl(
    ['create', '-f', '-'],
    binding('nobody', { targetGroupARN: arn, serviceRef: { name: 'nobody', port: 80 } }),
  );
  await becomes('nobody', /^False ServiceMissing/);
  await remove('nobody');
});

test('a group of an Ingress is left to the Ingress, and a binding that LBC made for one is let go', async () => {
  await world.kubectl(['create', '-f', '-'], ingress({ namespace: 'web', name: 'shop' }));
  const arn = await world.until(
    'the target group of the Ingress',
    () =>
      [...world.box.aws.state.targetGroups.values()].find((it) =>
        it.TargetGroupName.startsWith('k8s-web-shop'),
      )?.TargetGroupArn,
  );
  await world.quiet();
  const targets = await targetsOf(arn);
  const type = world.box.aws.state.targetGroups.get(arn)?.TargetType;
  await world.kubectl(['create', '-f', '-'], binding('thief', { targetGroupARN: arn, targetType: type }));
  await becomes(
    'thief',
    /^False TargetGroupTaken target group k8s-web-shop-.* was made for Ingress web\/shop/,
  );
  await remove('thief');
  const ofLbc = JSON.parse(binding('of-lbc', { targetGroupARN: arn, targetType: type }));
  ofLbc.metadata.labels = { 'ingress.k8s.aws/stack-namespace': 'web', 'ingress.k8s.aws/stack-name': 'shop' };
  ofLbc.metadata.finalizers = ['elbv2.k8s.aws/resources'];
  await world.kubectl(['create', '-f', '-'], JSON.stringify(ofLbc));
  const since = world.box.aws.journal.length;
  await remove('of-lbc');
  await world.quiet();
  assert.deepEqual(world.calls(since).writes, []);
  assert.deepEqual(await targetsOf(arn), targets);
});

test('a group of another account is filled through a role, once the role trusts the controller', async () => {
  const credentials = { accessKeyId: '222222222222', secretAccessKey: 'any' };
  const theirs = { ...world.sdk, credentials };
  const other = new ElasticLoadBalancingV2Client(theirs);
  const { TargetGroups } = await other.send(
    new CreateTargetGroupCommand({
      Name: 'theirs',
      TargetType: 'ip',
      Protocol: 'HTTP',
      Port: 80,
      VpcId: vpc(),
    }),
  );
  const arn = TargetGroups?.[0]?.TargetGroupArn ?? '';
  const trust = (account: string): string =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${account}:root` },
          Action: 'sts:AssumeRole',
          Condition: { StringEquals: { 'sts:ExternalId': 'shop' } },
        },
      ],
    });
  const iam = new IAMClient(theirs);
  const AssumeRolePolicyDocument = trust('333333333333');
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName: 'register', AssumeRolePolicyDocument }));
  const through = binding('theirs', {
    targetGroupARN: arn,
    targetType: 'ip',
    iamRoleArnToAssume: Role?.Arn,
    assumeRoleExternalId: 'shop',
  });
  await world.kubectl(['create', '-f', '-'], through);
  await becomes(
    'theirs',
    /^False RoleUnusable role arn:aws:iam::222222222222:role\/register cannot be assumed/,
  );
  await iam.send(
    new UpdateAssumeRolePolicyCommand({ RoleName: 'register', PolicyDocument: trust('123456789012') }),
  );
  // Any change looks again at once; without one it is tried each minute.
  await world.kubectl(['annotate', 'targetgroupbinding', 'theirs', '-n', 'web', 'example.com/look=again']);
  await becomes('theirs', /^True TargetsRegistered 1 targets/);
  const health = await other.send(new DescribeTargetHealthCommand({ TargetGroupArn: arn }));
  assert.deepEqual(
    health.TargetHealthDescriptions?.map((it) => `${it.Target?.Id}:${it.Target?.Port}`),
    await podAddresses('shop'),
  );
  await remove('theirs');
});

test('an Ingress shares its target group: targets of other clusters stay, whoever comes and goes', async () => {
  const shared = ingress({
    namespace: 'web',
    name: 'shared',
    annotations: { 'target-type': 'ip', 'multi-cluster-target-group': 'true' },
    paths: [['/', 'shop']],
  });
  await world.kubectl(['create', '-f', '-'], shared);
  const arn = await world.until(
    'the target group',
    () =>
      [...world.box.aws.state.targetGroups.values()].find(
        (it) => it.TargetType === 'ip' && it.TargetGroupName.startsWith('k8s-web-shop'),
      )?.TargetGroupArn,
  );
  await world.quiet();
  await elb().send(
    new RegisterTargetsCommand({ TargetGroupArn: arn, Targets: [{ Id: '127.64.99.9', Port: 9 }] }),
  );
  const settled = (replicas: number): Promise<true> =>
    world.until(`${replicas} pods and the stranger`, async () => {
      const pods = await podAddresses('shop');
      const wanted = [...pods, '127.64.99.9:9'].sort();
      return pods.length === replicas && JSON.stringify(await targetsOf(arn)) === JSON.stringify(wanted);
    });
  await world.kubectl(['scale', 'deployment', 'shop', '-n', 'web', '--replicas=3']);
  await settled(3);
  // A controller that remembers nothing knows by the note which targets are its own.
  await controller.stop();
  await world.kubectl(['scale', 'deployment', 'shop', '-n', 'web', '--replicas=1']);
  controller = world.startController();
  await settled(1);
  await world.quiet();
  const since = world.box.aws.journal.length;
  await controller.stop();
  controller = world.startController();
  await world.until('started', () => controller.log.some((line) => line.message === 'started'));
  await world.quiet();
  assert.deepEqual(world.calls(since).writes, []);
  await settled(1);
});
