import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Daemon, freePort, missing, startDaemon } from '../end-to-end/daemon.ts';
import { cannotRun, helm, type Pair } from './kubectl.ts';
import { split, startTestCluster, type TestCluster } from './sandbox-cluster.ts';
import { temporaryFolder } from './temporary-folder.ts';

const CHART = join(import.meta.dirname, '../fixtures/sample-chart');
const REGISTRY = '/usr/bin/docker-registry';

const RENDERER = `apiVersion: v1
type: postrenderer/v1
name: renderer
version: 0.1.0
runtime: subprocess
runtimeConfig:
  platformCommand:
    - command: \${HELM_PLUGIN_DIR}/run.sh
`;

const PAIRS: readonly (readonly [Pair, string, string])[] = [
  ['v35', 'helm 4', '127.77'],
  ['v32', 'helm 3', '127.84'],
];

for (const [pair, name, network] of PAIRS)
  describe(name, { skip: cannotRun() }, () => {
    let cluster: TestCluster;
    let dir: string;
    before(async () => {
      cluster = await startTestCluster(network);
      dir = temporaryFolder('alb-helm-');
    });
    after(async () => {
      await rm(dir, { recursive: true, force: true });
      await cluster.stop();
    });
    const run = async (args: string): Promise<string> => {
      const { code, stdout, stderr } = await helm(cluster.kubernetes.kubeconfig, split(args), '', { pair });
      assert.equal(code, 0, `helm ${args}: ${stderr}${stdout}`);
      return stdout + stderr;
    };
    const ready = (release: string): Promise<string> =>
      cluster.kubectl(`get deploy ${release} -o jsonpath='{.status.readyReplicas}'`);

    test('is the version it is taken for', async () => {
      assert.match(await run('version --short'), pair === 'v35' ? /^v4\./ : /^v3\./);
    });

    test('lints and templates', async () => {
      assert.match(await run(`lint ${CHART}`), /0 chart\(s\) failed/);
      assert.match(await run(`template sample ${CHART} --validate`), /kind: Ingress/);
    });

    test('installs and waits, upgrades, rolls back, uninstalls', async () => {
      assert.match(await run(`install sample ${CHART} --wait --timeout=40s`), /STATUS: deployed/);
      assert.equal(await ready('sample'), '1');
      assert.match(await cluster.kubectl('get crd'), /charted\.example\.com/);
      assert.match(await cluster.kubectl('get job sample-migrate'), /Complete\s+1\/1/);
      const more = `upgrade sample ${CHART} --set replicas=2 --wait --timeout=40s`;
      assert.match(await run(more), /REVISION: 2/);
      assert.equal(await ready('sample'), '2');
      assert.match(await run('history sample'), /1\s+.*superseded.*\n2\s+.*deployed/);
      assert.match(await run('get values sample'), /replicas: 2/);
      assert.match(await run('get manifest sample'), /kind: Service/);
      assert.match(await run('rollback sample 1 --wait --timeout=40s'), /Rollback was a success/);
      assert.equal(await cluster.kubectl("get deploy sample -o jsonpath='{.spec.replicas}'"), '1');
      assert.match(await run('list'), /sample\s+default\s+3/);
      assert.match(await run('status sample'), /STATUS: deployed/);
      assert.match(await run('uninstall sample --wait --timeout=40s'), /uninstalled/);
      assert.equal(await cluster.kubectl('get deploy,svc,ing sample --ignore-not-found -o name'), '');
    });

    test('an upgrade whose Pods never start fails, and with a way back is undone', async () => {
      await run(`install frail ${CHART} --wait --timeout=40s`);
      const undo = pair === 'v35' ? '--rollback-on-failure' : '--atomic';
      const broken = split(`upgrade frail ${CHART} --set image=example.com/unknown ${undo} --timeout=3s`);
      const { code } = await helm(cluster.kubernetes.kubeconfig, broken, '', { pair });
      assert.notEqual(code, 0);
      const image = "get deploy frail -o jsonpath='{.spec.template.spec.containers[0].image}'";
      assert.equal(await cluster.kubectl(image), 'echoserver:1');
      await run('uninstall frail --wait --timeout=40s');
    });

    test('client-side apply works too', { skip: pair === 'v32' && 'helm 3 knows no other' }, async () => {
      const options = '--server-side=false --wait --timeout=40s';
      assert.match(await run(`install plain ${CHART} ${options}`), /STATUS: deployed/);
      assert.match(await run(`upgrade plain ${CHART} ${options} --set image=nginx`), /REVISION: 2/);
      await run('uninstall plain --wait --timeout=40s');
    });

    test('a post-renderer has the last word', async () => {
      const plugin = join(dir, 'renderer');
      await mkdir(plugin);
      await writeFile(join(plugin, 'run.sh'), '#!/bin/sh\nexec sed s/echoserver:1/nginx:1/\n', {
        mode: 0o755,
      });
      await writeFile(join(plugin, 'plugin.yaml'), RENDERER);
      // Since helm 4 it is a plugin, before it was a program.
      if (pair === 'v35') await run(`plugin install ${plugin}`);
      const renderer = pair === 'v35' ? 'renderer' : join(plugin, 'run.sh');
      await run(`install rendered ${CHART} --post-renderer ${renderer} --wait --timeout=40s`);
      const image = "get deploy rendered -o jsonpath='{.spec.template.spec.containers[0].image}'";
      assert.equal(await cluster.kubectl(image), 'nginx:1');
      await run('uninstall rendered --wait --timeout=40s');
    });

    test('what a quota forbids fails the release in the words of the API', async () => {
      await cluster.kubectl('create quota none --hard=count/ingresses.networking.k8s.io=0');
      const install = split(`install barred ${CHART} --timeout=20s`);
      const { code, stderr } = await helm(cluster.kubernetes.kubeconfig, install, '', { pair });
      assert.notEqual(code, 0);
      assert.match(stderr, /"barred" is forbidden: exceeded quota: none, requested: count\/ingresses/);
      await cluster.kubectl('delete quota none');
      assert.match(await run(`upgrade barred ${CHART} --wait --timeout=40s`), /STATUS: deployed/);
      await run('uninstall barred --wait --timeout=40s');
    });

    test('a chart goes through an OCI registry', { skip: missing(REGISTRY, 'docker-registry') }, async () => {
      const host = `127.0.0.1:${await freePort()}`;
      const registry = await startRegistry(dir, host);
      try {
        await run(`package ${CHART} --destination ${dir}`);
        const pushed = `push ${join(dir, 'sample-0.1.0.tgz')} oci://${host}/charts --plain-http`;
        assert.match(await run(pushed), /Digest: sha256:/);
        await run(
          `pull oci://${host}/charts/sample --version 0.1.0 --plain-http --destination ${dir} --untar`,
        );
        assert.match(await run(`show chart oci://${host}/charts/sample --plain-http`), /version: 0\.1\.0/);
        const installed = `install far oci://${host}/charts/sample --plain-http --wait --timeout=40s`;
        assert.match(await run(installed), /STATUS: deployed/);
        assert.equal(await ready('far'), '1');
        await run('uninstall far --wait --timeout=40s');
      } finally {
        await registry.stop();
      }
    });
  });

const startRegistry = async (dir: string, host: string): Promise<Daemon> => {
  const config = join(dir, 'registry.yml');
  const storage = { filesystem: { rootdirectory: join(dir, 'registry') } };
  await writeFile(config, JSON.stringify({ version: 0.1, storage, http: { addr: host } }));
  const registry = startDaemon(REGISTRY, ['serve', config]);
  for (const end = Date.now() + 20_000; !registry.said().includes('listening on'); await sleep(50))
    assert.ok(Date.now() < end, `the registry does not start: ${registry.said()}`);
  return registry;
};
