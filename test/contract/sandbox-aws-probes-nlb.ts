/** One probe for each rule of ELBv2 about Network Load Balancers. */
import assert from 'node:assert/strict';
import {
  CreateRuleCommand,
  DeleteListenerCommand,
  DeleteLoadBalancerCommand,
  DeregisterTargetsCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  ModifyListenerCommand,
  ModifyLoadBalancerAttributesCommand,
  ModifyTargetGroupAttributesCommand,
  RegisterTargetsCommand,
  SetSecurityGroupsCommand,
  SetSubnetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { networkBalancer, tcpGroup, tcpListener } from './sandbox-aws-network-world.ts';
import { allocate } from './sandbox-aws-probes-ipam.ts';
import {
  ACCEPTED,
  forwardTo,
  NOT_FOUND,
  type Probe,
  path,
  refused,
  type World,
} from './sandbox-aws-world.ts';

const CONFIG = 'InvalidConfigurationRequestException';

const withAddress = async (world: World, settings: object = {}) =>
  networkBalancer(world, {
    SubnetMappings: [{ SubnetId: 'subnet-1234', AllocationId: await allocate(world) }],
    ...settings,
  });

const balancerAttribute = async (world: World, Key: string, Value: string) =>
  world.elb.send(
    new ModifyLoadBalancerAttributesCommand({
      LoadBalancerArn: await networkBalancer(world),
      Attributes: [{ Key, Value }],
    }),
  );

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

export const NETWORK_BALANCERS: readonly Probe[] = [
  [
    'a network load balancer in one subnet, with the name and zone of its kind',
    ACCEPTED,
    async (w) => {
      const arn = await networkBalancer(w, { Name: 'front', Subnets: ['subnet-1234'] });
      assert.match(arn, /:loadbalancer\/net\/front\/[0-9a-f]{16}$/);
      const [found] =
        (await w.elb.send(new DescribeLoadBalancersCommand({ LoadBalancerArns: [arn] }))).LoadBalancers ?? [];
      assert.equal(found?.DNSName, `front-${arn.split('/').at(-1)}.elb.us-west-1.amazonaws.com`);
      assert.equal(found?.CanonicalHostedZoneId, 'Z24FKFUX50B4VW');
      assert.equal(found?.SecurityGroups, undefined);
    },
  ],
  [
    'a network load balancer without subnets',
    'ValidationError',
    (w) => networkBalancer(w, { Subnets: [] }),
    /subnet/,
  ],
  [
    'an address that is not allocated',
    'AllocationIdNotFoundException',
    (w) => networkBalancer(w, { SubnetMappings: [{ SubnetId: 'subnet-1234', AllocationId: 'eipalloc-1' }] }),
    /do not exist/,
  ],
  [
    'an address that another load balancer has',
    'ResourceInUseException',
    async (w) => {
      const SubnetMappings = [{ SubnetId: 'subnet-1234', AllocationId: await allocate(w) }];
      await networkBalancer(w, { SubnetMappings });
      return networkBalancer(w, { SubnetMappings });
    },
    /not available/,
  ],
  [
    'a public address of an internal one',
    CONFIG,
    (w) => withAddress(w, { Scheme: 'internal' }),
    /internet-facing/,
  ],
  [
    'a private address of an internet-facing one',
    CONFIG,
    (w) =>
      networkBalancer(w, {
        SubnetMappings: [{ SubnetId: 'subnet-1234', PrivateIPv4Address: '127.64.0.9' }],
      }),
    /internal/,
  ],
  [
    'a private address outside its subnet',
    CONFIG,
    (w) =>
      networkBalancer(w, {
        Scheme: 'internal',
        SubnetMappings: [{ SubnetId: 'subnet-1234', PrivateIPv4Address: '10.0.0.9' }],
      }),
    /not in the subnet/,
  ],
  [
    'security groups for one made without',
    CONFIG,
    async (w) =>
      w.elb.send(
        new SetSecurityGroupsCommand({
          LoadBalancerArn: await networkBalancer(w),
          SecurityGroups: ['sg-1234'],
        }),
      ),
    /without security groups/,
  ],
  [
    'other security groups for one made with some',
    ACCEPTED,
    async (w) => {
      const LoadBalancerArn = await networkBalancer(w, { SecurityGroups: ['sg-1234'] });
      const reply = await w.elb.send(
        new SetSecurityGroupsCommand({ LoadBalancerArn, SecurityGroups: ['sg-1234'] }),
      );
      assert.deepEqual(reply.SecurityGroupIds, ['sg-1234']);
    },
  ],
  [
    'an address type of application load balancers',
    'ValidationError',
    (w) => networkBalancer(w, { IpAddressType: 'dualstack-without-public-ipv4' }),
    /dualstack/,
  ],
  [
    'an IPAM pool for a network load balancer',
    CONFIG,
    (w) => networkBalancer(w, { IpamPools: { Ipv4IpamPoolId: 'ipam-pool-1' } }),
    /application/,
  ],
  [
    'an attribute of application load balancers on a network one',
    CONFIG,
    (w) => balancerAttribute(w, 'idle_timeout.timeout_seconds', '60'),
    /not valid/,
  ],
  [
    'a client routing policy that does not exist',
    'ValidationError',
    (w) => balancerAttribute(w, 'dns_record.client_routing_policy', 'nearest'),
  ],
  [
    'fewer additional addresses than before',
    CONFIG,
    async (w) => {
      const LoadBalancerArn = await networkBalancer(w);
      const set = (Value: string) =>
        w.elb.send(
          new ModifyLoadBalancerAttributesCommand({
            LoadBalancerArn,
            Attributes: [{ Key: 'secondary_ips.auto_assigned.per_subnet', Value }],
          }),
        );
      await set('2');
      return set('1');
    },
    /cannot be decreased/,
  ],
  [
    'default attributes of a network load balancer',
    ACCEPTED,
    async (w) => {
      const { Attributes = [] } = await w.elb.send(
        new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: await networkBalancer(w) }),
      );
      const of = Object.fromEntries(Attributes.map(({ Key = '', Value }) => [Key, Value]));
      assert.equal(of['load_balancing.cross_zone.enabled'], 'false');
      assert.equal(of['dns_record.client_routing_policy'], 'any_availability_zone');
      assert.equal(of['idle_timeout.timeout_seconds'], undefined);
    },
  ],
  [
    'subnets of a network load balancer can be added and taken away',
    ACCEPTED,
    async (w) => {
      const LoadBalancerArn = await withAddress(w);
      const zones = async (...Subnets: string[]) =>
        (await w.elb.send(new SetSubnetsCommand({ LoadBalancerArn, Subnets }))).AvailabilityZones?.length;
      assert.equal(await zones('subnet-1234', 'subnet-5678'), 2);
      assert.equal(await zones('subnet-5678'), 1);
    },
  ],
];

