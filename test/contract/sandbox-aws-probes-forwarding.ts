/** Probes of what load balancers, listeners, actions and target groups must have in common. */
import assert from 'node:assert/strict';
import {
  AddListenerCertificatesCommand,
  CreateListenerCommand,
  DeleteListenerCommand,
  DeleteTargetGroupCommand,
  type IpAddressType,
  ModifyListenerCommand,
  ModifyTargetGroupAttributesCommand,
  RemoveListenerCertificatesCommand,
  SetIpAddressTypeCommand,
  SetSubnetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { shop } from './sandbox-aws-probes-listeners.ts';
import { ACCEPTED, forwardTo, NOT_FOUND, type Probe, refused, type World } from './sandbox-aws-world.ts';

const CONFIG = 'InvalidConfigurationRequestException';
const ACTION = 'InvalidLoadBalancerActionException';

const grpc = (w: World) => w.group({ ProtocolVersion: 'GRPC' });
const overIpv6 = (w: World) => w.group({ IpAddressType: 'ipv6' });
const dualstack = (w: World) => w.balancer({ Scheme: 'internet-facing', IpAddressType: 'dualstack' });

/** An HTTPS listener with a rule that forwards to gRPC targets. */
const withGrpcRule = async (w: World) => {
  const { listener } = await shop(w);
  await w.rule(listener, { Actions: [forwardTo(await grpc(w))] });
  return listener;
};

const toHttp = ({ elb }: World, ListenerArn: string) =>
  elb.send(new ModifyListenerCommand({ ListenerArn, Protocol: 'HTTP' }));

const mixed = async (w: World) =>
  shop(w, {
    DefaultActions: [
      {
        Type: 'forward',
        ForwardConfig: {
          TargetGroups: [{ TargetGroupArn: await grpc(w) }, { TargetGroupArn: await w.group() }],
        },
      },
    ],
  });

const become = ({ elb }: World, LoadBalancerArn: string, IpAddressType: IpAddressType) =>
  elb.send(new SetIpAddressTypeCommand({ LoadBalancerArn, IpAddressType }));

const attributes = async ({ elb }: World, group: Promise<string>, pairs: Readonly<Record<string, string>>) =>
  elb.send(
    new ModifyTargetGroupAttributesCommand({
      TargetGroupArn: await group,
      Attributes: Object.entries(pairs).map(([Key, Value]) => ({ Key, Value })),
    }),
  );

/** A target group whose only listener was deleted just now. */
const letGo = async (w: World) => {
  const group = await w.group();
  const listener = await w.listener(await w.balancer(), 80, forwardTo(group));
  await w.elb.send(new DeleteListenerCommand({ ListenerArn: listener }));
  return group;
};

const remove = ({ elb }: World, TargetGroupArn: string) =>
  elb.send(new DeleteTargetGroupCommand({ TargetGroupArn }));

const twoCertificates = async (w: World) =>
  Promise.all(
    ['b', 'c'].map(async (name) => ({ CertificateArn: await w.certificate([`${name}.example.com`]) })),
  );

export const FORWARDING: readonly Probe[] = [
  [
    'gRPC targets behind HTTP',
    ACTION,
    async (w) => w.listener(await w.balancer(), 80, forwardTo(await grpc(w))),
    /^Listener protocol 'HTTP' is not supported with a target group with the protocol-version 'GRPC'$/,
  ],
  [
    'a rule that leads to HTTP/2 targets behind HTTP',
    ACTION,
    async (w) =>
      w.rule(await w.listener(await w.balancer()), {
        Actions: [forwardTo(await w.group({ ProtocolVersion: 'HTTP2' }))],
      }),
    /'HTTP2'/,
  ],
  [
    'a listener that becomes HTTP with a rule for HTTPS',
    ACTION,
    async (w) => toHttp(w, await withGrpcRule(w)),
    /'GRPC'/,
  ],
  ['two protocol versions in one action', CONFIG, mixed, /same protocol version/],
  [
    'two protocol versions in one action, where that is set to be possible',
    ACCEPTED,
    mixed,
    /./,
    { facts: { forwardMayMixVersions: true } },
  ],
  [
    'IPv6 targets behind ipv4',
    CONFIG,
    async (w) => w.listener(await w.balancer(), 80, forwardTo(await overIpv6(w))),
    /dualstack/,
  ],
  [
    'a load balancer with IPv6 targets that becomes ipv4',
    CONFIG,
    async (w) => {
      const balancer = await dualstack(w);
      await w.listener(balancer, 80, forwardTo(await overIpv6(w)));
      return become(w, balancer, 'ipv4');
    },
    /cannot become ipv4/,
  ],
  [
    'subnets that make a load balancer with IPv6 targets ipv4',
    CONFIG,
    async (w) => {
      const LoadBalancerArn = await dualstack(w);
      await w.listener(LoadBalancerArn, 80, forwardTo(await overIpv6(w)));
      const Subnets = ['subnet-1234', 'subnet-5678'];
      return w.elb.send(new SetSubnetsCommand({ LoadBalancerArn, Subnets, IpAddressType: 'ipv4' }));
    },
    /cannot become ipv4/,
  ],
  [
    'IPv6 targets behind dualstack',
    ACCEPTED,
    async (w) => {
      const balancer = await dualstack(w);
      const listener = await w.listener(balancer, 80, forwardTo(await overIpv6(w)));
      await w.elb.send(new DeleteListenerCommand({ ListenerArn: listener }));
      await become(w, balancer, 'ipv4');
    },
  ],
  [
    'slow start with another algorithm than round robin',
    CONFIG,
    (w) =>
      attributes(w, w.group(), {
        'slow_start.duration_seconds': '30',
        'load_balancing.algorithm.type': 'least_outstanding_requests',
      }),
    /Slow start/,
  ],
  [
    'a draining interval where connections are ended',
    CONFIG,
    (w) =>
      attributes(w, w.group({ Protocol: 'TCP' }), {
        'target_health_state.unhealthy.draining_interval_seconds': '10',
      }),
    /connection_termination/,
  ],
  [
    'two certificates added in one call',
    'ValidationError',
    async (w) => {
      const { listener: ListenerArn } = await shop(w);
      return w.elb.send(
        new AddListenerCertificatesCommand({ ListenerArn, Certificates: await twoCertificates(w) }),
      );
    },
    /one certificate/,
  ],
  [
    'two certificates removed in one call',
    'ValidationError',
    async (w) => {
      const { listener: ListenerArn } = await shop(w);
      return w.elb.send(
        new RemoveListenerCertificatesCommand({ ListenerArn, Certificates: await twoCertificates(w) }),
      );
    },
    /one certificate/,
  ],
  [
    'making a listener again with the same settings gives the same one',
    ACCEPTED,
    async (w) => {
      const balancer = await w.balancer();
      assert.equal(await w.listener(balancer), await w.listener(balancer));
    },
  ],
  [
    'a listener with other settings on a port that is taken',
    'DuplicateListenerException',
    async (w) => {
      const { listener, CertificateArn } = await shop(w);
      const LoadBalancerArn = listener.replace(':listener/', ':loadbalancer/').replace(/\/[^/]+$/, '');
      return w.elb.send(
        new CreateListenerCommand({
          LoadBalancerArn,
          Protocol: 'HTTPS',
          Port: 443,
          Certificates: [{ CertificateArn }],
          SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
          DefaultActions: [NOT_FOUND],
        }),
      );
    },
    /already exists/,
  ],
  [
    'deleting a target group just after its last listener',
    'ResourceInUseException',
    async (w) => remove(w, await letGo(w)),
    /in use/,
    { facts: { targetGroupReleaseSeconds: 30 } },
  ],
  [
    'a target group goes some time after its last listener',
    ACCEPTED,
    async (w) => {
      const group = await letGo(w);
      await refused(remove(w, group), 'ResourceInUseException');
      w.aws.clock.advance(31_000);
      await remove(w, group);
    },
    /./,
    { facts: { targetGroupReleaseSeconds: 30 } },
  ],
];
