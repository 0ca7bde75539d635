/** Every fault lever is pulled under the controller's own client, which must end with what the cluster holds. */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { type SandboxKubernetes, startKubernetes } from '../../src/sandbox/kubernetes/server.ts';
import { createAccess } from '../../src/sandbox/workloads/access.ts';
import { type Connected, connect, connectAndStart, held, stopAll, until } from './kube-harness.ts';
import { temporaryFolder } from './temporary-folder.ts';

const STORAGE = 'ingresses.networking.k8s.io';
const FINALIZER = 'ingress.k8s.aws/resources';

describe('fault levers', () => {
  let cluster: SandboxKubernetes;
  let dir: string;
  let kubeconfig: string;

  beforeEach(async () => {
    dir = temporaryFolder('kube-levers-');
    kubeconfig = join(dir, 'kubeconfig');
    cluster = await startKubernetes({ dir });
    writeFileSync(kubeconfig, cluster.kubeconfig);
  });
  afterEach(async () => {
    await stopAll();
    await cluster.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  const create = (...names: readonly string[]): void => {
    for (const name of names)
      createAccess(cluster.cluster, 'test').create(STORAGE, 'default', {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'Ingress',
        metadata: { name },
        spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } } },
      });
  };
  const remove = (name: string): void => {
    const object = cluster.store.get(STORAGE, 'default', name);
    assert.ok(object);
    createAccess(cluster.cluster, 'test').remove(STORAGE, object);
  };
  /** The snapshot is exactly what the cluster holds, versions included. */
  const settled = ({ kube }: Connected, what: string): Promise<void> =>
    until(what, () => {
      const own = [...kube.snapshot().ingresses.values()].map(
        ({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`,
      );
      const theirs = cluster.store
        .list(STORAGE)
        .map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`);
      return own.sort().join() === [...theirs].sort().join();
    });

  test('dropped watches', async () => {
    const connected = await connectAndStart({ kubeconfig });
    for (const name of ['a', 'b', 'c']) {
      cluster.faults.dropWatches();
      create(name);
    }
    await settled(connected, 'all three');
  });

  test('watches that are open and say nothing', async () => {
    const connected = await connectAndStart({ kubeconfig }, { stallSeconds: 1 });
    create('a');
    await settled(connected, 'the first');
    cluster.faults.stallWatches(true);
    create('b');
    remove('a');
    await settled(connected, 'what no watch told');
    cluster.faults.stallWatches(false);
  });

  test('a history that was forgotten', async () => {
    const connected = await connectAndStart({ kubeconfig });
    create('a', 'b');
    await settled(connected, 'both');
    cluster.faults.stallWatches(true);
    remove('a');
    create('c');
    cluster.faults.compact();
    cluster.faults.stallWatches(false);
    cluster.faults.dropWatches();
    await settled(connected, 'what was compacted');
  });

  test('slow lists', async () => {
    create('a', 'b');
    cluster.faults.slowLists(300);
    const connected = await connectAndStart({ kubeconfig });
    await settled(connected, 'the list');
  });

  test('an API that answers 500, 503 and 429 at the start', async () => {
    create('a');
    for (const status of [500, 503, 429]) {
      cluster.faults.fail(status, 6);
      const connected = connect({ kubeconfig });
      await connected.kube.start((change) => connected.changes.push(change));
      await settled(connected, `the list after ${status}`);
    }
  });

  test('a storm of conflicts', async () => {
    create('a');
    const connected = await connectAndStart({ kubeconfig });
    cluster.faults.refuseUpdates(3);
    await connected.kube.setFinalizer(held(connected.kube, 'default/a'), FINALIZER, true);
    assert.deepEqual(cluster.store.get(STORAGE, 'default', 'a')?.metadata.finalizers, [FINALIZER]);
    await settled(connected, 'the finalizer');
  });

  test('a restart with the same data', async () => {
    create('a', 'b');
    const connected = await connectAndStart({ kubeconfig });
    await settled(connected, 'both');
    const port = Number(new URL(cluster.url).port);
    await cluster.stop();
    cluster = await startKubernetes({ dir, port });
    assert.equal(cluster.store.list(STORAGE).length, 2);
    remove('a');
    create('c');
    await settled(connected, 'what happened after the restart');
  });
});
