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
import {
  becomes,
  binding,
  elb,
  installBindings,
  makeGroup,
  podAddresses,
  ready,
  remove,
  targetsOf,
  vpc,
} from './bindings.ts';
import { needsOwnCluster } from './foreign-cluster.ts';
import { textServer } from './manifests.ts';
import { type Controller, startWorld, type World } from './world.ts';

let world: World;
let controller: Controller;

before(async () => {
  world = await startWorld();
  await installBindings(world);
  controller = world.startController();
});
after(() => world.stop());

let byHand = '';

test('pods are registered in a group made by hand, and requests flow through a balancer made by hand', async () => {
  byHand = await makeGroup(world, 'by-hand', 'ip');
  await world.kubectl(['create', '-f', '-'], binding('shop', { targetGroupARN: byHand, targetType: 'ip' }));
  await becomes(world, 'shop', /^True TargetsRegistered 2 targets/);
  assert.deepEqual(await targetsOf(world, byHand), await podAddresses(world, 'shop'));
  const { LoadBalancers } = await elb(world).send(
    new CreateLoadBalancerCommand({ Name: 'by-hand', Subnets: subnets(), Scheme: 'internal' }),
  );
  const [{ LoadBalancerArn = '', DNSName = '' } = {}] = LoadBalancers ?? [];
  await elb(world).send(
    new CreateListenerCommand({
      LoadBalancerArn,
      Port: 80,
      Protocol: 'HTTP',
      DefaultActions: [{ Type: 'forward', TargetGroupArn: byHand }],
    }),
  );
  await world.served(`http://${DNSName}/`, 'hello-shop');
});

const subnets = (): string[] => ['subnet-1234', 'subnet-5678'];

