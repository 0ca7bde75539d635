/** One probe for each rule of ELBv2 about load balancers and names. */
import {
  DeleteLoadBalancerCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  ModifyLoadBalancerAttributesCommand,
  SetIpAddressTypeCommand,
  SetSecurityGroupsCommand,
  SetSubnetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Probe, World } from './sandbox-aws-world.ts';

const LB = 'arn:aws:elasticloadbalancing:us-west-1:123456789012:loadbalancer/app/none/0123456789abcdef';
const TG = 'arn:aws:elasticloadbalancing:us-west-1:123456789012:targetgroup/none/0123456789abcdef';
const balancerAttribute = async ({ elb, balancer }: World, Key: string, Value: string) =>
  elb.send(
    new ModifyLoadBalancerAttributesCommand({
      LoadBalancerArn: await balancer(),
      Attributes: [{ Key, Value }],
    }),
  );
const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

export const NAMES: readonly Probe[] = [
  [
    'a load balancer name has at most 32 characters',
    'ValidationError',
    (w) => w.balancer({ Name: 'x'.repeat(33) }),
    /cannot be longer than '32'/,
  ],
  [
    'a load balancer name is alphanumeric',
    'ValidationError',
    (w) => w.balancer({ Name: 'a_b' }),
    /alphanumeric/,
  ],
  [
    'a load balancer name does not begin with a hyphen',
    'ValidationError',
    (w) => w.balancer({ Name: '-a' }),
    /hyphen/,
  ],
  [
    'a load balancer name does not end with a hyphen',
    'ValidationError',
    (w) => w.balancer({ Name: 'a-' }),
    /hyphen/,
  ],
  [
    'a load balancer name does not begin with internal-',
    'ValidationError',
    (w) => w.balancer({ Name: 'internal-a' }),
    /internal-/,
  ],
  [
    'a target group name has at most 32 characters',
    'ValidationError',
    (w) => w.group({ Name: 'x'.repeat(33) }),
    /longer/,
  ],
  [
    'a target group name has no two hyphens in a row',
    'ValidationError',
    (w) => w.group({ Name: 'a--b' }),
    /two hyphens/,
  ],
];

