import { cidrList } from './cidr-list.ts';
import { certificateArns, csvSet, list, prefixLists } from './list-parsers.ts';
import { listenPorts } from './listen-ports.ts';
import { listenerAttributes } from './listener-attributes.ts';
import { mutualAuthentication } from './mutual-authentication.ts';
import type { Row } from './row.ts';
import { integer } from './scalar-parsers.ts';
import { sslPolicy } from './ssl-policy.ts';

/** Annotations about listeners and who may reach them. */
export const LISTENER_ROWS = {
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
    otherwise: 'found by host in ACM, where listen-ports has HTTPS (see --certificate-discovery)',
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
  'mutual-authentication': {
    parser: mutualAuthentication,
    on: ['ingress'],
    merge: 'per-port',
    otherwise: 'as AWS has it',
    example: '[{"port":443,"mode":"verify","trustStore":"clients"}]',
    invalid: '[{"port":443,"mode":"verify"}]',
    doc: 'What HTTPS listeners do with certificates of clients: nothing (`off`), hand them on (`passthrough`), or let in only who has one of a trust store (`verify`).',
    feeds: ['listener.mutualAuthentication'],
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
  'security-group-prefix-lists': {
    parser: csvSet(prefixLists),
    on: ['ingress'],
    merge: 'per-port',
    otherwise: 'none',
    example: 'pl-0a1b2c3d,pl-4e5f6071',
    invalid: 'pl_1',
    doc: 'Prefix lists whose addresses the managed security group lets in. Without inbound-cidrs beside them nobody else gets in. Without effect when security-groups is set.',
    feeds: ['security-group.inbound'],
    since: 'LBC',
  },
  'listener-attributes.*': {
    parser: listenerAttributes,
    on: ['ingress'],
    merge: 'per-port',
    example: 'routing.http.response.server.enabled=false',
    invalid: 'routing.http.response.server.enabled=no',
    doc: 'Attributes of one listener by AWS key; `*` is its protocol and port, as in `listener-attributes.HTTPS-443`. Keys that nobody states are left alone.',
    feeds: ['listener.attributes'],
    since: 'LBC',
  },
} as const satisfies Record<string, Row>;
