/** A name moves from one load balancer to another in steps: answers of dig, requests by name, and a way back. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  ChangeResourceRecordSetsCommand,
  type ResourceRecordSet,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { dig, NO_DIG } from '../contract/dig.ts';
import { INGRESS_CLASS, ingress, textServer } from './manifests.ts';
import { type Controller, startWorld, type World } from './world.ts';

const NAME = 'moving.example.com';

let world: World;
let controller: Controller;

before(async () => {
  world = await startWorld();
  controller = world.startController();
});
after(() => world.stop());

const PLACE = { subnets: 'subnet-1234,subnet-5678', 'security-groups': 'sg-1234' };
const moving = (annotations: Readonly<Record<string, string>>): string =>
  ingress({ namespace: 'web', name: 'new', host: NAME, annotations: { ...PLACE, ...annotations } });

/** `TYPE share` of each record at the name; `-` where there is one alone. */
const standing = (): readonly string[] =>
  [...(world.box.aws.state.zones.get('ZEX')?.records.values() ?? [])]
    .filter((it) => it.Name === `${NAME}.`)
    .map(({ Type, SetIdentifier = '-', Weight = '-' }) => `${Type} ${SetIdentifier} ${Weight}`)
    .sort();

/** Which texts forty requests by name get. */
const answers = async (): Promise<ReadonlySet<string>> => {
  const said = new Set<string>();
  for (let i = 0; i < 40; i++) said.add((await world.get(`http://${NAME}/`)).body.trim());
  return said;
};

const targets = async (): Promise<ReadonlySet<string>> => {
  const found = new Set<string>();
  for (let i = 0; i < 40; i++) found.add((await dig(world.box.dnsPort, NAME, 'CNAME')).answers.join());
  return found;
};

test('half of the requests go to each, whoever leads', async () => {
  await world.kubectl(
    ['apply', '-f', '-'],
    INGRESS_CLASS + textServer('web', 'old', 'from-old') + textServer('web', 'new', 'from-new'),
  );
  await world.kubectl(
    ['apply', '-f', '-'],
    ingress({ namespace: 'web', name: 'old', annotations: PLACE }).replace(/- host: .*\n\s+http/, '- http'),
  );
  const { state } = world.box.aws;
  const old = await world.until('the old load balancer stands', () => [...state.loadBalancers.values()][0]);
  const client = new Route53Client(world.sdk);
  const cname: ResourceRecordSet = {
    ...{ Name: NAME, Type: 'CNAME', TTL: 1 },
    ResourceRecords: [{ Value: old.DNSName ?? '' }],
  };
  await client.send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId: 'ZEX',
      ChangeBatch: { Changes: [{ Action: 'CREATE', ResourceRecordSet: cname }] },
    }),
  );
  await world.until('the old one answers', async () => (await answers()).has('from-old'));
  await world.kubectl(
    ['apply', '-f', '-'],
    moving({ 'dns-cutover': '50,100', 'dns-cutover-interval': '1h' }),
  );
  await world.until('the name is shared', () => standing().length === 2);
  assert.deepEqual(standing(), ['CNAME alb-ingress 50', 'CNAME alb-ingress-before 50']);
  await world.until('both answer', async () => {
    const said = await answers();
    return said.has('from-old') && said.has('from-new') && said.size === 2;
  });
  await controller.kill();
  controller = world.startController();
});

test('dig sees both', { skip: NO_DIG }, async () => {
  assert.equal((await targets()).size, 2);
});

test('when the new one stops serving everything goes back, and is told', async () => {
  await world.kubectl(['scale', 'deployment/new', '-n', 'web', '--replicas=0']);
  await world.until('everything is back', () => standing().includes('CNAME alb-ingress-before 100'));
  assert.deepEqual(await answers(), new Set(['from-old']));
  await world.until('it is told', async () =>
    (await world.kubectl(['get', 'events', '-n', 'web'])).includes('CutoverReturned'),
  );
});

test('it begins again and ends with an alias of its own', async () => {
  await world.kubectl(['scale', 'deployment/new', '-n', 'web', '--replicas=2']);
  await world.kubectl(
    ['apply', '-f', '-'],
    moving({ 'dns-cutover': '50,100', 'dns-cutover-interval': '1s' }),
  );
  await world.until('the name is ours alone', () => standing().join() === 'A - -');
  assert.deepEqual(await answers(), new Set(['from-new']));
  const events = await world.kubectl(['get', 'events', '-n', 'web']);
  assert.match(events, /cut-over: 50 % here, 50 % to CNAME record moving\.example\.com -> /);
});
