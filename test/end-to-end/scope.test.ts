/** What the controller looks after, and what it does with what it no longer looks after. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  ChangeResourceRecordSetsCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { INGRESS_CLASS, ingress, textServer } from './manifests.ts';
import { startWorld, type World } from './world.ts';

let world: World;

before(async () => {
  world = await startWorld();
  await world.kubectl(
    ['create', '-f', '-'],
    `${INGRESS_CLASS}
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: { name: other }
spec: { controller: example.com/other }
---${textServer('one', 'a', 'from-a')}${textServer('two', 'b', 'from-b')}`,
  );
});
after(() => world.stop());

const balancers = (): readonly string[] =>
  [...world.box.aws.state.loadBalancers.values()].map((it) => it.LoadBalancerName).sort();

const none = (): Promise<true> => world.until('no load balancer', () => balancers().length === 0);

test('only the watched namespace is looked after, and nothing outside it is judged', async () => {
  await world.kubectl(
    ['apply', '-f', '-'],
    ingress({ namespace: 'one', name: 'a' }) + ingress({ namespace: 'two', name: 'b' }),
  );
  const everything = world.startController();
  await world.served('http://a.example.com/', 'from-a');
  await world.served('http://b.example.com/', 'from-b');
  await everything.stop();

  const one = world.startController(['--watch-namespace', 'one']);
  const since = world.box.aws.journal.length;
  await world.kubectl(['annotate', 'ingress', 'b', '-n', 'two', 'alb.ingress.kubernetes.io/tags=x=y']);
  await world.kubectl(['annotate', 'ingress', 'a', '-n', 'one', 'alb.ingress.kubernetes.io/tags=x=y']);
  await world.until('the tags of a are written', () => world.calls(since).writes.length > 0);
  await world.quiet();
  assert.equal(balancers().length, 2);
  const allowed = ['elasticloadbalancing AddTags', 'ec2 CreateTags'];
  assert.deepEqual(
    world.calls(since).writes.filter((call) => !allowed.includes(call)),
    [],
  );
  await one.stop();
});

test('an Ingress of another class is ignored; one that changes its class is let go', async () => {
  const controller = world.startController();
  await world.kubectl([
    'patch',
    'ingress',
    'b',
    '-n',
    'two',
    '--type=merge',
    '-p',
    '{"spec":{"ingressClassName":"other"}}',
  ]);
  await world.until('only a is left', () => balancers().length === 1);
  await world.until('finalizer and address are gone', async () => {
    const path = 'jsonpath={.metadata.finalizers}{.status.loadBalancer.ingress}';
    return /^(\[\])?$/.test(await world.kubectl(['get', 'ingress', 'b', '-n', 'two', '-o', path]));
  });
  await world.quiet();
  await controller.stop();
});

test('an Ingress that vanished while nobody watched is cleaned up by its ownership record', async () => {
  assert.equal(balancers().length, 1);
  await world.kubectl([
    'patch',
    'ingress',
    'a',
    '-n',
    'one',
    '--type=merge',
    '-p',
    '{"metadata":{"finalizers":null}}',
  ]);
  await world.kubectl(['delete', 'ingress', 'a', '-n', 'one']);
  const controller = world.startController();
  await none();
  await world.quiet();
  assert.equal(world.box.aws.state.targetGroups.size, 0);
  assert.equal(world.box.resolves('a.example.com'), false);
  await controller.stop();
});

test('an IngressClass deleted by mistake deletes nothing', async () => {
  const controller = world.startController();
  await world.kubectl(['apply', '-f', '-'], ingress({ namespace: 'one', name: 'a' }));
  await world.served('http://a.example.com/', 'from-a');
  await world.kubectl(['delete', 'ingressclass', 'alb']);
  await world.until('a warning', async () =>
    (await world.kubectl(['get', 'events', '-n', 'one'])).includes('IngressClassMissing'),
  );
  await world.quiet();
  assert.equal((await world.get('http://a.example.com/')).status, 200);
  await world.kubectl(['create', '-f', '-'], INGRESS_CLASS);
  await world.kubectl(['delete', 'ingress', 'a', '-n', 'one', '--timeout=30s']);
  await none();
  await controller.stop();
});

test('without Route 53 no zone is touched or asked', async () => {
  const controller = world.startController(['--disable-route53']);
  const since = world.box.aws.journal.length;
  await world.kubectl(['apply', '-f', '-'], ingress({ namespace: 'one', name: 'a' }));
  await world.until('a load balancer', () => balancers().length === 1);
  await world.quiet();
  assert.ok(!world.box.aws.journal.slice(since).some((entry) => entry.service === 'route53'));
  await world.kubectl(['delete', 'ingress', 'a', '-n', 'one', '--timeout=30s']);
  await controller.stop();
});

test('a record somebody else made is left alone, reported, and holds up nothing else', async () => {
  const controller = world.startController();
  const route53 = new Route53Client(world.sdk);
  const record: ResourceRecordSet = {
    Name: 'a.example.com',
    Type: 'CNAME',
    TTL: 300,
    ResourceRecords: [{ Value: 'elsewhere.example.org' }],
  };
  await route53.send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId: 'ZEX',
      ChangeBatch: { Changes: [{ Action: 'CREATE', ResourceRecordSet: record }] },
    }),
  );
  await world.kubectl(['apply', '-f', '-'], ingress({ namespace: 'one', name: 'a' }));
  await world.until('an event that names it', async () =>
    /HeldBack.*CNAME record a\.example\.com -> elsewhere\.example\.org/.test(
      await world.kubectl(['get', 'events', '-n', 'one']),
    ),
  );
  const [balancer] = [...world.box.aws.state.loadBalancers.values()];
  assert.ok(balancer);
  await world.served(`http://${balancer.DNSName}/`, '', { host: 'a.example.com' });
  await world.kubectl(['delete', 'ingress', 'a', '-n', 'one', '--timeout=30s']);
  const { ResourceRecordSets } = await route53.send(
    new ListResourceRecordSetsCommand({ HostedZoneId: 'ZEX', StartRecordName: 'a.example.com', MaxItems: 1 }),
  );
  assert.equal(ResourceRecordSets?.[0]?.ResourceRecords?.[0]?.Value, 'elsewhere.example.org');
  await controller.stop();
});
