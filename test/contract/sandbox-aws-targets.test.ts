/** What use and time do to the targets of a group. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  DeleteListenerCommand,
  DeregisterTargetsCommand,
  DescribeTargetHealthCommand,
  ModifyListenerCommand,
  ModifyRuleCommand,
  RegisterTargetsCommand,
  type TargetHealth,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { forwardTo, makeWorld, type World } from './sandbox-aws-world.ts';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const healthOf = async ({ elb }: World, TargetGroupArn: string): Promise<(TargetHealth | undefined)[]> =>
  ((await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }))).TargetHealthDescriptions ?? []).map(
    (one) => one.TargetHealth,
  );

describe('targets of ELBv2', () => {
  it('moves targets between unused, initial and draining as their group is used', async () => {
    await using world = await makeWorld({ speed: 1000 });
    const group = await world.group();
    const targets = [
      { Id: '127.64.0.1', Port: 80 },
      { Id: '127.64.0.1', Port: 81 },
    ];
    await world.elb.send(new RegisterTargetsCommand({ TargetGroupArn: group, Targets: targets }));
    assert.deepEqual(
      (await healthOf(world, group)).map((health) => [health?.State, health?.Reason]),
      [
        ['unused', 'Target.NotInUse'],
        ['unused', 'Target.NotInUse'],
      ],
    );
    const balancer = await world.balancer();
    const listener = await world.listener(balancer, 80, forwardTo(group));
    assert.equal((await healthOf(world, group))[0]?.Reason, 'Elb.RegistrationInProgress');
    const stored = world.aws.state.targetGroups.get(group);
    for (const target of stored?.targets.values() ?? []) target.health = { State: 'healthy' };
    const RuleArn = await world.rule(listener, { Actions: [forwardTo(group)] });
    await world.elb.send(new ModifyRuleCommand({ RuleArn, Actions: [forwardTo(group)] }));
    await world.elb.send(
      new ModifyListenerCommand({ ListenerArn: listener, DefaultActions: [forwardTo(group)] }),
    );
    assert.equal(
      (await healthOf(world, group))[0]?.State,
      'healthy',
      'a group that stays in use keeps its health',
    );
    await world.elb.send(
      new DeregisterTargetsCommand({
        TargetGroupArn: group,
        Targets: [{ Id: '127.64.0.1', Port: 80 }, { Id: '127.64.0.99' }],
      }),
    );
    assert.deepEqual(
      (await healthOf(world, group)).map((health) => health?.State),
      ['draining', 'healthy'],
    );
    while ((stored?.targets.size ?? 0) > 1) await pause(10);
    const health = await world.elb.send(
      new DescribeTargetHealthCommand({ TargetGroupArn: group, Targets: [{ Id: '127.64.0.1', Port: 80 }] }),
    );
    assert.equal(health.TargetHealthDescriptions?.[0]?.TargetHealth?.Reason, 'Target.NotRegistered');
    await world.elb.send(new DeleteListenerCommand({ ListenerArn: listener }));
    assert.equal((await healthOf(world, group))[0]?.State, 'unused');
    await world.elb.send(new DeregisterTargetsCommand({ TargetGroupArn: group, Targets: targets }));
    assert.deepEqual(await healthOf(world, group), []);
  });

  it('registers instances and outside addresses, and takes a draining target back', async () => {
    await using world = await makeWorld({ speed: 0.001 });
    const [instances, addresses] = [await world.group({ TargetType: 'instance' }), await world.group()];
    await world.listener(await world.balancer(), 80, forwardTo(addresses));
    await world.elb.send(
      new RegisterTargetsCommand({ TargetGroupArn: instances, Targets: [{ Id: 'i-0aaa', Port: 30_080 }] }),
    );
    const outside = [{ Id: '10.1.2.3', AvailabilityZone: 'all' }];
    await world.elb.send(new RegisterTargetsCommand({ TargetGroupArn: addresses, Targets: outside }));
    await world.elb.send(new DeregisterTargetsCommand({ TargetGroupArn: addresses, Targets: outside }));
    assert.equal((await healthOf(world, addresses))[0]?.State, 'draining');
    await world.elb.send(new RegisterTargetsCommand({ TargetGroupArn: addresses, Targets: outside }));
    assert.equal((await healthOf(world, addresses))[0]?.State, 'initial');
  });
});
