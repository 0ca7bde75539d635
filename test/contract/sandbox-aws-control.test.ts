/** The levers over HTTP and in process: throttling, lag, chance, the clock, accounts and Regions, objects, reset. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  CreateSecurityGroupCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import {
  CreateTargetGroupCommand,
  CreateTrustStoreCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
  GetTrustStoreCaCertificatesBundleCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { ListHostedZonesCommand, Route53Client } from '@aws-sdk/client-route-53';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { strangerProblem } from '../../src/sandbox/aws/control.ts';
import { createServerIdentity } from '../../src/sandbox/kubernetes/certificate.ts';
import { clientFor, makeWorld, refused, type World } from './sandbox-aws-world.ts';

type Reply = { readonly status: number; readonly body: Record<string, unknown> };

const control = async ({ aws }: World, method: string, path: string, body?: unknown): Promise<Reply> => {
  const reply = await fetch(`${aws.url}/_sandbox${path}`, {
    method,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await reply.text();
  return {
    status: reply.status,
    body: reply.headers.get('content-type') === 'application/json' ? JSON.parse(text) : { text },
  };
};

/** How many of so many calls in a row are let through. */
const passed = async (times: number, call: () => Promise<unknown>): Promise<number> => {
  let count = 0;
  for (let i = 0; i < times; i += 1)
    count += await call().then(
      () => 1,
      () => 0,
    );
  return count;
};

const vpcs = ({ ec2 }: World) => ec2.send(new DescribeVpcsCommand({ MaxResults: 5 }));

describe('throttling', () => {
  it('lets a burst through and then as many as the bucket gains in AWS time', async () => {
    await using world = await makeWorld({ speed: 0.001, throttling: 'aws' });
    const describeAll = () => world.elb.send(new DescribeLoadBalancersCommand({}));
    assert.equal(await passed(50, describeAll), 40);
    await refused(describeAll(), 'Throttling', /Rate exceeded/);
    world.aws.clock.advance(1000);
    assert.equal(await passed(20, describeAll), 10);
  });

  it('counts each category of ELBv2, each operation of EC2, and the changes of Route 53', async () => {
    await using world = await makeWorld({ speed: 0.001, throttling: 'aws' });
    assert.equal(await passed(15, () => world.balancer()), 10);
    assert.equal(await passed(110, () => vpcs(world)), 100);
    await refused(vpcs(world), 'RequestLimitExceeded');
    const upserts = Array.from({ length: 400 }, (_, i) => ({
      Action: 'UPSERT' as const,
      ResourceRecordSet: {
        Name: `a${i}.example.com`,
        Type: 'A' as const,
        TTL: 1,
        ResourceRecords: [{ Value: '192.0.2.1' }],
      },
    }));
    assert.equal(await passed(3, () => world.change('ZEX', ...upserts)), 1);
  });

  it('takes buckets of its own over HTTP, and goes off again', async () => {
    await using world = await makeWorld({ speed: 0.001 });
    const buckets = [{ service: 'ec2', operations: ['Describe*'], burst: 2, perSecond: 1 }];
    assert.equal((await control(world, 'PUT', '/throttling', { profile: 'custom', buckets })).status, 200);
    assert.equal(await passed(5, () => vpcs(world)), 2);
    await control(world, 'PUT', '/throttling', { profile: 'off' });
    assert.equal(await passed(5, () => vpcs(world)), 5);
  });
});

describe('lag', () => {
  const group = new CreateSecurityGroupCommand({ GroupName: 'late', Description: 'd', VpcId: 'vpc-1' });
  it('shows what is new only after a while, and what is gone for as long', async () => {
    await using world = await makeWorld({ speed: 0.001 });
    await control(world, 'PUT', '/lag', { 'security-group': 5, 'target-group': 5 });
    const { GroupId = '' } = await world.ec2.send(group);
    const look = () => world.ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [GroupId] }));
    await refused(look(), 'InvalidGroup.NotFound');
    await world.balancer({ SecurityGroups: [GroupId] });
    world.aws.clock.advance(6000);
    await look();
    const TargetGroupArn = await world.group({ Name: 'late' });
    const { TargetGroups } = await world.elb.send(new DescribeTargetGroupsCommand({}));
    assert.deepEqual(TargetGroups, []);
    assert.ok(world.aws.state.targetGroups.has(TargetGroupArn), 'it is there for all but the readers');
  });
});

