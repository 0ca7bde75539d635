/** Target groups of Ingresses: bindings leave them alone, and clusters may share them. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { RegisterTargetsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { becomes, binding, elb, installBindings, podAddresses, remove, targetsOf } from './bindings.ts';
import { ingress } from './manifests.ts';
import { type Controller, startWorld, type World } from './world.ts';

let world: World;
let controller: Controller;

before(async () => {
  world = await startWorld();
  await installBindings(world);
  controller = world.startController();
});
after(() => world.stop());

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
  const targets = await targetsOf(world, arn);
  const type = world.box.aws.state.targetGroups.get(arn)?.TargetType;
  await world.kubectl(['create', '-f', '-'], binding('thief', { targetGroupARN: arn, targetType: type }));
  await becomes(
    world,
    'thief',
    /^False TargetGroupTaken target group k8s-web-shop-.* was made for Ingress web\/shop/,
  );
  await remove(world, 'thief');
  const ofLbc = JSON.parse(binding('of-lbc', { targetGroupARN: arn, targetType: type }));
  ofLbc.metadata.labels = { 'ingress.k8s.aws/stack-namespace': 'web', 'ingress.k8s.aws/stack-name': 'shop' };
  ofLbc.metadata.finalizers = ['elbv2.k8s.aws/resources'];
  await world.kubectl(['create', '-f', '-'], JSON.stringify(ofLbc));
  const since = world.box.aws.journal.length;
  await remove(world, 'of-lbc');
  await world.quiet();
  assert.deepEqual(world.calls(since).writes, []);
  assert.deepEqual(await targetsOf(world, arn), targets);
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
  await elb(world).send(
    new RegisterTargetsCommand({ TargetGroupArn: arn, Targets: [{ Id: '127.64.99.9', Port: 9 }] }),
  );
  const settled = (replicas: number): Promise<true> =>
    world.until(`${replicas} pods and the stranger`, async () => {
      const pods = await podAddresses(world, 'shop');
      const wanted = [...pods, '127.64.99.9:9'].sort();
      return (
        pods.length === replicas && JSON.stringify(await targetsOf(world, arn)) === JSON.stringify(wanted)
      );
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
  await world.started(controller);
  await world.quiet();
  assert.deepEqual(world.calls(since).writes, []);
  await settled(1);
});