export const BALANCERS: readonly Probe[] = [
  [
    'same name, other scheme',
    'DuplicateLoadBalancerNameException',
    async (w) => {
      await w.balancer({ Name: 'a' });
      return w.balancer({ Name: 'a', Scheme: 'internal' });
    },
    /different settings/,
  ],
  [
    'same name, other tags',
    'DuplicateLoadBalancerNameException',
    async (w) => {
      await w.balancer({ Name: 'a' });
      return w.balancer({ Name: 'a', Tags: [{ Key: 'k', Value: 'v' }] });
    },
  ],
  [
    'one zone only',
    'ValidationError',
    (w) => w.balancer({ Subnets: ['subnet-1234'] }),
    /two different Availability Zones/,
  ],
  [
    'two subnets of one zone',
    'InvalidConfigurationRequestException',
    (w) => w.balancer({ Subnets: ['subnet-1234', 'subnet-9999', 'subnet-5678'] }),
    /same Availability Zone/,
  ],
  [
    'subnets and mappings together',
    'ValidationError',
    (w) => w.balancer({ SubnetMappings: [{ SubnetId: 'subnet-1234' }] }),
    /not both/,
  ],
  [
    'unknown subnet',
    'SubnetNotFoundException',
    (w) => w.balancer({ Subnets: ['subnet-1234', 'subnet-none'] }),
    /subnet-none/,
  ],
  [
    'subnet without room',
    'InvalidSubnetException',
    (w) => w.balancer({ Subnets: ['s-small', 's-other'] }),
    /IP space/,
    {
      fixtures: {
        subnets: [
          { id: 's-small', zone: 'a', cidr: '127.64.0.0/28', tags: {} },
          { id: 's-other', zone: 'b', cidr: '127.65.0.0/16', tags: {} },
        ],
      },
    },
  ],
  [
    'unknown security group',
    'InvalidSecurityGroupException',
    (w) => w.balancer({ SecurityGroups: ['sg-none'] }),
    /sg-none/,
  ],
  [
    'six security groups',
    'InvalidConfigurationRequestException',
    (w) => w.balancer({ SecurityGroups: many(6, (i) => `sg-${i}`) }),
    /at most '5'/,
  ],
  [
    'dualstack on an internal one',
    'InvalidConfigurationRequestException',
    (w) => w.balancer({ Scheme: 'internal', IpAddressType: 'dualstack' }),
    /ipv4/,
  ],
  [
    'dualstack without IPv6 in the subnets',
    'InvalidSubnetException',
    (w) => w.balancer({ Subnets: ['subnet-9999', 'subnet-5678'], IpAddressType: 'dualstack' }),
    /IPv6/,
  ],
  ['a gateway load balancer', 'NotImplemented', (w) => w.balancer({ Type: 'gateway' }), /gateway/],
  [
    'a scheme that does not exist',
    'ValidationError',
    (w) => w.balancer({ Scheme: 'public' as 'internal' }),
    /enum value set/,
  ],
  [
    'more than the quota',
    'TooManyLoadBalancersException',
    async (w) => {
      await w.balancer();
      return w.balancer();
    },
    /'1'/,
    { facts: { loadBalancersPerRegion: 1 } },
  ],
  [
    'deletion protection',
    'OperationNotPermittedException',
    async (w) => {
      const LoadBalancerArn = await w.balancer();
      await w.elb.send(
        new ModifyLoadBalancerAttributesCommand({
          LoadBalancerArn,
          Attributes: [{ Key: 'deletion_protection.enabled', Value: 'true' }],
        }),
      );
      return w.elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn }));
    },
    /deletion protection/,
  ],
  [
    'SetSubnets to one zone',
    'InvalidConfigurationRequestException',
    async (w) =>
      w.elb.send(new SetSubnetsCommand({ LoadBalancerArn: await w.balancer(), Subnets: ['subnet-1234'] })),
    /two different/,
  ],
  [
    'SetSecurityGroups to an unknown group',
    'InvalidSecurityGroupException',
    async (w) =>
      w.elb.send(
        new SetSecurityGroupsCommand({ LoadBalancerArn: await w.balancer(), SecurityGroups: ['sg-none'] }),
      ),
  ],
  [
    'SetIpAddressType of an internal one',
    'InvalidConfigurationRequestException',
    async (w) =>
      w.elb.send(
        new SetIpAddressTypeCommand({
          LoadBalancerArn: await w.balancer({ Scheme: 'internal' }),
          IpAddressType: 'dualstack',
        }),
      ),
  ],
  [
    'describe an unknown name',
    'LoadBalancerNotFoundException',
    (w) => w.elb.send(new DescribeLoadBalancersCommand({ Names: ['none'] })),
    /none/,
  ],
  [
    'describe 21 ARNs',
    'ValidationError',
    (w) => w.elb.send(new DescribeLoadBalancersCommand({ LoadBalancerArns: many(21, () => LB) })),
    /'20'/,
  ],
  [
    'a page of 401',
    'ValidationError',
    (w) => w.elb.send(new DescribeLoadBalancersCommand({ PageSize: 401 })),
    /less than or equal to 400/,
  ],
  [
    'a marker of somebody else',
    'ValidationError',
    (w) => w.elb.send(new DescribeLoadBalancersCommand({ Marker: 'abc' })),
    /marker/,
  ],
  [
    'attributes of an unknown one',
    'LoadBalancerNotFoundException',
    (w) => w.elb.send(new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: LB })),
  ],
  [
    'an ARN of another kind',
    'ValidationError',
    (w) => w.elb.send(new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: TG })),
    /not a valid loadbalancer ARN/,
  ],
  [
    'an attribute that does not exist',
    'InvalidConfigurationRequestException',
    (w) => balancerAttribute(w, 'nope', 'x'),
    /Key nope not valid/,
  ],
  [
    'idle timeout out of range',
    'ValidationError',
    (w) => balancerAttribute(w, 'idle_timeout.timeout_seconds', '4001'),
    /between 1 and 4000/,
  ],
  [
    'a desync mode that does not exist',
    'ValidationError',
    (w) => balancerAttribute(w, 'routing.http.desync_mitigation_mode', 'off'),
    /defensive/,
  ],
  [
    'access logs without a bucket',
    'InvalidConfigurationRequestException',
    (w) => balancerAttribute(w, 'access_logs.s3.enabled', 'true'),
    /bucket/,
  ],
  [
    '21 attributes in a call',
    'ValidationError',
    async (w) =>
      w.elb.send(
        new ModifyLoadBalancerAttributesCommand({
          LoadBalancerArn: await w.balancer(),
          Attributes: many(21, (i) => ({ Key: `k${i}`, Value: 'v' })),
        }),
      ),
    /length less than or equal to 20/,
  ],
];
