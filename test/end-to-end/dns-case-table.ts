/** The cases, by the flags of the controller that meets them. Later phases find what earlier ones left. */
import type { DnsCase } from './dns-case.ts';

export type Phase = {
  readonly name: string;
  readonly flags: readonly string[];
  /** A hosted zone that appears before. */
  readonly zone?: string;
  /** One that is deleted before, with what is in it. */
  readonly zoneGone?: string;
  readonly cases: readonly DnsCase[];
};

const at = (label: string): string => `${label}.example.com`;
const us = (label: string): string => `A ${at(label)} -> us`;
const txt = (name: string, cluster = 'dev', stack = 'cases'): string =>
  `TXT _alb-ingress.${name} 300 "heritage=alb-ingress,cluster=${cluster},stack=${stack}"`;
const own = (label: string): string => txt(at(label));
const both = (label: string): readonly string[] => [us(label), own(label)];
const external = (name: string, label: string, owner = 'me'): string =>
  `TXT ${name} 300 "heritage=external-dns,external-dns/owner=${owner},external-dns/resource=ingress/web/${label}"`;
const TAKEOVER = { 'alb.ingress.kubernetes.io/dns-takeover': 'true' };
const weighted = (set: string, weight: string) => ({ 'set-identifier': set, 'aws-weight': weight });

