/** AWS refuses a whole call for one target in it. Whoever can be a target becomes one all the same. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  CreateTargetGroupCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { BoundGroup } from '../../src/core/bindings/group.ts';
import type { Target } from '../../src/core/model/resource.ts';
import type { Attempt } from '../../src/core/ports.ts';
import { sample, withChange } from './aws-sample.ts';
import { converge, look, planFor, startWorld, type World } from './aws-world.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world.stop());

const client = (): ElasticLoadBalancingV2Client =>
  new ElasticLoadBalancingV2Client({
    region: world.region,
    endpoint: world.endpoint,
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  });

const targetsOf = async (TargetGroupArn: string): Promise<readonly string[]> => {
  const { TargetHealthDescriptions = [] } = await client().send(
    new DescribeTargetHealthCommand({ TargetGroupArn }),
  );
  return TargetHealthDescriptions.flatMap(({ Target: found, TargetHealth }) =>
    TargetHealth?.State === 'draining' ? [] : `${found?.Id}:${found?.Port}`,
  ).sort();
};

const group = async (Name: string): Promise<BoundGroup> => {
  await client().send(
    new CreateTargetGroupCommand({ Name, TargetType: 'ip', Protocol: 'HTTP', Port: 80, VpcId: 'vpc-1' }),
  );
  const found = await world.connect().groups.find({ name: Name }, undefined);
  assert.ok(found.is === 'here');
  return found.group;
};

const fill = (of: BoundGroup, register: readonly Target[], deregister: readonly Target[]): Promise<Attempt> =>
  world.connect().groups.fill(of, register, deregister, undefined);

/** Of one Pod: port by port. */
const ports = (...numbers: readonly number[]): readonly Target[] =>
  numbers.map((port) => ({ id: world.fixtures.address, port }));
const named = (targets: readonly Target[]): readonly string[] =>
  targets.map(({ id, port }) => `${id}:${port}`).sort();

/** An address no target group takes. */
const PUBLIC: Target = { id: '8.8.8.8', port: 80 };
/** An instance that is gone and whose node is still there. */
const GONE: Target = { id: 'i-0999', port: 31027 };

test('a node whose instance is gone keeps no other out, and those that leave go', async () => {
  const aws = world.connect();
  const start = sample(world.fixtures);
  await converge(aws, start.graph);
  const [a = '', b = ''] = world.fixtures.instances;
  const targets = [a, b].map((id) => ({ id, port: 31999 }));
  const want = withChange(start.graph, start.instances, {
    targets: [targets[0] ?? GONE, GONE, targets[1] ?? GONE],
  });
  const actual = await look(aws, want);
  const [operation, ...others] = planFor(want, actual).operations;
  assert.ok(operation && others.length === 0);
  const attempt = await aws.perform(operation, actual);
  assert.ok(attempt.status === 'failed');
  assert.deepEqual([attempt.code, attempt.retry], ['InvalidTarget', true]);
  assert.match(attempt.message, /i-0999/);
  assert.deepEqual(await targetsOf(actual.ids.get(start.instances) ?? ''), named(targets));
});

test('so it is where a TargetGroupBinding fills the group, of many targets and with several bad ones', async () => {
  const of = await group('many');
  const good = ports(...Array.from({ length: 30 }, (_, i) => 8000 + i));
  const attempt = await fill(of, good.toSpliced(3, 0, PUBLIC).toSpliced(20, 0, { ...PUBLIC, port: 81 }), []);
  assert.equal(attempt.status, 'failed');
  assert.deepEqual(await targetsOf(of.arn), named(good));
});

test('where nobody can be let in, nobody goes', async () => {
  const of = await group('nobody');
  const [old, ...more] = ports(8080);
  assert.ok(old && more.length === 0);
  await fill(of, [old], []);
  assert.equal((await fill({ ...of, targets: [old] }, [PUBLIC], [old])).status, 'failed');
  assert.deepEqual(await targetsOf(of.arn), named([old]));
});

test('the search for the bad ones ends when most are bad', async () => {
  const of = await group('bad');
  world.mark();
  const bad = Array.from({ length: 200 }, (_, i): Target => ({ ...PUBLIC, port: 1000 + i }));
  assert.equal((await fill(of, bad, [])).status, 'failed');
  const calls = world.writes().filter((it) => it === 'RegisterTargets').length;
  assert.ok(calls > 1 && calls <= 25, `${calls} calls`);
});
