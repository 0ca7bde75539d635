/** `plan` says what `run` then does, and changes nothing. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
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

test('a plan for one namespace judges, like run, nothing that may have members elsewhere', async () => {
  assert.match(await plan(), /^web\/shop$/m);
  assert.equal(await plan('--watch-namespace', 'elsewhere'), 'no Ingress of this class\n');
});