const FRESH: readonly DnsCase[] = [
  { name: 'a host', label: 'plain', holds: both('plain'), told: /Created: .*record plain\.example\.com/ },
  { name: 'no host', label: 'hostless', hosts: [], holds: [], absent: [at('hostless')] },
  { name: 'apex', label: 'apex', hosts: ['example.com'], holds: ['A example.com -> us', txt('example.com')] },
  {
    name: 'wildcard, stored as \\052',
    label: 'wild',
    hosts: ['*.wild.example.com'],
    holds: ['A *.wild.example.com -> us', txt('_any.wild.example.com')],
  },
  {
    name: 'IDN',
    label: 'idn',
    hosts: [],
    annotations: { hostname: 'bücher.example.com' },
    holds: ['A xn--bcher-kva.example.com -> us', txt('xn--bcher-kva.example.com')],
  },
  {
    name: 'more names, upper case, a dot at the end',
    label: 'more',
    annotations: { hostname: 'More-2.Example.com., more-3.example.com' },
    holds: [...both('more'), ...both('more-2'), ...both('more-3')],
  },
  {
    name: 'a name that is none is told, the others are made',
    label: 'misspelt',
    annotations: { hostname: 'a b.example.com' },
    holds: both('misspelt'),
    told: /InvalidAnnotation: .*a b\.example\.com is no DNS name/,
  },
  {
    name: 'a name too long for its owner',
    label: 'long',
    hosts: [`${'a.'.repeat(118)}example.com`],
    holds: [],
    told: /InvalidHost: .*too long/,
  },
  {
    name: 'the longest zone wins',
    label: 'longest',
    hosts: ['longest.dev.example.com'],
    holds: [],
    elsewhere: { ZDEV: ['A longest.dev.example.com -> us', txt('longest.dev.example.com')] },
    told: /ZDEV, public\), not example\.com/,
  },
  {
    name: 'public before its private twin',
    label: 'twin',
    holds: both('twin'),
    elsewhere: { ZEXP: [] },
  },
  {
    name: 'pinned to the private twin',
    label: 'pinned',
    annotations: { 'aws-hosted-zone-id': 'ZEXP' },
    holds: [],
    elsewhere: { ZEXP: both('pinned') },
    absent: [at('pinned')],
  },
  {
    name: 'pinned to a zone that does not cover it',
    label: 'mispinned',
    annotations: { 'aws-hosted-zone-id': 'ZDEV' },
    holds: [],
    absent: [at('mispinned')],
    told: /HostedZoneMissing: .*does not cover it/,
  },
  {
    name: 'unknown zone',
    label: 'unknown',
    hosts: ['unknown.later.org'],
    holds: [],
    absent: ['unknown.later.org'],
    told: /HostedZoneMissing: .*no hosted zone of this account covers it/,
  },
  {
    name: 'CNAME in the way',
    label: 'cname',
    given: [`CNAME ${at('cname')} 60 x.org`],
    holds: [`CNAME ${at('cname')} 60 x.org`],
    told: /HeldBack: .*CNAME record cname\.example\.com -> x\.org/,
  },
  {
    name: 'foreign A',
    label: 'foreign',
    given: [`A ${at('foreign')} 60 192.0.2.1`],
    holds: [`A ${at('foreign')} 60 192.0.2.1`],
    told: /HeldBack/,
  },
  {
    name: 'foreign alias',
    label: 'alias',
    given: [`A ${at('alias')} -> other`],
    holds: [`A ${at('alias')} -> other`],
    told: /HeldBack/,
  },
  {
    name: 'foreign AAAA only',
    label: 'six',
    given: [`AAAA ${at('six')} 60 2001:db8::1`],
    holds: [`AAAA ${at('six')} 60 2001:db8::1`],
    told: /HeldBack/,
  },
  {
    name: 'MX and TXT of others at the name bother nobody',
    label: 'mail',
    given: [`MX ${at('mail')} 60 10 mx.example.org`, `TXT ${at('mail')} 60 "v=spf1 -all"`],
    holds: [...both('mail'), `MX ${at('mail')} 60 10 mx.example.org`, `TXT ${at('mail')} 60 "v=spf1 -all"`],
  },
  {
    name: 'longer names are other names',
    label: 'short',
    given: ['A longer.short.example.com 60 192.0.2.1', 'A short.example.com.example.com 60 192.0.2.1'],
    holds: [
      ...both('short'),
      'A longer.short.example.com 60 192.0.2.1',
      'A short.example.com.example.com 60 192.0.2.1',
    ],
  },
  {
    name: 'another cluster owns it',
    label: 'prod',
    given: [`A ${at('prod')} -> other`, txt(at('prod'), 'prod')],
    holds: [`A ${at('prod')} -> other`, txt(at('prod'), 'prod')],
    told: /HeldBack: .*owned by cases of cluster prod/,
  },
  {
    name: 'an owner that cannot be read is somebody',
    label: 'unreadable',
    given: [us('unreadable'), `TXT _alb-ingress.${at('unreadable')} 300 "hello"`],
    holds: [us('unreadable'), `TXT _alb-ingress.${at('unreadable')} 300 "hello"`],
    told: /HeldBack/,
  },
  { name: 'of 2017, without any owner', label: 'old', given: [us('old')], holds: both('old') },
  {
    name: 'a foreign A taken over with consent',
    label: 'consent',
    annotations: TAKEOVER,
    given: [`A ${at('consent')} 60 192.0.2.1`],
    holds: both('consent'),
  },
  {
    name: 'a CNAME taken over with consent',
    label: 'consent-2',
    annotations: TAKEOVER,
    given: [`CNAME ${at('consent-2')} 60 x.org`],
    holds: both('consent-2'),
  },
  {
    name: 'external-dns is left alone',
    label: 'edns',
    given: [us('edns'), external('a-edns.example.com', 'edns')],
    holds: [us('edns'), external('a-edns.example.com', 'edns')],
    told: /owned by external-dns \(owner me/,
  },
  {
    name: 'weighted',
    label: 'weighted',
    annotations: weighted('dev', '10'),
    holds: [`${us('weighted')} [dev weighted 10]`, `${own('weighted')} [dev weighted 1]`],
  },
  {
    name: 'two clusters, one name',
    label: 'two',
    annotations: weighted('dev', '10'),
    given: [`A ${at('two')} -> other [prod weighted 90]`, `${txt(at('two'), 'prod')} [prod weighted 1]`],
    holds: [
      `${us('two')} [dev weighted 10]`,
      `A ${at('two')} -> other [prod weighted 90]`,
      `${own('two')} [dev weighted 1]`,
      `${txt(at('two'), 'prod')} [prod weighted 1]`,
    ],
  },
  {
    name: 'two clusters, one set identifier',
    label: 'clash',
    annotations: weighted('prod', '10'),
    given: [`A ${at('clash')} -> other [prod weighted 90]`, `${txt(at('clash'), 'prod')} [prod weighted 1]`],
    holds: [`A ${at('clash')} -> other [prod weighted 90]`, `${txt(at('clash'), 'prod')} [prod weighted 1]`],
    told: /HeldBack/,
  },
  {
    name: 'latency',
    label: 'latency',
    annotations: { 'set-identifier': 'us', 'aws-region': 'us-west-1' },
    holds: [`${us('latency')} [us latency us-west-1]`, `${own('latency')} [us weighted 1]`],
  },
  {
    name: 'failover with health',
    label: 'failover',
    annotations: { 'set-identifier': 'p', 'aws-failover': 'PRIMARY', 'aws-evaluate-target-health': 'true' },
    holds: [`${us('failover')}+health [p failover PRIMARY]`, `${own('failover')} [p weighted 1]`],
  },
  {
    name: 'geolocation',
    label: 'geo',
    annotations: { 'set-identifier': 'eu', 'aws-geolocation-continent-code': 'EU' },
    holds: [`${us('geo')} [eu continent EU]`, `${own('geo')} [eu weighted 1]`],
  },
  {
    name: 'multivalue is refused by name',
    label: 'multi',
    annotations: { 'set-identifier': 'x', 'aws-multi-value-answer': 'true' },
    holds: [],
    absent: [at('multi')],
    told: /InvalidAnnotation: .*aws-multi-value-answer: .*use set-identifier with aws-weight/,
  },
  {
    name: 'a weight without an identifier',
    label: 'unset',
    annotations: { 'aws-weight': '10' },
    holds: [],
    absent: [at('unset')],
    told: /set-identifier: expected it together/,
  },
  {
    name: 'a CNAME with a TTL',
    label: 'wants-cname',
    annotations: { alias: 'false', ttl: '1m' },
    holds: [`CNAME ${at('wants-cname')} 60 us`, own('wants-cname')],
  },
  {
    name: 'health evaluated',
    label: 'health',
    annotations: { 'aws-evaluate-target-health': 'true' },
    holds: [`${us('health')}+health`, own('health')],
  },
];

