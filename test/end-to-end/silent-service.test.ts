/** Route 53 does not answer for longer than anything is believed: Pods still become targets, and names stay. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { INGRESS_CLASS, ingress, textServer } from './manifests.ts';
import { type Controller, startWorld, type World } from './world.ts';

let world: World;
let controller: Controller;

const annotations = { 'group.name': 'front', scheme: 'internal', 'target-type': 'ip' };

before(async () => {
  world = await startWorld();
  await world.kubectl(
    ['apply', '-f', '-'],
    INGRESS_CLASS +
      textServer('web', 'shop', 'hello-shop') +
      textServer('web', 'blog', 'hello-blog') +
      ingress({ namespace: 'web', name: 'shop', annotations }),
  );
  controller = world.startController(['--sync-period=2s']);
  await serves('shop');
  await world.quiet();
});
after(() => world.stop());

const serves = (name: string): Promise<true> => world.served(`http://${name}.example.com/`, `hello-${name}`);
const targetsOf = (service: string): number =>
  [...world.box.aws.state.targetGroups.values()]
    .filter(({ TargetGroupName }) => TargetGroupName?.includes(service))
    .reduce((sum, { targets }) => sum + targets.size, 0);
const records = (): readonly string[] =>
  [...(world.box.aws.state.zones.get('ZEX')?.records.values() ?? [])].map(
    ({ Type, Name }) => `${Type} ${Name}`,
  );
const silent = (): number =>
  controller.log.filter(({ message }) => /^AWS does not tell/.test(String(message))).length;

test('new Pods become targets although it is time to look again', async () => {
  const before = records();
  world.box.aws.faults.add({ kind: 'unavailable', service: 'route53' });
  await world.until('a look without an answer', () => silent() > 0);
  await world.kubectl(['scale', 'deployment/shop', '-n', 'web', '--replicas=4']);
  await world.until('four targets', () => targetsOf('shop') === 4);
  await world.kubectl(['scale', 'deployment/shop', '-n', 'web', '--replicas=1']);
  await world.until('one target', () => targetsOf('shop') === 1);
  assert.deepEqual(records(), before);
});

test('an Ingress whose record cannot be made gets everything else, and stops no Pod of the group', async () => {
  await world.kubectl(['apply', '-f', '-'], ingress({ namespace: 'web', name: 'blog', annotations }));
  await world.until('its targets', () => targetsOf('blog') === 2);
  await world.kubectl(['scale', 'deployment/shop', '-n', 'web', '--replicas=3']);
  await world.until('three targets', () => targetsOf('shop') === 3);
});

test('when Route 53 is back, the name is there', async () => {
  world.box.aws.faults.clear();
  await serves('blog');
  await serves('shop');
});
