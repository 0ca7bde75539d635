/** The optional webhook: who gets a readiness gate without asking, and that it is never in the way. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createServerIdentity } from '../../src/sandbox/kubernetes/certificate.ts';
import { freePort } from './daemon.ts';
import { INGRESS_CLASS, ingress, textServer } from './manifests.ts';
import { type Controller, startWorld, type World } from './world.ts';

const GATE = 'target-health.elbv2.k8s.aws/ingress';
const LABEL = 'elbv2.k8s.aws/pod-readiness-gate-inject=enabled';

let world: World;
let controller: Controller;
let flags: readonly string[];

const configuration = (port: number, authority: string): string =>
  JSON.stringify({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: 'gates' },
    webhooks: [
      {
        name: 'readiness-gate.alb-ingress-controller.k8s.aws',
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        failurePolicy: 'Ignore',
        timeoutSeconds: 2,
        clientConfig: {
          url: `https://127.0.0.1:${port}/mutate-v1-pod`,
          caBundle: Buffer.from(authority).toString('base64'),
        },
        namespaceSelector: { matchLabels: { 'elbv2.k8s.aws/pod-readiness-gate-inject': 'enabled' } },
        rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] }],
      },
    ],
  });

before(async () => {
  world = await startWorld();
  const identity = createServerIdentity(['127.0.0.1'], ['localhost']);
  writeFileSync(join(world.dir, 'tls.crt'), identity.server.certificate);
  writeFileSync(join(world.dir, 'tls.key'), identity.server.key);
  const port = await freePort();
  flags = ['--pod-webhook-bind-addr', `127.0.0.1:${port}`, '--webhook-cert-dir', world.dir];
  controller = world.startController(flags);
  await world.until('started', () => controller.log.some((line) => line.message === 'started'));
  const annotations = { scheme: 'internal' };
  const byAddress = { ...annotations, 'target-type': 'ip' };
  await world.kubectl(
    ['create', '-f', '-'],
    INGRESS_CLASS +
      ['marked', 'plain'].map((namespace) => textServer(namespace, 'shop', 'hello')).join('') +
      ['marked', 'plain']
        .map((namespace) => ingress({ namespace, name: 'shop', annotations: byAddress }))
        .join(''),
  );
  await world.kubectl(
    ['apply', '-f', '-'],
    `${textServer('marked', 'nodes', 'hello')}${ingress({ namespace: 'marked', name: 'nodes', annotations })}${textServer('marked', 'alone', 'hello')}`,
  );
  await world.kubectl(['label', 'namespace', 'marked', LABEL]);
  await world.kubectl(['create', '-f', '-'], configuration(port, identity.authority));
});
after(() => world.stop());

/** Gates of the running Pods of a Deployment, after it was restarted. */
const gatesAfterRestart = async (namespace: string, name: string): Promise<readonly string[]> => {
  await world.kubectl(['rollout', 'restart', `deploy/${name}`, '-n', namespace]);
  await world.kubectl(['rollout', 'status', `deploy/${name}`, '-n', namespace, '--timeout=60s']);
  const pods = JSON.parse(
    await world.kubectl(['get', 'pods', '-n', namespace, '-l', `app=${name}`, '-o', 'json']),
  ) as {
    items: {
      metadata: { deletionTimestamp?: string };
      spec: { readinessGates?: { conditionType: string }[] };
    }[];
  };
  return pods.items
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map(({ spec }) => (spec.readinessGates ?? []).map((gate) => gate.conditionType).join(' '));
};

test('Pods that an Ingress reaches by their address get the gate, in labelled namespaces, and it opens', async () => {
  assert.deepEqual(await gatesAfterRestart('marked', 'shop'), [GATE, GATE]);
  assert.deepEqual(await gatesAfterRestart('plain', 'shop'), ['', '']);
});

test('Pods behind node ports, and Pods nobody reaches, get none', async () => {
  assert.deepEqual(await gatesAfterRestart('marked', 'nodes'), ['', '']);
  assert.deepEqual(await gatesAfterRestart('marked', 'alone'), ['', '']);
});

test('a Pod with a gate for target health keeps it, and other gates stay', async () => {
  const own = 'target-health.elbv2.k8s.aws/k8s-marked-shop-0123456789';
  const pod = (name: string, gate: string): string =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'marked', labels: { app: 'shop' } },
      spec: {
        readinessGates: [{ conditionType: gate }],
        containers: [{ name: 'web', image: 'echoserver:1' }],
      },
    });
  const gates = async (name: string, gate: string): Promise<string> => {
    await world.kubectl(['create', '-f', '-'], pod(name, gate));
    return world.kubectl([
      'get',
      'pod',
      name,
      '-n',
      'marked',
      '-o',
      'jsonpath={.spec.readinessGates[*].conditionType}',
    ]);
  };
  assert.equal(await gates('own', own), own);
  assert.equal(await gates('other', 'example.com/other'), `example.com/other ${GATE}`);
});

test('without the webhook Pods are made all the same', async () => {
  await controller.stop();
  await world.kubectl(['run', 'late', '-n', 'marked', '--image=echoserver:1', '--labels=app=shop']);
  assert.equal(
    await world.kubectl(['get', 'pod', 'late', '-n', 'marked', '-o', 'jsonpath={.spec.readinessGates}']),
    '',
  );
});

test('a certificate that is not there stops the start with its path', async () => {
  const failing = world.startController([...flags.slice(0, 3), join(world.dir, 'nowhere')]);
  await world.until('the error', () =>
    failing.log.some(({ message, error }) => /nowhere\/tls\.crt/.test(`${String(message)} ${String(error)}`)),
  );
});
