/** Records end to end: from kubectl to answers of the sandbox's DNS, and from external-dns to us and back. */
import assert from 'node:assert/strict';
import { Resolver } from 'node:dns/promises';
import { after, before, test } from 'node:test';
import {
  ChangeResourceRecordSetsCommand,
  CreateHostedZoneCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { INGRESS_CLASS, ingress, textServer } from './manifests.ts';
import { type Controller, startWorld, type World } from './world.ts';

let world: World;
let controller: Controller;
let resolver: Resolver;

before(async () => {
  world = await startWorld();
  resolver = new Resolver();
  resolver.setServers([`127.0.0.1:${world.box.dnsPort}`]);
  controller = world.startController();
});
after(() => world.stop());

/** The Ingress of these tests, with more names in the annotation of external-dns. */
const shop = (names: string): string =>
  ingress({
    namespace: 'web',
    name: 'shop',
    annotations: { subnets: 'subnet-1234,subnet-5678', 'security-groups': 'sg-1234' },
  }).replace(
    'annotations: {',
    `annotations: {"external-dns.alpha.kubernetes.io/hostname":${JSON.stringify(names)},`,
  );

const records = (zone = 'ZEX'): readonly string[] =>
  [...(world.box.aws.state.zones.get(zone)?.records.values() ?? [])]
    .filter(({ Type }) => Type !== 'NS' && Type !== 'SOA')
    .map(({ Type, Name }) => `${Type} ${Name}`)
    .sort();

const inSync = (): boolean => {
  const text = JSON.stringify(world.box.aws.snapshot().progress);
  return text.includes('"INSYNC"') && !text.includes('"PENDING"');
};

test('names appear seconds after the Ingress, and answer', async (t) => {
  await world.kubectl(['apply', '-f', '-'], INGRESS_CLASS + textServer('web', 'shop', 'hello-shop'));
  const began = Date.now();
  await world.kubectl(['apply', '-f', '-'], shop('*.w.example.com, example.com, bücher.dev.example.com'));
  await world.until('all names stand', () => records().length === 6 && records('ZDEV').length === 2);
  const stood = Date.now();
  await world.until('all changes are in sync', inSync);
  t.diagnostic(`records after ${stood - began} ms, in sync after ${Date.now() - began} ms`);
  await world.until('it answers', async () => {
    const answer = await world.get('http://shop.example.com/').catch(() => undefined);
    return answer?.body.includes('hello-shop');
  });
  const [address] = await resolver.resolve4('shop.example.com');
  for (const name of ['example.com', 'anything.w.example.com', 'xn--bcher-kva.dev.example.com'])
    assert.deepEqual(await resolver.resolve4(name), [address], name);
  const owner = await resolver.resolveTxt('_alb-ingress.shop.example.com');
  assert.deepEqual(owner, [['heritage=alb-ingress,cluster=dev,stack=web/shop']]);
});

test('a name that is wanted no more goes, and only that', async () => {
  await world.kubectl(['apply', '-f', '-'], shop('example.com'));
  await world.until('the others are gone', () => records().length === 4 && records('ZDEV').length === 0);
  await assert.rejects(resolver.resolve4('anything.w.example.com'));
  assert.equal((await resolver.resolve4('example.com')).length > 0, true);
});

test('records of external-dns are adopted without a write, and released', async () => {
  await world.quiet();
  await controller.stop();
  // As if external-dns had made them: its words instead of ours.
  const { state } = world.box.aws;
  const zone = state.zones.get('ZEX');
  const ours = [...(zone?.records.values() ?? [])].filter(({ Name }) => Name?.startsWith('_alb-ingress.'));
  const client = new Route53Client(world.sdk);
  const text = '"heritage=external-dns,external-dns/owner=old,external-dns/resource=ingress/web/shop"';
  await client.send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId: 'ZEX',
      ChangeBatch: {
        Changes: [
          ...ours.map((record) => ({ Action: 'DELETE' as const, ResourceRecordSet: record })),
          ...['a-shop.example.com', 'shop.example.com', 'example.com'].map((Name) => ({
            Action: 'CREATE' as const,
            ResourceRecordSet: { Name, Type: 'TXT' as const, TTL: 300, ResourceRecords: [{ Value: text }] },
          })),
        ],
      },
    }),
  );
  const taken = records();
  const writes = world.box.aws.writes();
  controller = world.startController(['--dns-adopt-owner', 'old']);
  await world.until('it works', () => controller.log.some((line) => line.message === 'started'));
  await world.quiet();
  assert.equal(world.box.aws.writes(), writes, 'adopting writes nothing');
  await controller.stop();

  controller = world.startController();
  await world.until('it is told', async () =>
    (await world.kubectl(['get', 'events', '-n', 'web'])).includes('--dns-adopt-owner=old'),
  );
  await world.quiet();
  assert.equal(world.box.aws.writes(), writes, 'releasing writes nothing');
  await world.kubectl(['delete', 'ingress', 'shop', '-n', 'web', '--wait=false']);
  await world.until('the balancer is gone', () => state.loadBalancers.size === 0);
  assert.deepEqual(records(), taken, 'what is not ours stays');
});

test('a name in a zone of another account, by a role', async () => {
  const theirs = new Route53Client({
    ...world.sdk,
    credentials: { accessKeyId: '222222222222', secretAccessKey: 'x' },
  });
  const { HostedZone: { Id = '' } = {} } = await theirs.send(
    new CreateHostedZoneCommand({ Name: 'their.org', CallerReference: 'their' }),
  );
  await controller.stop();
  const role = 'arn:aws:iam::222222222222:role/dns#ours';
  controller = world.startController([
    '--dns-zone-roles',
    `their.org/${Id.replace('/hostedzone/', '')}=${role}`,
  ]);
  await world.kubectl(['apply', '-f', '-'], shop('shop.their.org'));
  await world.until('the record stands there', async () => {
    const { ResourceRecordSets = [] } = await theirs.send(
      new ListResourceRecordSetsCommand({ HostedZoneId: Id }),
    );
    return ResourceRecordSets.some(({ Type, Name }) => Type === 'A' && Name === 'shop.their.org.');
  });
});
