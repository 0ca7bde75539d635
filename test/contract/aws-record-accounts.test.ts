/** Hosted zones of another account, kept with a role: what is written there, and what a role that fails leaves alone. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  CreateHostedZoneCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import type { ZoneOfRole } from '../../src/aws/zone-clients.ts';
import { A, OURS, TXT } from './aws-record-case.ts';
import { type Applied, type Scene, startScene, type Wish } from './aws-record-scene.ts';

const OTHER = '222222222222';
const ARN = `arn:aws:iam::${OTHER}:role/dns`;
const HOSTS = ['shop.example.com', 'x.team.example.com'];

let scene: Scene;
let client: Route53Client;
let kept: ZoneOfRole;

before(async () => {
  scene = await startScene();
  client = new Route53Client({
    region: scene.world.region,
    endpoint: scene.world.endpoint,
    credentials: { accessKeyId: OTHER, secretAccessKey: 'x' },
  });
  const { HostedZone } = await client.send(
    new CreateHostedZoneCommand({ Name: 'team.example.com', CallerReference: 'team' }),
  );
  const zone = HostedZone?.Id?.replace('/hostedzone/', '') ?? '';
  kept = { zone, name: 'team.example.com', role: { arn: ARN, externalId: 'of-us' } };
});
after(() => scene.stop());

/** `TYPE name` of the other account's zone, but NS and SOA. */
const there = async (): Promise<readonly string[]> => {
  const { ResourceRecordSets = [] } = await client.send(
    new ListResourceRecordSetsCommand({ HostedZoneId: kept.zone }),
  );
  return ResourceRecordSets.filter(({ Type }) => Type !== 'NS' && Type !== 'SOA').map(
    ({ Type, Name }) => `${Type} ${Name}`,
  );
};

const BOTH = ['A x.team.example.com.', 'TXT _alb-ingress.x.team.example.com.'];

const apply = (wish: Wish = {}, zones: readonly ZoneOfRole[] = [kept]): Promise<Applied> =>
  scene.apply({ hosts: HOSTS, ...wish, access: { zonesOfRoles: zones, maxAttempts: 1, ...wish.access } });

const refuse = (service: string, operation?: string): void =>
  void scene.world.faults.add({ kind: 'denied', service, ...(operation !== undefined && { operation }) });

test('a role that cannot be assumed: nothing goes to a shorter zone, and other names are made', async () => {
  refuse('sts', 'AssumeRole');
  const applied = await apply();
  scene.world.faults.clear();
  assert.deepEqual(scene.records(), [A, TXT].sort());
  assert.deepEqual(await there(), []);
  const told = applied.problems.join('\n');
  assert.match(
    told,
    new RegExp(
      `PermissionMissing: host x\\.team\\.example\\.com: hosted zone team\\.example\\.com \\(${kept.zone}\\), role ${ARN}, cannot be reached: RoleRefused: .*AccessDenied`,
    ),
  );
  assert.match(told, /its record stays as it is/);
});

test('each name in the zone of its account, with the external id, and nothing to do again', async () => {
  scene.world.mark();
  const applied = await apply();
  assert.deepEqual(applied.problems, []);
  assert.deepEqual(scene.records(), [A, TXT].sort());
  assert.deepEqual(await there(), BOTH);
  assert.equal(scene.world.inputOf('AssumeRole').ExternalId, 'of-us');
  assert.equal((await apply()).plan, '');
});

test('while the role fails its records stay, whatever the Ingress says, and so does what they lead to', async () => {
  refuse('sts', 'AssumeRole');
  const changed = { annotations: { 'aws-evaluate-target-health': 'true' } };
  const applied = await apply(changed);
  assert.match(applied.problems.join(), /host x\.team\.example\.com: .*cannot be reached/);
  scene.world.faults.clear();
  assert.deepEqual(await there(), BOTH);
  assert.deepEqual(scene.records(), [`${A}+health`, TXT].sort(), 'names of other zones go on');
  assert.deepEqual((await apply()).problems, []);
});

test('a role without a permission is named with it', async () => {
  refuse('route53', 'ChangeResourceRecordSets');
  const applied = await apply({ hosts: [...HOSTS, 'y.team.example.com'], passes: 1 });
  scene.world.faults.clear();
  const failed = applied.outcomes.flatMap(({ operation, result }) =>
    result.status === 'failed' ? [`${operation.key} ${result.message}`] : [],
  );
  assert.equal(failed.length, 1, failed.join('\n'));
  assert.match(
    failed.join(),
    new RegExp(
      `${kept.zone}/y\\.team.*expected permission for route53:ChangeResourceRecordSets of role ${ARN}`,
    ),
  );
});

test('a role that asks for an external id refuses who has another one', async () => {
  const config = {
    region: scene.world.region,
    endpoint: scene.world.endpoint,
    credentials: { accessKeyId: OTHER, secretAccessKey: 'x' },
  };
  const statement = {
    Effect: 'Allow',
    Principal: { AWS: '*' },
    Action: 'sts:AssumeRole',
    Condition: { StringEquals: { 'sts:ExternalId': 'of-us' } },
  };
  const { Role } = await new IAMClient(config).send(
    new CreateRoleCommand({
      RoleName: 'strict',
      AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }),
    }),
  );
  const strict = (externalId: string): ZoneOfRole => ({
    ...kept,
    role: { arn: Role?.Arn ?? '', externalId },
  });
  const refused = await apply({}, [strict('of-others')]);
  assert.match(refused.problems.join(), /role\/strict, cannot be reached: RoleRefused: .*sts:ExternalId/);
  assert.deepEqual(await there(), BOTH, 'what stands there stays');
  assert.deepEqual((await apply({}, [strict('of-us')])).problems, []);
});

test('a zone of another name is not written to', async () => {
  const applied = await apply({ hosts: ['z.else.org'] }, [{ ...kept, name: 'else.org' }]);
  assert.match(
    applied.problems.join(),
    /host z\.else\.org: .*is named team\.example\.com; expected that name in --dns-zone-roles/,
  );
});

test('a host that is wanted no more goes from the other account too', async () => {
  await apply();
  await apply({ hosts: ['shop.example.com'] });
  assert.deepEqual(await there(), []);
  assert.ok(scene.records().includes(`TXT _alb-ingress.shop.example.com 300 ${OURS}`));
});

test('what such a record leads to stays while nobody can see it, and goes with it', async () => {
  const { world } = scene;
  const aws = world.connect({ zonesOfRoles: [kept], maxAttempts: 1 });
  await apply({ aws });
  const balancers = world.count().loadBalancers;
  refuse('route53', 'ListResourceRecordSets');
  const blind = await apply({ aws, deleted: true });
  world.faults.clear();
  assert.match(blind.problems.join(), /still needed by dns-record/);
  assert.deepEqual(await there(), BOTH);
  assert.equal(world.count().loadBalancers, balancers);
  await apply({ aws, deleted: true });
  assert.deepEqual(await there(), []);
  assert.equal(world.count().loadBalancers, (balancers ?? 0) - 1);
});
