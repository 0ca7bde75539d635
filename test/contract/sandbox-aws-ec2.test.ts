/** Security groups, tags and look-ups of EC2: what works and what is refused. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  AuthorizeSecurityGroupEgressCommand,
  CreateTagsCommand,
  DeleteTagsCommand,
  DescribeAvailabilityZonesCommand,
  DescribeInstancesCommand,
  DescribeInternetGatewaysCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeTagsCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { DeleteLoadBalancerCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { allow, create, drop, port } from './sandbox-aws-security-groups.ts';
import { makeWorld, refused } from './sandbox-aws-world.ts';

describe('EC2', () => {
  it('shows the fixtures', async () => {
    await using world = await makeWorld({ region: 'eu-central-1' });
    const { ec2 } = world;
    const { Subnets } = await ec2.send(
      new DescribeSubnetsCommand({ Filters: [{ Name: 'tag:kubernetes.io/role/elb', Values: ['1', ''] }] }),
    );
    assert.deepEqual(
      Subnets?.map(({ SubnetId, AvailabilityZone }) => [SubnetId, AvailabilityZone]),
      [
        ['subnet-1234', 'eu-central-1a'],
        ['subnet-5678', 'eu-central-1b'],
      ],
    );
    const { AvailabilityZones } = await ec2.send(new DescribeAvailabilityZonesCommand({}));
    assert.deepEqual(
      AvailabilityZones?.map(({ ZoneName }) => ZoneName),
      ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'],
    );
    const { RouteTables } = await ec2.send(
      new DescribeRouteTablesCommand({
        Filters: [{ Name: 'association.subnet-id', Values: ['subnet-1234'] }],
      }),
    );
    assert.ok(RouteTables?.[0]?.Routes?.some(({ GatewayId }) => GatewayId === 'igw-1'));
    const { InternetGateways } = await ec2.send(
      new DescribeInternetGatewaysCommand({ Filters: [{ Name: 'attachment.vpc-id', Values: ['vpc-1'] }] }),
    );
    assert.equal(InternetGateways?.length, 1);
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: ['i-0bbb'] }));
    assert.equal(Reservations?.[0]?.Instances?.[0]?.PrivateIpAddress, '127.64.0.12');
    const { SecurityGroups } = await ec2.send(
      new DescribeSecurityGroupsCommand({
        Filters: [
          { Name: 'tag:Name', Values: ['web*'] },
          { Name: 'group-name', Values: ['web?G'] },
        ],
      }),
    );
    assert.deepEqual(
      SecurityGroups?.map(({ GroupId }) => GroupId),
      ['sg-1234'],
    );
  });

  it('merges rules by protocol and ports and gives each its own id', async () => {
    await using world = await makeWorld();
    const id = await create(world);
    await allow(world, id, port(80, '10.1.2.3/8'), port(80, '192.168.0.0/16'), {
      ...port(443),
      UserIdGroupPairs: [{ GroupId: 'sg-1234', Description: 'x' }],
    });
    const { SecurityGroups } = await world.ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [id] }));
    const permissions = SecurityGroups?.[0]?.IpPermissions ?? [];
    assert.deepEqual(
      permissions.map(({ FromPort, IpRanges }) => [FromPort, IpRanges?.map(({ CidrIp }) => CidrIp)]),
      [
        [80, ['10.0.0.0/8', '192.168.0.0/16']],
        [443, []],
      ],
    );
    assert.equal(permissions[1]?.UserIdGroupPairs?.[0]?.GroupId, 'sg-1234');
    assert.equal(SecurityGroups?.[0]?.IpPermissionsEgress?.[0]?.IpProtocol, '-1');
    const { SecurityGroupRules } = await world.ec2.send(
      new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: 'group-id', Values: [id] }] }),
    );
    assert.equal(new Set(SecurityGroupRules?.map(({ SecurityGroupRuleId }) => SecurityGroupRuleId)).size, 4);
    await world.ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId: id, IpPermissions: permissions }));
    await world.ec2.send(
      new RevokeSecurityGroupEgressCommand({
        GroupId: id,
        SecurityGroupRuleIds: SecurityGroupRules?.filter(({ IsEgress }) => IsEgress).map(
          ({ SecurityGroupRuleId = '' }) => SecurityGroupRuleId,
        ),
      }),
    );
    await world.ec2.send(
      new AuthorizeSecurityGroupEgressCommand({ GroupId: id, IpPermissions: [port(53, '10.0.0.0/8')] }),
    );
    const after = await world.ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [id] }));
    assert.deepEqual(
      [
        after.SecurityGroups?.[0]?.IpPermissions,
        after.SecurityGroups?.[0]?.IpPermissionsEgress?.[0]?.FromPort,
      ],
      [[], 53],
    );
  });

  it('keeps tags apart by resource, removes them by value, finds them by filter', async () => {
    await using world = await makeWorld();
    const id = await create(world, 'web', {
      TagSpecifications: [{ ResourceType: 'security-group', Tags: [{ Key: 'a', Value: '1' }] }],
    });
    await world.ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: 'b', Value: '2' }] }));
    await world.ec2.send(
      new DeleteTagsCommand({ Resources: [id], Tags: [{ Key: 'a', Value: 'other' }, { Key: 'b' }] }),
    );
    const { Tags } = await world.ec2.send(
      new DescribeTagsCommand({ Filters: [{ Name: 'resource-id', Values: [id] }] }),
    );
    assert.deepEqual(Tags, [{ Key: 'a', Value: '1', ResourceId: id, ResourceType: 'security-group' }]);
  });

  it('pages, and loses nothing when something is deleted between two pages', async () => {
    await using world = await makeWorld();
    for (let index = 0; index < 8; index += 1) await create(world, `g${index}`);
    const first = await world.ec2.send(new DescribeSecurityGroupsCommand({ MaxResults: 5 }));
    await drop(
      world,
      first.SecurityGroups?.filter(({ GroupName }) => GroupName?.startsWith('g')).at(0)?.GroupId ?? '',
    );
    const second = await world.ec2.send(
      new DescribeSecurityGroupsCommand({ MaxResults: 5, NextToken: first.NextToken }),
    );
    const names = [...(first.SecurityGroups ?? []), ...(second.SecurityGroups ?? [])].map(
      ({ GroupName }) => GroupName,
    );
    assert.equal(new Set(names).size, 10);
    assert.equal(second.NextToken, undefined);
  });

  it('keeps a deleted load balancer’s interfaces, and so its group, for a while', async () => {
    await using world = await makeWorld({ speed: 100, facts: { interfaceReleaseSeconds: 20 } });
    const group = await create(world);
    const LoadBalancerArn = await world.balancer({ SecurityGroups: [group] });
    const interfaces = () =>
      world.ec2.send(
        new DescribeNetworkInterfacesCommand({ Filters: [{ Name: 'group-id', Values: [group] }] }),
      );
    assert.equal((await interfaces()).NetworkInterfaces?.length, 2);
    await world.elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn }));
    await refused(drop(world, group), 'DependencyViolation');
    while (((await interfaces()).NetworkInterfaces ?? []).length > 0)
      await new Promise((resolve) => setTimeout(resolve, 20));
    await drop(world, group);
  });
});
