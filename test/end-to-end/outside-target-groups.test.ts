/** Actions that forward to target groups which somebody else made: by name, beside Services, never changed. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import {
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { INGRESS_CLASS, ingress, textServer } from './manifests.ts';
import { startWorld, type World } from './world.ts';

let world: World;
const theirs = createServer((_, response) => response.end('theirs'));

before(async () => {
  world = await startWorld();
  await new Promise<void>((resolve) => void theirs.listen(0, '127.64.200.1', resolve));
  world.startController();
});
after(async () => {
  await world.stop();
  theirs.closeAllConnections();
  theirs.close();
});

const client = () => new ElasticLoadBalancingV2Client(world.sdk);

/** What an administrator makes by hand. */
const makeGroup = async (Name: string): Promise<string> => {
  const [vpc] = [...world.box.aws.state.instances.values()].map((it) => it.vpc);
  const { TargetGroups } = await client().send(
    new CreateTargetGroupCommand({
      Name,
      TargetType: 'ip',
      Protocol: 'HTTP',
      Port: 80,
      ...(vpc && { VpcId: vpc }),
    }),
  );
  const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? '';
  const { port } = theirs.address() as AddressInfo;
  await client().send(
    new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id: '127.64.200.1', Port: port }] }),
  );
  return TargetGroupArn;
};

const shop = (action: unknown): string =>
  ingress({
    namespace: 'web',
    name: 'shop',
    annotations: { 'actions.shop': JSON.stringify(action) },
  }).replace('number: 80', 'name: use-annotation');

const events = (): Promise<string> => world.kubectl(['get', 'events', '-n', 'web', '-o', 'wide']);

const answers = (body: string): Promise<true> => world.served('http://shop.example.com/', body);

test('a name that no target group has is told, and heals when somebody makes the group', async () => {
  await world.kubectl(
    ['create', '-f', '-'],
    INGRESS_CLASS + textServer('web', 'ours', 'ours') + shop({ type: 'forward', targetGroupName: 'theirs' }),
  );
  await world.until('the event', async () => /TargetGroupMissing.*theirs/.test(await events()));
  await makeGroup('theirs');
  // Without a change it is looked for each minute; a change looks again, if the last look is older than seconds.
  let looks = 0;
  await world.until('it is found', async () => {
    const look = `example.com/look=${++looks}`;
    await world.kubectl(['annotate', '--overwrite', 'ingress', 'shop', '-n', 'web', look]);
    await world.quiet();
    return [...world.box.aws.state.rules.values()].some((it) => !it.IsDefault);
  });
  await answers('theirs');
});

test('a mistake in the name freezes the Ingress, and a mix with Services serves both', async () => {
  await world.kubectl(['apply', '-f', '-'], shop({ type: 'forward', targetGroupName: 'thiers' }));
  await world.until('the event', async () => /TargetGroupMissing.*thiers/.test(await events()));
  await answers('theirs');
  const mix = (ours: number, others: number): string =>
    shop({
      type: 'forward',
      forwardConfig: {
        targetGroups: [
          { serviceName: 'ours', servicePort: 80, weight: ours },
          { targetGroupName: 'theirs', weight: others },
        ],
      },
    });
  await world.kubectl(['apply', '-f', '-'], mix(50, 50));
  await answers('ours');
  await answers('theirs');
  await world.kubectl(['apply', '-f', '-'], mix(100, 0));
  await world.quiet();
  const [rule] = [...world.box.aws.state.rules.values()].filter((it) => !it.IsDefault);
  assert.deepEqual(
    rule?.Actions?.[0]?.ForwardConfig?.TargetGroups?.map((it) => [
      it.TargetGroupArn?.includes('/theirs/'),
      it.Weight,
    ]).sort(),
    [
      [false, 100],
      [true, 0],
    ],
  );
});

test('the group itself was never written to, and outlives the Ingress', async () => {
  await world.kubectl(['delete', 'ingress', 'shop', '-n', 'web', '--timeout=30s']);
  await world.quiet();
  const [left, ...others] = [...world.box.aws.state.targetGroups.values()];
  assert.deepEqual([left?.TargetGroupName, others.length, left?.targets.size], ['theirs', 0, 1]);
  const told = world.box.aws.journal.filter(
    (it) => it.writes && JSON.stringify(it).includes('targetgroup/theirs/') && !/Rule/.test(it.operation),
  );
  assert.deepEqual(
    told.map((it) => it.operation),
    ['RegisterTargets'],
  );
});
