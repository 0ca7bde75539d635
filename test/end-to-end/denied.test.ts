/** A role that may not everything: what it may is done, what it may not is named, and later permission is noticed. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { INGRESS_CLASS, ingress, textServer } from './manifests.ts';
import { type Controller, startWorld, type World } from './world.ts';

let world: World;
let controller: Controller;

before(async () => {
  world = await startWorld();
  await world.kubectl(['apply', '-f', '-'], INGRESS_CLASS + textServer('web', 'shop', 'hello-shop'));
});
after(() => world.stop());

test('a controller that AWS does not let in says so until it does', async () => {
  world.box.aws.faults.add({ kind: 'denied' });
  const early = world.startController();
  const line = await world.until('a word about it', () =>
    early.log.find(({ message }) => message === 'AWS could not be looked through'),
  );
  assert.equal(line.level, 'warn');
  assert.match(String(line.error), /expected permission for \w+:\w+, as in examples\/iam-policy\.json/);
  world.box.aws.faults.clear();
  await world.started(early);
  await early.stop();
});

const annotate = (what: string): Promise<string> =>
  world.kubectl(['annotate', '--overwrite', 'ingress', 'shop', '-n', 'web', `example.com/${what}`]);

const served = (url: string, headers = {}): Promise<true> => world.served(url, 'hello-shop', headers);

const records = (): readonly (string | undefined)[] =>
  [...(world.box.aws.state.zones.get('ZEX')?.records.values() ?? [])]
    .filter(({ Type }) => Type === 'A' || Type === 'TXT')
    .map(({ Name }) => Name);

test('without ACM and Route 53 a load balancer for HTTP works, and the record is told to wait', async () => {
  world.box.aws.faults.add({ kind: 'denied', service: 'acm' });
  world.box.aws.faults.add({ kind: 'denied', service: 'route53' });
  await world.kubectl(['apply', '-f', '-'], ingress({ namespace: 'web', name: 'shop' }));
  controller = world.startController();
  const balancer = await world.until(
    'a load balancer',
    () => [...world.box.aws.state.loadBalancers.values()][0],
  );
  await served(`http://${balancer.DNSName}/`, { host: 'shop.example.com' });
  await world.quiet();
  const events = await world.kubectl(['get', 'events', '-n', 'web']);
  assert.match(events, /PermissionMissing.*shop\.example\.com.*route53:ListHostedZones/);
  assert.deepEqual(records(), []);
});

test('with permission to list zones but not records, the records are held, and say why', async () => {
  world.box.aws.faults.clear();
  world.box.aws.faults.add({ kind: 'denied', operation: 'ListResourceRecordSets' });
  await world.until('told', async () => {
    await annotate(`look=${Date.now()}`);
    const events = await world.kubectl(['get', 'events', '-n', 'web']);
    return /HeldBack.*shop\.example\.com.*route53:ListResourceRecordSets/.test(events);
  });
  assert.deepEqual(records(), []);
});

test('once all is permitted the record appears; taken away again, it stays', async () => {
  world.box.aws.faults.clear();
  await annotate('look=granted');
  await served('http://shop.example.com/');
  await world.quiet();
  const before = records();
  assert.equal(before.length, 2);
  world.box.aws.faults.add({ kind: 'denied', operation: 'ListHostedZones' });
  await controller.stop();
  const again = world.startController();
  await world.started(again);
  await world.kubectl(
    ['apply', '-f', '-'],
    ingress({ namespace: 'web', name: 'shop', paths: [['/new', 'shop']] }),
  );
  await served('http://shop.example.com/new');
  await world.quiet();
  assert.deepEqual(records(), before);
});
