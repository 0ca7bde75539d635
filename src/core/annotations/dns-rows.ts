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
} as const satisfies Record<string, Row>;
