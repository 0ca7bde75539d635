/** Faults, journal, the hook after a write, snapshots and the emulator's clock. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ListCertificatesCommand } from '@aws-sdk/client-acm';
import { DescribeVpcsCommand } from '@aws-sdk/client-ec2';
import {
  CreateTargetGroupCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { ListHostedZonesCommand } from '@aws-sdk/client-route-53';
import type { JournalEntry } from '../../src/sandbox/aws/journal.ts';
import { forwardTo, makeWorld, refused } from './sandbox-aws-world.ts';

const GROUP = new CreateTargetGroupCommand({
  Name: 'a',
  Protocol: 'HTTP',
  Port: 80,
  VpcId: 'vpc-1',
  TargetType: 'ip',
});

/** The status and name of what a call was refused with. */
const failure = async (attempt: Promise<unknown>): Promise<readonly [string, number | undefined]> => {
  const error = (await attempt.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )) as { name: string; $metadata?: { httpStatusCode?: number } } | undefined;
  return [error?.name ?? 'none', error?.$metadata?.httpStatusCode];
};

describe('faults', () => {
  it('throttle with each service’s own error', async () => {
    await using world = await makeWorld();
    world.aws.faults.add({ kind: 'throttle' });
    assert.deepEqual(await failure(world.elb.send(new DescribeLoadBalancersCommand({}))), [
      'Throttling',
      400,
    ]);
    assert.deepEqual(await failure(world.ec2.send(new DescribeVpcsCommand({}))), [
      'RequestLimitExceeded',
      503,
    ]);
    assert.deepEqual(await failure(world.r53.send(new ListHostedZonesCommand({}))), ['Throttling', 400]);
    assert.deepEqual(await failure(world.acm.send(new ListCertificatesCommand({}))), [
      'ThrottlingException',
      400,
    ]);
    world.aws.faults.clear();
    await world.elb.send(new DescribeLoadBalancersCommand({}));
  });

  it('answer without effect, for as many calls as they say, after as many as they skip', async () => {
    await using world = await makeWorld();
    world.aws.faults.add({ kind: 'internal', operation: 'CreateTargetGroup', count: 1 });
    world.aws.faults.add({ kind: 'denied', operation: 'CreateTargetGroup', skip: 1, count: 1 });
    assert.equal((await failure(world.elb.send(GROUP)))[1], 500);
    assert.equal(world.aws.state.targetGroups.size, 0);
    await world.elb.send(GROUP);
    assert.deepEqual(await failure(world.elb.send(GROUP)), ['AccessDenied', 403]);
    await world.elb.send(GROUP);
    const remove = world.aws.faults.add({ kind: 'unavailable', service: 'ec2' });
    assert.equal((await failure(world.ec2.send(new DescribeVpcsCommand({}))))[1], 503);
    remove();
    await world.ec2.send(new DescribeVpcsCommand({}));
  });

  it('lose the request before, or the reply after the effect', async () => {
    await using world = await makeWorld();
    world.aws.faults.add({ kind: 'lost-request', operation: 'CreateTargetGroup', count: 1 });
    await assert.rejects(world.elb.send(GROUP));
    assert.equal(world.aws.state.targetGroups.size, 0);
    world.aws.faults.add({ kind: 'lost-reply', operation: 'CreateTargetGroup', count: 1 });
    await assert.rejects(world.elb.send(GROUP));
    assert.equal(world.aws.state.targetGroups.size, 1);
    const { TargetGroups } = await world.elb.send(GROUP);
    assert.deepEqual(
      [TargetGroups?.length, world.aws.state.targetGroups.size],
      [1, 1],
      'the create is found again',
    );
    assert.deepEqual(
      world.aws.journal.map(({ code }) => code),
      ['connection destroyed', 'connection destroyed', undefined],
    );
  });
});

