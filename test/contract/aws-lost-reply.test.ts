import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import type { Actual } from '../../src/core/model/actual.ts';
import type { Graph } from '../../src/core/model/resource.ts';
import { type Sample, sample } from './aws-sample.ts';
import { act, converge, look, planFor, startWorld, type World } from './aws-world.ts';

let world: World;
let wanted: Sample;
/** What an undisturbed run leaves, and the writes it takes, each with how many of its operation came before. */
let undisturbed: Actual;
let writes: readonly { readonly operation: string; readonly skip: number }[];

before(async () => {
  world = await startWorld();
  wanted = sample(world.fixtures);
  world.mark();
  await converge(world.connect(), wanted.graph);
  const operations = world.writes();
  writes = operations.map((operation, i) => ({
    operation,
    skip: operations.slice(0, i).filter((earlier) => earlier === operation).length,
  }));
  undisturbed = await look(world.connect(), wanted.graph);
  world.reset();
});
after(() => world.stop());
afterEach(() => {
  world.faults.clear();
  world.reset();
});

/** Rules with their places instead of their priorities: what was there first decides how wide the gaps are. */
const inPlaces = (owned: Graph) => {
  const rules = [...owned.values()].filter((one) => one.kind === 'rule');
  const order = rules.toSorted((a, b) => a.spec.priority - b.spec.priority).map(({ key }) => key);
  return [...owned.values()].map((one) =>
    one.kind === 'rule' ? { ...one, spec: { ...one.spec, priority: order.indexOf(one.key), tags: {} } } : one,
  );
};

const byKey = (graph: Graph) => inPlaces(graph).toSorted((a, b) => (a.key < b.key ? -1 : 1));

/** Nothing twice, nothing left over, nothing different. */
const assertAsUndisturbed = async (context: string): Promise<void> => {
  const seen = await look(world.connect(), wanted.graph);
  assert.deepEqual(byKey(seen.owned), byKey(undisturbed.owned), context);
  assert.deepEqual([seen.adoptable.size, seen.foreign.length], [0, 0], context);
  const expected = {
    loadBalancers: 1,
    targetGroups: 2,
    listeners: 2,
    rules: 3,
    securityGroups: 1,
    records: 2,
  };
  assert.deepEqual(world.count(), expected, context);
};

test('a lost reply of any write leaves one resource, when the same process tries again', async () => {
  assert.ok(writes.length > 15);
  for (const { operation, skip } of writes) {
    world.faults.add({ kind: 'lost-reply', operation, skip, count: 1 });
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
      assert.equal(step.attempt.status, 'done', `${operation} ${skip}: ${JSON.stringify(step.attempt)}`);
      actual = step.actual;
    }
    assert.equal(lost, 1, `${operation} ${skip}`);
    await assertAsUndisturbed(`${operation} ${skip}`);
    world.faults.clear();
    world.reset();
  }
});

test('a process that dies after any write is followed by one that finds all and finishes', async () => {
  for (const { operation, skip } of writes) {
    world.faults.add({ kind: 'lost-reply', operation, skip, count: 1 });
    const first = world.connect({ maxAttempts: 1 });
    let actual = await look(first, wanted.graph);
    for (const create of planFor(wanted.graph, actual).operations) {
      const step = await act(first, create, actual);
      if (step.attempt.status !== 'done') break;
      actual = step.actual;
    }
    const second = world.connect();
    assert.deepEqual(await second.inventory(), ['shop/web'], `${operation} ${skip}`);
    await converge(second, wanted.graph);
    await assertAsUndisturbed(`${operation} ${skip}`);
    world.faults.clear();
    world.reset();
  }
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