const CHANGED: readonly DnsCase[] = [
  // While a name is misspelt, no record of the group goes: nobody knows which was meant.
  { name: 'a spelling corrected', label: 'misspelt', holds: both('misspelt') },
  {
    name: 'a host removed',
    label: 'more',
    annotations: { hostname: 'more-2.example.com' },
    holds: [...both('more'), ...both('more-2')],
    absent: [at('more-3')],
  },
  { name: 'an Ingress deleted', label: 'twin', gone: true, holds: [], absent: [at('twin')] },
  {
    name: 'a wildcard deleted',
    label: 'wild',
    hosts: ['*.wild.example.com'],
    gone: true,
    holds: [],
    absent: ['x.wild.example.com'],
  },
  {
    name: 'bent to another balancer and put right',
    label: 'health',
    annotations: { 'aws-evaluate-target-health': 'true' },
    given: [`A ${at('health')} -> other`, own('health')],
    holds: [`${us('health')}+health`, own('health')],
  },
  {
    name: 'from an alias to a CNAME',
    label: 'plain',
    annotations: { alias: 'false' },
    holds: [`CNAME ${at('plain')} 300 us`, own('plain')],
  },
  {
    name: 'a mistake takes nothing away',
    label: 'weighted',
    annotations: weighted('dev', '999'),
    holds: [`${us('weighted')} [dev weighted 10]`, `${own('weighted')} [dev weighted 1]`],
    told: /aws-weight: expected a whole number from 0 to 255/,
  },
  {
    name: 'a zone created later',
    label: 'unknown',
    hosts: ['unknown.later.org'],
    holds: [],
    told: /record unknown\.later\.org/,
  },
  { name: 'a foreign A that went', label: 'foreign', given: [], holds: both('foreign') },
];

