import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Key, Kind } from '../../src/core/model/key.ts';
import { STATED_TAGS_TAG } from '../../src/core/model/names.ts';
import type { Graph, Resource, Specs } from '../../src/core/model/resource.ts';
import { withNote } from '../../src/core/model/stated-settings.ts';
import { NOT_FOUND, type Sample, sample, withChange } from './aws-sample.ts';
import { converge, look, planFor, startWorld, type World } from './aws-world.ts';

let world: World;
let start: Sample;
let now: Graph;

before(async () => {
  world = await startWorld();
  start = sample(world.fixtures);
  now = start.graph;
  await converge(world.connect(), now);
});
after(() => world.stop());

const specOf = <K extends Kind>(kind: K, key: Key<K>): Specs[K] => {
  const found = now.get(key) as Resource<K> | undefined;
  assert.equal(found?.kind, kind);
  return found?.spec as Specs[K];
};

/** Makes the change and says which calls that took; the outcome is looked at by another connection. */
const change = async <K extends Kind>(key: Key<K>, fields: Partial<Specs[K]>): Promise<readonly string[]> => {
  now = withChange(now, key, fields);
  const aws = world.connect();
  const before = await look(aws, now);
  const plan = planFor(now, before);
  assert.deepEqual(
    plan.operations.map(({ verb }) => verb),
    ['update'],
  );
  world.mark();
  await converge(aws, now);
  const writes = world.writes();
  assert.deepEqual(planFor(now, await look(world.connect(), now)).operations, []);
  return writes;
};

test('inbound permissions are opened before others are closed', async () => {
  const inbound = [{ protocol: 'tcp', fromPort: 443, toPort: 443, cidr: '10.0.0.0/8' }] as const;
  const writes = await change(start.group, { inbound });
  assert.deepEqual(writes, ['AuthorizeSecurityGroupIngress', 'RevokeSecurityGroupIngress']);
});

test('each field of a load balancer takes its own call', async () => {
  const { subnets, group } = world.fixtures;
  assert.deepEqual(await change(start.balancer, { subnets: [...subnets].slice(0, 3) }), ['SetSubnets']);
  assert.deepEqual(await change(start.balancer, { securityGroups: [group] }), ['SetSecurityGroups']);
  assert.deepEqual(await change(start.balancer, { attributes: { 'idle_timeout.timeout_seconds': '30' } }), [
    'ModifyLoadBalancerAttributes',
  ]);
});

test('so does the address type, both ways', async () => {
  assert.deepEqual(await change(start.balancer, { ipAddressType: 'dualstack' }), ['SetIpAddressType']);
  assert.deepEqual(await change(start.balancer, { ipAddressType: 'ipv4' }), ['SetIpAddressType']);
});

test('reserved capacity is asked for once it is known to differ, and given back', async () => {
  world.balancersAre('active');
  const { tags } = specOf('load-balancer', start.balancer);
  const noted = withNote(tags, ['capacityUnits']);
  assert.deepEqual(await change(start.balancer, { capacityUnits: 500, tags: noted }), [
    'AddTags',
    'ModifyCapacityReservation',
  ]);
  assert.deepEqual(await change(start.balancer, { capacityUnits: 600 }), ['ModifyCapacityReservation']);
  // As a user who removes the annotation.
  now = withChange(now, start.balancer, { capacityUnits: undefined, tags } as object);
  const aws = world.connect();
  world.mark();
  await converge(aws, now);
  assert.deepEqual(world.writes(), ['ModifyCapacityReservation', 'RemoveTags']);
  assert.equal(world.inputOf('ModifyCapacityReservation').ResetCapacityReservation, true);
});

test('capacity waits for the load balancer to be active', async () => {
  world.balancersAre('provisioning');
  const aws = world.connect();
  const wanted = withChange(now, start.balancer, { capacityUnits: 500 });
  const actual = await look(aws, wanted);
  const [operation] = planFor(wanted, actual).operations;
  assert.ok(operation);
  assert.deepEqual(await aws.perform(operation, actual), {
    status: 'wait',
    seconds: 15,
    why: 'the load balancer is provisioning; capacity is reserved once it is active',
  });
  world.balancersAre('active');
});

