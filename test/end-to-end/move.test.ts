/** An Ingress moves from group to group while requests come in by its name: none may fail. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { INGRESS_CLASS, ingress, textServer } from './manifests.ts';
import { startRequests } from './request-loop.ts';
import { startWorld, type World } from './world.ts';

const GROUP = 'alb.ingress.kubernetes.io/group.name';

let world: World;

before(async () => {
  world = await startWorld();
  await world.kubectl(
    ['create', '-f', '-'],
    INGRESS_CLASS +
      textServer('web', 'shop', 'hello-shop') +
      ingress({ namespace: 'web', name: 'shop', annotations: { scheme: 'internal' } }) +
      ingress({
        namespace: 'web',
        name: 'stays',
        annotations: { scheme: 'internal', 'group.name': 'front' },
        paths: [['/', 'shop']],
      }),
  );
  world.startController();
  for (const name of ['shop', 'stays'])
    await world.until(`${name} is served`, async () => {
      const answer = await world.get(`http://${name}.example.com/`).catch(() => undefined);
      return answer?.status === 200;
    });
});
after(() => world.stop());

const names = (): readonly string[] =>
  [...world.box.aws.state.loadBalancers.values()].map((it) => it.LoadBalancerName ?? '').sort();

const address = async (): Promise<string> =>
  world.kubectl([
    ...['get', 'ingress', 'shop', '-n', 'web'],
    ...['-o', 'jsonpath={.status.loadBalancer.ingress[0].hostname}'],
  ]);

const finalizers = async (): Promise<string> =>
  world.kubectl(['get', 'ingress', 'shop', '-n', 'web', '-o', 'jsonpath={.metadata.finalizers}']);

/** Moves the Ingress under requests; resolves when it stands in one stack only. */
const moved = async (annotation: string, finalizer: string): Promise<number> => {
  const loops = ['shop', 'stays'].map((name) => startRequests(world, `http://${name}.example.com/`));
  try {
    await world.kubectl(['annotate', '--overwrite', 'ingress', 'shop', '-n', 'web', annotation]);
    await world.until(
      'the old group let go',
      async () => (await finalizers()) === JSON.stringify([finalizer]),
    );
    await world.quiet();
  } finally {
    for (const loop of loops) {
      const { requests, failures } = await loop.stop();
      assert.deepEqual(failures.slice(0, 5), [], `${failures.length} of ${requests} requests failed`);
      assert.ok(requests > 50, `only ${requests} requests were made`);
    }
  }
  return loops.reduce((sum, loop) => sum + loop.count(), 0);
};

test('into a group: the old load balancer serves until the new one does, then it goes', async (t) => {
  const before = await address();
  assert.equal(names().length, 2);
  t.diagnostic(`${await moved(`${GROUP}=front`, 'group.ingress.k8s.aws/front')} requests, none failed`);
  assert.deepEqual(
    names().map((name) => name.slice(0, 9)),
    ['k8s-front'],
  );
  assert.notEqual(await address(), before);
});

test('out of a group again: its rules stay there until its own load balancer serves', async (t) => {
  const before = await address();
  t.diagnostic(`${await moved(`${GROUP}-`, 'ingress.k8s.aws/resources')} requests, none failed`);
  assert.equal(names().length, 2);
  assert.notEqual(await address(), before);
  const rules = [...world.box.aws.state.rules.values()].filter((it) => !it.IsDefault);
  assert.equal(rules.length, 2, 'each has its one rule');
});
