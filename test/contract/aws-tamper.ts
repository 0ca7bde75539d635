/** What other people do in the account while we are not looking: plain SDK calls, none of them through our room. */
import { AuthorizeSecurityGroupIngressCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DeleteLoadBalancerCommand,
  DeregisterTargetsCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  ChangeResourceRecordSetsCommand,
  type ResourceRecordSet,
  Route53Client,
} from '@aws-sdk/client-route-53';
import type { Key } from '../../src/core/model/key.ts';
import type { Resource } from '../../src/core/model/resource.ts';
import type { Tags } from '../../src/core/model/tags.ts';
import type { Fixtures } from './aws-world.ts';

export type Tamper = ReturnType<typeof makeTamper>;

const list = (tags: Tags) =>
  Object.keys(tags).length === 0
    ? {}
    : { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };

/** `idOf` finds the ARN behind a key of the sample stack. */
export const makeTamper = (
  config: { readonly region: string; readonly endpoint: string },
  fixtures: Fixtures,
  idOf: (key: Key) => Promise<string>,
) => {
  const elb = new ElasticLoadBalancingV2Client(config);
  const route53 = new Route53Client(config);
  const ec2 = new EC2Client(config);

  const balancer = async (name: string) =>
    (await elb.send(new DescribeLoadBalancersCommand({ Names: [name] }))).LoadBalancers?.[0];
  const group = async (name: string) =>
    (await elb.send(new DescribeTargetGroupsCommand({ Names: [name] }))).TargetGroups?.[0]?.TargetGroupArn;
  const upsert = (record: ResourceRecordSet) =>
    route53.send(
      new ChangeResourceRecordSetsCommand({
        HostedZoneId: fixtures.zone,
        ChangeBatch: { Changes: [{ Action: 'UPSERT', ResourceRecordSet: record }] },
      }),
    );
  const loadBalancer = async (name: string, tags: Tags) => {
    const [Subnets, SecurityGroups] = [fixtures.subnets.slice(0, 2), [fixtures.group]];
    await elb.send(
      new CreateLoadBalancerCommand({
        Name: name,
        Scheme: 'internet-facing',
        Subnets,
        SecurityGroups,
        ...list(tags),
      }),
    );
  };
  const pointTo = async (name: string, arn: string) => {
    const found = (await elb.send(new DescribeLoadBalancersCommand({ LoadBalancerArns: [arn] })))
      .LoadBalancers?.[0];
    await upsert({
      Name: name,
      Type: 'A',
      AliasTarget: {
        DNSName: `dualstack.${found?.DNSName}`,
        HostedZoneId: found?.CanonicalHostedZoneId,
        EvaluateTargetHealth: false,
      },
    });
  };
  return {
    loadBalancer,
    open: async (GroupId: string, port: number) => {
      const CidrIp = '0.0.0.0/0';
      await ec2.send(
        new AuthorizeSecurityGroupIngressCommand({
          GroupId,
          IpProtocol: 'tcp',
          FromPort: port,
          ToPort: port,
          CidrIp,
        }),
      );
    },
    drop: async (name: string) => {
      await elb.send(
        new DeleteLoadBalancerCommand({ LoadBalancerArn: (await balancer(name))?.LoadBalancerArn }),
      );
    },
    /** A target group with the settings of a wanted one, but for its tags. */
    targetGroupLike: async ({ spec }: Resource<'target-group'>) => {
      const { healthCheck: check } = spec;
      await elb.send(
        new CreateTargetGroupCommand({
          Name: spec.name,
          Protocol: spec.protocol,
          Port: spec.port,
          VpcId: spec.vpc,
          TargetType: spec.targetType,
          HealthCheckPath: check.path,
          HealthCheckIntervalSeconds: check.interval,
          HealthCheckTimeoutSeconds: check.timeout,
          HealthyThresholdCount: check.healthyThreshold,
          UnhealthyThresholdCount: check.unhealthyThreshold,
          Matcher: { HttpCode: check.codes },
        }),
      );
    },
    targetGroup: async (name: string, tags: Tags) => {
      const VpcId = fixtures.vpc;
      await elb.send(
        new CreateTargetGroupCommand({ Name: name, Protocol: 'HTTP', Port: 31027, VpcId, ...list(tags) }),
      );
    },
    listener: async (loadBalancerName: string, port: number, targetGroupName: string) => {
      await elb.send(
        new CreateListenerCommand({
          LoadBalancerArn: (await balancer(loadBalancerName))?.LoadBalancerArn,
          Protocol: 'HTTP',
          Port: port,
          DefaultActions: [{ Type: 'forward', TargetGroupArn: await group(targetGroupName) }],
        }),
      );
    },
    rule: async (listener: Key<'listener'>, priority: number, path: string, tags: Tags) => {
      await elb.send(
        new CreateRuleCommand({
          ListenerArn: await idOf(listener),
          Priority: priority,
          Conditions: [{ Field: 'path-pattern', Values: [path] }],
          Actions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '418' } }],
          ...list(tags),
        }),
      );
    },
    dropTargets: async (key: Key<'target-group'>) => {
      const TargetGroupArn = await idOf(key);
      const { TargetHealthDescriptions } = await elb.send(
        new DescribeTargetHealthCommand({ TargetGroupArn }),
      );
      const Targets = (TargetHealthDescriptions ?? []).flatMap(({ Target }) => Target ?? []);
      await elb.send(new DeregisterTargetsCommand({ TargetGroupArn, Targets }));
    },
    record: async (Type: 'A' | 'CNAME' | 'TXT', Name: string, Value: string) => {
      await upsert({ Name, Type, TTL: 60, ResourceRecords: [{ Value }] });
    },
    alias: async (name: string, key: Key<'load-balancer'>) => pointTo(name, await idOf(key)),
    /** Points an alias of the sample stack to a load balancer of somebody else, made for that. */
    stealAlias: async (key: Key<'dns-record'>) => {
      await loadBalancer('thief', {});
      await pointTo(key.slice(key.lastIndexOf('/') + 1), (await balancer('thief'))?.LoadBalancerArn ?? '');
    },
  };
};