describe('faults by chance', () => {
  it('hit the same calls for the same seed', async () => {
    await using world = await makeWorld();
    const hits = async (seed: number) => {
      await control(world, 'DELETE', '/faults');
      const fault = { kind: 'internal', operation: 'DescribeVpcs', probability: 0.5, seed };
      assert.equal((await control(world, 'POST', '/faults', fault)).status, 201);
      const outcomes: boolean[] = [];
      for (let i = 0; i < 30; i += 1)
        outcomes.push(
          await vpcs(world).then(
            () => true,
            () => false,
          ),
        );
      return outcomes.map(Number).join('');
    };
    const first = await hits(7);
    assert.equal(await hits(7), first);
    assert.notEqual(await hits(8), first);
    assert.match(first, /01|10/);
  });

  it('may shorten a page, and answer with any code', async () => {
    await using world = await makeWorld();
    await world.balancer();
    await world.balancer();
    world.aws.faults.add({ kind: 'partial-page', count: 1 });
    const { LoadBalancers, NextMarker } = await world.elb.send(new DescribeLoadBalancersCommand({}));
    assert.equal(LoadBalancers?.length, 1);
    assert.ok(NextMarker);
    world.aws.faults.add({ kind: 'error', code: 'Surprise', status: 418, message: 'so it is', count: 1 });
    await refused(vpcs(world), 'Surprise', /so it is/);
  });
});

describe('accounts and Regions', () => {
  it('each have a state of their own; zones are of the account', async () => {
    await using world = await makeWorld({ region: 'us-west-1' });
    await world.balancer();
    const as = (accessKeyId: string, region: string) => ({
      ...clientFor(world.aws),
      region,
      credentials: { accessKeyId, secretAccessKey: 'any' },
    });
    const count = async (accessKeyId: string, region: string) => {
      const elb = world.use(() => new ElasticLoadBalancingV2Client(as(accessKeyId, region)));
      return (await elb.send(new DescribeLoadBalancersCommand({}))).LoadBalancers?.length;
    };
    assert.deepEqual(
      [
        await count('any', 'us-west-1'),
        await count('123456789012', 'us-west-1'),
        await count('any', 'eu-west-1'),
        await count('210987654321', 'us-west-1'),
      ],
      [1, 1, 0, 0],
    );
    const sts = world.use(() => new STSClient(as('210987654321', 'eu-west-1')));
    assert.equal((await sts.send(new GetCallerIdentityCommand({}))).Account, '210987654321');
    const ec2 = world.use(() => new EC2Client(as('any', 'eu-west-1')));
    await ec2.send(new CreateSecurityGroupCommand({ GroupName: 'a', Description: 'd', VpcId: 'vpc-1' }));
    const zones = async (region: string) =>
      (await world.use(() => new Route53Client(as('any', region))).send(new ListHostedZonesCommand({})))
        .HostedZones?.length;
    assert.equal(await zones('eu-west-1'), await zones('us-west-1'));
  });

  it('are all in a snapshot', async () => {
    await using world = await makeWorld();
    await using other = await makeWorld();
    const settings = (of: World) => ({ ...clientFor(of.aws), region: 'eu-west-1' });
    const there = world.use(() => new ElasticLoadBalancingV2Client(settings(world)));
    const input = { Name: 'a', Protocol: 'HTTP', Port: 80, VpcId: 'vpc-1', TargetType: 'ip' } as const;
    await there.send(new CreateTargetGroupCommand(input));
    const saved = (await control(world, 'GET', '/snapshot')).body;
    assert.equal((await control(other, 'PUT', '/snapshot', saved)).status, 200);
    const here = other.use(() => new ElasticLoadBalancingV2Client(settings(other)));
    assert.equal((await here.send(new DescribeTargetGroupsCommand({}))).TargetGroups?.length, 1);
  });
});

