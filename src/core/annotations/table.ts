import { action } from './action.ts';
import { cidrList } from './cidr-list.ts';
import { conditions } from './condition.ts';
import { healthCheckPort, successCodes } from './health-check-parsers.ts';
import { certificateArns, csvSet, idOrName, list } from './list-parsers.ts';
import { listenPorts } from './listen-ports.ts';
import { loadBalancerAttributes } from './load-balancer-attributes.ts';
import type { ValueOf } from './parser.ts';
import type { Row } from './row.ts';
import { integer, oneOf, text } from './scalar-parsers.ts';
import { sslPolicy } from './ssl-policy.ts';
import { awsTags } from './tags.ts';
import { targetGroupAttributes } from './target-group-attributes.ts';

/** What all annotations here begin with. */
export const PREFIX = 'alb.ingress.kubernetes.io/';

/**
 * Every annotation that means something, by what follows {@link PREFIX}. A name that ends in `*` is a family: the
 * star stands for a name that the user chooses, and the setting is a map by that name.
 */
export const ANNOTATIONS = {
  scheme: {
    parser: oneOf('internal', 'internet-facing'),
    on: ['ingress'],
    merge: 'exclusive',
    initial: 'internal',
    example: 'internet-facing',
    invalid: 'public',
    doc: 'Whether the load balancer has public addresses. A change makes a new load balancer, moves the name, then removes the old one.',
    feeds: ['load-balancer.scheme'],
    since: '2017',
  },
  'ip-address-type': {
    parser: oneOf('ipv4', 'dualstack', 'dualstack-without-public-ipv4'),
    on: ['ingress'],
    merge: 'exclusive',
    initial: 'ipv4',
    example: 'dualstack',
    invalid: 'ipv6',
    doc: 'Address families of the load balancer. With dualstack its name also has an AAAA record.',
    feeds: ['load-balancer.ipAddressType', 'dns-record.types'],
    since: '2017',
  },
  subnets: {
    parser: csvSet(idOrName('subnet', 'subnet ids or Name tags')),
    on: ['ingress'],
    merge: 'exclusive',
    otherwise: 'found by their role tags',
    example: 'subnet-0a1b2c3d, public-b',
    invalid: 'subnet-, subnet-0a1b2c3d',
    doc: 'Subnets of the load balancer, one per Availability Zone, in at least two of them.',
    feeds: ['load-balancer.subnets'],
    since: '2017',
  },
  'security-groups': {
    parser: csvSet(idOrName('sg', 'security group ids or Name tags')),
    on: ['ingress'],
    merge: 'exclusive',
    otherwise: 'one made for the load balancer',
    example: 'sg-0a1b2c3d, web-front',
    invalid: 'sg-',
    doc: 'Security groups of the load balancer instead of the managed one. Their order means nothing.',
    feeds: ['load-balancer.securityGroups'],
    since: '2017',
  },
  'load-balancer-name': {
    parser: text(
      /^(?!internal-)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$/,
      32,
      'at most 32 letters, digits and hyphens, no hyphen at either end, not beginning with internal-',
    ),
    on: ['ingress'],
    merge: 'exclusive',
    otherwise: 'made from the names of group and cluster',
    example: 'shop-front',
    invalid: 'internal-shop',
    doc: 'Name of the load balancer in AWS, unique per account and Region. Only read when it is made.',
    feeds: ['load-balancer.name'],
    since: 'LBC',
  },
  'load-balancer-attributes': {
    parser: loadBalancerAttributes,
    on: ['ingress'],
    merge: 'per-key',
    initial: '',
    example: 'idle_timeout.timeout_seconds=120,routing.http2.enabled=true',
    invalid: 'idle_timeout.timeout_seconds=5000',
    doc: 'Attributes of the load balancer by AWS key. Keys that nobody states are left alone.',
    feeds: ['load-balancer.attributes'],
    since: 'LBC',
  },
  tags: {
    parser: awsTags,
    on: ['ingress', 'service'],
    merge: 'per-key',
    initial: '',
    aliases: ['Tags'],
    example: 'team=shop,stage=prod',
    invalid: 'team',
    doc: 'Tags on everything made for the Ingress; those of a Service are added on its target groups and win there.',
    feeds: ['load-balancer.tags', 'security-group.tags', 'listener.tags', 'rule.tags', 'target-group.tags'],
    since: '2017',
  },
  'group.name': {
    parser: text(
      /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/,
      63,
      'at most 63 of a-z, 0-9, "-" and ".", with a letter or digit at both ends',
    ),
    on: ['ingress'],
    merge: 'per-ingress',
    otherwise: 'a group of its own',
    example: 'shop.public',
    invalid: 'Shop_Public',
    doc: 'Ingresses with the same group name share one load balancer, across namespaces.',
    feeds: ['load-balancer.name', 'rule.listener'],
    since: 'LBC',
  },
  'group.order': {
    parser: integer(-1000, 1000),
    on: ['ingress'],
    merge: 'per-ingress',
    initial: '0',
    example: '10',
    invalid: '2000',
    doc: 'Place of the Ingress in its group, lowest first; equal ones by namespace and name.',
    feeds: ['rule.priority'],
    since: 'LBC',
  },
  'listen-ports': {
    parser: listenPorts,
    on: ['ingress'],
    merge: 'union',
    otherwise: '`[{"HTTP":80}]`; `[{"HTTPS":443}]` with certificate-arn',
    example: '[{"HTTP":80},{"HTTPS":443}]',
    invalid: '[{"HTTP":80},{"HTTPS":80}]',
    doc: 'Ports that the rules of the Ingress are served on. The load balancer listens on those of all members.',
    feeds: ['listener.port', 'listener.protocol', 'rule.listener', 'security-group.inbound'],
    since: '2017',
  },
  'certificate-arn': {
    parser: list(certificateArns, 0),
    on: ['ingress'],
    merge: 'union',
    otherwise: 'none',
    example: 'arn:aws:acm:eu-west-1:123456789012:certificate/12345678-1234-1234-1234-123456789012',
    invalid: 'www.example.com',
    doc: 'Certificates of the HTTPS listeners. The first of the first member is the default one, the others are chosen by host name.',
    feeds: ['listener.certificates'],
    since: '2017',
  },
  'ssl-policy': {
    parser: sslPolicy,
    on: ['ingress'],
    merge: 'per-port',
    initial: 'ELBSecurityPolicy-2016-08',
    example: 'ELBSecurityPolicy-TLS13-1-2-Res-2021-06',
    invalid: 'TLS13-1-2-Res-2021-06',
    doc: 'TLS versions and ciphers of the HTTPS listeners.',
    feeds: ['listener.sslPolicy'],
    since: 'LBC',
  },
  'ssl-redirect': {
    parser: integer(1, 65_535),
    on: ['ingress'],
    merge: 'exclusive',
    otherwise: 'no redirect',
    example: '443',
    invalid: 'true',
    doc: 'Port of an HTTPS listener of the group that all HTTP listeners redirect to (301). They have no rules then.',
    feeds: ['listener.defaultActions', 'rule.listener'],
    since: 'LBC',
  },
  'inbound-cidrs': {
    parser: cidrList,
    on: ['ingress'],
    merge: 'per-port',
    otherwise: '`0.0.0.0/0`, and `::/0` with dualstack',
    example: '10.0.0.0/8,2001:db8::/32',
    invalid: '10.0.0.1',
    doc: 'Addresses that the managed security group lets in. Without effect when security-groups is set.',
    feeds: ['security-group.inbound'],
    since: 'LBC',
  },
  'target-type': {
    parser: oneOf('instance', 'ip'),
    on: ['ingress', 'service'],
    merge: 'per-ingress',
    initial: 'instance',
    example: 'ip',
    invalid: 'pod',
    doc: 'What receives the traffic: nodes through the NodePort, or pods directly.',
    feeds: ['target-group.targetType', 'target-group.targets'],
    since: 'LBC',
  },
  'target-group-attributes': {
    parser: targetGroupAttributes,
    on: ['ingress', 'service'],
    merge: 'per-ingress',
    initial: '',
    example: 'deregistration_delay.timeout_seconds=30,stickiness.enabled=true',
    invalid: 'slow_start.duration_seconds=10',
    doc: 'Attributes of the target groups by AWS key. Keys that are not stated are left alone.',
    feeds: ['target-group.attributes'],
    since: 'LBC',
  },
  'backend-protocol': {
    parser: oneOf('HTTP', 'HTTPS'),
    on: ['ingress', 'service'],
    merge: 'per-ingress',
    initial: 'HTTP',
    example: 'HTTPS',
    invalid: 'TCP',
    doc: 'How the load balancer talks to the targets.',
    feeds: ['target-group.protocol'],
    since: '2017',
  },
  'backend-protocol-version': {
    parser: oneOf('HTTP1', 'HTTP2', 'GRPC'),
    on: ['ingress', 'service'],
    merge: 'per-ingress',
    initial: 'HTTP1',
    example: 'GRPC',
    invalid: 'HTTP3',
    doc: 'Version of HTTP towards the targets. HTTP2 and GRPC need an HTTPS listener.',
    feeds: ['target-group.protocolVersion'],
    since: 'LBC',
  },
  'healthcheck-protocol': {
    parser: oneOf('HTTP', 'HTTPS'),
    on: ['ingress', 'service'],
    merge: 'per-ingress',
    otherwise: 'as backend-protocol',
    example: 'HTTP',
    invalid: 'TCP',
    doc: 'Protocol of the health checks. The 2017 controller had it but checked with backend-protocol.',
    feeds: ['target-group.healthCheck.protocol'],
    since: '2017',
  },
  'healthcheck-port': {
    parser: healthCheckPort,
    on: ['ingress', 'service'],
    merge: 'per-ingress',
    initial: 'traffic-port',
    example: '8081',
    invalid: '70000',
    doc: 'Port of the health checks.',
    feeds: ['target-group.healthCheck.port'],
    since: '2017',
  },
  'healthcheck-path': {
    parser: text(
      /^\/[\x21-\x7e]*$/,
      1024,
      'a path that begins with / and has at most 1024 characters and no spaces',
    ),
    on: ['ingress', 'service'],
    merge: 'per-ingress',
    otherwise: '`/`; `/AWS.ALB/healthcheck` for GRPC',
    example: '/healthz',
    invalid: 'healthz',
    doc: 'Path of the health checks; for GRPC `/package.service/method`.',
    feeds: ['target-group.healthCheck.path'],
    since: '2017',
  },
  'healthcheck-interval-seconds': {
    parser: integer(5, 300, 'seconds'),
    on: ['ingress', 'service'],
    merge: 'per-ingress',
    initial: '15',
    example: '30',
    invalid: '4',
    doc: 'Time between two health checks; more than the timeout.',
    feeds: ['target-group.healthCheck.interval'],
    since: '2017',
  },
  'healthcheck-timeout-seconds': {
    parser: integer(2, 120, 'seconds'),
    on: ['ingress', 'service'],
    merge: 'per-ingress',
    initial: '5',
    example: '10',
    invalid: '5s',
    doc: 'Time after which a health check without an answer has failed; less than the interval.',
    feeds: ['target-group.healthCheck.timeout'],
    since: '2017',
  },
  'healthy-threshold-count': {
    parser: integer(2, 10),
    on: ['ingress', 'service'],
    merge: 'per-ingress',
    initial: '2',
    example: '3',
    invalid: '1',
    doc: 'Successes in a row after which a target is healthy.',
    feeds: ['target-group.healthCheck.healthyThreshold'],
    since: '2017',
  },
  'unhealthy-threshold-count': {
    parser: integer(2, 10),
    on: ['ingress', 'service'],
    merge: 'per-ingress',
    initial: '2',
    example: '3',
    invalid: '11',
    doc: 'Failures in a row after which a target is unhealthy.',
    feeds: ['target-group.healthCheck.unhealthyThreshold'],
    since: '2017',
  },
  'success-codes': {
    parser: successCodes,
    on: ['ingress', 'service'],
    merge: 'per-ingress',
    otherwise: '`200`; `12` for GRPC',
    aliases: ['successCodes'],
    example: '200-299,404',
    invalid: '2xx',
    doc: 'Answers to a health check that count as healthy.',
    feeds: ['target-group.healthCheck.codes'],
    since: '2017',
  },
  'actions.*': {
    parser: action,
    on: ['ingress'],
    merge: 'per-ingress',
    example: '{"type":"redirect","redirectConfig":{"protocol":"HTTPS","port":"443","statusCode":"HTTP_301"}}',
    invalid: '{"type":"redirect","redirectConfig":{"statusCode":"HTTP_301"}}',
    doc: 'What a backend named `*` with the port name `use-annotation` does instead of forwarding to a Service.',
    feeds: ['rule.actions', 'listener.defaultActions'],
    since: 'LBC',
  },
  'conditions.*': {
    parser: conditions,
    on: ['ingress'],
    merge: 'per-ingress',
    example: '[{"field":"http-header","httpHeaderConfig":{"httpHeaderName":"X-Beta","values":["yes"]}}]',
    invalid:
      '[{"field":"http-header","httpHeaderConfig":{"httpHeaderName":"Host","values":["a.example.com"]}}]',
    doc: 'Further conditions for the paths whose backend is named `*`. Values on host and path are added to those of the rule.',
    feeds: ['rule.conditions'],
    since: 'LBC',
  },
} as const satisfies Record<string, Row>;

export type AnnotationName = keyof typeof ANNOTATIONS;

type Table = typeof ANNOTATIONS;
type Family = Extract<AnnotationName, `${string}*`>;

/** A name as written on an object, the star of a family filled in: `scheme`, `actions.pay`. */
export type AnnotationKey = {
  [N in AnnotationName]: N extends `${infer P}*` ? `${P}${string}` : N;
}[AnnotationName];

/** What one row holds: the value, or for a family a map from the name in place of the star. */
export type SettingOf<N extends AnnotationName> = N extends Family
  ? ReadonlyMap<string, ValueOf<Table[N]['parser']>>
  : ValueOf<Table[N]['parser']>;

/** Rows that always have a value: those with a default, and families (which may be empty). */
export type AlwaysSet = {
  [N in AnnotationName]: Table[N] extends { initial: string } ? N : N extends Family ? N : never;
}[AnnotationName];

/** Only what an object states. */
export type Stated = { readonly [N in AnnotationName]?: SettingOf<N> };

/** What holds for an object: what it states, and the defaults of the table for the rest. */
export type Settings = Stated & { readonly [N in AlwaysSet]: SettingOf<N> };
