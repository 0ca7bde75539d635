/** Changes that need another target group or another port, while requests come in: none may fail. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { INGRESS_CLASS, ingress, textServer } from './manifests.ts';
import { startRequests } from './request-loop.ts';
import { type Controller, startWorld, type World } from './world.ts';

let world: World;
let controller: Controller;

before(async () => {
  world = await startWorld();
  await world.kubectl(
    ['create', '-f', '-'],
    INGRESS_CLASS + textServer('web', 'shop', 'old') + shop({}, 'shop'),
  );
  controller = world.startController();
  await world.until('the Ingress is served', async () => {
    const answer = await world.get('http://shop.example.com/').catch(() => undefined);
    return answer?.status === 200;
  });
});
after(() => world.stop());

const shop = (annotations: Readonly<Record<string, string>>, service: string): string =>
  ingress({
    namespace: 'web',
    name: 'shop',
    annotations: { scheme: 'internal', ...annotations },
    paths: [['/', service]],
  });

const targetGroups = () => [...world.box.aws.state.targetGroups.values()];

/** Changes something under a loop of requests; `done` says when it is over. */
const underRequests = async (
  change: () => Promise<unknown>,
  done: (bodies: ReadonlySet<string>) => boolean,
): Promise<void> => {
  const loop = startRequests(world, 'http://shop.example.com/');
  try {
    await world.until('requests are answered', () => loop.bodies.size > 0);
    await change();
    await world.until('the change is made', () => done(loop.bodies));
  } finally {
    const { requests, failures } = await loop.stop();
    assert.deepEqual(failures.slice(0, 5), [], `${failures.length} of ${requests} requests failed`);
    assert.ok(requests > 50, `only ${requests} requests were made`);
  }
};

test('a change of target type fails no request, and the old target group stays until it is drained', async () => {
  const [first] = targetGroups();
  let both = false;
  await underRequests(
    () => world.kubectl(['apply', '-f', '-'], shop({ 'target-type': 'ip' }, 'shop')),
    () => {
      const groups = targetGroups();
      both ||= groups.length === 2;
      return groups.length === 1 && groups[0]?.TargetType === 'ip';
    },
  );
  assert.ok(both, 'the two target groups stood side by side');
  assert.notEqual(targetGroups()[0]?.TargetGroupArn, first?.TargetGroupArn);
});

test('another backend Service takes over when its Pods are healthy, not before', async () => {
  const slowStart = textServer('web', 'next', 'new').replace(
    '          env:',
    '          readinessProbe: { httpGet: { path: /, port: 8080 }, initialDelaySeconds: 2, periodSeconds: 1 }\n          env:',
  );
  await underRequests(
    () => world.kubectl(['apply', '-f', '-'], `${slowStart}${shop({ 'target-type': 'ip' }, 'next')}`),
    (bodies) => [...bodies].some((body) => body.startsWith('new')) && targetGroups().length === 1,
  );
});

test('a Service none of whose Pods becomes healthy gets the requests after the stated time, and an event says so', async () => {
  await world.kubectl(['create', 'service', 'clusterip', 'empty', '-n', 'web', '--tcp=80:8080']);
  await controller.stop();
  controller = world.startController(['--target-health-wait', '2s']);
  await world.kubectl(['apply', '-f', '-'], shop({ 'target-type': 'ip' }, 'empty'));
  await world.until('requests go to the empty group', async () => {
    const answer = await world.get('http://shop.example.com/').catch(() => undefined);
    return answer?.status === 503;
  });
  await world.until('the event', async () =>
    /TargetsNotHealthy.*none of the targets of .* is healthy after 2 s/.test(
      await world.kubectl(['describe', 'ingress', 'shop', '-n', 'web']),
    ),
  );
});
