import type { Row } from './row.ts';
import { boolean, oneOf, text } from './scalar-parsers.ts';

/** Annotations about certificates that are made here, beside `certificate-arn`. */
export const CERTIFICATE_ROWS = {
  'tls-secrets': {
    parser: oneOf('ignore', 'import'),
    on: ['ingress'],
    merge: 'union',
    initial: 'ignore',
    example: 'import',
    invalid: 'yes',
    doc: 'Whether the Secrets named in `spec.tls` are imported into ACM and served by the HTTPS listeners. A Secret that changes is imported into the same certificate, so that no listener changes. Stated as `import`, the Ingress listens on HTTP 80 and HTTPS 443 unless listen-ports says otherwise.',
    feeds: ['certificate.content', 'certificate.secret', 'listener.certificates'],
    since: 'here',
  },
  'create-acm-cert': {
    parser: boolean,
    on: ['ingress'],
    merge: 'union',
    initial: 'false',
    example: 'true',
    invalid: 'please',
    doc: 'Whether a certificate for the hosts of the Ingress is asked of ACM, and validated by records in Route 53. Hosts that a Secret covers are left out. Has no effect beside certificate-arn.',
    feeds: ['certificate.domains', 'certificate.issued', 'listener.certificates'],
    since: 'LBC',
  },
  'acm-pca-arn': {
    parser: text(
      /^arn:aws[a-z-]*:acm-pca:[a-z0-9-]+:\d+:certificate-authority\/[A-Za-z0-9-]+$/,
      200,
      'the ARN of a private certificate authority, arn:aws:acm-pca:REGION:ACCOUNT:certificate-authority/ID',
    ),
    on: ['ingress'],
    merge: 'union',
    otherwise: 'Amazon issues it, or what --default-pca-arn names',
    example:
      'arn:aws:acm-pca:eu-west-1:123456789012:certificate-authority/12345678-1234-1234-1234-123456789012',
    invalid: 'arn:aws:acm:eu-west-1:123456789012:certificate/12345678-1234-1234-1234-123456789012',
    doc: 'Private certificate authority that issues the certificate of create-acm-cert; it needs no validation.',
    feeds: ['certificate.authority'],
    since: 'LBC',
  },
} as const satisfies Record<string, Row>;
