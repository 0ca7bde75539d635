import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { after, before, describe, test } from 'node:test';
import {
  CoreV1Api,
  EventsV1Api,
  KubeConfig,
  makeInformer,
  NetworkingV1Api,
  type V1ConfigMap,
  type V1Ingress,
  Watch,
} from '@kubernetes/client-node';
import { type SandboxKubernetes, startKubernetes } from '../../src/sandbox/kubernetes/server.ts';
import { temporaryFolder } from './temporary-folder.ts';

const configOf = (kubernetes: SandboxKubernetes): KubeConfig => {
  const config = new KubeConfig();
  config.loadFromString(kubernetes.kubeconfig);
  return config;
};

type Line = {
  readonly type: string;
  readonly object: {
    readonly code?: number;
    readonly metadata: {
      readonly name?: string;
      readonly resourceVersion?: string;
      readonly annotations?: Record<string, string>;
    };
  };
};

/** A watch whose events can be waited for one by one. */
const openWatch = async (config: KubeConfig, query: Record<string, string | boolean>) => {
  const lines: Line[] = [];
  let arrived = (): void => {};
  const ended = Promise.withResolvers<void>();
  const controller = await new Watch(config).watch(
    '/api/v1/namespaces/default/configmaps',
    query,
    (type: string, _object: unknown, line: unknown) => {
      lines.push({ ...(line as Line), type });
      arrived();
    },
    () => ended.resolve(),
  );
  return {
    next: async (): Promise<Line> => {
      for (;;) {
        const line = lines.shift();
        if (line !== undefined) return line;
        await new Promise<void>((resolve) => {
          arrived = resolve;
        });
      }
    },
    ended: ended.promise,
    stop: () => controller.abort(),
  };
};

type Sent = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: string };

const send = (url: string): Promise<Sent> =>
  new Promise((resolve, reject) => {
    const headers = { Authorization: 'Bearer sandbox' };
    const asked = request(url, { headers, rejectUnauthorized: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        body += part;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    });
    asked.on('error', reject);
    asked.end();
  });

const named = (name: string, more: object = {}): V1ConfigMap => ({ metadata: { name }, ...more });

