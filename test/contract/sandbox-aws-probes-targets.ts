/** One probe for each rule of ELBv2 about target groups and targets. */
import {
  CreateListenerCommand,
  CreateTargetGroupCommand,
  DeleteTargetGroupCommand,
  DescribeListenersCommand,
  DescribeRulesCommand,
  DescribeSSLPoliciesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { forwardTo, type Probe, type World } from './sandbox-aws-world.ts';

const LB = 'arn:aws:elasticloadbalancing:us-west-1:123456789012:loadbalancer/app/none/0123456789abcdef';
const TG = 'arn:aws:elasticloadbalancing:us-west-1:123456789012:targetgroup/none/0123456789abcdef';
const register = async (
  { elb, group }: World,
  targets: { Id: string; Port?: number; AvailabilityZone?: string }[],
  type?: 'instance',
) => {
  const TargetGroupArn = await group(type === undefined ? {} : { TargetType: type });
  return elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: targets }));
};
const groupAttribute = async ({ elb, group }: World, ...pairs: [string, string][]) =>
  elb.send(
    new ModifyTargetGroupAttributesCommand({
      TargetGroupArn: await group(),
      Attributes: pairs.map(([Key, Value]) => ({ Key, Value })),
    }),
  );
const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

export const GROUPS: readonly Probe[] = [
  [
    'same name, other port',
    'DuplicateTargetGroupNameException',
    async (w) => {
      await w.group({ Name: 'a' });
      return w.group({ Name: 'a', Port: 81 });
    },
    /different settings/,
  ],
  [
    'more than the quota',
    'TooManyTargetGroupsException',
    async (w) => {
      await w.group();
      return w.group();
    },
    /'1'/,
    { facts: { targetGroupsPerRegion: 1 } },
  ],
  [
    'without a VPC',
    'ValidationError',
    (w) => w.elb.send(new CreateTargetGroupCommand({ Name: 'a', Protocol: 'HTTP', Port: 80 })),
    /VPC ID/,
  ],
  ['in an unknown VPC', 'ValidationError', (w) => w.group({ VpcId: 'vpc-none' }), /vpc-none/],
  ['port 0', 'ValidationError', (w) => w.group({ Port: 0 }), /greater than or equal to 1/],
  [
    'health checks off',
    'ValidationError',
    (w) => w.group({ HealthCheckEnabled: false }),
    /cannot be disabled/,
  ],
  [
    'timeout not below the interval',
    'ValidationError',
    (w) => w.group({ HealthCheckIntervalSeconds: 5, HealthCheckTimeoutSeconds: 5 }),
    /'5' must be smaller than the interval '5'/,
  ],
  [
    'interval out of range',
    'ValidationError',
    (w) => w.group({ HealthCheckIntervalSeconds: 4 }),
    /greater than or equal to 5/,
  ],
  [
    'threshold out of range',
    'ValidationError',
    (w) => w.group({ HealthyThresholdCount: 11 }),
    /less than or equal to 10/,
  ],
  [
    'a success code out of range',
    'ValidationError',
    (w) => w.group({ Matcher: { HttpCode: '500' } }),
    /'200' and '499'/,
  ],
  [
    'an HTTP code for gRPC',
    'ValidationError',
    (w) => w.group({ ProtocolVersion: 'GRPC', Matcher: { HttpCode: '200' } }),
    /GrpcCode/,
  ],
  [
    'a health-check port that is none',
    'ValidationError',
    (w) => w.group({ HealthCheckPort: 'x' }),
    /traffic-port/,
  ],
  ['a lambda target group', 'NotImplemented', (w) => w.group({ TargetType: 'lambda' })],
  [
    'modify: interval below the timeout',
    'ValidationError',
    async (w) =>
      w.elb.send(
        new ModifyTargetGroupCommand({ TargetGroupArn: await w.group(), HealthCheckIntervalSeconds: 5 }),
      ),
    /smaller/,
  ],
  [
    'delete one in use',
    'ResourceInUseException',
    async (w) => {
      const TargetGroupArn = await w.group();
      await w.listener(await w.balancer(), 80, forwardTo(TargetGroupArn));
      return w.elb.send(new DeleteTargetGroupCommand({ TargetGroupArn }));
    },
    /in use by a listener or a rule/,
  ],
  [
    'describe an unknown name',
    'TargetGroupNotFoundException',
    (w) => w.elb.send(new DescribeTargetGroupsCommand({ Names: ['none'] })),
  ],
  [
    'describe by names and ARNs',
    'ValidationError',
    (w) => w.elb.send(new DescribeTargetGroupsCommand({ Names: ['a'], TargetGroupArns: [TG] })),
    /together/,
  ],
  [
    'an attribute that does not exist',
    'ValidationError',
    (w) => groupAttribute(w, ['nope', 'x']),
    /'nope' is not recognized/,
  ],
  [
    'an attribute twice',
    'ValidationError',
    (w) => groupAttribute(w, ['stickiness.enabled', 'true'], ['stickiness.enabled', 'false']),
    /more than once/,
  ],
  [
    'deregistration delay out of range',
    'ValidationError',
    (w) => groupAttribute(w, ['deregistration_delay.timeout_seconds', '3601']),
    /between 0 and 3600/,
  ],
  [
    'slow start of 29 seconds',
    'ValidationError',
    (w) => groupAttribute(w, ['slow_start.duration_seconds', '29']),
    /30 and 900/,
  ],
  [
    'stickiness by source address',
    'InvalidConfigurationRequestException',
    (w) => groupAttribute(w, ['stickiness.type', 'source_ip']),
    /source_ip/,
  ],
  [
    'application cookie without a name',
    'ValidationError',
    (w) => groupAttribute(w, ['stickiness.enabled', 'true'], ['stickiness.type', 'app_cookie']),
    /cookie_name/,
  ],
  [
    'application cookie with a reserved name',
    'ValidationError',
    (w) => groupAttribute(w, ['stickiness.app_cookie.cookie_name', 'AWSALBX']),
    /reserved/,
  ],
  [
    'anomaly mitigation without its algorithm',
    'InvalidConfigurationRequestException',
    (w) => groupAttribute(w, ['load_balancing.algorithm.anomaly_mitigation', 'on']),
    /weighted_random/,
  ],
];

