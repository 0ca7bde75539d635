/** Kubernetes refuses writes to the Ingresses of one namespace, as a policy does that is broken: the others go on. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createServerIdentity } from '../../src/sandbox/kubernetes/certificate.ts';
import { freePort } from './daemon.ts';
import { INGRESS_CLASS, ingress, textServer } from './manifests.ts';
import { startWorld, type World } from './world.ts';

let world: World;

const GROUP = { 'group.name': 'shop', scheme: 'internal' };

before(async () => {
  world = await startWorld();
});
after(() => world.stop());

const serves = (name: string, path = '/'): Promise<true> =>
  world.served(`http://${name}.example.com${path}`, name);

/** Nobody listens there, and without an answer nothing may be changed. */
const policy = (port: number, resource: string): string =>
  JSON.stringify({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'policy' },
    webhooks: [
      {
        name: 'policy.example.com',
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        failurePolicy: 'Fail',
        timeoutSeconds: 1,
        clientConfig: {
          url: `https://127.0.0.1:${port}/`,
          caBundle: Buffer.from(createServerIdentity(['127.0.0.1'], []).authority).toString('base64'),
        },
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'bad' } },
        rules: [
          {
            apiGroups: ['networking.k8s.io'],
            apiVersions: ['v1'],
            resources: [resource],
            operations: ['UPDATE'],
          },
        ],
      },
    ],
  });

const balancers = (): number => world.box.aws.state.loadBalancers.size;
const finalizersOf = (name: string): Promise<string> =>
  world.kubectl(['get', 'ingress', name, '-n', name, '-o', 'jsonpath={.metadata.finalizers}']);
const addressOf = (name: string): Promise<string> =>
  world.kubectl(['get', 'ingress', name, '-n', name, '-o', 'jsonpath={.status.loadBalancer}']);

test('an Ingress that cannot be given its finalizer waits, says so, and stops nobody', async () => {
  await world.kubectl(
    ['apply', '-f', '-'],
    INGRESS_CLASS + ['bad', 'good'].map((name) => textServer(name, name, name)).join(''),
  );
  await world.kubectl(['apply', '-f', '-'], policy(await freePort(), 'ingresses'));
  world.startController();
  for (const name of ['bad', 'good'])
    await world.kubectl(['apply', '-f', '-'], ingress({ namespace: name, name, annotations: GROUP }));
  await serves('good');
  assert.match(await addressOf('good'), /hostname/);
  await world.until('told', async () =>
    /WriteRefused.*finalizer.*bad\/bad.*policy\.example\.com/.test(
      await world.kubectl(['get', 'events', '-n', 'bad']),
    ),
  );
  const rules = [...world.box.aws.state.rules.values()].map((it) => JSON.stringify(it));
  assert.ok(rules.some((it) => it.includes('good.example.com')));
  assert.ok(!rules.some((it) => it.includes('bad.example.com')), 'nothing is made that could vanish unseen');
  assert.equal(await finalizersOf('bad'), '');
});

test('once Kubernetes permits it, it is served without anybody asking', async () => {
  await world.kubectl(['delete', 'validatingwebhookconfiguration', 'policy']);
  await serves('bad');
  assert.match(await finalizersOf('bad'), /group\.ingress\.k8s\.aws/);
  assert.equal(balancers(), 1);
});

test('a status that cannot be written keeps no neighbour waiting for its own', async () => {
  await world.quiet();
  await world.kubectl(['apply', '-f', '-'], policy(await freePort(), 'ingresses/status'));
  const annotations = { ...GROUP, 'listen-ports': '[{"HTTP": 80}, {"HTTP": 8080}]' };
  for (const name of ['bad', 'good'])
    await world.kubectl(['apply', '-f', '-'], ingress({ namespace: name, name, annotations }));
  await world.until('the new port of the neighbour', async () => /8080/.test(await addressOf('good')));
  assert.doesNotMatch(await addressOf('bad'), /8080/);
  await world.kubectl(['delete', 'validatingwebhookconfiguration', 'policy']);
  await world.until('the new port of the other', async () => /8080/.test(await addressOf('bad')));
});

test('what AWS refuses to those who stay keeps nobody from leaving', async () => {
  await world.quiet();
  world.box.aws.faults.add({
    kind: 'error',
    operation: 'ModifyLoadBalancerAttributes',
    code: 'InvalidConfigurationRequest',
    status: 400,
  });
  const annotations = { ...GROUP, 'load-balancer-attributes': 'idle_timeout.timeout_seconds=50' };
  await world.kubectl(['apply', '-f', '-'], ingress({ namespace: 'good', name: 'good', annotations }));
  await world.until('the refusal', async () =>
    /AwsRefused.*InvalidConfigurationRequest/.test(await world.kubectl(['get', 'events', '-n', 'good'])),
  );
  await world.kubectl(['delete', 'ingress', 'bad', '-n', 'bad', '--timeout=25s']);
  const rules = [...world.box.aws.state.rules.values()].map((it) => JSON.stringify(it));
  assert.ok(!rules.some((it) => it.includes('bad.example.com')), 'nothing serves it any more');
  await serves('good');
  world.box.aws.faults.clear();
});
