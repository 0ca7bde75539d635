/** DNS records. */
import type { FlagRow } from './row.ts';

export const DNS_FLAGS = {
  'disable-route53': {
    type: 'truth',
    env: 'DISABLE_ROUTE53',
    doc: 'make no DNS records and never ask Route 53',
    commands: ['run', 'plan'],
  },
  'dns-policy': {
    type: 'word',
    initial: 'sync',
    words: ['sync', 'upsert-only', 'create-only'],
    doc: 'what may be done to records: everything; never delete one; or never change one either',
    commands: ['run', 'plan'],
  },
  'max-dns-deletes': {
    type: 'text',
    initial: '500',
    placeholder: 'N',
    doc: 'more deletes of records than this in one plan are held back, and no more than this many are done in a minute',
    commands: ['run', 'plan'],
  },
  'dns-delete-grace': {
    type: 'duration',
    initial: '60s',
    placeholder: 'DURATION',
    doc: 'how long a record stays whose Ingress was not seen deleted but is just not there',
    commands: ['run', 'plan'],
  },
  'dns-zone-type': {
    type: 'word',
    initial: 'any',
    words: ['any', 'public', 'private'],
    doc: 'hosted zones records may be made in',
    commands: ['run', 'plan'],
  },
  'dns-private-zones': {
    type: 'word',
    initial: 'last',
    words: ['last', 'prefer'],
    doc: 'where records of internal load balancers go if a private zone covers them: into a public one all the same, or into the private one',
    commands: ['run', 'plan'],
  },
  'dns-zone-id-filter': {
    type: 'list',
    placeholder: 'ID[,ID]',
    doc: 'hosted zones records may be made in; without it all of them',
    commands: ['run', 'plan'],
  },
  'dns-domain-filter': {
    type: 'list',
    placeholder: 'DOMAIN[,DOMAIN]',
    doc: 'records are made only in hosted zones with one of these names, or below',
    commands: ['run', 'plan'],
  },
  'dns-zone-roles': {
    type: 'list',
    placeholder: 'NAME/ID=ROLE-ARN[#EXTERNAL-ID],…',
    doc: 'hosted zones of other accounts, each with the role that is assumed to keep records there',
    commands: ['run', 'plan'],
  },
  'dns-adopt-owner': {
    type: 'text',
    placeholder: 'ID',
    doc: 'owner id (--txt-owner-id) of an external-dns whose records for Ingresses of this cluster count as ours; without it they are not touched',
    commands: ['run', 'plan'],
  },
  'dns-claim-adopted': {
    type: 'truth',
    doc: 'replace the ownership records of external-dns by ours for everything adopted; there is no way back but by hand',
    commands: ['run', 'plan'],
  },
  'txt-prefix': {
    type: 'text',
    placeholder: 'PREFIX',
    doc: '--txt-prefix of that external-dns',
    commands: ['run', 'plan'],
  },
  'txt-suffix': {
    type: 'text',
    placeholder: 'SUFFIX',
    doc: '--txt-suffix of that external-dns',
    commands: ['run', 'plan'],
  },
  'txt-wildcard-replacement': {
    type: 'text',
    placeholder: 'TEXT',
    doc: '--txt-wildcard-replacement of that external-dns',
    commands: ['run', 'plan'],
  },
} as const satisfies Record<string, FlagRow>;
