/** The object that shows how a load balancer stands, as kubectl and GitOps tools see it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  ElasticLoadBalancingV2Client,
  ModifyLoadBalancerAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { INGRESS_CLASS, ingress, textServer } from './manifests.ts';
import { startWorld, type World } from './world.ts';

const NAME = 'ingressstack/web.shop.ingress';

let world: World;

before(async () => {
  world = await startWorld();
  await world.define('ingressstacks');
  await world.kubectl(['create', '-f', '-'], INGRESS_CLASS + textServer('web', 'shop', 'hello-shop'));
  world.startController(['--sync-period=3s']);
});
after(() => world.stop());

const shop = (annotations: Readonly<Record<string, string>>): string =>
  ingress({ namespace: 'web', name: 'shop', annotations, paths: [['/', 'shop']] });

const waitFor = (condition: string): Promise<string> =>
  world.kubectl(['wait', `--for=condition=${condition}`, NAME, '--timeout=30s']);

const columns = async (): Promise<readonly string[]> =>
  (await world.kubectl(['get', 'albs', '--no-headers'])).trim().split(/\s+/).slice(0, 8);

test('kubectl waits for Ready, and prints a column for each condition', async () => {
  await world.kubectl(['apply', '-f', '-'], shop({}));
  await world.until('the object is made', async () => (await world.tryKubectl(['get', NAME])).code === 0);
  await waitFor('Ready');
  const [header = ''] = (await world.kubectl(['get', 'albs'])).split('\n');
  assert.deepEqual(header.trim().split(/\s+/), [
    ...['NAME', 'READY', 'ACCEPTED', 'PROGRAMMED', 'DNS', 'CERT', 'DEGRADED', 'DRIFTED', 'AGE'],
  ]);
  const well = ['web.shop.ingress', 'True', 'True', 'True', 'True', 'True', 'False', 'False'];
  assert.deepEqual(await columns(), well);
});

test('a mistake shows: accepted no more, degraded, and the reason is the code of the event', async () => {
  await world.kubectl(['apply', '-f', '-'], shop({ scheme: 'sideways' }));
  await waitFor('Accepted=false');
  const { status } = JSON.parse(await world.kubectl(['get', NAME, '-o', 'json']));
  const ready = status.conditions.find(({ type }: { type: string }) => type === 'Ready');
  assert.equal(ready.reason, 'InvalidAnnotation');
  assert.match(ready.message, /scheme/);
  assert.equal(status.members[0].accepted, false);
  await world.kubectl(['apply', '-f', '-'], shop({}));
  await waitFor('Ready');
});

test('drift is found, put right and told', async () => {
  await world.kubectl(
    ['apply', '-f', '-'],
    shop({ 'load-balancer-attributes': 'idle_timeout.timeout_seconds=30' }),
  );
  const [arn] = world.box.aws.state.loadBalancers.keys();
  const timeout = () =>
    [...world.box.aws.state.loadBalancers.values()][0]?.attributes['idle_timeout.timeout_seconds'];
  await world.until('the timeout is 30', () => timeout() === '30');
  await waitFor('Ready');
  const elb = new ElasticLoadBalancingV2Client(world.sdk);
  await elb.send(
    new ModifyLoadBalancerAttributesCommand({
      LoadBalancerArn: arn,
      Attributes: [{ Key: 'idle_timeout.timeout_seconds', Value: '99' }],
    }),
  );
  await world.until('drift is told', async () => {
    const text = await world.kubectl([
      'get',
      NAME,
      '-o',
      'jsonpath={.status.conditions[?(@.type=="Drifted")].reason}',
    ]);
    return text === 'Repaired';
  });
  assert.equal(timeout(), '30');
});

test('the object goes with the last Ingress', async () => {
  await world.kubectl(['delete', 'ingress', 'shop', '-n', 'web', '--timeout=60s']);
  await world.until('it is gone', async () =>
    /NotFound/.test((await world.tryKubectl(['get', NAME])).stderr),
  );
});
