/** The Lease client against the embedded cluster: what is written by one is never overwritten by another unseen. */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type LeaseClient, openLease } from '../../src/kubernetes/lease.ts';
import { type SandboxKubernetes, startKubernetes } from '../../src/sandbox/kubernetes/server.ts';
import { kubectl, removeHomes } from './kubectl.ts';
import { temporaryFolder } from './temporary-folder.ts';

const dir = temporaryFolder('alb-lease-');
const kubeconfig = join(dir, 'kubeconfig');
const clients: LeaseClient[] = [];
let cluster: SandboxKubernetes;

// Each write at another moment, as on a real clock: to a real API server the same content again is no write at all.
let time = Date.UTC(2026, 0, 2, 3, 4, 5, 600);
const now = (): number => time++;

const client = (namespace = 'default'): LeaseClient => {
  const made = openLease({ kubeconfig, namespace, name: 'leader', userAgent: 'test', timeout: 2000, now });
  clients.push(made);
  return made;
};

before(async () => {
  cluster = await startKubernetes();
  writeFileSync(kubeconfig, cluster.kubeconfig);
});
after(async () => {
  await Promise.all(clients.map((one) => one.close()));
  await cluster.stop();
  await removeHomes();
  rmSync(dir, { recursive: true });
});

const mine = { holder: 'me', durationSeconds: 15, transitions: 0 };

test('a lease is made once, replaced only by who saw the newest one, and given back', async () => {
  const [one, two] = [client(), client()];
  assert.equal(await one.read(), undefined);
  const first = await one.write(mine, undefined);
  assert.equal(first?.holder, 'me');
  assert.equal(await two.write({ ...mine, holder: 'you' }, undefined), undefined, 'made twice');
  const seen = await two.read();
  assert.deepEqual(seen, first);
  const renewed = await one.write(mine, first);
  assert.notEqual(renewed?.version, first?.version);
  assert.equal(await two.write({ ...mine, holder: 'you' }, seen), undefined, 'an old view won');
  await one.write({ ...mine, holder: '' }, renewed);
  const taken = await two.write({ ...mine, holder: 'you', transitions: 1 }, await two.read());
  assert.deepEqual(
    { ...taken, version: '' },
    { holder: 'you', durationSeconds: 15, transitions: 1, version: '' },
  );
});

test('the object is what kubectl and other controllers expect of a Lease', async () => {
  const { stdout } = await kubectl(cluster.kubeconfig, ['get', 'lease', 'leader', '-o', 'jsonpath={.spec}']);
  const { acquireTime, renewTime, ...rest } = JSON.parse(stdout) as Record<string, string>;
  for (const one of [acquireTime, renewTime]) assert.match(one ?? '', /^2026-01-02T03:04:05\.6\d\d000Z$/);
  assert.deepEqual(rest, {
    holderIdentity: 'you',
    leaseDurationSeconds: 15,
    leaseTransitions: 1,
  });
});

test('a change is told to who follows, and only of this lease', async () => {
  const [one, two] = [client('default'), client('default')];
  let told = 0;
  const ending = new AbortController();
  const heard = Promise.withResolvers<void>();
  const following = one.follow(() => {
    told++;
    if (told === 2) heard.resolve();
  }, ending.signal);
  while (told === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await two.write({ ...mine, holder: 'you', transitions: 1 }, await two.read());
  await heard.promise;
  ending.abort();
  await following;
  assert.equal(told, 2);
});

test('no answer is an error, a deleted lease is not', async () => {
  const one = client();
  const seen = await one.read();
  await kubectl(cluster.kubeconfig, ['delete', 'lease', 'leader']);
  assert.equal(await one.write(mine, seen), undefined);
  assert.equal(await one.read(), undefined);
  await assert.rejects(client('nowhere').write(mine, undefined), {
    message: /writing the Lease nowhere\/leader: .*not found/,
    refused: true,
  });
});