test('an attribute that was stated and is no more goes back to its default before the note of it goes', async () => {
  const { tags, attributes } = specOf('listener', start.https);
  const more = { ...attributes, 'routing.http.response.x_frame_options.header_value': 'DENY' };
  assert.deepEqual(await change(start.https, { attributes: more, tags: withNote(tags, Object.keys(more)) }), [
    'AddTags',
    'ModifyListenerAttributes',
  ]);
  now = withChange(now, start.https, { attributes: {}, tags: withNote(tags, []) });
  world.mark();
  await converge(world.connect(), now);
  assert.deepEqual(world.writes(), ['ModifyListenerAttributes', 'RemoveTags']);
  const { owned } = await look(world.connect(), now);
  const found = (owned.get(start.https) as Resource<'listener'>).spec.attributes;
  assert.equal(found?.['routing.http.response.server.enabled'], 'true');
  assert.equal(found?.['routing.http.response.x_frame_options.header_value'], '');
});

test('a tag is written alone; one that was stated and is no more goes; one of others stays', async () => {
  const { tags } = specOf('load-balancer', start.balancer);
  const stated = { ...tags, team: 'shop', cost: '7', [STATED_TAGS_TAG]: 'cost team' };
  assert.deepEqual(await change(start.balancer, { tags: stated }), ['AddTags']);
  const { cost: _, ...fewer } = { ...stated, [STATED_TAGS_TAG]: 'team' };
  assert.deepEqual(await change(start.balancer, { tags: fewer }), ['AddTags', 'RemoveTags']);
  const { owned } = await look(world.connect(), now);
  assert.deepEqual((owned.get(start.balancer) as Resource<'load-balancer'>).spec.tags, fewer);
});

test('so it is with the tags of a security group', async () => {
  const { tags } = specOf('security-group', start.group);
  const stated = { ...tags, team: 'shop', cost: '7', [STATED_TAGS_TAG]: 'cost team' };
  assert.deepEqual(await change(start.group, { tags: stated }), ['CreateTags']);
  const { cost: _, ...fewer } = { ...stated, [STATED_TAGS_TAG]: 'team' };
  assert.deepEqual(await change(start.group, { tags: fewer }), ['CreateTags', 'DeleteTags']);
});

test('one figure of a health check is one figure in one call', async () => {
  const { healthCheck } = specOf('target-group', start.instances);
  world.mark();
  assert.deepEqual(await change(start.instances, { healthCheck: { ...healthCheck, interval: 30 } }), [
    'ModifyTargetGroup',
  ]);
  const { TargetGroupArn: _, ...input } = world.inputOf('ModifyTargetGroup');
  assert.deepEqual(input, { HealthCheckIntervalSeconds: 30 });
});

test('attributes nobody states are left as they are', async () => {
  const key = 'slow_start.duration_seconds';
  assert.deepEqual(await change(start.instances, { attributes: { [key]: '60' } }), [
    'ModifyTargetGroupAttributes',
  ]);
  const { owned } = await look(world.connect(), now);
  const { attributes } = (owned.get(start.instances) as Resource<'target-group'>).spec;
  assert.equal(attributes['deregistration_delay.timeout_seconds'], '30');
});

test('new targets come before old ones go, and draining ones are no longer counted', async () => {
  const [first = ''] = world.fixtures.instances;
  const targets = [{ id: first, port: 31999 }];
  assert.deepEqual(await change(start.instances, { targets }), ['RegisterTargets', 'DeregisterTargets']);
});

test('a listener changes in place, SNI certificates one by one around the default one', async () => {
  const [a = '', b = '', c = ''] = world.fixtures.certificates;
  assert.deepEqual(await change(start.https, { defaultActions: [NOT_FOUND] }), ['ModifyListener']);
  assert.deepEqual(await change(start.https, { certificates: [a, b, c] }), ['AddListenerCertificates']);
  assert.deepEqual(await change(start.https, { certificates: [c, b] }), ['ModifyListener']);
  assert.deepEqual(await change(start.https, { certificates: [c] }), ['RemoveListenerCertificates']);
  // The list may hold the default one, too: so the one that is replaced is never missing.
  const calls = await change(start.https, { certificates: [a, c] });
  assert.deepEqual(calls, ['AddListenerCertificates', 'ModifyListener']);
});