test('a Service that grows and shrinks takes its targets along, and nothing else is touched', async () => {
  const since = world.box.aws.journal.length;
  await elb(world).send(
    new RegisterTargetsCommand({ TargetGroupArn: byHand, Targets: [{ Id: '127.64.99.9', Port: 9 }] }),
  );
  await world.kubectl(['scale', 'deployment', 'shop', '-n', 'web', '--replicas=3']);
  await becomes(world, 'shop', /^True TargetsRegistered 3 targets/);
  await world.kubectl(['scale', 'deployment', 'shop', '-n', 'web', '--replicas=1']);
  await becomes(world, 'shop', /^True TargetsRegistered 1 targets/);
  assert.deepEqual(
    (await targetsOf(world, byHand)).filter((it) => it !== '127.64.99.9:9'),
    await podAddresses(world, 'shop'),
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
  await becomes(
    world,
    'second',
    /^False TargetGroupTaken TargetGroupBinding web\/shop has target group by-hand/,
  );
  await remove(world, 'shop');
  await becomes(world, 'second', /^True TargetsRegistered 1 targets/);
  // Of a group that is not shared what others registered goes, too, at the next look.
  assert.deepEqual(await targetsOf(world, byHand), await podAddresses(world, 'shop'));
  await remove(world, 'second');
  await world.quiet();
  assert.deepEqual(await targetsOf(world, byHand), []);
});

test('a binding stays with its target group: nothing is left behind in it', {
  skip: needsOwnCluster,
}, async () => {
  // The sandbox knows no rules of CEL; the definition of the AWS Load Balancer Controller has none either.
  const [before, after] = [await makeGroup(world, 'before', 'ip'), await makeGroup(world, 'after', 'ip')];
  const says = (targetGroupARN: string, targetType = 'ip') =>
    world.kubectl(['apply', '-f', '-'], binding('moving', { targetGroupARN, targetType }));
  await says(before);
  await becomes(world, 'moving', /^True TargetsRegistered 1 targets/);
  const pods = await podAddresses(world, 'shop');
  await says(after, 'instance');
  const told = new RegExp(`^False InvalidBinding spec.targetGroupARN: expected ${before},.* got ${after};`);
  await becomes(world, 'moving', told);
  await controller.kill();
  controller = world.startController();
  await world.quiet();
  assert.match(await ready(world, 'moving'), told);
  assert.deepEqual([await targetsOf(world, before), await targetsOf(world, after)], [pods, []]);
  await says(before);
  await becomes(world, 'moving', /^True TargetsRegistered 1 targets/);
  await says(after, 'instance');
  await becomes(world, 'moving', told);
  await remove(world, 'moving');
  assert.deepEqual([await targetsOf(world, before), await targetsOf(world, after)], [[], []]);

  await says(before);
  await becomes(world, 'moving', /^True TargetsRegistered 1 targets/);
  await elb(world).send(new DeleteTargetGroupCommand({ TargetGroupArn: before }));
  await says(after);
  await world.until(
    'the other group is filled',
    async () => (await targetsOf(world, after)).join() === pods.join(),
  );
  await remove(world, 'moving');
});

test('a Pod whose gate is named after a binding waits until it is healthy in the group of that one', async () => {
  const arn = await makeGroup(world, 'gates', 'ip');
  const { LoadBalancers } = await elb(world).send(
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
  await becomes(world, 'gates', /^True TargetsRegistered 2 targets/);
  const isReady = async (): Promise<boolean> =>
    (await world.kubectl(['get', 'deployment', 'gated', '-n', 'web', '--no-headers'])).includes('2/2');
  await world.until(
    'the Pods say that AWS checks nobody, because no listener leads to the group',
    async () => {
      const pods = await world.kubectl(['get', 'pods', '-n', 'web', '-l', 'app=gated', '-o', 'json']);
      return (
        (pods.match(/is unused in .*; the load balancer has no subnet .*, or no rule/g) ?? []).length === 2
      );
    },
  );
  assert.equal(await isReady(), false);
  await elb(world).send(
    new CreateListenerCommand({
      LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn,
      Port: 80,
      Protocol: 'HTTP',
      DefaultActions: [{ Type: 'forward', TargetGroupArn: arn }],
    }),
  );
  await world.until('the gates are open', isReady);
  await remove(world, 'gates');
});

test('nodes are registered in a group of instances, as the selector says', async () => {
  const arn = await makeGroup(world, 'nodes', 'instance');
  await world.kubectl(['label', 'node', 'node-a', 'pool=front']);
  await world.kubectl(
    ['create', '-f', '-'],
    binding('nodes', {
      targetGroupName: 'nodes',
      targetType: 'instance',
      nodeSelector: { matchExpressions: [{ key: 'pool', operator: 'In', values: ['front'] }] },
    }),
  );
  await becomes(world, 'nodes', /^True TargetsRegistered 1 targets/);
  assert.match((await targetsOf(world, arn)).join(), /^i-\w+:3\d{4}$/);
  await world.kubectl(['label', 'node', 'node-a', 'pool-']);
  await becomes(world, 'nodes', /^True TargetsRegistered 0 targets/);
  assert.deepEqual(await targetsOf(world, arn), []);
  await remove(world, 'nodes');
});

test('of a shared group only what the binding registered is taken out', async () => {
  const arn = await makeGroup(world, 'shared', 'ip');
  await elb(world).send(
    new RegisterTargetsCommand({ TargetGroupArn: arn, Targets: [{ Id: '127.64.99.9', Port: 9 }] }),
  );
  await world.kubectl(
    ['create', '-f', '-'],
    binding('shared', { targetGroupARN: arn, targetType: 'ip', multiClusterTargetGroup: true }),
  );
  await becomes(world, 'shared', /^True TargetsRegistered 1 targets/);
  assert.deepEqual(
    await targetsOf(world, arn),
    [...(await podAddresses(world, 'shop')), '127.64.99.9:9'].sort(),
  );
  await world.kubectl(['rollout', 'restart', 'deployment', 'shop', '-n', 'web']);
  await world.kubectl(['rollout', 'status', 'deployment', 'shop', '-n', 'web', '--timeout=30s']);
  await world.until('the new pods alone', async () => {
    const wanted = [...(await podAddresses(world, 'shop')), '127.64.99.9:9'].sort();
    return JSON.stringify(await targetsOf(world, arn)) === JSON.stringify(wanted);
  });
  await remove(world, 'shared');
  await world.quiet();
  assert.deepEqual(await targetsOf(world, arn), ['127.64.99.9:9']);
});

test('what cannot be is told on the object, and changes nothing', async () => {
  const arn = await makeGroup(world, 'strict', 'ip');
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
    await becomes(world, name, expected);
    assert.match(
      await world.kubectl(['describe', 'targetgroupbinding', name, '-n', 'web']),
      new RegExp(`Warning +${/False (\w+)/.exec(expected.source)?.[1]}`),
    );
    await remove(world, name);
  }
  assert.deepEqual(world.calls(since).writes, []);
  await world.kubectl(
    ['create', '-f', '-'],
    binding('nobody', { targetGroupARN: arn, serviceRef: { name: 'nobody', port: 80 } }),
  );
  await becomes(world, 'nobody', /^False ServiceMissing/);
  await remove(world, 'nobody');
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
      VpcId: vpc(world),
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
    world,
    'theirs',
    /^False RoleUnusable role arn:aws:iam::222222222222:role\/register cannot be assumed/,
  );
  await iam.send(
    new UpdateAssumeRolePolicyCommand({ RoleName: 'register', PolicyDocument: trust('123456789012') }),
  );
  // Any change looks again at once; without one it is tried each minute.
  await world.kubectl(['annotate', 'targetgroupbinding', 'theirs', '-n', 'web', 'example.com/look=again']);
  await becomes(world, 'theirs', /^True TargetsRegistered 1 targets/);
  const health = await other.send(new DescribeTargetHealthCommand({ TargetGroupArn: arn }));
  assert.deepEqual(
    health.TargetHealthDescriptions?.map((it) => `${it.Target?.Id}:${it.Target?.Port}`),
    await podAddresses(world, 'shop'),
  );
  await remove(world, 'theirs');
});
