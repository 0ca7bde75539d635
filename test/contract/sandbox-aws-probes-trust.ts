/** One probe for each rule of roles: who may take one, and what a trust policy may say. */
import assert from 'node:assert/strict';
import {
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { CreateRoleCommand, GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { ACCEPTED, type Probe, type World } from './sandbox-aws-world.ts';

const OTHER = '222222222222';

const as = (world: World, accessKeyId: string) => ({
  iam: world.use((given) => new IAMClient({ ...given, credentials: { ...given.credentials, accessKeyId } })),
  sts: world.use((given) => new STSClient({ ...given, credentials: { ...given.credentials, accessKeyId } })),
});

type Trust = { readonly who?: string; readonly externalId?: string; readonly effect?: string };

const trust = ({
  who = 'arn:aws:iam::123456789012:root',
  externalId,
  effect = 'Allow',
}: Trust = {}): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: effect,
        Principal: { AWS: who },
        Action: 'sts:AssumeRole',
        ...(externalId && { Condition: { StringEquals: { 'sts:ExternalId': externalId } } }),
      },
    ],
  });

/** A role of another account; its ARN. */
const role = async (world: World, given: Trust = {}, RoleName = 'register'): Promise<string> => {
  const { Role } = await as(world, OTHER).iam.send(
    new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust(given) }),
  );
  return Role?.Arn ?? '';
};

const assume = (
  world: World,
  RoleArn: string,
  more: { readonly ExternalId?: string; readonly DurationSeconds?: number } = {},
) => as(world, 'any').sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'probe', ...more }));

export const TRUST: readonly Probe[] = [
  [
    'a role that trusts the caller acts in its own account',
    ACCEPTED,
    async (world) => {
      const { Credentials, AssumedRoleUser } = await assume(
        world,
        await role(world, { externalId: 'shared' }),
        {
          ExternalId: 'shared',
        },
      );
      assert.equal(AssumedRoleUser?.Arn, `arn:aws:sts::${OTHER}:assumed-role/register/probe`);
      const credentials = {
        accessKeyId: Credentials?.AccessKeyId ?? '',
        secretAccessKey: Credentials?.SecretAccessKey ?? '',
        sessionToken: Credentials?.SessionToken ?? '',
      };
      const sts = world.use((given) => new STSClient({ ...given, credentials }));
      assert.equal((await sts.send(new GetCallerIdentityCommand({}))).Account, OTHER);
      await world.group({ Name: 'mine' });
      const elb = world.use((given) => new ElasticLoadBalancingV2Client({ ...given, credentials }));
      assert.deepEqual((await elb.send(new DescribeTargetGroupsCommand({}))).TargetGroups, []);
    },
  ],
  [
    'a role that trusts somebody else',
    'AccessDenied',
    async (w) => assume(w, await role(w, { who: '333333333333' })),
  ],
  [
    'a role that denies the caller',
    'AccessDenied',
    async (w) => assume(w, await role(w, { effect: 'Deny' })),
  ],
  [
    'a role without the external id it asks for',
    'AccessDenied',
    async (w) => assume(w, await role(w, { externalId: 'shared' })),
  ],
  [
    'a role with another external id',
    'AccessDenied',
    async (w) => assume(w, await role(w, { externalId: 'shared' }), { ExternalId: 'other' }),
  ],
  [
    'a session longer than the role permits',
    'ValidationError',
    async (w) => assume(w, await role(w), { DurationSeconds: 7200 }),
    /MaxSessionDuration/,
  ],
  ['a role name twice', 'EntityAlreadyExistsException', async (w) => [await role(w), await role(w)]],
  [
    'a trust policy that is none',
    'MalformedPolicyDocumentException',
    (w) =>
      as(w, OTHER).iam.send(
        new CreateRoleCommand({ RoleName: 'r', AssumeRolePolicyDocument: 'let everybody in' }),
      ),
  ],
  [
    'an unknown role',
    'NoSuchEntityException',
    (w) => as(w, OTHER).iam.send(new GetRoleCommand({ RoleName: 'none' })),
  ],
];
