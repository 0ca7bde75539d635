/** More than forty cases of names against a running controller: what Route 53 holds, what dig says, who answers. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type Change,
  ChangeResourceRecordSetsCommand,
  CreateHostedZoneCommand,
  DeleteHostedZoneCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { NO_DIG } from '../contract/dig.ts';
import { type DnsCase, type Walk, walk } from './dns-case.ts';
import { PHASES } from './dns-case-table.ts';
import { INGRESS_CLASS, ingress, textServer } from './manifests.ts';
import { type Controller, startWorld, type World } from './world.ts';

let world: World;
let steps: Walk;
let controller: Controller | undefined;

before(async () => {
  world = await startWorld();
  steps = walk(world);
  const place = { subnets: 'subnet-1234,subnet-5678', 'security-groups': 'sg-1234' };
  await world.kubectl(
    ['apply', '-f', '-'],
    INGRESS_CLASS +
      textServer('web', 'server', 'served-by-us') +
      ['other', 'first']
        .map((name) =>
          ingress({
            ...{ namespace: 'web', name, host: `${name}.example.com`, paths: [['/', 'server']] },
            annotations: { ...place, ...(name === 'first' && { 'group.name': 'cases' }) },
          }),
        )
        .join('\n'),
  );
  controller = world.startController();
  await world.until('both load balancers stand', () => world.box.aws.state.loadBalancers.size === 2);
  await world.until('both serve', async () =>
    (await world.get('http://first.example.com/').catch(() => undefined))?.body.includes('served-by-us'),
  );
  steps.learn();
});
after(() => world.stop());

const route53 = (): Route53Client => new Route53Client(world.sdk);

const makeZone = async (Name: string): Promise<void> => {
  await route53().send(new CreateHostedZoneCommand({ Name, CallerReference: Name }));
};

/** Somebody deletes the zone with everything in it. */
const dropZone = async (name: string): Promise<void> => {
  const { zones } = world.box.aws.state;
  const [id = '', zone] = [...zones].find(([, it]) => it.zone.Name === `${name}.`) ?? [];
  const Changes = [...(zone?.records.values() ?? [])].flatMap((record): Change[] =>
    record.Type === 'NS' || record.Type === 'SOA' ? [] : [{ Action: 'DELETE', ResourceRecordSet: record }],
  );
  const client = route53();
  await client.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: id, ChangeBatch: { Changes } }));
  await client.send(new DeleteHostedZoneCommand({ Id: id }));
};

const told = async (each: DnsCase): Promise<void> => {
  if (!each.told) return;
  const events = await world.kubectl([
    ...['get', 'events', '-n', 'web', '-o', 'jsonpath={range .items[*]}{.reason}: {.message}{"\\n"}{end}'],
    ...['--field-selector', `involvedObject.name=${each.label}`],
  ]);
  assert.match(events, each.told, each.name);
};

for (const { name, flags, zone, zoneGone, cases } of PHASES)
  test(name, { skip: NO_DIG }, async (t) => {
    await world.quiet();
    await controller?.stop();
    if (zone !== undefined) await makeZone(zone);
    if (zoneGone !== undefined) await dropZone(zoneGone);
    await steps.prepare(cases);
    const mine = world.startController(flags);
    controller = mine;
    await world.until('it works', () => mine.log.some(({ message }) => message === 'started'));
    let difference: unknown;
    const isDone = (): boolean => {
      try {
        for (const each of cases) steps.check(each);
        return true;
      } catch (thrown) {
        difference = thrown;
        return false;
      }
    };
    await world.until('the records stand', isDone).catch(() => assert.fail(String(difference)));
    await world.quiet();
    for (const each of cases)
      await t.test(each.name, async () => {
        steps.check(each);
        await steps.ask(each);
        await told(each);
        if (each.gone)
          await world.until('the Ingress is gone', async () => {
            const { code } = await world.tryKubectl(['get', 'ingress', each.label, '-n', 'web']);
            return code !== 0;
          });
      });
  });

test('there are at least forty of them, each with its own name', () => {
  const names = PHASES.flatMap(({ cases }) => cases.map((each) => each.name));
  assert.ok(names.length >= 40, `${names.length}`);
  assert.equal(new Set(names).size, names.length);
});