describe('the control endpoint', () => {
  it('tells the journal, moves the clock, changes facts and resets', async () => {
    await using world = await makeWorld({ speed: 1 });
    await world.balancer();
    const { body } = await control(world, 'GET', '/journal?service=elasticloadbalancing&limit=1');
    const [entry] = body.entries as { operation: string; account: string; input: { Name: string } }[];
    assert.deepEqual(
      [entry?.operation, entry?.account, entry?.input.Name],
      ['CreateLoadBalancer', '123456789012', 'web1'],
    );
    await control(world, 'POST', '/clock/advance', { seconds: 120 });
    const { LoadBalancers } = await world.elb.send(new DescribeLoadBalancersCommand({}));
    assert.equal(LoadBalancers?.[0]?.State?.Code, 'active');
    assert.equal((await control(world, 'PUT', '/clock', { speed: 500 })).body.speed, 500);
    assert.equal(world.aws.clock.speed, 500);
    await control(world, 'PATCH', '/facts', { loadBalancersPerRegion: 1 });
    await refused(world.balancer(), 'TooManyLoadBalancersException');
    await control(world, 'POST', '/reset');
    assert.deepEqual([world.aws.state.loadBalancers.size, world.aws.journal.length], [0, 0]);
  });

  it('holds the objects that trust stores are made from, and gives their content back', async () => {
    await using world = await makeWorld();
    const { authority } = createServerIdentity([], ['a.example.com']);
    await control(world, 'PUT', '/objects/bucket/some/ca.pem', authority);
    const { TrustStores } = await world.elb.send(
      new CreateTrustStoreCommand({
        Name: 'trust',
        CaCertificatesBundleS3Bucket: 'bucket',
        CaCertificatesBundleS3Key: 'some/ca.pem',
      }),
    );
    const [store] = TrustStores ?? [];
    assert.deepEqual([store?.Status, store?.NumberOfCaCertificates], ['ACTIVE', 1]);
    const { Location = '' } = await world.elb.send(
      new GetTrustStoreCaCertificatesBundleCommand({ TrustStoreArn: store?.TrustStoreArn }),
    );
    assert.equal(await (await fetch(Location)).text(), authority);
  });

  const wrong: readonly (readonly [
    method: string,
    path: string,
    body: unknown,
    status: number,
    text: RegExp,
  ])[] = [
    ['GET', '/nothing', undefined, 404, /GET \/_sandbox lists/],
    ['DELETE', '/clock', undefined, 405, /GET, PUT/],
    ['POST', '/faults', '{', 400, /JSON/],
    ['POST', '/faults', { kind: 'fire' }, 400, /must be one of/],
    ['POST', '/faults', { kind: 'throttle', chance: 1 }, 400, /'chance' is no member/],
    ['POST', '/faults', { kind: 'throttle', probability: 2 }, 400, /between 0 and 1/],
    ['PUT', '/lag', { unicorn: 1 }, 400, /'unicorn'/],
    ['PUT', '/throttling', { profile: 'fast' }, 400, /off, aws/],
    ['PUT', '/throttling', { profile: 'custom' }, 400, /'buckets'/],
    ['PUT', '/clock', { speed: -1 }, 400, /above 0/],
    ['POST', '/clock/advance', { seconds: -1 }, 400, /forwards/],
    ['PATCH', '/facts', { rulesPerLoadBalancer: 'many' }, 400, /must be a number/],
    ['PUT', '/snapshot', { version: 2 }, 400, /not a snapshot/],
    ['DELETE', '/faults/99', undefined, 404, /fault 99/],
  ];
  for (const [method, path, body, status, text] of wrong)
    it(`${method} ${path} ${JSON.stringify(body) ?? ''}: ${status}`, async () => {
      await using world = await makeWorld();
      const reply = await control(world, method, path, body);
      assert.equal(reply.status, status);
      assert.match(String(reply.body.error), text);
    });

  it('answers to this machine only', () => {
    assert.equal(strangerProblem('127.0.0.1', { host: 'localhost:4566' }), undefined);
    assert.equal(strangerProblem('::1', { host: '[::1]:4566' }), undefined);
    assert.match(strangerProblem('192.0.2.7', { host: '127.0.0.1' }) ?? '', /192\.0\.2\.7/);
    assert.match(strangerProblem('127.0.0.1', { host: 'evil.example.com:80' }) ?? '', /Host/);
    assert.match(
      strangerProblem('127.0.0.1', { host: '127.0.0.1', origin: 'https://evil.example.com' }) ?? '',
      /Origin/,
    );
  });
});
