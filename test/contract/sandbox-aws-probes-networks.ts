/** One probe for each rule of ELBv2 about VPCs and tags. */
import {
  AddTagsCommand,
  DescribeTagsCommand,
  RegisterTargetsCommand,
  RemoveTagsCommand,
  SetSubnetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { forwardTo, type Probe } from './sandbox-aws-world.ts';

const LB = 'arn:aws:elasticloadbalancing:us-west-1:123456789012:loadbalancer/app/none/0123456789abcdef';
const TG = 'arn:aws:elasticloadbalancing:us-west-1:123456789012:targetgroup/none/0123456789abcdef';
const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

const OTHER = {
  fixtures: {
    otherNetworks: [
      {
        vpc: { id: 'vpc-2', cidr: '10.0.0.0/16' },
        internetGateway: false,
        subnets: [
          { id: 'subnet-2a', zone: 'a', cidr: '10.0.1.0/24', tags: {} },
          { id: 'subnet-2b', zone: 'b', cidr: '10.0.2.0/24', tags: {} },
        ],
        securityGroups: [{ id: 'sg-2', name: 'other', tags: {} }],
        instances: [],
      },
    ],
  },
};

export const NETWORKS: readonly Probe[] = [
  [
    'subnets of two VPCs',
    'InvalidConfigurationRequestException',
    (w) => w.balancer({ Subnets: ['subnet-1234', 'subnet-2b'] }),
    /same VPC/,
    OTHER,
  ],
  [
    'a security group of another VPC',
    'InvalidConfigurationRequestException',
    (w) => w.balancer({ SecurityGroups: ['sg-2'] }),
    /'vpc-2'/,
    OTHER,
  ],
  [
    'internet-facing without internet gateway',
    'InvalidSubnetException',
    (w) => w.balancer({ Subnets: ['subnet-2a', 'subnet-2b'], SecurityGroups: [] }),
    /vpc-2 has no internet gateway/,
    OTHER,
  ],
  [
    'SetSubnets to another VPC',
    'InvalidConfigurationRequestException',
    async (w) =>
      w.elb.send(
        new SetSubnetsCommand({
          LoadBalancerArn: await w.balancer({ Scheme: 'internal' }),
          Subnets: ['subnet-2a', 'subnet-2b'],
        }),
      ),
    /'vpc-1'/,
    OTHER,
  ],
  [
    'forward to a target group of another VPC',
    'InvalidConfigurationRequestException',
    async (w) => w.listener(await w.balancer(), 80, forwardTo(await w.group({ VpcId: 'vpc-2' }))),
    /'vpc-1'/,
    OTHER,
  ],
  [
    'an instance of another VPC',
    'InvalidTargetException',
    async (w) =>
      w.elb.send(
        new RegisterTargetsCommand({
          TargetGroupArn: await w.group({ VpcId: 'vpc-2', TargetType: 'instance' }),
          Targets: [{ Id: 'i-0aaa' }],
        }),
      ),
    /'vpc-2'/,
    OTHER,
  ],
];

export const TAGS: readonly Probe[] = [
  [
    '51 tags',
    'TooManyTagsException',
    (w) => w.balancer({ Tags: many(51, (i) => ({ Key: `k${i}`, Value: '' })) }),
    /'50'/,
  ],
  ['a tag key twice', 'DuplicateTagKeysException', (w) => w.balancer({ Tags: [{ Key: 'k' }, { Key: 'k' }] })],
  ['a tag key of AWS', 'ValidationError', (w) => w.balancer({ Tags: [{ Key: 'aws:k' }] }), /reserved/],
  [
    'a tag key of 129 characters',
    'ValidationError',
    (w) => w.balancer({ Tags: [{ Key: 'k'.repeat(129) }] }),
    /length less than or equal to 128/,
  ],
  [
    'a tag with a character that is not allowed',
    'ValidationError',
    (w) => w.balancer({ Tags: [{ Key: 'k', Value: 'a*b' }] }),
    /regular expression/,
  ],
  [
    'tags of 21 resources',
    'ValidationError',
    (w) => w.elb.send(new DescribeTagsCommand({ ResourceArns: many(21, () => LB) })),
    /'20'/,
  ],
  [
    'tags of an unknown load balancer',
    'LoadBalancerNotFoundException',
    (w) => w.elb.send(new AddTagsCommand({ ResourceArns: [LB], Tags: [{ Key: 'k' }] })),
  ],
  [
    'removing tags of an unknown target group',
    'TargetGroupNotFoundException',
    (w) => w.elb.send(new RemoveTagsCommand({ ResourceArns: [TG], TagKeys: ['k'] })),
  ],
];
