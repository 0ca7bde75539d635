/** The same against the sandbox's Kubernetes: what it serves is what the controller can live on. */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { Agent, type Dispatcher, request } from 'undici';
import { parse } from 'yaml';
import { CONTROLLER_NAME } from '../../src/cli/controller-name.ts';
import { type SandboxKubernetes, startKubernetes } from '../../src/sandbox/kubernetes/server.ts';
import { type Connected, connectAndStart, held, short, stopAll, until } from './kube-harness.ts';
import { temporaryFolder } from './temporary-folder.ts';

const INGRESSES = '/apis/networking.k8s.io/v1/namespaces/default/ingresses';
const FINALIZER = 'ingress.k8s.aws/resources';

const manifest = (name: string, host: string): object => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name, namespace: 'default' },
  spec: {
    rules: [
      {
        host,
        http: {
          paths: [
            { path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } },
          ],
        },
      },
    ],
  },
});

describe('sandbox cluster', () => {
  let cluster: SandboxKubernetes;
  let dir: string;
  let kubeconfig: string;
  let agent: Agent;
  let connected: Connected;

  /** Somebody else at the API, with nothing of ours in between. */
  const user = async (
    method: Dispatcher.HttpMethod,
    path: string,
    body?: object,
  ): Promise<Record<string, unknown>> => {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const reply = await request(cluster.url + path, {
      method,
      dispatcher: agent,
      headers: { 'content-type': type, authorization: 'Bearer sandbox' },
      ...(body && { body: JSON.stringify(body) }),
    });
    const said = (await reply.body.json()) as Record<string, unknown>;
    assert.ok(reply.statusCode < 300, `${method} ${path}: ${JSON.stringify(said)}`);
    return said;
  };

  before(async () => {
    cluster = await startKubernetes();
    dir = temporaryFolder('kube-sandbox-');
    kubeconfig = join(dir, 'kubeconfig');
    writeFileSync(kubeconfig, cluster.kubeconfig);
    const { clusters } = parse(cluster.kubeconfig) as { clusters: { cluster: Record<string, string> }[] };
    const ca = Buffer.from(clusters[0]?.cluster['certificate-authority-data'] ?? '', 'base64');
    agent = new Agent({ connect: { ca } });
  });

  after(async () => {
    await agent.destroy();
    await cluster.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  beforeEach(async () => {
    // By the name that counts when what was asked is compared with what the chart permits.
    connected = await connectAndStart({ kubeconfig }, { controllerName: CONTROLLER_NAME });
  });

  afterEach(async () => {
    await stopAll();
    const { items } = (await user('GET', INGRESSES)) as { items: { metadata: { name: string } }[] };
    for (const { metadata } of items) {
      await user('PATCH', `${INGRESSES}/${metadata.name}`, { metadata: { finalizers: null } });
      await user('DELETE', `${INGRESSES}/${metadata.name}`);
    }
  });

  it('sees an Ingress come, change and go, held back by the finalizer until that is removed', async () => {
    const { kube, changes } = connected;
    await user('POST', INGRESSES, manifest('web', 'a.example.com'));
    await until('the Ingress', () => changes.length === 1);
    await kube.setFinalizer(held(kube, 'default/web'), FINALIZER, true);
    await until(
      'the finalizer',
      () => held(kube, 'default/web').metadata.finalizers?.includes(FINALIZER) === true,
    );
    await user('DELETE', `${INGRESSES}/web`);
    await until(
      'the deletion mark',
      () => held(kube, 'default/web').metadata.deletionTimestamp !== undefined,
    );
    await kube.setFinalizer(held(kube, 'default/web'), FINALIZER, false);
    await until('the end', () => kube.snapshot().ingresses.size === 0);
    const told = changes.map(short);
    assert.deepEqual([told[0], told.at(-1)], ['+default/web', '-default/web']);
    assert.ok(
      told.slice(1, -1).every((each) => each === '~default/web'),
      `${told}`,
    );
    const gone = changes[0];
    assert.ok(gone?.kind === 'ingresses' && gone.after);
    await kube.setFinalizer(gone.after, FINALIZER, true);
    assert.equal(kube.snapshot().ingresses.size, 0);
  });

  it('writes status and Events that others can read', async () => {
    const { kube, changes } = connected;
    await user('POST', INGRESSES, manifest('web', 'a.example.com'));
    await until('the Ingress', () => changes.length === 1);
    const address = { hostname: 'lb.example.com', ports: [{ port: 80, protocol: 'TCP' }] };
    await kube.setStatus(held(kube, 'default/web'), [address]);
    const written = await user('GET', `${INGRESSES}/web`);
    assert.deepEqual(written.status, { loadBalancer: { ingress: [address] } });

    const ingress = held(kube, 'default/web');
    for (let n = 0; n < 3; n += 1)
      await kube.notify({ ingress, type: 'Normal', reason: 'Ready', message: 'serves' });
    const fields = `involvedObject.kind=Ingress,involvedObject.name=web,involvedObject.uid=${ingress.metadata.uid}`;
    const events = await user(
      'GET',
      `/api/v1/namespaces/default/events?fieldSelector=${encodeURIComponent(fields)}`,
    );
    const [event, ...others] = events.items as { count: number; message: string }[];
    assert.deepEqual([event?.count, event?.message, others.length], [3, 'serves', 0]);
    await kube.setStatus(held(kube, 'default/web'), []);
    const cleared = (await user('GET', `${INGRESSES}/web`)) as {
      status?: { loadBalancer?: { ingress?: unknown } };
    };
    assert.equal(cleared.status?.loadBalancer?.ingress, undefined);
  });

  it('keeps up with dropped watches, a forgotten history and refused requests', async () => {
    const { kube, changes } = connected;
    const names = () => [...kube.snapshot().ingresses.keys()].sort().join(' ');
    await user('POST', INGRESSES, manifest('a', 'a.example.com'));
    await until('a', () => names() === 'default/a');
    cluster.faults.dropWatches();
    await user('POST', INGRESSES, manifest('b', 'b.example.com'));
    await until('b', () => names() === 'default/a default/b');
    cluster.faults.stallWatches(true);
    await user('DELETE', `${INGRESSES}/a`);
    await user('POST', INGRESSES, manifest('c', 'c.example.com'));
    cluster.faults.compact();
    cluster.faults.stallWatches(false);
    cluster.faults.dropWatches();
    await until('c and no a', () => names() === 'default/b default/c');
    cluster.faults.refuseUpdates(2);
    await kube.setFinalizer(held(kube, 'default/b'), FINALIZER, true);
    cluster.faults.fail(429, 1);
    await kube.setFinalizer(held(kube, 'default/c'), FINALIZER, true);
    await until('the finalizers', () => changes.length === 6);
    assert.deepEqual(changes.map(short).slice(0, 4), [
      '+default/a',
      '+default/b',
      '-default/a',
      '+default/c',
    ]);
  });
});
