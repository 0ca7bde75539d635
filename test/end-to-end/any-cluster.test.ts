/**
 * The bundled controller on any cluster, with the sandbox's AWS: `npm run e2e -- --kubeconfig FILE`. Everything happens
 * in a namespace of its own, with an ingress class that no other controller looks after.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { noTraffic } from './foreign-cluster.ts';
import { ingress, textServer } from './manifests.ts';
import { type Controller, startWorld, type World } from './world.ts';

const NAMESPACE = `alb-e2e-${randomBytes(4).toString('hex')}`;
const OWN = ['--ingress-class', NAMESPACE, '--watch-namespace', NAMESPACE];
const HOST = `${NAMESPACE}.example.com`;

let world: World;
let controller: Controller;

before(async () => {
  world = await startWorld();
  await world.kubectl(['create', '-f', '-'], textServer(NAMESPACE, 'shop', 'hello-shop', 'ClusterIP'));
});
after(async () => {
  // The controller has gone by then: what would wait for it is let go by hand.
  const free = [
    'patch',
    'ingress',
    'shop',
    '-n',
    NAMESPACE,
    '--type=merge',
    '-p',
    '{"metadata":{"finalizers":null}}',
  ];
  await world.tryKubectl(free);
  await world.tryKubectl(['delete', 'namespace', NAMESPACE, '--timeout=60s']);
  await world.stop();
});

const manifest = (path: string): string =>
  ingress({
    namespace: NAMESPACE,
    name: 'shop',
    host: HOST,
    annotations: { scheme: 'internal', 'target-type': 'ip' },
    paths: [[path, 'shop']],
  })
    .replace('  annotations: {', `  annotations: {"kubernetes.io/ingress.class":"${NAMESPACE}",`)
    .replace('  ingressClassName: alb\n', '');

const rulePaths = (): readonly string[] =>
  [...world.box.aws.state.rules.values()]
    .filter((rule) => !rule.IsDefault)
    .flatMap((rule) => rule.Conditions ?? [])
    .flatMap((condition) => condition.PathPatternConfig?.Values ?? []);

test('an Ingress becomes a load balancer, whose name stands in its status', async () => {
  await world.kubectl(['apply', '-f', '-'], manifest('/'));
  controller = world.startController(OWN);
  const where = 'jsonpath={.status.loadBalancer.ingress[0].hostname}';
  const hostname = await world.until('the address', async () => {
    const name = await world.kubectl(['get', 'ingress', 'shop', '-n', NAMESPACE, '-o', where]);
    return name || undefined;
  });
  assert.deepEqual(
    [...world.box.aws.state.loadBalancers.values()].map((one) => one.DNSName),
    [hostname],
  );
});

test('requests reach the Pods', { skip: noTraffic }, async () => {
  await world.served(`http://${HOST}/`, 'hello-shop');
});

test('a change of path is followed', async () => {
  await world.kubectl(['apply', '-f', '-'], manifest('/new'));
  await world.until('the path', () => rulePaths().some((path) => path.startsWith('/new')));
});

test('a restart writes nothing', async () => {
  await world.quiet();
  await controller.stop();
  const since = world.box.aws.journal.length;
  controller = world.startController(OWN);
  await world.started(controller);
  await world.quiet();
  assert.deepEqual(world.calls(since).writes, []);
});

test('deleting the Ingress leaves no load balancer', async () => {
  await world.kubectl(['delete', 'ingress', 'shop', '-n', NAMESPACE, '--timeout=60s']);
  const { loadBalancers, targetGroups } = world.box.aws.state;
  assert.deepEqual([loadBalancers.size, targetGroups.size], [0, 0]);
});
