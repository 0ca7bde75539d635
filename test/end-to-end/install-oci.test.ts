/** The chart through a real registry: packaged, pushed, installed by its address. */
import assert from 'node:assert/strict';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import packageJson from '../../package.json' with { type: 'json' };
import { cannotRun, helm } from '../contract/kubectl.ts';
import { temporaryFolder } from '../contract/temporary-folder.ts';
import { type Daemon, freePort, missing, startDaemon } from './daemon.ts';
import { needsOwnCluster } from './foreign-cluster.ts';
import { ingress, textServer } from './manifests.ts';
import { startWorld, type World } from './world.ts';

const CHART = join(import.meta.dirname, '../../helm/alb-ingress-controller');
const REGISTRY = '/usr/bin/docker-registry';
/** bcrypt of `sandbox`. */
const HASH = '$2b$05$rYIykjMmx4OVlQ1KSXHDFOGnY8BCfdGesS/lgOi6bI2qqyGQfboGC';

describe('the chart from a registry', {
  skip: needsOwnCluster || cannotRun() || missing(REGISTRY, 'docker-registry'),
}, () => {
  const dir = temporaryFolder('alb-registry-');
  let world: World;
  let registry: Daemon;
  let host: string;
  const run = async (args: readonly string[], stdin?: string): Promise<string> => {
    const { code, stdout, stderr } = await helm(world.box.kubeconfig, args, stdin);
    assert.equal(code, 0, `helm ${args.join(' ')}: ${stderr}${stdout}\n${registry.said()}`);
    return stdout + stderr;
  };

  before(async () => {
    world = await startWorld();
    host = `127.0.0.1:${await freePort()}`;
    writeFileSync(join(dir, 'htpasswd'), `sandbox:${HASH}\n`);
    writeFileSync(
      join(dir, 'config.yml'),
      JSON.stringify({
        version: 0.1,
        storage: { filesystem: { rootdirectory: join(dir, 'storage') } },
        http: { addr: host },
        auth: { htpasswd: { realm: 'sandbox', path: join(dir, 'htpasswd') } },
      }),
    );
    registry = startDaemon(REGISTRY, ['serve', join(dir, 'config.yml')]);
    await world.until('the registry listens', () => registry.said().includes('listening on'));
    await world.kubectl(['create', '-f', '-'], textServer('web', 'shop', 'hello-shop'));
  });
  after(async () => {
    await registry.stop();
    await world.stop();
    rmSync(dir, { recursive: true });
  });

  test('package, login, push', async () => {
    await run(['package', CHART, '--destination', dir]);
    const file = `alb-ingress-controller-${packageJson.version}.tgz`;
    assert.ok(readdirSync(dir).includes(file));
    const stranger = await helm(world.box.kubeconfig, [
      'push',
      join(dir, file),
      `oci://${host}/charts`,
      '--plain-http',
    ]);
    assert.notEqual(stranger.code, 0, 'pushed without a login');
    const login = ['registry', 'login', host, '--plain-http', '--username', 'sandbox', '--password-stdin'];
    assert.match(await run(login, 'sandbox'), /Login Succeeded/);
    assert.match(
      await run(['push', join(dir, file), `oci://${host}/charts`, '--plain-http']),
      /Digest: sha256:/,
    );
  });

  const waiting = ['--wait', '--timeout=60s'];
  const chart = () => [`oci://${host}/charts/alb-ingress-controller`, '--plain-http', '--namespace', 'edge'];
  const values = ['clusterName=dev', 'aws.region=us-west-1', 'controller.replicaCount=1'].flatMap((value) => [
    '--set',
    value,
  ]);

  test('install by address, an Ingress is served, upgrade, uninstall', async () => {
    await run(['install', 'alb', ...chart(), ...values, '--create-namespace', ...waiting]);
    await world.kubectl(['apply', '-f', '-'], ingress({ namespace: 'web', name: 'shop' }));
    await world.until(
      'served',
      async () => (await world.get('http://shop.example.com/').catch(() => undefined))?.status === 200,
    );
    await run([
      'upgrade',
      'alb',
      ...chart(),
      '--reuse-values',
      '--set',
      'controller.replicaCount=2',
      ...waiting,
    ]);
    await run(['uninstall', 'alb', '--namespace', 'edge', ...waiting]);
    assert.equal(
      (await world.get('http://shop.example.com/')).status,
      200,
      'what is in AWS outlives the controller',
    );
  });

  test('an Ingress that is deleted without a controller waits for one that cleans up', async () => {
    await world.kubectl(['delete', 'ingress', 'shop', '-n', 'web', '--wait=false']);
    const name = ['get', 'ingress', 'shop', '-n', 'web', '-o', 'jsonpath={.metadata.finalizers}'];
    assert.match(await world.kubectl(name), /ingress\.k8s\.aws\/resources/);
    assert.equal(world.box.aws.state.loadBalancers.size, 1);
    await run(['install', 'alb', ...chart(), ...values, ...waiting]);
    await world.until('it is gone', async () => (await world.tryKubectl(name)).code !== 0);
    const { loadBalancers, targetGroups } = world.box.aws.state;
    assert.equal(loadBalancers.size + targetGroups.size, 0);
    await run(['uninstall', 'alb', '--namespace', 'edge', ...waiting]);
  });
});