describe('the sandbox API serves client libraries', () => {
  let kubernetes: SandboxKubernetes;
  let config: KubeConfig;
  let core: CoreV1Api;
  before(async () => {
    kubernetes = await startKubernetes();
    config = configOf(kubernetes);
    core = config.makeApiClient(CoreV1Api);
  });
  after(() => kubernetes.stop());
  const create = (name: string, more: object = {}): Promise<V1ConfigMap> =>
    core.createNamespacedConfigMap({ namespace: 'default', body: named(name, more) });
  const version = async (): Promise<string> =>
    (await core.listNamespacedConfigMap({ namespace: 'default' })).metadata?.resourceVersion ?? '';

  test('a watch from a version tells what came after it, in order', async () => {
    await create('before');
    const watch = await openWatch(config, { resourceVersion: await version() });
    const made = await create('after');
    await core.replaceNamespacedConfigMap({
      namespace: 'default',
      name: 'after',
      body: { ...made, data: { a: '1' } },
    });
    await core.deleteNamespacedConfigMap({ namespace: 'default', name: 'after' });
    for (const type of ['ADDED', 'MODIFIED', 'DELETED']) {
      const line = await watch.next();
      assert.equal(line.type, type);
      assert.equal(line.object.metadata.name, 'after');
    }
    watch.stop();
  });

  test('a watch with a label selector sees objects come into and leave its selection', async () => {
    const watch = await openWatch(config, { resourceVersion: await version(), labelSelector: 'in=yes' });
    const set = (labels: object): Promise<unknown> =>
      core
        .listNamespacedConfigMap({ namespace: 'default', fieldSelector: 'metadata.name=mover' })
        .then(({ items: [item] }) =>
          core.replaceNamespacedConfigMap({
            namespace: 'default',
            name: 'mover',
            body: { ...item, metadata: { ...item?.metadata, name: 'mover', labels: { ...labels } } },
          }),
        );
    await create('mover');
    await set({ in: 'yes' });
    await set({ in: 'no' });
    assert.equal((await watch.next()).type, 'ADDED');
    assert.equal((await watch.next()).type, 'DELETED');
    watch.stop();
  });

  test('a streaming list ends with its bookmark', async () => {
    const watch = await openWatch(config, {
      sendInitialEvents: true,
      resourceVersionMatch: 'NotOlderThan',
      allowWatchBookmarks: true,
    });
    const { items, metadata } = await core.listNamespacedConfigMap({ namespace: 'default' });
    for (const item of items) assert.equal((await watch.next()).object.metadata.name, item.metadata?.name);
    const end = await watch.next();
    assert.equal(end.type, 'BOOKMARK');
    assert.equal(end.object.metadata.annotations?.['k8s.io/initial-events-end'], 'true');
    assert.equal(end.object.metadata.resourceVersion, metadata?.resourceVersion);
    watch.stop();
  });

  test('a watch from a forgotten version is told 410', async () => {
    const old = await version();
    await create('newer');
    kubernetes.faults.compact();
    const watch = await openWatch(config, { resourceVersion: old });
    const line = await watch.next();
    assert.equal(line.type, 'ERROR');
    assert.equal(line.object.code, 410);
  });

  test('a version that never comes is told 504 with its cause, after a wait', async () => {
    const maps = '/api/v1/namespaces/default/configmaps';
    const future = String(Number(await version()) + 1000);
    const ask = async (path: string): Promise<unknown> => {
      const { server } = config.getCurrentCluster() ?? {};
      const { status, headers, body } = await send(`${server}${path}`);
      const { reason, message, details } = JSON.parse(body) as Record<string, unknown>;
      return [status, headers['retry-after'], reason, message, details];
    };
    const told = (current: string, retryAfterSeconds: number | undefined): unknown => [
      504,
      retryAfterSeconds === undefined ? undefined : String(retryAfterSeconds),
      'Timeout',
      `Timeout: Too large resource version: ${future}, current: ${current}`,
      {
        causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
        ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
      },
    ];
    const now = await version();
    const watches = [
      openWatch(config, { resourceVersion: future }),
      openWatch(config, {
        resourceVersion: future,
        sendInitialEvents: true,
        resourceVersionMatch: 'NotOlderThan',
      }),
    ];
    assert.deepEqual(
      await Promise.all([
        ask(`${maps}?resourceVersion=${future}`),
        ask(`${maps}/kube-root-ca.crt?resourceVersion=${future}`),
        ask(`${maps}?resourceVersion=${future}&limit=5`),
        ask(`${maps}?resourceVersion=${future}&resourceVersionMatch=Exact`),
      ]),
      [told(now, 1), told(now, 1), told(now, undefined), told(now, undefined)],
    );
    for (const watch of watches) {
      const { next } = await watch;
      const { type, object } = await next();
      assert.deepEqual([type, object.code], ['ERROR', 504]);
      assert.match(JSON.stringify(object), /"reason":"ResourceVersionTooLarge"/);
    }
  });

  test('a version that comes in time is waited for', async () => {
    const next = String(Number(await version()) + 1);
    const watch = openWatch(config, { resourceVersion: next });
    const list = core.listNamespacedConfigMap({ namespace: 'default', resourceVersion: next });
    await create('in-time');
    await create('right-after');
    assert.ok((await list).items.some(({ metadata }) => metadata?.name === 'in-time'));
    const { next: event, stop } = await watch;
    assert.equal((await event()).object.metadata.name, 'right-after');
    stop();
  });

  test('a continue token of a forgotten version is told 410', async () => {
    const { metadata } = await core.listNamespacedConfigMap({ namespace: 'default', limit: 1 });
    assert.ok((metadata?.remainingItemCount ?? 0) > 0);
    const next = await core.listNamespacedConfigMap({
      namespace: 'default',
      limit: 1,
      _continue: metadata?._continue ?? '',
    });
    assert.equal(next.metadata?.resourceVersion, metadata?.resourceVersion);
    await create('between');
    kubernetes.faults.compact();
    await assert.rejects(
      core.listNamespacedConfigMap({ namespace: 'default', limit: 1, _continue: metadata?._continue ?? '' }),
      { code: 410 },
    );
  });

  test('an informer follows, and survives a dropped watch', async () => {
    const api = config.makeApiClient(NetworkingV1Api);
    const informer = makeInformer<V1Ingress>(config, '/apis/networking.k8s.io/v1/ingresses', () =>
      api.listIngressForAllNamespaces(),
    );
    const names: string[] = [];
    let arrived = (): void => {};
    informer.on('add', ({ metadata }) => {
      names.push(metadata?.name ?? '');
      arrived();
    });
    const reach = async (count: number): Promise<void> => {
      while (names.length < count) {
        await new Promise<void>((resolve) => {
          arrived = resolve;
        });
      }
    };
    const add = (name: string): Promise<unknown> =>
      api.createNamespacedIngress({
        namespace: 'default',
        body: {
          metadata: { name },
          spec: { defaultBackend: { service: { name: 's', port: { number: 80 } } } },
        },
      });
    await informer.start();
    await add('one');
    await reach(1);
    let following = true;
    informer.on('error', () => void (following ? informer.start() : undefined));
    kubernetes.faults.dropWatches();
    await add('two');
    await reach(2);
    following = false;
    await informer.stop();
    assert.deepEqual(names, ['one', 'two']);
  });

  test('faults: refused updates, failing requests', async () => {
    const made = await create('storm');
    kubernetes.faults.refuseUpdates(1);
    await assert.rejects(
      core.replaceNamespacedConfigMap({ namespace: 'default', name: 'storm', body: made }),
      { code: 409 },
    );
    await core.replaceNamespacedConfigMap({ namespace: 'default', name: 'storm', body: made });
    kubernetes.faults.fail(503, 1);
    await assert.rejects(core.readNamespacedConfigMap({ namespace: 'default', name: 'storm' }), {
      code: 503,
    });
    await core.readNamespacedConfigMap({ namespace: 'default', name: 'storm' });
  });

  test('Events of both API groups are the same objects', async () => {
    const events = config.makeApiClient(EventsV1Api);
    await core.createNamespacedEvent({
      namespace: 'default',
      body: {
        metadata: { name: 'said' },
        involvedObject: { kind: 'Ingress', name: 'one', namespace: 'default' },
        reason: 'Said',
        message: 'hello',
        type: 'Normal',
        count: 3,
      },
    });
    const seen = await events.readNamespacedEvent({ namespace: 'default', name: 'said' });
    assert.equal(seen.regarding?.name, 'one');
    assert.equal(seen.note, 'hello');
    assert.equal(seen.deprecatedCount, 3);
  });
});

test('a directory keeps objects, versions and certificates over a restart', async () => {
  const dir = temporaryFolder('alb-kubernetes-');
  const first = await startKubernetes({ dir });
  await configOf(first)
    .makeApiClient(CoreV1Api)
    .createNamespacedConfigMap({ namespace: 'default', body: named('kept', { data: { a: '1' } }) });
  const version = first.store.version();
  await first.stop();
  const second = await startKubernetes({ dir });
  const kept = await configOf(second)
    .makeApiClient(CoreV1Api)
    .readNamespacedConfigMap({ namespace: 'default', name: 'kept' });
  assert.equal(kept.data?.a, '1');
  assert.ok(second.store.version() >= version);
  const authority = (text: string): string => /certificate-authority-data: (.*)/.exec(text)?.[1] ?? '';
  assert.equal(authority(second.kubeconfig), authority(first.kubeconfig));
  await second.stop();
  await rm(dir, { recursive: true, force: true });
});
