import { cutover, duration } from './cutover.ts';
import type { Row } from './row.ts';
import { oneOf } from './scalar-parsers.ts';

/** Annotations about records, besides those of external-dns that are read too (docs/dns.md). */
export const DNS_ROWS = {
  'dns-takeover': {
    parser: oneOf('true', 'false'),
    on: ['ingress'],
    merge: 'per-ingress',
    initial: 'false',
    example: 'true',
    invalid: 'yes',
    doc: 'Consent to replacing what stands at the names of this Ingress in Route 53, whosever it is, once the load balancer serves.',
    feeds: ['dns-record.takeover'],
    since: 'here',
  },
  'dns-cutover': {
    parser: cutover,
    on: ['ingress'],
    merge: 'per-ingress',
    otherwise: 'names of others are left alone',
    example: '10,50,100',
    invalid: '50,10',
    doc: 'Consent to sharing the names of this Ingress with what stands there, step by step, until they are ours. Each step waits for the load balancer to serve; when it stops serving, everything goes back. Taken away, what was there is put back as it was.',
    feeds: ['dns-record.cutover', 'dns-record.routing'],
    since: 'here',
  },
  'dns-cutover-interval': {
    parser: duration(1, 604_800),
    on: ['ingress'],
    merge: 'per-ingress',
    initial: '5m',
    example: '1h',
    invalid: 'soon',
    doc: 'How long each share of `dns-cutover` is kept before the next one; also the rest after everything went back.',
    feeds: ['dns-record.stepInterval'],
    since: 'here',
  },
} as const satisfies Record<string, Row>;
