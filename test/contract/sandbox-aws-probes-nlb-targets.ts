/** One probe for each rule of ELBv2 about target groups of Network Load Balancers. */
import assert from 'node:assert/strict';
import {
  DeleteListenerCommand,
  DeleteLoadBalancerCommand,
  DeregisterTargetsCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  ModifyListenerCommand,
  ModifyTargetGroupAttributesCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { networkBalancer, tcpGroup } from './sandbox-aws-network-world.ts';
import { CONFIG } from './sandbox-aws-probes-nlb.ts';
import { ACCEPTED, type Probe, refused, type World } from './sandbox-aws-world.ts';

const groupAttribute = async (world: World, group: Promise<string>, Key: string, Value: string) =>
  world.elb.send(
    new ModifyTargetGroupAttributesCommand({ TargetGroupArn: await group, Attributes: [{ Key, Value }] }),
  );

/** An application load balancer that listens on 80, registered with a group of type alb. */
const chained = async (world: World, port = 80) => {
  const balancer = await world.balancer();
  const listener = await world.listener(balancer, 80);
  const group = await tcpGroup(world, { TargetType: 'alb', Port: port });
  await world.elb.send(new RegisterTargetsCommand({ TargetGroupArn: group, Targets: [{ Id: balancer }] }));
  return { balancer, listener, group };
};

export const NETWORK_TARGETS: readonly Probe[] = [
  [
    'a protocol version of a TCP group',
    'ValidationError',
    (w) => tcpGroup(w, { ProtocolVersion: 'HTTP1' }),
    /version/,
  ],
  [
    'a path for health checks that only connect',
    'ValidationError',
    (w) => tcpGroup(w, { HealthCheckPath: '/healthz' }),
    /HTTP and HTTPS/,
  ],
  [
    'health checks that only connect, of an HTTP group',
    'ValidationError',
    (w) => w.group({ HealthCheckProtocol: 'TCP' }),
    /'HTTP, HTTPS'/,
  ],
  [
    'default health check of TCP groups',
    ACCEPTED,
    async (w) => {
      const arns = [await tcpGroup(w), await tcpGroup(w, { TargetType: 'alb' })];
      const { TargetGroups = [] } = await w.elb.send(
        new DescribeTargetGroupsCommand({ TargetGroupArns: arns }),
      );
      const of = arns.map((arn) => TargetGroups.find(({ TargetGroupArn }) => TargetGroupArn === arn));
      assert.deepEqual(
        of.map((group) => [group?.HealthCheckProtocol, group?.HealthCheckPath, group?.Matcher?.HttpCode]),
        [
          ['TCP', undefined, undefined],
          ['HTTP', '/', '200-399'],
        ],
      );
    },
  ],
  [
    'addresses of clients are kept for instances and not for addresses',
    ACCEPTED,
    async (w) => {
      const keeps = async (TargetType: 'ip' | 'instance') => {
        const TargetGroupArn = await tcpGroup(w, { TargetType });
        const { Attributes = [] } = await w.elb.send(
          new DescribeTargetGroupAttributesCommand({ TargetGroupArn }),
        );
        return Attributes.find(({ Key }) => Key === 'preserve_client_ip.enabled')?.Value;
      };
      assert.deepEqual([await keeps('ip'), await keeps('instance')], ['false', 'true']);
    },
  ],
  [
    'stickiness by cookie of a TCP group',
    'ValidationError',
    (w) => groupAttribute(w, tcpGroup(w), 'stickiness.type', 'lb_cookie'),
  ],
  [
    'attributes of a group whose target is a load balancer',
    CONFIG,
    (w) => groupAttribute(w, tcpGroup(w, { TargetType: 'alb' }), 'proxy_protocol_v2.enabled', 'true'),
    /alb/,
  ],
  [
    'a group of type alb and protocol HTTP',
    'ValidationError',
    (w) => w.group({ TargetType: 'alb' }),
    /'TCP'/,
  ],
  [
    'a load balancer that does not listen on the port',
    'ValidationError',
    (w) => chained(w, 81),
    /at least one listener/,
  ],
  [
    'a network load balancer as the target of another',
    'InvalidTargetException',
    async (w) =>
      w.elb.send(
        new RegisterTargetsCommand({
          TargetGroupArn: await tcpGroup(w, { TargetType: 'alb' }),
          Targets: [{ Id: await networkBalancer(w) }],
        }),
      ),
  ],
  [
    'a second load balancer in a group',
    'TooManyTargetsException',
    async (w) => {
      const { group } = await chained(w);
      const second = await w.balancer();
      await w.listener(second, 80);
      return w.elb.send(new RegisterTargetsCommand({ TargetGroupArn: group, Targets: [{ Id: second }] }));
    },
    /'1'/,
  ],
  [
    'deleting a listener that a network load balancer uses',
    'ResourceInUseException',
    async (w) => w.elb.send(new DeleteListenerCommand({ ListenerArn: (await chained(w)).listener })),
    /Listener port '80' is in use by registered target/,
  ],
  [
    'moving a listener that a network load balancer uses',
    'ResourceInUseException',
    async (w) =>
      w.elb.send(new ModifyListenerCommand({ ListenerArn: (await chained(w)).listener, Port: 81 })),
  ],
  [
    'deleting a load balancer that is a target',
    'ResourceInUseException',
    async (w) => w.elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: (await chained(w)).balancer })),
  ],
  [
    'a load balancer that is no target any more can go',
    ACCEPTED,
    async (w) => {
      const { balancer, group } = await chained(w);
      await w.elb.send(
        new DeregisterTargetsCommand({ TargetGroupArn: group, Targets: [{ Id: balancer, Port: 80 }] }),
      );
      await w.elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: balancer }));
      await refused(
        w.elb.send(new DescribeLoadBalancersCommand({ LoadBalancerArns: [balancer] })),
        'LoadBalancerNotFoundException',
      );
    },
  ],
  [
    'a target control port out of range',
    'ValidationError',
    (w) => w.group({ TargetControlPort: 70_000 }),
    /between 1 and 65535/,
  ],
  [
    'a target control port of a TCP group',
    CONFIG,
    (w) => tcpGroup(w, { TargetControlPort: 3000 }),
    /HTTP or HTTPS/,
  ],
];