test('clients are asked for certificates of a trust store by name, and are no more when nobody says so', async () => {
  const TrustStoreArn =
    'arn:aws:elasticloadbalancing:eu-west-1:123456789012:truststore/clients/0123456789abcdef';
  world.state.trustStores.set(TrustStoreArn, {
    Name: 'clients',
    TrustStoreArn,
    Status: 'ACTIVE',
    bundle: '',
    revocations: new Map(),
  });
  const { tags } = specOf('listener', start.https);
  const verify = {
    mode: 'verify',
    trustStore: 'clients',
    ignoreExpiry: true,
    advertiseNames: false,
  } as const;
  const noted = withNote(tags, ['mutualAuthentication']);
  assert.deepEqual(await change(start.https, { mutualAuthentication: verify, tags: noted }), [
    'AddTags',
    'ModifyListener',
  ]);
  assert.deepEqual(await change(start.https, { mutualAuthentication: { mode: 'passthrough' } }), [
    'ModifyListener',
  ]);
  assert.deepEqual(
    await change(start.https, { mutualAuthentication: { ...verify, trustStore: TrustStoreArn } }),
    ['ModifyListener'],
  );
  now = withChange(now, start.https, { mutualAuthentication: undefined, tags } as object);
  world.mark();
  await converge(world.connect(), now);
  assert.deepEqual(world.writes(), ['ModifyListener', 'RemoveTags']);
  const { owned } = await look(world.connect(), now);
  assert.equal((owned.get(start.https) as Resource<'listener'>).spec.mutualAuthentication, undefined);
});

test('a trust store that nobody has is refused with what AWS says', async () => {
  const wanted = withChange(now, start.https, {
    mutualAuthentication: {
      mode: 'verify',
      trustStore: 'nobody',
      ignoreExpiry: false,
      advertiseNames: false,
    },
  });
  const aws = world.connect();
  const actual = await look(aws, wanted);
  const [operation] = planFor(wanted, actual).operations;
  assert.ok(operation);
  const attempt = await aws.perform(operation, actual);
  assert.equal(attempt.status === 'failed' && attempt.code, 'TrustStoreNotFound');
});

test('a listener turns from HTTP to HTTPS and back', async () => {
  const [a = '', b = ''] = world.fixtures.certificates;
  const { protocol, certificates, sslPolicy } = specOf('listener', start.http);
  const encrypted = {
    protocol: 'HTTPS',
    certificates: [a, b],
    sslPolicy: 'ELBSecurityPolicy-2016-08',
    defaultActions: [NOT_FOUND],
  } as const;
  assert.deepEqual(await change(start.http, encrypted), ['ModifyListener', 'AddListenerCertificates']);
  assert.deepEqual(await change(start.http, { protocol, certificates, sslPolicy }), ['ModifyListener']);
});

test('a rule’s action is one call', async () => {
  const [first] = start.rules;
  assert.ok(first);
  assert.deepEqual(await change(first, { actions: [NOT_FOUND] }), ['ModifyRule']);
});

test('transforms change in one call, and go in one', async () => {
  const [first] = start.rules;
  assert.ok(first);
  const transforms = [{ type: 'url-rewrite', regex: '^/a', replace: '/b' }] as const;
  assert.deepEqual(await change(first, { transforms }), ['ModifyRule']);
  assert.deepEqual(await change(first, { transforms: undefined } as object), ['ModifyRule']);
  assert.equal(world.inputOf('ModifyRule').ResetTransforms, true);
  assert.equal(world.inputOf('ModifyRule').Actions, undefined);
});

test('rules change places in one atomic call', async () => {
  const [first, second] = start.rules;
  assert.ok(first && second);
  now = withChange(withChange(now, first, { priority: 2 }), second, { priority: 1 });
  const aws = world.connect();
  world.mark();
  await converge(aws, now);
  assert.deepEqual(
    world.writes().filter((write) => write !== 'AddTags'),
    ['SetRulePriorities'],
  );
  const { owned } = await look(world.connect(), now);
  const priority = (key: Key): number => (owned.get(key) as Resource<'rule'>).spec.priority;
  assert.ok(priority(second) < priority(first));
});

test('an alias changes in one batch, unwanted types in the same', async () => {
  assert.deepEqual(await change(start.record, { types: ['A', 'AAAA'], evaluateTargetHealth: true }), [
    'ChangeResourceRecordSets',
  ]);
  assert.deepEqual(await change(start.record, { types: ['A'] }), ['ChangeResourceRecordSets']);
});

test('what somebody changed in AWS is put right', async () => {
  await world.tamper.stealAlias(start.record);
  await world.tamper.dropTargets(start.addresses);
  const aws = world.connect();
  const plan = planFor(now, await look(aws, now));
  assert.deepEqual(
    plan.operations.map(({ verb, key }) => `${verb} ${key}`).sort(),
    [`update ${start.record}`, `update ${start.addresses}`].sort(),
  );
  await converge(aws, now);
  assert.deepEqual(planFor(now, await look(world.connect(), now)).operations, []);
});
