/** Proofs of annotations about load balancers, their groups and who may reach them. */
import type { Proof, Scene } from './annotation-proof.ts';

const balancer = ({ eyes }: Scene) => eyes.stack('web/balancer');
const SITE = 'http://balancer.example.com/';
const served = async ({ ask }: Scene): Promise<number> => (await ask(SITE)).status;
const SERVED = { requests: served, answers: 200 } as const;
const FIREWALL = {
  same: 'security groups are the business of the network, which the sandbox does not have',
} as const;

const inboundOfNarrow = async ({ eyes }: Scene) =>
  eyes.inbound((await eyes.stack('web/narrow')).balancer.SecurityGroups);

export const BALANCER_PROOFS = {
  'group.name': {
    aws: async ({ eyes }) =>
      (await eyes.stack('shared')).rules.map((it) => it.Conditions?.map(({ Values }) => Values?.[0])),
    is: [
      ['group.example.com', '/other'],
      ['group.example.com', '/*'],
    ],
    requests: async ({ ask }) => (await ask('http://group.example.com/other')).body,
    answers: 'of-another',
  },
  'group.order': {
    // Without it the first by name of two Ingresses with the same rule would have it.
    aws: async ({ eyes }) =>
      (await eyes.stack('shared')).groups.map(({ tags }) => tags['ingress.k8s.aws/resource']),
    is: ['web/second-pods:80'],
    requests: async ({ ask }) => /"pod": "pods-/.test((await ask('http://group.example.com/')).body),
  },
  'share-hosts-with': {
    aws: async ({ eyes }) => {
      const { rules } = await eyes.stack('shared');
      return rules[0]?.Actions?.[0]?.FixedResponseConfig?.MessageBody;
    },
    is: 'of-another',
    requests: async ({ ask }) => (await ask('http://group.example.com/other')).body,
    answers: 'of-another',
  },
  'load-balancer-name': {
    aws: async (scene) => (await balancer(scene)).balancer.LoadBalancerName,
    is: 'parity',
    requests: async ({ eyes, ask }) => {
      const { DNSName } = (await eyes.stack('web/balancer')).balancer;
      return (await ask(`http://${DNSName}/`, { headers: { host: 'balancer.example.com' } })).status;
    },
    answers: 200,
  },
  scheme: { aws: async (scene) => (await balancer(scene)).balancer.Scheme, is: 'internet-facing', ...SERVED },
  'ip-address-type': {
    aws: async (scene) => [
      (await balancer(scene)).balancer.IpAddressType,
      (await scene.eyes.record('balancer.example.com', 'AAAA')).length,
    ],
    is: ['dualstack', 1],
    ...SERVED,
  },
  subnets: {
    aws: async ({ eyes }) =>
      (await eyes.stack('web/narrow')).balancer.AvailabilityZones?.map(({ SubnetId }) => SubnetId).sort(),
    is: ['subnet-5678', 'subnet-9999'],
    requests: async ({ ask }) => (await ask('http://narrow.example.com/')).status,
    answers: 200,
  },
  'security-groups': {
    aws: async (scene) => (await balancer(scene)).balancer.SecurityGroups,
    is: ['sg-1234'],
    requests: FIREWALL,
  },
  'manage-backend-security-group-rules': {
    aws: async ({ eyes, account }) =>
      (await eyes.inbound([account.nodeGroup]))
        .flatMap(({ UserIdGroupPairs = [] }) => UserIdGroupPairs)
        .filter(({ Description }) => Description === 'alb-ingress.io/stack=web/balancer')
        .map(({ GroupId }) => GroupId),
    is: ['sg-1234'],
    requests: FIREWALL,
  },
  'load-balancer-attributes': {
    aws: async (scene) => (await balancer(scene)).attributes['routing.http.xff_client_port.enabled'],
    is: 'true',
    requests: async ({ ask }) => /"x-forwarded-for": "[\d.]+:\d+"/.test((await ask(SITE)).body),
  },
  'minimum-load-balancer-capacity': {
    aws: async (scene) => scene.eyes.capacity((await balancer(scene)).balancer.LoadBalancerArn),
    is: 500,
    requests: { same: 'capacity that is reserved answers like any other' },
  },
  'ipam-ipv4-pool-id': {
    aws: async (scene) =>
      (await balancer(scene)).balancer.IpamPools?.Ipv4IpamPoolId === scene.account.addressPool,
    is: true,
    requests: { same: 'requests of the sandbox come to loopback addresses, whatever the pool' },
  },
  'customer-owned-ipv4-pool': {
    // The sandbox has no Outpost, and says so: what it was asked for is as near as it gets.
    aws: async ({ world }) =>
      world.box.aws.journal.find(
        ({ operation, input }) => operation === 'CreateLoadBalancer' && 'CustomerOwnedIpv4Pool' in input,
      )?.input.CustomerOwnedIpv4Pool,
    is: 'ipv4pool-coip-0a1b2c3d4e5f60718',
    requests: { same: 'the sandbox has no Outpost whose addresses could be asked' },
  },
  'wafv2-acl-arn': {
    aws: async ({ eyes }) => eyes.webAcl((await eyes.stack('web/blocked')).balancer.LoadBalancerArn),
    is: 'blocking',
    requests: async ({ ask }) => (await ask('http://blocked.example.com/')).status,
    answers: 403,
  },
  'wafv2-acl-name': {
    aws: async (scene) => scene.eyes.webAcl((await balancer(scene)).balancer.LoadBalancerArn),
    is: 'allowing',
    ...SERVED,
  },
  'shield-advanced-protection': {
    aws: async (scene) => scene.eyes.isShielded((await balancer(scene)).balancer.LoadBalancerArn),
    is: true,
    requests: { same: 'Shield steps in under attack only' },
  },
  tags: {
    aws: async (scene) => {
      const { balancer: it, listeners, groups } = await balancer(scene);
      return [it, ...listeners, ...groups].map(({ tags }) => tags.team);
    },
    is: ['shop', 'shop', 'shop'],
    requests: { same: 'a tag is no part of a request' },
  },
  'inbound-cidrs': {
    aws: async (scene) =>
      (await inboundOfNarrow(scene)).flatMap(({ IpRanges = [] }) => IpRanges.map(({ CidrIp }) => CidrIp)),
    is: ['10.0.0.0/8'],
    requests: FIREWALL,
  },
  'security-group-prefix-lists': {
    aws: async (scene) =>
      (await inboundOfNarrow(scene)).flatMap(({ PrefixListIds = [] }) =>
        PrefixListIds.map(({ PrefixListId }) => PrefixListId === scene.account.prefixList),
      ),
    is: [true],
    requests: FIREWALL,
  },
} as const satisfies Record<string, Proof>;
