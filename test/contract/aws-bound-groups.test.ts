/** Target groups that others made: found and filled, in this account and through roles of others. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  CreateTargetGroupCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { startWorld, type World } from './aws-world.ts';

const OTHER = '222222222222';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world.stop());

const of = (accessKeyId: string) => ({
  region: world.region,
  endpoint: world.endpoint,
  credentials: { accessKeyId, secretAccessKey: 'any' },
});

const makeGroup = async (account: string, Name: string): Promise<`arn:${string}`> => {
  const elb = new ElasticLoadBalancingV2Client(of(account));
  const { TargetGroups } = await elb.send(
    new CreateTargetGroupCommand({ Name, TargetType: 'ip', Protocol: 'HTTP', Port: 80, VpcId: 'vpc-1' }),
  );
  return `arn:${(TargetGroups?.[0]?.TargetGroupArn ?? '').slice('arn:'.length)}`;
};

const makeRole = async (RoleName: string, externalId?: string): Promise<string> => {
  const statement = {
    Effect: 'Allow',
    Principal: { AWS: 'arn:aws:iam::123456789012:root' },
    Action: 'sts:AssumeRole',
    ...(externalId && { Condition: { StringEquals: { 'sts:ExternalId': externalId } } }),
  };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  const { Role } = await new IAMClient(of(OTHER)).send(
    new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }),
  );
  return Role?.Arn ?? '';
};

const targetsOf = async (account: string, TargetGroupArn: string): Promise<readonly string[]> => {
  const elb = new ElasticLoadBalancingV2Client(of(account));
  const { TargetHealthDescriptions } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
  return (TargetHealthDescriptions ?? [])
    .filter((it) => it.TargetHealth?.State !== 'draining')
    .map((it) => `${it.Target?.Id}:${it.Target?.Port} ${it.Target?.AvailabilityZone}`)
    .sort();
};

test('a group is found by ARN and by name, filled, and emptied', async () => {
  const arn = await makeGroup('any', 'blue');
  const { groups } = world.connect();
  const found = await groups.find({ name: 'blue' }, undefined);
  assert.ok(found.is === 'here');
  assert.deepEqual(
    [found.group.arn, found.group.targetType, found.group.protocol, found.group.ipAddressType],
    [arn, 'ip', 'HTTP', 'ipv4'],
  );
  const target = { id: world.fixtures.address, port: 8080 };
  assert.equal((await groups.fill(found.group, [target], [], undefined)).status, 'done');
  const again = await groups.find({ arn }, undefined);
  assert.deepEqual(again.is === 'here' && again.group.targets, [target]);
  await groups.fill(found.group, [], [target], undefined);
  assert.deepEqual(await targetsOf('any', arn), []);
  assert.deepEqual(await groups.find({ name: 'nobodys' }, undefined), { is: 'absent' });
});

test('a group of another account is filled in the name of a role, which is asked for once', async () => {
  const arn = await makeGroup(OTHER, 'theirs');
  const role = { arn: await makeRole('register', 'shared'), externalId: 'shared' };
  const { groups } = world.connect();
  assert.equal((await groups.find({ arn }, undefined)).is, 'absent');
  world.mark();
  const found = await groups.find({ arn }, role);
  assert.ok(found.is === 'here');
  const target = { id: '10.9.8.7', port: 80, zone: 'all' };
  assert.equal((await groups.fill(found.group, [target], [], role)).status, 'done');
  assert.deepEqual(await targetsOf(OTHER, arn), ['10.9.8.7:80 all']);
  assert.deepEqual(
    world.writes().filter((it) => it === 'AssumeRole'),
    ['AssumeRole'],
  );
  assert.equal(world.inputOf('AssumeRole').ExternalId, 'shared');
});

test('a role that does not trust the controller is named, with what is missing', async () => {
  const arn = await makeGroup(OTHER, 'closed');
  const role = { arn: await makeRole('closed', 'secret-handshake') };
  const { groups } = world.connect();
  const found = await groups.find({ arn }, role);
  assert.ok(found.is === 'unreachable');
  assert.match(
    found.why,
    /role arn:aws:iam::222222222222:role\/closed cannot be assumed \(AccessDenied: .*\); expected that its trust policy .* no external id/,
  );
});

test('what AWS does not permit is told as refused, what fails for a while rejects', async () => {
  await makeGroup('any', 'denied');
  const { groups } = world.connect({ maxAttempts: 1 });
  world.faults.add({ kind: 'denied', operation: 'DescribeTargetHealth', count: 1 });
  assert.equal((await groups.find({ name: 'denied' }, undefined)).is, 'refused');
  world.faults.add({ kind: 'internal', operation: 'DescribeTargetGroups', count: 1 });
  await assert.rejects(groups.find({ name: 'denied' }, undefined));
  assert.equal((await groups.find({ name: 'denied' }, undefined)).is, 'here');
});
