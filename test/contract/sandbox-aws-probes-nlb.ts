/** One probe for each rule of ELBv2 about Network Load Balancers and their listeners. */
import assert from 'node:assert/strict';
import {
  CreateRuleCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  ModifyLoadBalancerAttributesCommand,
  SetSecurityGroupsCommand,
  SetSubnetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { networkBalancer, tcpGroup, tcpListener } from './sandbox-aws-network-world.ts';
import { allocate } from './sandbox-aws-probes-ipam.ts';
import { ACCEPTED, forwardTo, NOT_FOUND, type Probe, path, type World } from './sandbox-aws-world.ts';

export const CONFIG = 'InvalidConfigurationRequestException';

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
