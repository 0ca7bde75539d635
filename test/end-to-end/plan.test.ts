/** `plan` says what `run` then does, and changes nothing. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { INGRESS_CLASS, ingress, textServer } from './manifests.ts';
import { CLUSTER, startWorld, type World } from './world.ts';

const MAIN = join(import.meta.dirname, '../../dist/main.js');
const exec = promisify(execFile);

let world: World;

before(async () => {
  world = await startWorld();
  await world.kubectl(
    ['create', '-f', '-'],
    INGRESS_CLASS + textServer('web', 'shop', 'hello') + ingress({ namespace: 'web', name: 'shop' }),
  );
});
after(() => world.stop());

const plan = async (...args: string[]): Promise<string> => {
  const env = { ...process.env, KUBECONFIG: join(world.dir, 'kubeconfig'), ...world.box.awsEnvironment };
  return (await exec(process.execPath, [MAIN, 'plan', '--cluster-name', CLUSTER, ...args], { env })).stdout;
};

test('a live plan lists what run does, and writes nothing', async () => {
  const text = await plan();
  assert.match(text, /\+ create load-balancer\/web\/shop~internal/);
  assert.equal(world.box.aws.writes(), 0);
  const { 0: stack } = JSON.parse(await plan('-o', 'json')) as readonly {
    readonly operations: readonly { readonly verb: string; readonly key: string }[];
  }[];
  const controller = world.startController();
  await world.until(
    'served',
    async () => (await world.get('http://shop.example.com/').catch(() => undefined))?.status === 200,
  );
  await world.quiet();
  const done = controller.log.filter((line) => line.message === 'create done').map((line) => line.key);
  assert.deepEqual(done.toSorted(), stack?.operations.map((it) => it.key).toSorted());
  assert.match(await plan(), /nothing to do/);
  await controller.stop();
});

test('what cannot be reached is told in one line, and soon', async () => {
  const told = async (change: Readonly<Record<string, string | undefined>>): Promise<string> => {
    const env = {
      ...process.env,
      KUBECONFIG: join(world.dir, 'kubeconfig'),
      ...world.box.awsEnvironment,
      ...change,
    };
    const child = exec(process.execPath, [MAIN, 'plan', '--cluster-name', CLUSTER], { env });
    const { code, stderr } = await child.then(
      () => ({ code: 0, stderr: '' }),
      (error: { readonly code: number; readonly stderr: string }) => error,
    );
    assert.equal(code, 1, stderr);
    assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
    return stderr;
  };
  const down = join(world.dir, 'down');
  const kubeconfig = readFileSync(join(world.dir, 'kubeconfig'), 'utf8');
  writeFileSync(down, kubeconfig.replace(/127\.0\.0\.1:\d+/, '127.0.0.1:1'));
  assert.match(await told({ KUBECONFIG: down }), /cannot reach the cluster: list .*ECONNREFUSED/);
  const stranger = join(world.dir, 'stranger');
  writeFileSync(stranger, kubeconfig.replace(/token: .*/, 'token: stranger'));
  assert.match(await told({ KUBECONFIG: stranger }), /does not accept the credentials of the kubeconfig/);
  assert.match(
    await told({ AWS_ENDPOINT_URL: 'http://127.0.0.1:1' }),
    /no answer from AWS to \w+:\w+: connect ECONNREFUSED 127\.0\.0\.1:1/,
  );
  const nobody = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_EC2_METADATA_DISABLED: 'true' };
  assert.match(
    await told({ ...nobody, HOME: world.dir }),
    /no AWS credentials \(Could not load.*\): expected the role of the Pod/,
  );
});

test('a plan for one namespace judges, like run, nothing that may have members elsewhere', async () => {
  assert.match(await plan(), /^web\/shop$/m);
  assert.equal(await plan('--watch-namespace', 'elsewhere'), 'no Ingress of this class\n');
});
