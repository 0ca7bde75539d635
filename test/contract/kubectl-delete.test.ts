import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { cannotRun } from './kubectl.ts';
import { startTestCluster, type TestCluster } from './sandbox-cluster.ts';

const HELD = `{apiVersion: v1, kind: ConfigMap, metadata: {name: held, finalizers: [example.com/hold]}}`;

describe('kubectl deletes and waits', { skip: cannotRun() }, () => {
  let cluster: TestCluster;
  before(async () => {
    cluster = await startTestCluster('127.74');
  });
  after(() => cluster.stop());
  const exists = async (what: string): Promise<boolean> =>
    (await cluster.kubectl(`get ${what} --ignore-not-found -o name`)) !== '';

  test('a finalizer holds an object until it is taken off', async () => {
    await cluster.kubectl('create -f -', HELD);
    assert.match(
      (await cluster.tryKubectl('delete configmap held --timeout=300ms')).stderr,
      /timed out waiting/,
    );
    assert.match(
      await cluster.kubectl("get configmap held -o jsonpath='{.metadata.deletionTimestamp}'"),
      /^\d{4}-/,
    );
    const waiting = cluster.kubectl('wait --for=delete configmap/held --timeout=20s');
    await cluster.kubectl(
      `patch configmap held --type=json -p '[{"op":"remove","path":"/metadata/finalizers"}]'`,
    );
    await waiting;
    assert.equal(await exists('configmap held'), false);
  });

  const owned = async (name: string): Promise<void> => {
    await cluster.kubectl(`create deployment ${name} --image=echoserver --replicas=1`);
    await cluster.kubectl(`wait --for=condition=Available deploy/${name} --timeout=20s`);
  };

  test('in the background the dependents follow', async () => {
    await owned('background');
    await cluster.kubectl('delete deploy background');
    await cluster.kubectl('wait --for=delete pod -l app=background --timeout=20s');
    assert.equal(await exists('rs -l app=background'), false);
  });

  test('in the foreground the dependents go first', async () => {
    await owned('foreground');
    await cluster.kubectl('delete deploy foreground --cascade=foreground --timeout=20s');
    assert.equal(await exists('rs,pods -l app=foreground'), false);
  });

  test('orphans stay', async () => {
    await owned('orphan');
    await cluster.kubectl('delete deploy orphan --cascade=orphan');
    assert.equal(await exists('rs -l app=orphan'), true);
    assert.equal(
      await cluster.kubectl("get rs -l app=orphan -o jsonpath='{.items[0].metadata.ownerReferences}'"),
      '',
    );
    await cluster.kubectl('delete rs -l app=orphan');
    await cluster.kubectl('wait --for=delete pod -l app=orphan --timeout=20s');
  });

  test('a namespace goes with what is in it, once finalizers let it', async () => {
    await cluster.kubectl('create ns doomed');
    await cluster.kubectl('create deployment web --image=nginx -n doomed');
    await cluster.kubectl('create -n doomed -f -', HELD);
    await cluster.kubectl('delete ns doomed --wait=false');
    assert.match(await cluster.kubectl('get ns doomed'), /Terminating/);
    const refused = await cluster.tryKubectl('create configmap late -n doomed');
    assert.match(
      refused.stderr,
      /unable to create new content in namespace doomed because it is being terminated/,
    );
    await cluster.kubectl(
      `patch configmap held -n doomed --type=merge -p '{"metadata":{"finalizers":null}}'`,
    );
    await cluster.kubectl('wait --for=delete ns/doomed --timeout=40s');
  });

  test('by label, by file, all, and of what is not there', async () => {
    await cluster.kubectl('create configmap one');
    await cluster.kubectl('label configmap one group=x');
    await cluster.kubectl('delete configmap -l group=x');
    assert.equal(await exists('configmap one'), false);
    await cluster.kubectl('create configmap two');
    await cluster.kubectl('delete -f -', '{apiVersion: v1, kind: ConfigMap, metadata: {name: two}}');
    assert.match((await cluster.tryKubectl('delete configmap two')).stderr, /NotFound/);
    await cluster.kubectl('delete configmap two --ignore-not-found');
    await cluster.kubectl('create secret generic three');
    await cluster.kubectl('delete secret --all');
    assert.equal(await exists('secret'), false);
  });

  test('--dry-run=server deletes nothing', async () => {
    await cluster.kubectl('create configmap kept');
    await cluster.kubectl('delete configmap kept --dry-run=server');
    assert.equal(await exists('configmap kept'), true);
  });

  test('wait for a condition, a value and a creation', async () => {
    const created = cluster.kubectl('wait --for=create configmap/soon --timeout=20s');
    await cluster.kubectl('create configmap soon --from-literal=a=1');
    await created;
    await cluster.kubectl(`wait --for='jsonpath={.data.a}=1' configmap/soon --timeout=5s`);
    await cluster.kubectl('wait --for=condition=Ready node/node-a --timeout=5s');
    assert.match(
      (await cluster.tryKubectl('wait --for=condition=Odd node/node-a --timeout=100ms')).stderr,
      /timed out waiting for the condition/,
    );
  });

  test('a Pod ends within its grace period, and at once when told so', async () => {
    await cluster.kubectl('run slow --image=slow --port=8080');
    await cluster.kubectl('wait --for=condition=Ready pod/slow --timeout=20s');
    await cluster.kubectl('delete pod slow --grace-period=0 --force');
    assert.equal(await exists('pod slow'), false);
  });
});
