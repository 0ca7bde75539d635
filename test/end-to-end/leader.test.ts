/** Two controllers on one cluster: who is killed, told to end, or frozen, is followed in time and writes no more. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { electionFlags, leads, pair, said, serve } from './leader-pair.ts';
import { INGRESS_CLASS, textServer } from './manifests.ts';
import { startWorld, type World } from './world.ts';

const LEASE = 4;
const SHORT = electionFlags({ lease: LEASE, renew: 3, retry: 1 });
const TOLERANCE = 2;

let world: World;

before(async () => {
  world = await startWorld();
  await world.kubectl(['create', '-f', '-'], INGRESS_CLASS + textServer('web', 'shop', 'hello-shop'));
});
after(() => world.stop());

test('a leader that is killed is followed when its lease has ended', async (t) => {
  const [first, second] = await pair(world, SHORT);
  const usual = await serve(world, 'one');
  assert.ok(!said(second, 'leading'));
  await first.kill();
  const seconds = await serve(world, 'two');
  t.diagnostic(`served after ${seconds.toFixed(1)} s, with a living leader after ${usual.toFixed(1)} s`);
  assert.ok(seconds <= LEASE + TOLERANCE + usual, `${seconds} s`);
  await second.stop();
});

test('a leader that is told to end hands over at once, with the terms of production', async (t) => {
  const [first, second] = await pair(world, electionFlags());
  const usual = await serve(world, 'three');
  const began = performance.now();
  assert.equal(first.process.exitCode, null);
  const stopping = first.stop();
  await leads(world, second);
  const seconds = (performance.now() - began) / 1000;
  await stopping;
  assert.equal(first.process.exitCode, 0);
  const served = await serve(world, 'four');
  t.diagnostic(
    `led after ${seconds.toFixed(1)} s; a change took ${served.toFixed(1)} s, before ${usual.toFixed(1)} s`,
  );
  assert.ok(seconds <= TOLERANCE, `${seconds} s`);
  await second.stop();
});

test('a leader that was frozen finds another one, writes nothing and ends', async () => {
  const [first, second] = await pair(world, SHORT);
  const before = world.box.aws.state.targetGroups.size;
  await serve(world, 'five');
  first.process.kill('SIGSTOP');
  await world.kubectl(['delete', 'ingress', 'five', '-n', 'web', '--wait=false']);
  await leads(world, second);
  await world.until('what five had is gone', () => world.box.aws.state.targetGroups.size === before);
  await world.quiet();
  const since = world.box.aws.journal.length;
  const ended = once(first.process, 'exit');
  first.process.kill('SIGCONT');
  const [code] = (await ended) as [number];
  assert.equal(code, 1);
  assert.ok(first.log.some(({ level, message }) => level === 'error' && message === 'stopping'));
  await world.quiet();
  assert.deepEqual(world.calls(since).writes, []);
  const holder = await world.kubectl([
    'get',
    'lease',
    'aws-load-balancer-controller-leader',
    '-n',
    'web',
    '-o',
    'jsonpath={.spec.holderIdentity}',
  ]);
  assert.equal(holder, second.log.find(({ message }) => message === 'leading')?.identity);
  await second.stop();
});

test('two controllers that start together agree on one', async () => {
  const both = [world.startController(SHORT), world.startController(SHORT)];
  await world.until('one leads and one waits', () =>
    ['leading', 'standing by'].every((message) => both.some((it) => said(it, message))),
  );
  await serve(world, 'six');
  assert.equal(both.filter((it) => said(it, 'leading')).length, 1);
  await Promise.all(both.map((it) => it.stop()));
});

test('a controller that may not write its lease ends and says so, rather than stand by for ever', async () => {
  const controller = world.startController([
    '--enable-leader-election',
    '--leader-election-namespace',
    'nowhere',
  ]);
  const [code] = (await once(controller.process, 'exit')) as [number];
  assert.equal(code, 1);
  const last = controller.log.find(({ message }) => message === 'stopping');
  assert.match(
    String(last?.reason),
    /writing the Lease nowhere\/aws-load-balancer-controller-leader: .*not found/,
  );
});
