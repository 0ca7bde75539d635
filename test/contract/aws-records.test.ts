import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { dnsRecordKey } from '../../src/core/model/key.ts';
import type { Graph, Resource } from '../../src/core/model/resource.ts';
import type { Operation } from '../../src/core/plan/plan.ts';
import { graphOf, type Sample, sample } from './aws-sample.ts';
import { act, converge, look, planFor, startWorld, type World } from './aws-world.ts';

let world: World;
let made: Sample;
let base: Graph;

before(async () => {
  world = await startWorld();
  made = sample(world.fixtures);
  base = new Map([...made.graph].filter(([key]) => key !== made.record));
  await converge(world.connect(), base);
});
after(() => world.stop());

const recordAt = (name: string): Resource<'dns-record'> => {
  const { zone } = world.fixtures;
  const spec = {
    zone,
    name,
    types: ['A'],
    alias: made.balancer,
    evaluateTargetHealth: false,
    serves: [],
  } as const;
  return { kind: 'dns-record', key: dnsRecordKey(zone, name), spec };
};

const withRecords = (...names: readonly string[]): Graph =>
  new Map([...base, ...graphOf(...names.map(recordAt))]);

test('a wildcard and an apex are owned by a record beside them', async () => {
  const wanted = withRecords('*.example.com', 'example.com');
  await converge(world.connect(), wanted);
  assert.deepEqual(planFor(wanted, await look(world.connect(), wanted)).operations, []);
  const names = world.recordNames().filter((name) => name.includes('TXT'));
  assert.deepEqual(names, ['TXT _alb-ingress._any.example.com.', 'TXT _alb-ingress.example.com.']);
  await converge(world.connect(), base);
  assert.deepEqual(world.recordNames(), []);
});

test('records of others are held, named and never touched', async () => {
  await world.tamper.record('CNAME', 'x.example.com', 'y.example.org');
  await world.tamper.record('A', 'host.example.com', '192.0.2.1');
  await world.tamper.record('TXT', 'free.example.com', '"v=spf1 -all"');
  const before = world.records();
  const wanted = withRecords('x.example.com', 'host.example.com', 'free.example.com');
  const aws = world.connect();
  const plan = planFor(wanted, await look(aws, wanted));
  assert.deepEqual(
    plan.holds.map(({ key }) => key).sort(),
    [recordAt('host.example.com').key, recordAt('x.example.com').key].sort(),
  );
  assert.match(plan.holds.map(({ why }) => why).join(), /CNAME record x\.example\.com -> y\.example\.org/);
  await converge(aws, wanted);
  await converge(world.connect(), base);
  assert.deepEqual(world.records(), before);
});

test('what appears between looking and creating is refused by AWS and not overwritten', async () => {
  const aws = world.connect();
  const wanted = withRecords('late.example.com');
  const seen = await look(aws, wanted);
  await world.tamper.record('A', 'late.example.com', '192.0.2.2');
  const before = world.records();
  const [create] = planFor(wanted, seen).operations;
  assert.ok(create?.verb === 'create');
  const { attempt } = await act(aws, create, seen);
  assert.ok(attempt.status === 'failed' && attempt.code === 'NameTaken', JSON.stringify(attempt));
  assert.deepEqual(world.records(), before);
});

test('a record that lost its owner meanwhile is neither changed nor deleted', async () => {
  const wanted = withRecords('ours.example.com');
  const aws = world.connect();
  await converge(aws, wanted);
  const seen = await look(aws, wanted);
  await world.tamper.record(
    'TXT',
    '_alb-ingress.ours.example.com',
    '"heritage=alb-ingress,cluster=prod,stack=x"',
  );
  const before = world.records();
  const resource = recordAt('ours.example.com');
  const update: Operation = { verb: 'update', key: resource.key, resource, changes: [], after: [] };
  const { attempt } = await act(aws, update, seen);
  assert.ok(attempt.status === 'failed' && attempt.code === 'NameTaken', JSON.stringify(attempt));
  const remove: Operation = { verb: 'delete', key: resource.key, resource, grace: 0, after: [] };
  assert.equal((await act(aws, remove, seen)).attempt.status, 'done');
  assert.deepEqual(world.records(), before);
});

test('an alias to our balancer without an owner is adopted in one batch', async () => {
  await world.tamper.alias('bare.example.com', made.balancer);
  const wanted = withRecords('bare.example.com');
  const aws = world.connect();
  const seen = await look(aws, wanted);
  assert.deepEqual([...seen.adoptable.keys()], [recordAt('bare.example.com').key]);
  world.mark();
  await converge(aws, wanted);
  assert.deepEqual(world.writes(), ['ChangeResourceRecordSets']);
  assert.ok((await look(world.connect(), wanted)).owned.has(recordAt('bare.example.com').key));
});

test('names of a reading cost nothing, later ones a call each, or one for all of a small zone', async () => {
  const wanted = withRecords('a.example.com', 'b.example.com', '*.c.example.com');
  const aws = world.connect();
  await aws.inventory();
  world.mark();
  await look(aws, wanted);
  assert.deepEqual(
    world.reads().filter((read) => read === 'ListResourceRecordSets'),
    [],
  );
  const again = await aws.observe('shop/web', []);
  world.mark();
  const names = [...wanted.values()].flatMap(({ spec }) => ('zone' in spec ? [spec] : []));
  const { knownNames } = await aws.lookUpNames(again, 'shop/web', names);
  const calls = world.reads().filter((read) => read === 'ListResourceRecordSets').length;
  assert.ok(calls >= 1 && calls < names.length, `${calls} calls`);
  for (const { zone, name } of names) assert.ok(knownNames.has(`${zone}/${name}`));
});

test('an owner that lies a page away is found', async () => {
  const wanted = withRecords('deep.example.com');
  await converge(world.connect(), wanted);
  for (let i = 0; i < 120; i++) await world.tamper.record('A', `${i}.deep.example.com`, '192.0.2.3');
  const aws = world.connect();
  await look(aws, wanted);
  const seen = await look(aws, wanted);
  assert.deepEqual(planFor(wanted, seen).operations, []);
  assert.ok(seen.owned.has(recordAt('deep.example.com').key));
});
