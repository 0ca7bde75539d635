import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Actual } from '../../src/core/model/actual.ts';
import type { Key } from '../../src/core/model/key.ts';
import type { Delete } from '../../src/core/plan/plan.ts';
import type { Aws } from '../../src/core/ports.ts';
import { type Sample, sample, withChange } from './aws-sample.ts';
import { converge, look, startWorld, type World } from './aws-world.ts';

let world: World;
let made: Sample;
let aws: Aws;
let seen: Actual;

before(async () => {
  world = await startWorld();
  made = sample(world.fixtures);
  aws = world.connect();
  await converge(aws, made.graph);
  seen = await look(aws, made.graph);
});
after(() => world.stop());

const remove = (key: Key) => {
  const resource = seen.owned.get(key);
  assert.ok(resource, key);
  const operation: Delete = { verb: 'delete', key, resource, grace: 0, after: [] };
  return aws.perform(operation, seen);
};

test('what is still in use is waited for', async () => {
  const group = await remove(made.instances);
  assert.deepEqual({ ...group, why: '' }, { status: 'wait', seconds: 5, why: '' });
  const securityGroup = await remove(made.group);
  assert.deepEqual({ ...securityGroup, why: '' }, { status: 'wait', seconds: 2, why: '' });
});

test('deletion protection is honoured and not tried again', async () => {
  const on = { 'deletion_protection.enabled': 'true' };
  await converge(aws, withChange(made.graph, made.balancer, { attributes: on }));
  const refused = await remove(made.balancer);
  assert.equal(refused.status, 'failed');
  assert.ok(refused.status === 'failed' && refused.code === 'OperationNotPermitted' && !refused.retry);
  assert.match(refused.message, /deletion_protection\.enabled/);
  await converge(
    aws,
    withChange(made.graph, made.balancer, { attributes: { 'deletion_protection.enabled': 'false' } }),
  );
});

test('removing twice is fine, for every kind, in the order of a plan', async () => {
  const [rule] = made.rules;
  assert.ok(rule);
  for (const key of [made.record, rule, made.http, made.balancer, made.instances, made.addresses]) {
    assert.equal((await remove(key)).status, 'done', key);
    assert.equal((await remove(key)).status, 'done', `${key} again`);
  }
  let group = await remove(made.group);
  for (let tries = 0; group.status === 'wait' && tries < 100; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    group = await remove(made.group);
  }
  assert.equal(group.status, 'done');
  assert.equal((await remove(made.group)).status, 'done');
  const { owned, adoptable } = await look(world.connect(), made.graph);
  assert.deepEqual([[...owned.keys()], adoptable.size], [[], 0]);
});
