/** Security groups, tags and look-ups of EC2: what works and what is refused. */
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateTagsCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { allow, create, drop, port } from './sandbox-aws-security-groups.ts';
import type { Probe } from './sandbox-aws-world.ts';

export const SECURITY_GROUPS: readonly Probe[] = [
  [
    'a group name twice in a VPC',
    'InvalidGroup.Duplicate',
    async (w) => {
      await create(w);
      return create(w);
    },
    /already exists/,
  ],
  ['a group named like an id', 'InvalidParameterValue', (w) => create(w, 'sg-web'), /sg-/],
  [
    'a description with odd characters',
    'InvalidParameterValue',
    (w) => create(w, 'web', { Description: 'ü' }),
    /GroupDescription/,
  ],
  ['a group in an unknown VPC', 'InvalidVpcID.NotFound', (w) => create(w, 'web', { VpcId: 'vpc-none' })],
  ['a group without a name', 'MissingParameter', (w) => create(w, '')],
  [
    'more groups than the quota',
    'SecurityGroupLimitExceeded',
    (w) => create(w),
    /maximum/,
    { facts: { securityGroupsPerRegion: 2 } },
  ],
  [
    'tags of another kind',
    'InvalidParameterValue',
    (w) => create(w, 'web', { TagSpecifications: [{ ResourceType: 'vpc', Tags: [] }] }),
    /taggable/,
  ],
  ['a dry run', 'DryRunOperation', (w) => create(w, 'web', { DryRun: true })],
  ['an unknown group', 'InvalidGroup.NotFound', (w) => drop(w, 'sg-0123456789abcdef0')],
  ['a malformed group id', 'InvalidGroupId.Malformed', (w) => drop(w, 'web')],
  [
    'a rule twice',
    'InvalidPermission.Duplicate',
    async (w) => {
      await allow(w, 'sg-1234', port(80, '0.0.0.0/0'));
      return allow(w, 'sg-1234', port(80, '0.0.0.0/0'));
    },
    /already exists/,
  ],
  [
    'revoking a rule that is not there',
    'InvalidPermission.NotFound',
    (w) =>
      w.ec2.send(
        new RevokeSecurityGroupIngressCommand({ GroupId: 'sg-1234', IpPermissions: [port(80, '0.0.0.0/0')] }),
      ),
  ],
  [
    'revoking an unknown rule id',
    'InvalidSecurityGroupRuleId.NotFound',
    (w) =>
      w.ec2.send(
        new RevokeSecurityGroupIngressCommand({ GroupId: 'sg-1234', SecurityGroupRuleIds: ['sgr-0'] }),
      ),
  ],
  [
    'a CIDR block that is none',
    'InvalidParameterValue',
    (w) => allow(w, 'sg-1234', port(80, '10.0.0.0/33')),
    /malformed/,
  ],
  [
    'ports the wrong way round',
    'InvalidParameterValue',
    (w) => allow(w, 'sg-1234', { ...port(80, '10.0.0.0/8'), ToPort: 79 }),
    /port range/,
  ],
  [
    'a protocol that is none',
    'InvalidParameterValue',
    (w) => allow(w, 'sg-1234', { ...port(80, '10.0.0.0/8'), IpProtocol: 'http' }),
    /protocol/,
  ],
  ['a rule about nobody', 'MissingParameter', (w) => allow(w, 'sg-1234', port(80))],
  [
    'a rule about an unknown group',
    'InvalidGroup.NotFound',
    (w) => allow(w, 'sg-1234', { ...port(80), UserIdGroupPairs: [{ GroupId: 'sg-none' }] }),
  ],
  [
    'a prefix list',
    'InvalidPrefixListID.NotFound',
    (w) => allow(w, 'sg-1234', { ...port(80), PrefixListIds: [{ PrefixListId: 'pl-1' }] }),
  ],
  [
    'both forms of a permission',
    'InvalidParameterCombination',
    (w) =>
      w.ec2.send(
        new AuthorizeSecurityGroupIngressCommand({
          GroupId: 'sg-1234',
          IpProtocol: 'tcp',
          IpPermissions: [port(1, '10.0.0.0/8')],
        }),
      ),
  ],
  [
    '61 rules',
    'RulesPerSecurityGroupLimitExceeded',
    (w) => allow(w, 'sg-1234', port(80, ...Array.from({ length: 61 }, (_, i) => `10.0.${i}.0/24`))),
    /60/,
  ],
  [
    'deleting a group a load balancer has',
    'DependencyViolation',
    async (w) => {
      await w.balancer();
      return drop(w, 'sg-1234');
    },
  ],
  [
    'deleting a group another group refers to',
    'DependencyViolation',
    async (w) => {
      await allow(w, await create(w), { ...port(80), UserIdGroupPairs: [{ GroupId: 'sg-1234' }] });
      return drop(w, 'sg-1234');
    },
  ],
  ['deleting the default group', 'CannotDelete', (w) => drop(w, 'sg-0default')],
  [
    'an unknown filter',
    'InvalidParameterValue',
    (w) => w.ec2.send(new DescribeSubnetsCommand({ Filters: [{ Name: 'color', Values: ['red'] }] })),
    /'color' is invalid/,
  ],
  [
    'a page of 4',
    'InvalidParameterValue',
    (w) => w.ec2.send(new DescribeSecurityGroupsCommand({ MaxResults: 4 })),
    /between 5 and 1000/,
  ],
  [
    'a page of named things',
    'InvalidParameterCombination',
    (w) => w.ec2.send(new DescribeSecurityGroupsCommand({ MaxResults: 5, GroupIds: ['sg-1234'] })),
  ],
  [
    'an unknown subnet',
    'InvalidSubnetID.NotFound',
    (w) => w.ec2.send(new DescribeSubnetsCommand({ SubnetIds: ['subnet-none'] })),
  ],
  [
    'an unknown VPC',
    'InvalidVpcID.NotFound',
    (w) => w.ec2.send(new DescribeVpcsCommand({ VpcIds: ['vpc-none'] })),
  ],
  [
    'an unknown instance',
    'InvalidInstanceID.NotFound',
    (w) => w.ec2.send(new DescribeInstancesCommand({ InstanceIds: ['i-none'] })),
  ],
  [
    'tags on nothing',
    'InvalidID',
    (w) => w.ec2.send(new CreateTagsCommand({ Resources: ['sg-none'], Tags: [{ Key: 'k', Value: 'v' }] })),
  ],
  [
    'a tag of AWS',
    'InvalidParameterValue',
    (w) =>
      w.ec2.send(new CreateTagsCommand({ Resources: ['sg-1234'], Tags: [{ Key: 'aws:k', Value: 'v' }] })),
    /reserved/,
  ],
  [
    '51 tags',
    'TagLimitExceeded',
    (w) =>
      w.ec2.send(
        new CreateTagsCommand({
          Resources: ['vpc-1'],
          Tags: Array.from({ length: 51 }, (_, i) => ({ Key: `k${i}`, Value: '' })),
        }),
      ),
  ],
  [
    'an operation that is not served',
    'InvalidAction',
    (w) => w.ec2.send(new DescribeImagesCommand({})),
    /DescribeImages/,
  ],
];
