/** What people meet in a week of kubectl besides rolling out: look-ups, histories and what a cluster mends by itself. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { cannotRun } from './kubectl.ts';
import { startTestCluster, type TestCluster } from './sandbox-cluster.ts';

describe('everyday kubectl', { skip: cannotRun() }, () => {
  let cluster: TestCluster;
  before(async () => {
    cluster = await startTestCluster('127.85');
  });
  after(() => cluster.stop());

  test('classes have the defaults kubectl relies on', async () => {
    await cluster.kubectl(
      'create -f -',
      `{apiVersion: v1, kind: List, items: [
        {apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: high}, value: 1000},
        {apiVersion: storage.k8s.io/v1, kind: StorageClass, provisioner: ebs.csi.aws.com,
         metadata: {name: gp3, annotations: {storageclass.kubernetes.io/is-default-class: "true"}}}]}`,
    );
    assert.match(
      await cluster.kubectl('describe priorityclass high'),
      /PreemptionPolicy:\s+PreemptLowerPriority/,
    );
    assert.match(
      await cluster.kubectl('get storageclass'),
      /gp3 \(default\)\s+ebs\.csi\.aws\.com\s+Delete\s+Immediate\s+false/,
    );
    assert.match(
      await cluster.kubectl('get priorityclass'),
      /high\s+1000\s+false\s+\S+\s+PreemptLowerPriority/,
    );
    const changed = await cluster.tryKubectl(`patch priorityclass high --type=merge -p '{"value":1}'`);
    assert.match(changed.stderr, /value: Forbidden: may not be changed in an update/);
  });

  test('a claim shows short access modes once it is bound, nothing before', async () => {
    const claim = `{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: disk}, spec:
      {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}`;
    await cluster.kubectl('create -f -', claim);
    assert.match(
      await cluster.kubectl('get pvc disk -o wide'),
      /disk\s+Pending\s+<unset>\s+\S+\s+Filesystem/,
    );
    await cluster.kubectl(`patch pvc disk --type=merge -p '{"spec":{"volumeName":"pv-1"}}'`);
    const status =
      '{"status":{"phase":"Bound","accessModes":["ReadWriteOnce"],"capacity":{"storage":"1Gi"}}}';
    await cluster.kubectl(`patch pvc disk --subresource=status --type=merge -p '${status}'`);
    assert.match(await cluster.kubectl('get pvc disk'), /disk\s+Bound\s+pv-1\s+1Gi\s+RWO\s/);
  });

  test('a change cause belongs to the revision it was written on', async () => {
    await cluster.kubectl('create deployment causes --image=httpd:2');
    await cluster.kubectl('annotate deployment causes kubernetes.io/change-cause=first');
    await cluster.kubectl('set image deployment causes httpd=httpd:3');
    await cluster.kubectl('annotate deployment causes kubernetes.io/change-cause=second --overwrite');
    const history = await cluster.kubectl('rollout history deployment causes');
    assert.match(history, /^1\s+first\n2\s+second$/m);
  });

  for (const [kind, short] of [
    ['StatefulSet', 'sts'],
    ['DaemonSet', 'ds'],
  ] as const)
    test(`a ${kind} remembers its templates and goes back to them`, async () => {
      const set = `{apiVersion: apps/v1, kind: ${kind}, metadata: {name: kept}, spec: {
        ${kind === 'StatefulSet' ? 'serviceName: kept, ' : ''}selector: {matchLabels: {app: kept-${short}}},
        template: {metadata: {labels: {app: kept-${short}}}, spec: {containers: [{name: c, image: "nginx:1", env: [{name: A, value: b}]}]}}}}`;
      const image = `get ${short} kept -o jsonpath={.spec.template.spec.containers[0].image}`;
      await cluster.kubectl('create -f -', set);
      await cluster.kubectl(`rollout status ${short}/kept --timeout=20s`);
      await cluster.kubectl(`annotate ${short} kept kubernetes.io/change-cause=newer`);
      await cluster.kubectl(`set image ${short}/kept c=nginx:2`);
      await cluster.kubectl(`rollout status ${short}/kept --timeout=20s`);
      assert.match(await cluster.kubectl(`rollout history ${short}/kept`), /^1\s+\S+\n2\s+newer$/m);
      assert.match(await cluster.kubectl(`rollout history ${short}/kept --revision=1`), /Image:\s+nginx:1/);
      assert.match(
        await cluster.kubectl('get controllerrevisions'),
        new RegExp(`${kind.toLowerCase()}\\.apps/kept\\s+2`),
      );
      await cluster.kubectl(`rollout undo ${short}/kept`);
      assert.equal(await cluster.kubectl(image), 'nginx:1');
      await cluster.kubectl(`rollout status ${short}/kept --timeout=20s`);
      assert.match(await cluster.kubectl(`rollout history ${short}/kept`), /^2\s+newer\n3\s/m);
      await cluster.kubectl(`delete ${short} kept`);
      await cluster.kubectl(`wait --for=delete controllerrevisions -l app=kept-${short} --timeout=10s`);
    });

  test('every namespace has the certificate of the API server and a service account, and has them again', async () => {
    await cluster.kubectl('delete configmap kube-root-ca.crt -n kube-public');
    await cluster.kubectl('delete serviceaccount default -n kube-public');
    await cluster.kubectl('wait --for=create serviceaccount/default -n kube-public --timeout=5s');
    const pem = await cluster.kubectl(
      `get configmap kube-root-ca.crt -n kube-public -o 'jsonpath={.data.ca\\.crt}'`,
    );
    assert.ok(new X509Certificate(pem).ca);
  });

  test('a command in a base image ends, whatever words it has', async () => {
    const ran = await cluster.kubectl('run once --rm -i --image=busybox --restart=Never -- echo hi');
    assert.match(ran, /the sandbox runs no commands: \["echo","hi"\] counts as done\n.*pod "once" deleted/s);
  });

  test('logs of a container that never ended have no previous ones', async () => {
    await cluster.kubectl('run steady --image=nginx');
    await cluster.kubectl('wait --for=condition=Ready pod/steady --timeout=10s');
    const previous = await cluster.tryKubectl('logs steady --previous');
    assert.match(
      previous.stderr,
      /\(BadRequest\): previous terminated container "steady" in pod "steady" not found/,
    );
    const pod = await cluster.kubectl('get pod steady -o jsonpath={.status.podIP}');
    await fetch(`http://${pod}/first`);
    assert.match(await cluster.kubectl('logs steady --since-time=2020-01-01T00:00:00Z'), /\/first/);
    assert.equal(await cluster.kubectl('logs steady --since-time=2120-01-01T00:00:00Z'), '');
    assert.equal((await cluster.kubectl('logs steady --limit-bytes=7')).length, 7);
  });

  test('labels select in every form', async () => {
    for (const [name, labels] of Object.entries({
      one: 'size=1,tier=a',
      two: 'size=20,tier=b',
      three: 'tier=c',
    })) {
      await cluster.kubectl(`create configmap ${name}`);
      await cluster.kubectl(`label configmap ${name} ${labels.replace(',', ' ')}`);
    }
    const CASES: readonly (readonly [string, readonly string[]])[] = [
      ['size>1', ['two']],
      ['size<20,tier', ['one']],
      ['size', ['one', 'two']],
      ['!size,tier', ['three']],
      ['tier in (a, c)', ['one', 'three']],
      ['tier notin (a,c),tier', ['two']],
      ['tier==a', ['one']],
      ['tier!=a,size', ['two']],
      ['size=', []],
    ];
    for (const [selector, names] of CASES) {
      const out = await cluster.kubectl(
        `get configmap -l '${selector}' -o jsonpath={.items[*].metadata.name}`,
      );
      assert.deepEqual(out.split(' ').filter(Boolean), [...names].sort(), selector);
    }
  });

  test('Endpoints come with the warning that they are deprecated', async () => {
    const { stderr } = await cluster.tryKubectl('get endpoints');
    assert.match(
      stderr,
      /^Warning: v1 Endpoints is deprecated in v1\.33\+; use discovery\.k8s\.io\/v1 EndpointSlice/,
    );
  });

  test('the paths and the health of the server are listed', async () => {
    const { paths } = JSON.parse(await cluster.kubectl('get --raw /')) as { paths: string[] };
    for (const path of ['/api/v1', '/apis/networking.k8s.io/v1', '/readyz'])
      assert.ok(paths.includes(path), path);
    assert.equal(
      await cluster.kubectl('get --raw /readyz?verbose'),
      '[+]ping ok\n[+]log ok\nreadyz check passed\n',
    );
    assert.match((await cluster.tryKubectl('get --raw /livez/none')).stderr, /\(NotFound\)/);
    const proxied = await cluster.tryKubectl(
      'get --raw /api/v1/namespaces/default/services/kubernetes/proxy/a/b',
    );
    assert.match(
      proxied.stderr,
      /\(NotImplemented\): the sandbox proxies nothing: services\/proxy is not available/,
    );
  });
});
