/**
 * The controller is killed after every single AWS write in turn, before AWS answers; the next one must end where an
 * uninterrupted one does: nothing twice, nothing left over.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { INGRESS_CLASS, ingress, textServer } from './manifests.ts';
import { startWorld, type World } from './world.ts';

let world: World;

before(async () => {
  world = await startWorld();
  await world.kubectl(['create', '-f', '-'], INGRESS_CLASS + textServer('web', 'shop', 'hello-shop'));
});
after(() => world.stop());

const MANIFEST =
  ingress({
    namespace: 'web',
    name: 'shop',
    annotations: {
      'group.name': 'all',
      'load-balancer-attributes': 'idle_timeout.timeout_seconds=30',
      tags: 'team=a',
    },
    paths: [
      ['/', 'shop'],
      ['/two', 'shop'],
    ],
  }) +
  ingress({
    namespace: 'web',
    name: 'blog',
    annotations: {
      'group.name': 'all',
      'target-group-attributes': 'deregistration_delay.timeout_seconds=10',
    },
    paths: [['/', 'shop']],
  });

/** What AWS holds, without what AWS chooses by chance. */
const content = (): unknown => {
  const { loadBalancers, listeners, rules, targetGroups, zones } = world.box.aws.state;
  const name = (arn: string | undefined): string => targetGroups.get(arn ?? '')?.TargetGroupName ?? arn ?? '';
  const actions = (
    list:
      | readonly {
          readonly Type?: string | undefined;
          readonly TargetGroupArn?: string | undefined;
          readonly FixedResponseConfig?: unknown;
        }[]
      | undefined,
  ) => list?.map((it) => [it.Type, name(it.TargetGroupArn), it.FixedResponseConfig]);
  return {
    balancers: [...loadBalancers.values()].map((it) => [it.LoadBalancerName, it.Scheme, it.attributes]),
    listeners: [...listeners.values()].map((it) => [it.Port, it.Protocol, actions(it.DefaultActions)]),
    rules: [...rules.values()]
      .filter((it) => !it.IsDefault)
      .map((it) => [it.Priority, it.Conditions, actions(it.Actions)])
      .sort((a, b) => Number(a[0]) - Number(b[0])),
    groups: [...targetGroups.values()]
      .map((it) => [it.TargetGroupName, it.attributes, [...it.targets.keys()].sort()])
      .sort(),
    records: [...zones.values()].flatMap((zone) =>
      [...zone.records.values()]
        .filter((it) => it.Type !== 'NS' && it.Type !== 'SOA')
        .map((it) => [it.Name, it.Type, it.AliasTarget?.DNSName?.replace(/-\d+\./, '.'), it.ResourceRecords]),
    ),
  };
};

const clean = async (): Promise<void> => {
  await world.kubectl(['delete', 'ingress', '--all', '-n', 'web', '--timeout=30s']);
  await world.quiet();
  assert.equal(world.box.aws.state.targetGroups.size, 0);
};

test('killed after each write of the first apply, in turn', async (t) => {
  const first = world.startController();
  const since = world.box.aws.journal.length;
  await world.kubectl(['apply', '-f', '-'], MANIFEST);
  await world.until(
    'served',
    async () => (await world.get('http://blog.example.com/').catch(() => undefined))?.status === 200,
  );
  await world.quiet();
  const expected = content();
  const { writes } = world.calls(since);
  t.diagnostic(`${writes.length} writes: ${writes.join(', ')}`);
  assert.ok(writes.length >= 8, writes.join(', '));
  await clean();
  await first.stop();

  for (let cut = 1; cut <= writes.length; cut++) {
    let victim = world.startController();
    let count = 0;
    const killed = new Promise<void>((resolve) => {
      world.box.aws.afterWrite = async () => {
        if (++count !== cut) return;
        world.box.aws.afterWrite = undefined;
        await victim.kill();
        resolve();
      };
    });
    await world.kubectl(['apply', '-f', '-'], MANIFEST);
    await killed;
    victim = world.startController();
    await world.until(
      `served after a kill at write ${cut}`,
      async () => (await world.get('http://blog.example.com/').catch(() => undefined))?.status === 200,
    );
    await world.quiet();
    assert.deepEqual(content(), expected, `after a kill at write ${cut} (${writes[cut - 1]})`);
    await clean();
    await victim.stop();
  }
});