export const TARGETS: readonly Probe[] = [
  [
    'a public address',
    'InvalidTargetException',
    (w) => register(w, [{ Id: '8.8.8.8', AvailabilityZone: 'all' }]),
    /8\.8\.8\.8/,
  ],
  [
    'a private address outside the VPC without zone',
    'ValidationError',
    (w) => register(w, [{ Id: '10.1.2.3' }]),
    /'all'/,
  ],
  ['no address', 'ValidationError', (w) => register(w, [{ Id: 'web' }]), /not a valid IPv4/],
  [
    'an IPv6 address in an IPv4 group',
    'ValidationError',
    (w) => register(w, [{ Id: '2600::1' }]),
    /not a valid IPv4/,
  ],
  [
    'an unknown instance',
    'InvalidTargetException',
    (w) => register(w, [{ Id: 'i-none' }], 'instance'),
    /i-none/,
  ],
  [
    'a stopped instance',
    'InvalidTargetException',
    (w) => {
      const instance = w.aws.state.instances.get('i-0aaa');
      if (instance !== undefined) instance.state = 'stopped';
      return register(w, [{ Id: 'i-0aaa' }], 'instance');
    },
    /running state/,
  ],
  [
    'a zone for an instance',
    'ValidationError',
    (w) => register(w, [{ Id: 'i-0aaa', AvailabilityZone: 'us-west-1a' }], 'instance'),
    /Availability Zone/,
  ],
  ['port 65536', 'ValidationError', (w) => register(w, [{ Id: '127.64.0.1', Port: 65536 }]), /65535/],
  [
    'more than the group takes',
    'TooManyTargetsException',
    (w) =>
      register(
        w,
        many(3, (i) => ({ Id: `127.64.0.${i + 1}` })),
      ),
    /per target group '2'/,
    { facts: { targetsPerTargetGroup: 2 } },
  ],
  [
    'more than the load balancer takes',
    'TooManyTargetsException',
    async (w) => {
      const [one, two] = [await w.group(), await w.group()];
      const listener = await w.listener(await w.balancer(), 80, forwardTo(one));
      await w.rule(listener, { Actions: [forwardTo(two)] });
      await w.elb.send(new RegisterTargetsCommand({ TargetGroupArn: one, Targets: [{ Id: '127.64.0.1' }] }));
      return w.elb.send(new RegisterTargetsCommand({ TargetGroupArn: two, Targets: [{ Id: '127.64.0.1' }] }));
    },
    /per load balancer '1'/,
    { facts: { targetsPerLoadBalancer: 1 } },
  ],
  [
    'a target too often',
    'TooManyRegistrationsForTargetIdException',
    async (w) => {
      const TargetGroupArn = await w.group();
      await w.listener(await w.balancer(), 80, forwardTo(TargetGroupArn));
      return w.elb.send(
        new RegisterTargetsCommand({
          TargetGroupArn,
          Targets: [
            { Id: '127.64.0.1', Port: 1 },
            { Id: '127.64.0.1', Port: 2 },
          ],
        }),
      );
    },
    /'1' times/,
    { facts: { registrationsPerTarget: 1 } },
  ],
  [
    'health of an unknown group',
    'TargetGroupNotFoundException',
    (w) => w.elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: TG })),
  ],
  [
    'a listener of an unknown load balancer',
    'LoadBalancerNotFoundException',
    (w) =>
      w.elb.send(
        new CreateListenerCommand({
          LoadBalancerArn: LB,
          Protocol: 'HTTP',
          Port: 80,
          DefaultActions: [forwardTo(TG)],
        }),
      ),
  ],
  [
    'listeners without saying of what',
    'ValidationError',
    (w) => w.elb.send(new DescribeListenersCommand({})),
    /either/,
  ],
  [
    'rules without saying of what',
    'ValidationError',
    (w) => w.elb.send(new DescribeRulesCommand({})),
    /either/,
  ],
  [
    'an SSL policy that does not exist',
    'SSLPolicyNotFoundException',
    (w) => w.elb.send(new DescribeSSLPoliciesCommand({ Names: ['none'] })),
  ],
];
