import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, test } from 'node:test';
import { createServerIdentity } from '../../src/sandbox/kubernetes/certificate.ts';
import { readBody } from '../../src/sandbox/kubernetes/http/answer.ts';
import { cannotRun } from './kubectl.ts';
import { startTestCluster, type TestCluster } from './sandbox-cluster.ts';

type Review = Readonly<Record<string, unknown>> & {
  readonly uid: string;
  readonly operation: string;
  readonly resource: { readonly resource: string; readonly version: string };
  readonly object: { readonly metadata: Readonly<Record<string, unknown>> } | null;
  readonly oldObject: unknown;
};

describe('admission webhooks', { skip: cannotRun() }, () => {
  let cluster: TestCluster;
  let server: Server;
  let port = 0;
  let seen: Review[] = [];
  let reply: (review: Review, path: string) => object = () => ({ allowed: true });
  const identity = createServerIdentity(['127.0.0.1', '127.80.0.200'], ['hook.default.svc']);

  before(async () => {
    cluster = await startTestCluster('127.80');
    server = createServer(
      { cert: identity.server.certificate, key: identity.server.key },
      (request, response) => {
        void readBody(request).then((body) => {
          const { request: review } = JSON.parse(body.toString()) as { request: Review };
          seen.push(review);
          const answer = { uid: review.uid, ...reply(review, request.url ?? '') };
          response.end(
            JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: answer }),
          );
        });
      },
    );
    await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
    port = (server.address() as AddressInfo).port;
  });
  after(async () => {
    server.close();
    server.closeAllConnections();
    await cluster.stop();
  });
  beforeEach(async () => {
    await cluster.kubectl('delete validatingwebhookconfigurations,mutatingwebhookconfigurations --all');
    seen = [];
    reply = () => ({ allowed: true });
  });

  const patch = (operations: object): object => ({
    allowed: true,
    patchType: 'JSONPatch',
    patch: Buffer.from(JSON.stringify(operations)).toString('base64'),
  });
  const configure = (kind: 'Mutating' | 'Validating', resource: string, more: object = {}): Promise<string> =>
    cluster.kubectl(
      'apply -f -',
      JSON.stringify({
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: `${kind}WebhookConfiguration`,
        metadata: { name: `${kind.toLowerCase()}-${resource.replace('/', '-')}` },
        webhooks: [
          {
            name: 'hook.example.com',
            admissionReviewVersions: ['v1'],
            sideEffects: 'None',
            timeoutSeconds: 2,
            clientConfig: {
              url: `https://127.0.0.1:${port}/${kind}`,
              caBundle: Buffer.from(identity.authority).toString('base64'),
            },
            rules: [{ apiGroups: ['*'], apiVersions: ['*'], resources: [resource], operations: ['*'] }],
            ...more,
          },
        ],
      }),
    );
  const operations = (): readonly string[] => seen.map((one) => one.operation);

  test('a refusal is told as kube-apiserver tells it, and nothing is stored', async () => {
    await configure('Validating', 'configmaps');
    reply = () => ({
      allowed: false,
      status: { code: 403, message: 'not on a Friday' },
      warnings: ['mind the gap'],
    });
    const refused = await cluster.tryKubectl('create configmap one --from-literal=a=b');
    assert.match(
      refused.stderr,
      /admission webhook "hook\.example\.com" denied the request: not on a Friday/,
    );
    assert.match(refused.stderr, /Warning: mind the gap/);
    assert.notEqual(refused.code, 0);
    assert.equal(await cluster.kubectl('get configmap one --ignore-not-found -o name'), '');
  });

  test('every kind of write is asked about, with the object before and after', async () => {
    await configure('Validating', 'configmaps');
    await cluster.kubectl('create configmap two --from-literal=a=b');
    await cluster.kubectl('label configmap two x=y');
    await cluster.kubectl(
      'apply --server-side -f -',
      '{apiVersion: v1, kind: ConfigMap, metadata: {name: two}, data: {c: d}}',
    );
    await cluster.kubectl('create configmap dry --from-literal=a=c --dry-run=server');
    await cluster.kubectl('delete configmap two');
    const own = seen.filter(
      (one) => (one.object ?? (one.oldObject as Review['object']))?.metadata.name === 'two',
    );
    assert.deepEqual(
      own.map((one) => one.operation),
      ['CREATE', 'UPDATE', 'UPDATE', 'DELETE'],
    );
    assert.equal(own[0]?.oldObject, null);
    assert.equal(own[3]?.object, null);
    assert.deepEqual(own[1]?.object?.metadata.labels, { x: 'y' });
  });

  test('a patch changes what is stored, and what a controller creates', async () => {
    await configure('Mutating', 'pods');
    reply = ({ object, operation }) =>
      operation === 'CREATE'
        ? patch([
            {
              op: object?.metadata.annotations === undefined ? 'add' : 'test',
              path: '/metadata/annotations',
              value: {},
            },
            { op: 'add', path: '/metadata/annotations/seen', value: 'yes' },
          ])
        : { allowed: true };
    await cluster.kubectl('create deployment mutated --image=nginx --replicas=3');
    await cluster.kubectl('rollout status deploy/mutated --timeout=30s');
    assert.equal(
      await cluster.kubectl("get pods -l app=mutated -o jsonpath='{.items[*].metadata.annotations.seen}'"),
      'yes yes yes',
    );
    assert.equal(operations().filter((one) => one === 'CREATE').length, 3);
    await cluster.kubectl('delete deployment mutated');
  });

  test('a controller whose Pod is refused says so and tries again', async () => {
    await configure('Validating', 'pods');
    reply = () => ({ allowed: false, status: { message: 'no Pods today' } });
    await cluster.kubectl('create deployment refused --image=nginx');
    let events = '';
    for (const end = Date.now() + 20_000; events === '' && Date.now() < end; )
      events = await cluster.kubectl('get events --field-selector=reason=FailedCreate');
    assert.match(
      events,
      /Error creating: admission webhook "hook\.example\.com" denied the request: no Pods today/,
    );
    reply = () => ({ allowed: true });
    await cluster.kubectl('rollout status deploy/refused --timeout=30s');
    await cluster.kubectl('delete deployment refused');
  });

  test('selectors and scope choose what is asked about', async () => {
    await configure('Validating', 'configmaps', { objectSelector: { matchLabels: { asked: 'yes' } } });
    await cluster.kubectl('create configmap plain --from-literal=a=b');
    assert.deepEqual(seen, []);
    await cluster.kubectl('label configmap plain asked=yes');
    assert.deepEqual(operations(), ['UPDATE']);
    await configure('Validating', 'configmaps', {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'elsewhere' } },
    });
    await cluster.kubectl('create configmap other --from-literal=a=b');
    assert.deepEqual(operations(), ['UPDATE']);
  });

  test('subresources have rules of their own', async () => {
    await cluster.kubectl('create deployment sized --image=nginx');
    await configure('Validating', 'deployments/scale');
    await cluster.kubectl('scale deployment sized --replicas=2');
    assert.deepEqual(
      seen.map((one) => [one.operation, (one.object as { kind?: string } | null)?.kind]),
      [['UPDATE', 'Scale']],
    );
    await cluster.kubectl('delete deployment sized');
  });

  test('a webhook that cannot be reached fails the write, unless it may be ignored', async () => {
    const clientConfig = { url: 'https://127.0.0.1:1/' };
    await configure('Validating', 'configmaps', { clientConfig });
    assert.match(
      (await cluster.tryKubectl('create configmap lost --from-literal=a=b')).stderr,
      /Internal error occurred: failed calling webhook "hook\.example\.com": failed to call webhook: Post "https:\/\/127\.0\.0\.1:1\/\?timeout=2s": .*ECONNREFUSED/,
    );
    await configure('Validating', 'configmaps', { clientConfig, failurePolicy: 'Ignore' });
    await cluster.kubectl('create configmap lost --from-literal=a=b');
  });

  test('a configuration that could not be carried out is refused, field by field', async () => {
    const answer = await cluster.tryKubectl(
      'create -f -',
      JSON.stringify({
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingWebhookConfiguration',
        metadata: { name: 'bad' },
        webhooks: [
          {
            name: 'short',
            admissionReviewVersions: ['v1beta1'],
            sideEffects: 'Some',
            clientConfig: { url: 'https://hooks.example.com/' },
            matchConditions: [{ name: 'cel', expression: 'true' }],
          },
        ],
      }),
    );
    assert.match(
      answer.stderr,
      /webhooks\[0\]\.name: Invalid value: "short": should be a domain with at least three segments/,
    );
    assert.match(
      answer.stderr,
      /webhooks\[0\]\.sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"/,
    );
    assert.match(answer.stderr, /the sandbox calls webhooks on loopback only, not hooks\.example\.com/);
    assert.match(answer.stderr, /matchConditions: Forbidden: the sandbox evaluates no CEL expressions/);
    assert.match(answer.stderr, /must include v1/);
  });

  test('a Service leads to the webhook through its endpoints', async () => {
    const clientConfig = {
      service: { namespace: 'default', name: 'hook', path: '/by-service' },
      caBundle: Buffer.from(identity.authority).toString('base64'),
    };
    await configure('Validating', 'secrets', { clientConfig });
    assert.match(
      (await cluster.tryKubectl('create secret generic one')).stderr,
      /Post "https:\/\/hook\.default\.svc\/by-service\?timeout=2s": service "hook" not found/,
    );
    await cluster.kubectl('create service clusterip hook --tcp=443:443');
    await cluster.kubectl(
      'create -f -',
      JSON.stringify({
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { name: 'hook', labels: { 'kubernetes.io/service-name': 'hook' } },
        addressType: 'IPv4',
        ports: [{ name: '443-443', port }],
        endpoints: [{ addresses: ['127.80.0.200'], conditions: { ready: true } }],
      }),
    );
    let path = '';
    reply = (_review, at) => {
      path = at;
      return { allowed: true };
    };
    await cluster.kubectl('create secret generic one');
    assert.equal(path, '/by-service?timeout=2s');
  });
});