export const PHASES: readonly Phase[] = [
  { name: 'as installed', flags: [], cases: FRESH },
  { name: 'after changes', flags: [], zone: 'later.org', cases: CHANGED },
  {
    name: 'a zone is gone',
    flags: [],
    zoneGone: 'later.org',
    cases: [
      {
        name: 'a deleted zone keeps nobody from going',
        label: 'unknown',
        hosts: ['unknown.later.org'],
        gone: true,
        holds: [],
        absent: ['unknown.later.org'],
      },
      {
        name: 'and nobody else from coming',
        label: 'late',
        hosts: ['late.later.org', 'late.example.com'],
        holds: both('late'),
        absent: ['late.later.org'],
        told: /HostedZoneMissing: host late\.later\.org/,
      },
    ],
  },
  {
    name: '--dns-policy=upsert-only',
    flags: ['--dns-policy', 'upsert-only'],
    cases: [
      {
        name: 'upsert-only deletes nothing',
        label: 'pinned',
        hosts: [],
        holds: [],
        elsewhere: { ZEXP: both('pinned') },
      },
      {
        name: 'upsert-only changes',
        label: 'old',
        annotations: { 'aws-evaluate-target-health': 'true' },
        holds: [`${us('old')}+health`, own('old')],
      },
    ],
  },
  {
    name: '--dns-policy=create-only',
    flags: ['--dns-policy', 'create-only'],
    cases: [
      {
        name: 'create-only changes nothing that is there',
        label: 'old',
        holds: [`${us('old')}+health`, own('old')],
        told: /HeldBack: .*create-only/,
      },
      { name: 'create-only creates', label: 'young', holds: both('young') },
    ],
  },
  {
    name: 'external-dns adopted, in three generations',
    flags: ['--dns-adopt-owner', 'me'],
    cases: [
      {
        name: 'the word at the name itself',
        label: 'gen1',
        given: [us('gen1'), external(at('gen1'), 'gen1')],
        holds: [us('gen1'), external(at('gen1'), 'gen1')],
      },
      {
        name: 'the word at cname-',
        label: 'gen2',
        given: [us('gen2'), external('cname-gen2.example.com', 'gen2')],
        holds: [us('gen2'), external('cname-gen2.example.com', 'gen2')],
      },
      {
        name: 'the word at a-, and health as it was',
        label: 'gen3',
        given: [`${us('gen3')}+health`, external('a-gen3.example.com', 'gen3')],
        holds: [`${us('gen3')}+health`, external('a-gen3.example.com', 'gen3')],
      },
      {
        name: 'adopted and led elsewhere: moved, the word kept',
        label: 'gen4',
        given: [`A ${at('gen4')} -> other`, external('a-gen4.example.com', 'gen4')],
        holds: [us('gen4'), external('a-gen4.example.com', 'gen4')],
      },
      {
        name: 'another owner is not adopted',
        label: 'gen5',
        given: [us('gen5'), external('a-gen5.example.com', 'gen5', 'else')],
        holds: [us('gen5'), external('a-gen5.example.com', 'gen5', 'else')],
        told: /owner else/,
      },
    ],
  },
  {
    name: 'external-dns with a prefix, claimed for good',
    flags: ['--dns-adopt-owner', 'me', '--txt-prefix', 'ext-', '--dns-claim-adopted'],
    cases: [
      {
        name: 'its words are replaced by ours',
        label: 'claimed',
        given: [us('claimed'), external('ext-a-claimed.example.com', 'claimed')],
        holds: both('claimed'),
      },
    ],
  },
  {
    name: 'private zones preferred',
    flags: ['--dns-private-zones', 'prefer', '--dns-domain-filter', 'example.com'],
    cases: [
      {
        name: 'an internal balancer and a private twin',
        label: 'inside',
        holds: [],
        elsewhere: { ZEXP: both('inside') },
        absent: [at('inside')],
      },
    ],
  },
];
