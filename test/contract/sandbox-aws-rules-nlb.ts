/** AWS's rules about Network Load Balancers, and the addresses they can have. */
import type { Section } from './sandbox-aws-rule.ts';

const V = 'ValidationError';
const CONFIG = 'InvalidConfigurationRequest';

export const NETWORK: Section = {
  title: 'Network Load Balancers',
  areas: [
    'ELBv2 network load balancers',
    'ELBv2 network listeners',
    'ELBv2 network targets',
    'ELBv2 address pools',
    'EC2 addresses',
  ],
  rules: [
    [
      'One subnet is enough; ARN, name and hosted zone differ from those of application load balancers.',
      V,
      'docs',
      [
        'a network load balancer in one subnet, with the name and zone of its kind',
        'a network load balancer without subnets',
        'subnets of a network load balancer can be added and taken away',
      ],
    ],
    [
      'An Elastic IP address in each subnet of an internet-facing one, a private one in each subnet of an internal one.',
      `AllocationIdNotFound, ${CONFIG}`,
      'docs',
      [
        'an address that is not allocated',
        'a public address of an internal one',
        'a private address of an internet-facing one',
        'a private address outside its subnet',
      ],
    ],
    [
      'An address serves one load balancer.',
      'ResourceInUse',
      'memory',
      ['an address that another load balancer has'],
    ],
    [
      'Security groups are given when it is made or never.',
      CONFIG,
      'docs',
      ['security groups for one made without', 'other security groups for one made with some'],
    ],
    [
      'Address types are ipv4 and dualstack; IPAM pools are for application load balancers.',
      `${V}, ${CONFIG}`,
      'model',
      ['an address type of application load balancers', 'an IPAM pool for a network load balancer'],
    ],
    [
      'Attributes are those of its kind.',
      `${CONFIG}, ${V}`,
      'model',
      [
        'an attribute of application load balancers on a network one',
        'a client routing policy that does not exist',
        'default attributes of a network load balancer',
      ],
    ],
    [
      'Additional addresses in each subnet are never taken away again.',
      CONFIG,
      'model',
      ['fewer additional addresses than before'],
    ],
    [
      'Listeners are TCP or TLS; TLS needs a certificate and may have one ALPN policy.',
      `${V}, ALPNPolicyNotFound`,
      'model',
      [
        'an HTTP listener of a network load balancer',
        'a TLS listener without a certificate',
        'an ALPN policy that does not exist',
      ],
    ],
    ['UDP, TCP_UDP, QUIC and TCP_QUIC.', 'NotImplemented', 'model', ['a UDP listener', 'a UDP target group']],
    [
      'Listeners forward, to groups of a protocol that fits.',
      'InvalidLoadBalancerAction, IncompatibleProtocols',
      'docs',
      [
        'a fixed response of a network load balancer',
        'a TCP listener that forwards to an HTTP group',
        'an HTTP listener that forwards to a TCP group',
        'a TLS listener that forwards to a load balancer',
      ],
    ],
    ['Rules on listeners.', 'NotImplemented', 'model', ['a rule of a TCP listener']],
    [
      'Health checks of TCP groups connect unless told to ask; codes up to 599.',
      V,
      'model',
      [
        'a protocol version of a TCP group',
        'a path for health checks that only connect',
        'health checks that only connect, of an HTTP group',
        'default health check of TCP groups',
      ],
    ],
    [
      'Attributes of TCP groups; those of groups of type alb stay as they are.',
      `${V}, ${CONFIG}`,
      'docs',
      [
        'addresses of clients are kept for instances and not for addresses',
        'stickiness by cookie of a TCP group',
        'attributes of a group whose target is a load balancer',
      ],
    ],
    [
      'A group of type alb is of protocol TCP and has one application load balancer, which listens on the port.',
      `${V}, InvalidTarget, TooManyTargets`,
      'seen',
      [
        'a group of type alb and protocol HTTP',
        'a load balancer that does not listen on the port',
        'a network load balancer as the target of another',
        'a second load balancer in a group',
      ],
    ],
    [
      'A listener that is a target stays.',
      'ResourceInUse',
      'seen',
      [
        'deleting a listener that a network load balancer uses',
        'moving a listener that a network load balancer uses',
      ],
    ],
    [
      'A load balancer that is a target stays.',
      'ResourceInUse',
      'memory',
      ['deleting a load balancer that is a target', 'a load balancer that is no target any more can go'],
    ],
    [
      'An application load balancer serves at most two network load balancers.',
      'none',
      'docs',
      'The code AWS answers with is not known.',
    ],
    [
      'A target control port is for HTTP and HTTPS groups.',
      `${V}, ${CONFIG}`,
      'memory',
      ['a target control port out of range', 'a target control port of a TCP group'],
    ],
    [
      'IPAM pools exist, are public and of IPv4, and serve internet-facing load balancers.',
      CONFIG,
      'memory',
      [
        'an IPAM pool that does not exist',
        'a private IPAM pool',
        'an IPAM pool for an internal load balancer',
        'an IPAM pool can be given and taken away',
      ],
    ],
    [
      'Elastic IP addresses: five for each Region; one in use stays.',
      'AddressLimitExceeded, InvalidAllocationID.NotFound, InvalidIPAddress.InUse',
      'docs',
      [
        'a sixth address',
        'an address that does not exist',
        'an address of a load balancer',
        'an address shows where it is, and is free again without its load balancer',
      ],
    ],
    [
      'IPAM and its pools.',
      'DependencyViolation, InvalidIpamScopeId.NotFound',
      'memory',
      ['an IPAM that has pools', 'an IPAM pool in an unknown scope'],
    ],
  ],
};
