import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sample } from './aws-sample.ts';
import { converge, look, startWorld, type World } from './aws-world.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world.stop());

test('network, zones and certificates are told in the words of the core', async () => {
  const facts = await world.connect().facts(0);
  assert.equal(facts.vpc, 'vpc-1');
  assert.deepEqual(facts.vpcCidrs, ['127.64.0.0/10', '2600:1f1c:12:3400::/56']);
  assert.deepEqual(
    facts.subnets.map(({ id, zone, public: open }) => [id, zone, open]),
    [
      ['subnet-a', 'eu-west-1a', true],
      ['subnet-b', 'eu-west-1b', true],
      ['subnet-c', 'eu-west-1c', true],
    ],
  );
  assert.ok(facts.securityGroups.some(({ id, name }) => id === 'sg-1234' && name === 'webSG'));
  assert.deepEqual(
    facts.zones?.filter(({ name }) => name === 'example.com'),
    [
      { id: 'ZEX', name: 'example.com', private: false },
      { id: 'ZEXP', name: 'example.com', private: true },
    ],
  );
  assert.deepEqual(facts.certificates?.[0], {
    arn: world.fixtures.certificates[0],
    domains: ['shop.example.com', '*.example.com'],
    status: 'ISSUED',
    notAfter: '2126-10-28T21:24:25.000Z',
  });
});

test('facts are kept for as long as asked, and shared by those who ask together', async () => {
  const aws = world.connect();
  world.mark();
  await Promise.all([aws.facts(60), aws.facts(60)]);
  const once = world.reads().length;
  const asked = Date.now();
  const { asOf = 0 } = await aws.facts(60);
  assert.equal(world.reads().length, once);
  assert.ok(
    asOf >= asked,
    'kept facts know what time it is: a new certificate is not "not valid yet" by them',
  );
  assert.equal(
    world.reads().filter((read) => read === 'DescribeSubnets').length,
    2,
    'one for the VPC, one for its subnets',
  );
  world.mark();
  await aws.facts(0);
  assert.equal(world.reads().filter((read) => read === 'DescribeSubnets').length, 1, 'the VPC stays known');
});

test('one failed call leaves no half facts and is not remembered', async () => {
  const aws = world.connect({ maxAttempts: 1 });
  world.faults.add({ kind: 'internal', operation: 'ListHostedZones', count: 1 });
  await assert.rejects(aws.facts(60));
  assert.equal((await aws.facts(60)).vpc, 'vpc-1');
});

test('what ACM or Route 53 do not permit is unknown; what the network does not permit is named', async () => {
  const notes: string[] = [];
  const aws = world.connect({ log: (_, message, fields) => notes.push(`${message} ${fields?.operation}`) });
  const rearm = [
    world.faults.add({ kind: 'denied', service: 'acm' }),
    world.faults.add({ kind: 'denied', service: 'route53' }),
  ];
  const facts = await aws.facts(0);
  assert.deepEqual([facts.zones, facts.certificates, facts.vpc], [undefined, undefined, 'vpc-1']);
  assert.ok(notes.includes('AWS does not permit a call ListHostedZones'), notes.join());
  assert.deepEqual(await aws.inventory(), []);
  const name = { zone: 'ZEX', name: 'shop.example.com' };
  const seen = await aws.lookUpNames(await aws.observe('shop/web', []), 'shop/web', [name]);
  assert.match(seen.foreign[0]?.description ?? '', /shop\.example\.com.*route53:ListResourceRecordSets/);
  assert.equal(seen.knownNames.size, 0, 'it is asked for again');
  for (const disarm of rearm) disarm();
  const again = await aws.lookUpNames(seen, 'shop/web', [name]);
  assert.deepEqual([again.foreign, again.knownNames.size], [[], 1]);
  world.faults.add({ kind: 'denied', operation: 'DescribeSubnets', count: 1 });
  await assert.rejects(world.connect().facts(0), /permission for ec2:DescribeSubnets/);
});

test('a VPC that cannot be told apart is an error that says what to do', async () => {
  world.addVpc('vpc-2');
  await assert.rejects(world.connect({ clusterName: 'unknown' }).facts(0), /2 VPCs.*--aws-vpc-id/);
  assert.equal((await world.connect().facts(0)).vpc, 'vpc-1');
  assert.equal((await world.connect({ clusterName: 'unknown', vpcId: 'vpc-1' }).facts(0)).vpc, 'vpc-1');
});

test('without Route 53 nothing of it is asked', async () => {
  const aws = world.connect({ route53: 'off' });
  world.mark();
  assert.deepEqual((await aws.facts(0)).zones, []);
  await aws.inventory();
  await aws.observe('shop/web', []);
  assert.deepEqual(
    world.reads().filter((read) => /HostedZone|ResourceRecord/.test(read)),
    [],
  );
});

test('a load balancer serves once it is active and each target group with targets has a healthy one', async () => {
  const { graph, balancer } = sample(world.fixtures);
  const aws = world.connect();
  const before = await look(aws, graph);
  assert.match(JSON.stringify(await aws.serving(balancer, before)), /does not exist/);
  await converge(aws, graph);
  const made = await look(aws, graph);
  world.balancersAre('provisioning');
  assert.match(JSON.stringify(await aws.serving(balancer, made)), /provisioning/);
  world.balancersAre('active');
  world.targetsAre('initial');
  assert.match(
    JSON.stringify(await aws.serving(balancer, made)),
    /none of the 2 targets of k8s-shop-.* is healthy \(initial\)/,
  );
  world.targetsAre('healthy');
  assert.deepEqual(await aws.serving(balancer, made), { serving: true });
  world.targetsAre('draining');
  assert.deepEqual(await aws.serving(balancer, made), { serving: true }, 'nobody is left to wait for');
  world.faults.add({ kind: 'internal', operation: 'DescribeTargetHealth', count: 1 });
  const untold = await world.connect({ maxAttempts: 1 }).serving(balancer, made);
  assert.equal(untold.serving, false);
});

test('every request is reported, refused ones with their code', async () => {
  const calls: string[] = [];
  world.faults.add({ kind: 'throttle', operation: 'DescribeVpcs', count: 1 });
  const warnings: string[] = [];
  await world
    .connect({
      onCall: (...call) => calls.push(call.join(' ')),
      log: (level, message) => warnings.push(`${level} ${message}`),
    })
    .facts(0);
  assert.ok(
    calls.includes('ec2 DescribeVpcs RequestLimitExceeded') && calls.includes('ec2 DescribeVpcs ok'),
    calls.join(),
  );
  assert.deepEqual(warnings, ['warn AWS asks to slow down']);
});
