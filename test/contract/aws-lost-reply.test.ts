import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { type Sample, sample } from './aws-sample.ts';
import { act, converge, look, planFor, startWorld, type World } from './aws-world.ts';

let world: World;
let wanted: Sample;

before(async () => {
  world = await startWorld();
  wanted = sample(world.fixtures);
});
after(() => world.stop());
afterEach(() => {
  world.faults.clear();
  world.reset();
});

/** Every call of the first apply that can lose its answer. */
const WRITES = [
  'CreateSecurityGroup',
  'AuthorizeSecurityGroupIngress',
  'CreateTargetGroup',
  'ModifyTargetGroupAttributes',
  'RegisterTargets',
  'CreateLoadBalancer',
  'ModifyLoadBalancerAttributes',
  'CreateListener',
  'AddListenerCertificates',
  'CreateRule',
  'ChangeResourceRecordSets',
];

const ONE_OF_EACH = {
  loadBalancers: 1,
  targetGroups: 2,
  listeners: 2,
  rules: 3,
  securityGroups: 1,
  records: 2,
};

for (const operation of WRITES)
  test(`${operation}: a lost reply leaves one resource, when the same process tries again`, async () => {
    world.faults.add({ kind: 'lost-reply', operation, count: 1 });
    const aws = world.connect({ maxAttempts: 1 });
    let actual = await look(aws, wanted.graph);
    let lost = 0;
    for (const create of planFor(wanted.graph, actual).operations) {
      let step = await act(aws, create, actual);
      if (step.attempt.status === 'failed') {
        assert.ok(step.attempt.retry, JSON.stringify(step.attempt));
        lost++;
        step = await act(aws, create, actual);
      }
      assert.equal(step.attempt.status, 'done', `${create.key}: ${JSON.stringify(step.attempt)}`);
      actual = step.actual;
    }
    assert.equal(lost, 1);
    assert.deepEqual(world.count(), ONE_OF_EACH);
    assert.deepEqual(planFor(wanted.graph, await look(world.connect(), wanted.graph)).operations, []);
  });

for (const operation of WRITES)
  test(`${operation}: a process that dies after it is followed by one that finds all and finishes`, async () => {
    world.faults.add({ kind: 'lost-reply', operation, count: 1 });
    const first = world.connect({ maxAttempts: 1 });
    let actual = await look(first, wanted.graph);
    for (const create of planFor(wanted.graph, actual).operations) {
      const step = await act(first, create, actual);
      if (step.attempt.status !== 'done') break;
      actual = step.actual;
    }
    const second = world.connect();
    assert.deepEqual(await second.inventory(), ['shop/web']);
    await converge(second, wanted.graph);
    assert.deepEqual(world.count(), ONE_OF_EACH);
  });

test('the SDK’s own second try of a lost create is not mistaken for a clash', async () => {
  for (const operation of ['CreateListener', 'CreateRule', 'CreateSecurityGroup', 'ChangeResourceRecordSets'])
    world.faults.add({ kind: 'lost-reply', operation, count: 1 });
  const aws = world.connect({ maxAttempts: 2 });
  let actual = await look(aws, wanted.graph);
  for (const create of planFor(wanted.graph, actual).operations) {
    const step = await act(aws, create, actual);
    assert.equal(step.attempt.status, 'done', `${create.key}: ${JSON.stringify(step.attempt)}`);
    actual = step.actual;
  }
});

test('throttling makes an attempt wait, a missing permission makes it fail for good', async () => {
  const aws = world.connect({ maxAttempts: 1 });
  const actual = await look(aws, wanted.graph);
  const [create] = planFor(wanted.graph, actual).operations;
  assert.ok(create);
  world.faults.add({ kind: 'throttle', count: 1 });
  assert.equal((await act(aws, create, actual)).attempt.status, 'wait');
  world.faults.add({ kind: 'denied', count: 1 });
  const { attempt } = await act(aws, create, actual);
  assert.ok(attempt.status === 'failed' && !attempt.retry, JSON.stringify(attempt));
});

test('a failed page fails the whole look', async () => {
  world.faults.add({ kind: 'internal', operation: 'DescribeTargetGroups', count: 1 });
  const aws = world.connect({ maxAttempts: 1 });
  await assert.rejects(aws.inventory());
  assert.deepEqual(await aws.inventory(), []);
});
