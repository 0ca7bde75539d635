/** One probe for each rule of what controllers look up besides networks, and of the roles they take on. */
import assert from 'node:assert/strict';
import {
  DescribeAccountAttributesCommand,
  DescribeCoipPoolsCommand,
  DescribeRegionsCommand,
  DescribeVpcPeeringConnectionsCommand,
  DescribeVpcsCommand,
  EC2Client,
  GetCoipPoolUsageCommand,
  GetSecurityGroupsForVpcCommand,
} from '@aws-sdk/client-ec2';
import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  GetCallerIdentityCommand,
  STSClient,
} from '@aws-sdk/client-sts';
import { ACCEPTED, type Probe, type World } from './sandbox-aws-world.ts';

export const LOOK_UPS: readonly Probe[] = [
  [
    'a Region that is none',
    'InvalidParameterValue',
    ({ ec2 }) => ec2.send(new DescribeRegionsCommand({ RegionNames: ['mars-1'] })),
    /mars-1/,
  ],
  [
    'an attribute of accounts that is none',
    'InvalidParameterValue',
    ({ ec2 }) => ec2.send(new DescribeAccountAttributesCommand({ AttributeNames: ['age' as 'default-vpc'] })),
    /age/,
  ],
  [
    'groups for an unknown VPC',
    'InvalidVpcID.NotFound',
    ({ ec2 }) => ec2.send(new GetSecurityGroupsForVpcCommand({ VpcId: 'vpc-none' })),
  ],
  [
    'a peering connection that is not there',
    'InvalidVpcPeeringConnectionID.NotFound',
    ({ ec2 }) =>
      ec2.send(new DescribeVpcPeeringConnectionsCommand({ VpcPeeringConnectionIds: ['pcx-none'] })),
  ],
  [
    'a pool of an Outpost that is not there',
    'InvalidPoolID.NotFound',
    ({ ec2 }) => ec2.send(new DescribeCoipPoolsCommand({ PoolIds: ['ipv4pool-coip-none'] })),
  ],
  [
    'the use of a pool that is not there',
    'InvalidPoolID.NotFound',
    ({ ec2 }) => ec2.send(new GetCoipPoolUsageCommand({ PoolId: 'ipv4pool-coip-none' })),
  ],
  [
    'Regions, limits, groups for a VPC; no peers and no pools',
    ACCEPTED,
    async ({ ec2 }) => {
      const { Regions } = await ec2.send(
        new DescribeRegionsCommand({ Filters: [{ Name: 'region-name', Values: ['us-west-*'] }] }),
      );
      assert.deepEqual(Regions?.map(({ RegionName }) => RegionName).sort(), ['us-west-1', 'us-west-2']);
      const { AccountAttributes } = await ec2.send(
        new DescribeAccountAttributesCommand({ AttributeNames: ['default-vpc'] }),
      );
      assert.equal(AccountAttributes?.[0]?.AttributeValues?.[0]?.AttributeValue, 'none');
      const { SecurityGroupForVpcs } = await ec2.send(
        new GetSecurityGroupsForVpcCommand({
          VpcId: 'vpc-1',
          Filters: [{ Name: 'group-id', Values: ['sg-1234'] }],
        }),
      );
      assert.deepEqual(
        SecurityGroupForVpcs?.map(({ GroupId, PrimaryVpcId }) => [GroupId, PrimaryVpcId]),
        [['sg-1234', 'vpc-1']],
      );
      const peers = await ec2.send(new DescribeVpcPeeringConnectionsCommand({}));
      const pools = await ec2.send(new DescribeCoipPoolsCommand({}));
      assert.deepEqual([peers.VpcPeeringConnections, pools.CoipPools], [[], []]);
    },
  ],
];

const stsOf = (world: World) => world.use((settings) => new STSClient(settings));
const ROLE = 'arn:aws:iam::222222222222:role/platform/edge';

const webIdentity = (exp: number): string =>
  [
    '{}',
    JSON.stringify({ sub: 'system:serviceaccount:a:b', aud: 'sts.amazonaws.com', iss: 'https://c', exp }),
  ]
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.')
    .concat('.sig');

const byWeb = (world: World, WebIdentityToken: string) =>
  stsOf(world).send(
    new AssumeRoleWithWebIdentityCommand({ RoleArn: ROLE, RoleSessionName: 'pod', WebIdentityToken }),
  );

export const ROLES: readonly Probe[] = [
  [
    'a role that is none',
    'ValidationError',
    (w) =>
      stsOf(w).send(
        new AssumeRoleCommand({ RoleArn: 'arn:aws:iam::222222222222:user/me', RoleSessionName: 'ab' }),
      ),
    /is invalid/,
  ],
  [
    'a session of ten minutes',
    'ValidationError',
    (w) =>
      stsOf(w).send(new AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName: 'ab', DurationSeconds: 600 })),
    /900/,
  ],
  [
    'a session with a bad name',
    'ValidationError',
    (w) => stsOf(w).send(new AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName: 'a b' })),
  ],
  ['a web identity that is no token', 'InvalidIdentityTokenException', (w) => byWeb(w, 'no-token')],
  ['a web identity that has expired', 'ExpiredTokenException', (w) => byWeb(w, webIdentity(1))],
  [
    'a role of another account leads there',
    ACCEPTED,
    async (w) => {
      const { Credentials, Provider } = await byWeb(w, webIdentity(Date.now()));
      assert.equal(Provider, 'c');
      const { Credentials: more, AssumedRoleUser } = await stsOf(w).send(
        new AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName: 'work' }),
      );
      assert.equal(AssumedRoleUser?.Arn, 'arn:aws:sts::222222222222:assumed-role/edge/work');
      for (const given of [Credentials, more]) {
        const credentials = {
          accessKeyId: given?.AccessKeyId ?? '',
          secretAccessKey: given?.SecretAccessKey ?? '',
          sessionToken: given?.SessionToken ?? '',
        };
        const there = w.use((settings) => new STSClient({ ...settings, credentials }));
        assert.equal((await there.send(new GetCallerIdentityCommand({}))).Account, '222222222222');
        const ec2 = w.use((settings) => new EC2Client({ ...settings, credentials }));
        assert.equal((await ec2.send(new DescribeVpcsCommand({}))).Vpcs?.[0]?.OwnerId, '222222222222');
      }
    },
  ],
];
