/** AWS's rules about listeners, actions and trust stores. */
import type { Section } from './sandbox-aws-rule.ts';

const V = 'ValidationError';
const CONFIG = 'InvalidConfigurationRequest';
const ACTION = 'InvalidLoadBalancerAction';

export const LISTENERS: Section = {
  title: 'Listeners, actions and trust stores',
  areas: [
    'ELBv2 listeners',
    'ELBv2 actions',
    'ELBv2 forwarding',
    'ELBv2 networks',
    'ELBv2 trust stores',
    'ELBv2 targets',
    'ELBv2 rules do',
  ],
  rules: [
    [
      'One listener for each port, 50 for each load balancer.',
      'DuplicateListener, TooManyListeners',
      'docs',
      [
        'a second listener on the port',
        'a listener with other settings on a port that is taken',
        'more listeners than the quota',
      ],
    ],
    [
      'Making a listener again with the same settings, and tags (fact `tagsAreSettings`), gives the one that is there.',
      'none',
      'model',
      ['making a listener again with the same settings gives the same one'],
    ],
    [
      'Certificates are added and removed one at a time.',
      V,
      'model',
      ['two certificates added in one call', 'two certificates removed in one call'],
    ],
    ['Protocols are HTTP and HTTPS.', V, 'run', ['protocol TCP']],
    [
      'HTTPS has exactly one default certificate, which exists, has a full name and a supported key.',
      `${V}, CertificateNotFound, TooManyCertificates, UnsupportedCertificate`,
      'model',
      [
        'HTTPS without a certificate',
        'HTTPS with an unknown certificate',
        'two default certificates',
        'a certificate without a full name',
        'a certificate with a key of a kind not supported',
        'a certificate on HTTP',
        'removing the default certificate',
      ],
    ],
    [
      '25 more certificates for each load balancer.',
      'TooManyCertificates',
      'docs',
      ['more certificates than the quota'],
    ],
    [
      'Security policies are those AWS names.',
      'SSLPolicyNotFound',
      'model',
      ['an SSL policy that does not exist', 'policies of FIPS and with post-quantum keys exist'],
    ],
    [
      'A new certificate is unknown to load balancers for a while (fact `certificateSpreadSeconds`, 0 unless set).',
      'CertificateNotFound',
      'clients',
      [
        'a certificate that load balancers do not know yet',
        'a certificate is known some time after it was imported',
      ],
    ],
    ['Attributes about TLS are for HTTPS.', V, 'model', ['an attribute of HTTPS on HTTP']],
    [
      'Unknown listeners and load balancers are errors; a list says of what.',
      `ListenerNotFound, LoadBalancerNotFound, ${V}`,
      'model',
      [
        'deleting an unknown listener',
        'a listener of an unknown load balancer',
        'listeners without saying of what',
        'rules without saying of what',
      ],
    ],
    [
      'Exactly one of forward, redirect and fixed-response, and it is the last by order.',
      `${ACTION}, TooManyActions`,
      'docs',
      [
        'no action',
        'two final actions',
        'two actions of the same order',
        'a final action before the last',
        'an action that does not exist',
      ],
    ],
    [
      'Authentication and token checks are for HTTPS.',
      ACTION,
      'docs',
      ['authentication on HTTP', 'jwt-validation comes before the last action of an HTTPS listener'],
    ],
    [
      'Endpoints of a login are URLs with HTTPS (here also with HTTP on loopback), a session lasts a week at most, and there are ten extra parameters at most.',
      V,
      'docs',
      ['an endpoint without HTTPS', 'a session of more than a week', 'eleven extra parameters'],
    ],
    [
      'A login has a client secret: its own, or that of the login it takes the place of.',
      ACTION,
      'docs',
      ['a login without a client secret', 'a login keeps its client secret where that is asked for'],
    ],
    [
      'A check of tokens has a key set with HTTPS and an issuer, 256 characters each, and ten claims at most with one to ten values; exp, iss, nbf and iat are always checked and cannot be named.',
      V,
      'docs',
      [
        'a key set without HTTPS',
        'an issuer of 257 characters',
        'a claim that is always validated',
        'a claim without values',
        'a space in space-separated values',
      ],
    ],
    [
      'A redirect changes something, not HTTPS to HTTP, and is well formed.',
      `${ACTION}, ${V}`,
      'docs',
      [
        'a redirect that changes nothing',
        'a redirect from HTTPS to HTTP',
        'a redirect to protocol FTP',
        'a redirect to a path without slash',
      ],
    ],
    [
      'A fixed response has a status 2xx, 4xx or 5xx, at most 1,024 characters and a known content type.',
      `${V}, ${ACTION}`,
      'model',
      [
        'a fixed response with status 301',
        'a fixed response of 1025 characters',
        'a fixed response of an odd type',
      ],
    ],
    [
      'A forward names target groups that exist, are of the VPC and of no other load balancer.',
      `${ACTION}, TargetGroupNotFound, TargetGroupAssociationLimit, ${CONFIG}`,
      'docs',
      [
        'forward without a target group',
        'forward to an unknown target group',
        'forward to a group of another load balancer',
        'forward to a target group of another VPC',
      ],
    ],
    [
      'HTTP/2 and gRPC to targets need an HTTPS listener, also when a listener becomes HTTP.',
      ACTION,
      'seen',
      [
        'gRPC targets behind HTTP',
        'a rule that leads to HTTP/2 targets behind HTTP',
        'a listener that becomes HTTP with a rule for HTTPS',
      ],
    ],
    [
      'One protocol version for all target groups of an action (fact `forwardMayMixVersions`).',
      CONFIG,
      'memory',
      [
        'two protocol versions in one action',
        'two protocol versions in one action, where that is set to be possible',
      ],
    ],
    [
      'Targets over IPv6 need a dualstack load balancer.',
      CONFIG,
      'docs',
      [
        'IPv6 targets behind ipv4',
        'IPv6 targets behind dualstack',
        'a load balancer with IPv6 targets that becomes ipv4',
        'subnets that make a load balancer with IPv6 targets ipv4',
      ],
    ],
    [
      'Five target groups in an action, each once, weights 0 to 999, stickiness 1 to 604,800 s.',
      `TooManyTargetGroups, ${V}`,
      'docs',
      [
        'six target groups in an action',
        'weight 1000',
        'a target group twice',
        'stickiness without a duration',
        'weights of a forward are kept',
      ],
    ],
    [
      '100 target groups for each load balancer.',
      'TooManyUniqueTargetGroupsPerLoadBalancer',
      'seen',
      ['more target groups than a load balancer takes'],
    ],
    [
      'A forward to one group is told in both forms, orders are filled in.',
      'none',
      'run',
      ['a forward to one group is told in both forms, with an order'],
    ],
    [
      'Trust stores are made from bundles of CA certificates; names, quota.',
      `CaCertificatesBundleNotFound, InvalidCaCertificatesBundle, DuplicateTrustStoreName, TooManyTrustStores, ${V}`,
      'model',
      [
        'a trust store from an object that is not there',
        'a bundle without certificates',
        'a bundle with a certificate of no authority',
        'a trust store name of 33 characters',
        'a trust store name that ends with a hyphen',
        'a trust store name twice',
        'more trust stores than the quota',
      ],
    ],
    [
      'Trust stores that are unknown or in use.',
      'TrustStoreNotFound, TrustStoreInUse',
      'model',
      ['an unknown trust store', 'changing an unknown trust store', 'deleting a trust store in use'],
    ],
    [
      'Mutual TLS: modes, and a trust store for mode verify only.',
      V,
      'docs',
      ['verifying clients without a trust store', 'a trust store without verifying'],
    ],
    [
      'Revocation lists are PEM and known by their ids.',
      'RevocationContentNotFound, InvalidRevocationContent, RevocationIdNotFound',
      'model',
      [
        'a revocation file that is not there',
        'a revocation file that is none',
        'removing an unknown revocation',
        'the content of an unknown revocation',
      ],
    ],
    [
      'Only associations with other accounts can be ended from the trust store.',
      'DeleteAssociationSameAccount, AssociationNotFound',
      'model',
      [
        'ending an association of the same account as if it were shared',
        'ending an association that is not there',
      ],
    ],
    [
      'Trust stores are shared between accounts.',
      'none',
      'docs',
      'The sandbox has no resource sharing between accounts.',
    ],
    ['ALPN policies are for TLS listeners of network load balancers.', CONFIG, 'model', ['an ALPN policy']],
  ],
};