export const NETWORK_LISTENERS: readonly Probe[] = [
  [
    'an HTTP listener of a network load balancer',
    'ValidationError',
    async (w) => tcpListener(w, await networkBalancer(w), await w.group(), { Protocol: 'HTTP' }),
    /'TCP, TLS'/,
  ],
  [
    'a UDP listener',
    'NotImplemented',
    async (w) => tcpListener(w, await networkBalancer(w), await tcpGroup(w), { Protocol: 'UDP' }),
    /UDP/,
  ],
  ['a UDP target group', 'NotImplemented', (w) => w.group({ Protocol: 'UDP' }), /UDP/],
  [
    'a TLS listener without a certificate',
    'ValidationError',
    async (w) => tcpListener(w, await networkBalancer(w), await tcpGroup(w), { Protocol: 'TLS' }),
    /certificate/,
  ],
  [
    'an ALPN policy that does not exist',
    'ALPNPolicyNotSupportedException',
    async (w) =>
      tcpListener(w, await networkBalancer(w), await tcpGroup(w), {
        Protocol: 'TLS',
        Certificates: [{ CertificateArn: await w.certificate(['a.example.com']) }],
        AlpnPolicy: ['HTTP3Only'],
      }),
  ],
  [
    'a fixed response of a network load balancer',
    'InvalidLoadBalancerActionException',
    async (w) => tcpListener(w, await networkBalancer(w), await tcpGroup(w), { DefaultActions: [NOT_FOUND] }),
    /forward/,
  ],
  [
    'a TCP listener that forwards to an HTTP group',
    'IncompatibleProtocolsException',
    async (w) => tcpListener(w, await networkBalancer(w), await w.group()),
  ],
  [
    'an HTTP listener that forwards to a TCP group',
    'IncompatibleProtocolsException',
    async (w) => w.listener(await w.balancer(), 80, forwardTo(await tcpGroup(w))),
  ],
  [
    'a TLS listener that forwards to a load balancer',
    'IncompatibleProtocolsException',
    async (w) =>
      tcpListener(w, await networkBalancer(w), await tcpGroup(w, { TargetType: 'alb' }), {
        Protocol: 'TLS',
        Certificates: [{ CertificateArn: await w.certificate(['a.example.com']) }],
      }),
  ],
  [
    'a rule of a TCP listener',
    'NotImplemented',
    async (w) => {
      const group = await tcpGroup(w);
      return w.elb.send(
        new CreateRuleCommand({
          ListenerArn: await tcpListener(w, await networkBalancer(w), group),
          Priority: 1,
          Conditions: [path('/x')],
          Actions: [forwardTo(group)],
        }),
      );
    },
  ],
];

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