describe('journal', () => {
  it('holds each call with input, time and error, and counts the writes', async () => {
    await using world = await makeWorld();
    await world.elb.send(GROUP);
    await refused(
      world.elb.send(new DescribeTargetGroupsCommand({ Names: ['none'] })),
      'TargetGroupNotFoundException',
    );
    const [made, looked] = world.aws.journal;
    assert.deepEqual(
      [made?.service, made?.operation, made?.writes, made?.code],
      ['elasticloadbalancing', 'CreateTargetGroup', true, undefined],
    );
    assert.equal(made?.input.Name, 'a');
    assert.deepEqual(
      [looked?.operation, looked?.writes, looked?.code],
      ['DescribeTargetGroups', false, 'TargetGroupNotFound'],
    );
    assert.ok((looked?.time ?? 0) >= (made?.time ?? 0));
    assert.equal(world.aws.writes(), 1);
  });

  it('drops the oldest calls beyond its limit', async () => {
    await using world = await makeWorld({ journalLimit: 2 });
    for (let i = 0; i < 3; i += 1) await world.ec2.send(new DescribeVpcsCommand({}));
    assert.equal(world.aws.journal.length, 2);
  });
});

describe('after a write', () => {
  it('the effect is there and the reply waits', async () => {
    await using world = await makeWorld();
    const seen: [string, number][] = [];
    let release = (): void => undefined;
    world.aws.afterWrite = (entry: JournalEntry) => {
      seen.push([entry.operation, world.aws.state.targetGroups.size]);
      return new Promise((resolve) => {
        release = resolve;
      });
    };
    let answered = false;
    const call = world.elb.send(GROUP).then(() => {
      answered = true;
    });
    while (seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    await world.elb.send(new DescribeTargetGroupsCommand({}));
    assert.deepEqual([seen, answered], [[['CreateTargetGroup', 1]], false]);
    release();
    await call;
  });
});

describe('snapshot', () => {
  it('brings back the whole account, and what was under way goes on', async () => {
    await using world = await makeWorld({ speed: 500 });
    const [balancer, group] = [await world.balancer(), await world.group()];
    const listener = await world.listener(balancer, 80, forwardTo(group));
    await world.rule(listener);
    await world.change('ZEX', {
      Action: 'CREATE',
      ResourceRecordSet: {
        Name: 'a.example.com',
        Type: 'A',
        TTL: 1,
        ResourceRecords: [{ Value: '192.0.2.1' }],
      },
    });
    const saved: unknown = JSON.parse(JSON.stringify(world.aws.snapshot()));
    await using other = await makeWorld({ speed: 500 });
    const { loadBalancers } = other.aws.state;
    other.aws.restore(saved);
    assert.deepEqual(
      JSON.parse(JSON.stringify(other.aws.snapshot().resources)),
      (saved as { resources: unknown }).resources,
    );
    assert.equal(loadBalancers.get(balancer)?.State?.Code, 'provisioning');
    await refused(other.group({ Name: 'tg2', Port: 81 }), 'DuplicateTargetGroupNameException');
    const { TargetGroups } = await other.elb.send(
      new DescribeTargetGroupsCommand({ LoadBalancerArn: balancer }),
    );
    assert.equal(TargetGroups?.[0]?.TargetGroupArn, group, 'who uses what is known again');
    while (loadBalancers.get(balancer)?.State?.Code !== 'active')
      await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it('is the same for the same things made in another order', async () => {
    await using one = await makeWorld({ speed: 0.001 });
    await using two = await makeWorld({ speed: 0.001 });
    const make = async ({ elb }: typeof one, names: readonly string[]) => {
      for (const Name of names) {
        const { TargetGroups } = await elb.send(new CreateTargetGroupCommand({ ...GROUP.input, Name }));
        const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn;
        await elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id: '127.64.0.1' }] }));
        await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
      }
    };
    await make(one, ['a', 'b']);
    await make(two, ['b', 'a']);
    assert.equal(JSON.stringify(one.aws.snapshot().resources), JSON.stringify(two.aws.snapshot().resources));
  });

  it('of another Region, or of something else, is refused', async () => {
    await using world = await makeWorld();
    await using other = await makeWorld({ region: 'eu-west-1' });
    assert.throws(() => other.aws.restore(world.aws.snapshot()), /us-west-1.*eu-west-1/);
    assert.throws(() => world.aws.restore({ version: 2 }), /not a snapshot/);
  });
});

describe('the clock', () => {
  it('runs at its speed and calls back in emulator time', async () => {
    await using world = await makeWorld({ speed: 1000 });
    const { clock } = world.aws;
    const start = clock.now();
    await new Promise<void>((resolve) => {
      const alive = setInterval(() => undefined, 1000);
      clock.after(20_000, () => {
        clearInterval(alive);
        resolve();
      });
    });
    assert.ok(clock.now() - start >= 20_000);
    const cancel = clock.after(0, () => assert.fail('cancelled'));
    cancel();
  });
});
