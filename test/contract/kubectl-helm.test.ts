import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { cannotRun } from './kubectl.ts';
import { startTestCluster, type TestCluster } from './sandbox-cluster.ts';

const DEPLOYMENT = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: {{ .Release.Name }}}}
  template:
    metadata: {labels: {app: {{ .Release.Name }}}}
    spec: {containers: [{name: web, image: {{ .Values.image | quote }}, ports: [{containerPort: 8080}]}]}
`;
const SERVICE = `
apiVersion: v1
kind: Service
metadata: {name: {{ .Release.Name }}}
spec: {type: NodePort, selector: {app: {{ .Release.Name }}}, ports: [{port: 80, targetPort: 8080}]}
`;
const DEFINITION = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: charted.example.com}
spec:
  group: example.com
  scope: Cluster
  names: {plural: charted, kind: Charted}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
`;

describe('helm', { skip: cannotRun() }, () => {
  let cluster: TestCluster;
  let chart: string;
  before(async () => {
    cluster = await startTestCluster('127.77');
    chart = await mkdtemp(join(tmpdir(), 'alb-chart-'));
    await mkdir(join(chart, 'templates'));
    await mkdir(join(chart, 'crds'));
    await writeFile(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: sample\nversion: 0.1.0\n');
    await writeFile(join(chart, 'values.yaml'), 'replicas: 1\nimage: echoserver:1\n');
    await writeFile(join(chart, 'templates/deployment.yaml'), DEPLOYMENT);
    await writeFile(join(chart, 'templates/service.yaml'), SERVICE);
    await writeFile(join(chart, 'crds/charted.yaml'), DEFINITION);
  });
  after(async () => {
    await rm(chart, { recursive: true, force: true });
    await cluster.stop();
  });

  test('lints and templates', async () => {
    assert.match(await cluster.helm(`lint ${chart}`), /0 chart\(s\) failed/);
    assert.match(await cluster.helm(`template sample ${chart} --validate`), /kind: Deployment/);
  });

  test('installs and waits, upgrades, rolls back, uninstalls', async () => {
    assert.match(await cluster.helm(`install sample ${chart} --wait --timeout=40s`), /STATUS: deployed/);
    assert.equal(await cluster.kubectl("get deploy sample -o jsonpath='{.status.readyReplicas}'"), '1');
    assert.match(await cluster.kubectl('get crd'), /charted\.example\.com/);
    assert.match(
      await cluster.helm(`upgrade sample ${chart} --set replicas=2 --wait --timeout=40s`),
      /REVISION: 2/,
    );
    assert.equal(await cluster.kubectl("get deploy sample -o jsonpath='{.status.readyReplicas}'"), '2');
    assert.match(await cluster.helm('history sample'), /1\s+.*superseded.*\n2\s+.*deployed/);
    assert.match(await cluster.helm('get values sample'), /replicas: 2/);
    assert.match(await cluster.helm('rollback sample 1 --wait --timeout=40s'), /Rollback was a success/);
    assert.equal(await cluster.kubectl("get deploy sample -o jsonpath='{.spec.replicas}'"), '1');
    assert.match(await cluster.helm('list'), /sample\s+default\s+3/);
    assert.match(await cluster.helm('status sample'), /STATUS: deployed/);
    assert.match(await cluster.helm('uninstall sample --wait --timeout=40s'), /uninstalled/);
    assert.equal(await cluster.kubectl('get deploy,svc sample --ignore-not-found -o name'), '');
  });

  test('client-side apply works too', async () => {
    assert.match(
      await cluster.helm(`install plain ${chart} --server-side=false --wait --timeout=40s`),
      /STATUS: deployed/,
    );
    assert.match(
      await cluster.helm(`upgrade plain ${chart} --server-side=false --set image=nginx --wait --timeout=40s`),
      /REVISION: 2/,
    );
    await cluster.helm('uninstall plain --wait --timeout=40s');
  });
});
