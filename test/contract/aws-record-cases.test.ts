/** Names, zones, routing and policies: each case a line of a table. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { A, type Case, OURS, TAKEOVER, THEIRS, TXT, testCases } from './aws-record-case.ts';

const weighted = (set: string, weight: string) => ({ 'set-identifier': set, 'aws-weight': weight });

const CASES: readonly Case[] = [
  { name: 'a host', wish: {}, holds: [A, TXT] },
  { name: 'no host', wish: { hosts: [] }, holds: [] },
  {
    name: 'apex',
    wish: { hosts: ['example.com'] },
    holds: ['A example.com -> us', `TXT _alb-ingress.example.com 300 ${OURS}`],
  },
  {
    name: 'wildcard',
    wish: { hosts: ['*.example.com'] },
    holds: ['A *.example.com -> us', `TXT _alb-ingress._any.example.com 300 ${OURS}`],
  },
  {
    name: 'upper case is the same name',
    wish: { hosts: [], annotations: { hostname: 'SHOP.Example.com.' } },
    holds: [A, TXT],
  },
  {
    name: 'extra names beside the hosts',
    wish: { annotations: { hostname: 'shop.example.com, b.example.com' } },
    holds: ['A b.example.com -> us', A, `TXT _alb-ingress.b.example.com 300 ${OURS}`, TXT],
  },
  {
    name: 'IDN',
    wish: { hosts: [], annotations: { hostname: 'bücher.example.com' } },
    holds: ['A xn--bcher-kva.example.com -> us', `TXT _alb-ingress.xn--bcher-kva.example.com 300 ${OURS}`],
  },
  {
    name: 'a name that is none is told, and the others are made all the same',
    wish: { annotations: { hostname: 'a b.example.com, b.example.com' } },
    holds: ['A b.example.com -> us', A, `TXT _alb-ingress.b.example.com 300 ${OURS}`, TXT],
    problem:
      /InvalidAnnotation: external-dns.alpha.kubernetes.io\/hostname: a b\.example\.com is no DNS name/,
  },
  {
    name: 'a name misspelt takes no record away',
    given: ['A b.example.com -> us', `TXT _alb-ingress.b.example.com 300 ${OURS}`],
    wish: { hosts: [], annotations: { hostname: 'b .example.com' } },
    problem: /InvalidAnnotation: .*hostname: b \.example\.com is no DNS name/,
  },
  {
    name: 'a name too long for its owner',
    wish: { hosts: [`${'a.'.repeat(118)}example.com`] },
    holds: [],
    problem: /InvalidHost: .*too long/,
  },
  {
    name: 'the longest zone',
    wish: { hosts: ['x.dev.example.com'] },
    holds: [],
    elsewhere: { ZDEV: ['A x.dev.example.com -> us', `TXT _alb-ingress.x.dev.example.com 300 ${OURS}`] },
    plan: /zoneChoice: dev\.example\.com \(ZDEV, public\), not example\.com \(ZEX, public\): the longest name/,
  },
  { name: 'public before its private twin', wish: {}, holds: [A, TXT], elsewhere: { ZEXP: [] } },
  {
    name: 'private twin preferred for an internal balancer',
    wish: { rules: { privateZones: 'prefer' } },
    holds: [],
    elsewhere: { ZEXP: [A, TXT] },
    plan: /private zones first/,
  },
  {
    name: 'private zones only',
    wish: { rules: { zoneType: 'private' } },
    holds: [],
    elsewhere: { ZEXP: [A, TXT] },
  },
  {
    name: 'pinned zone',
    wish: { annotations: { 'aws-hosted-zone-id': 'ZEXP' } },
    holds: [],
    elsewhere: { ZEXP: [A, TXT] },
    plan: /pinned by the Ingress/,
  },
  {
    name: 'pinned to a zone that does not cover it',
    wish: { annotations: { 'aws-hosted-zone-id': 'ZDEV' } },
    holds: [],
    problem: /HostedZoneMissing: .*ZDEV.* does not cover it/,
  },
  {
    name: 'pinned to a zone that is closed',
    wish: { annotations: { 'aws-hosted-zone-id': 'ZEXP' }, rules: { zoneType: 'public' } },
    holds: [],
    problem: /closed by the zone filters/,
  },
  {
    name: 'zone filter by id',
    wish: { hosts: ['x.dev.example.com'], rules: { zoneIds: ['ZEX'] } },
    holds: ['A x.dev.example.com -> us', `TXT _alb-ingress.x.dev.example.com 300 ${OURS}`],
  },
  {
    name: 'zone filter by domain',
    wish: { rules: { domains: ['dev.example.com'] } },
    holds: [],
    problem: /HostedZoneMissing: .*closed by the zone filters/,
  },
  {
    name: 'a filter that closes a zone takes nothing away there',
    given: [A, TXT],
    wish: { rules: { zoneIds: ['ZDEV'] } },
    problem: /HostedZoneMissing: .*closed by the zone filters/,
  },
  {
    name: 'a longer zone that appeared later gets the name, too: nobody may be led there yet',
    given: ['A x.dev.example.com -> us', `TXT _alb-ingress.x.dev.example.com 300 ${OURS}`],
    wish: { hosts: ['x.dev.example.com'] },
    elsewhere: { ZDEV: ['A x.dev.example.com -> us', `TXT _alb-ingress.x.dev.example.com 300 ${OURS}`] },
    plan: /^\+ create dns-record\/ZDEV/,
  },
  {
    name: 'pinned to the longer zone: it moves there',
    given: ['A x.dev.example.com -> us', `TXT _alb-ingress.x.dev.example.com 300 ${OURS}`],
    wish: { hosts: ['x.dev.example.com'], annotations: { 'aws-hosted-zone-id': 'ZDEV' } },
    holds: [],
    elsewhere: { ZDEV: ['A x.dev.example.com -> us', `TXT _alb-ingress.x.dev.example.com 300 ${OURS}`] },
    plan: /^\+ create[\s\S]*- delete/,
  },
  {
    name: 'no zone',
    wish: { hosts: ['shop.example.org'] },
    holds: [],
    problem: /HostedZoneMissing: host shop\.example\.org: no hosted zone of this account covers it/,
  },
  {
    name: 'weighted',
    wish: { annotations: weighted('dev', '10') },
    holds: [`A shop.example.com -> us [dev weighted 10]`, `${TXT} [dev weighted 1]`],
  },
  {
    name: 'two clusters on one name',
    given: [
      'A shop.example.com -> other [prod weighted 90]',
      `TXT _alb-ingress.shop.example.com 300 ${THEIRS} [prod weighted 1]`,
    ],
    wish: { annotations: weighted('dev', '10') },
    holds: [
      'A shop.example.com -> us [dev weighted 10]',
      'A shop.example.com -> other [prod weighted 90]',
      `${TXT} [dev weighted 1]`,
      `TXT _alb-ingress.shop.example.com 300 ${THEIRS} [prod weighted 1]`,
    ],
  },
  {
    name: 'the set identifier of another cluster',
    given: [
      'A shop.example.com -> other [prod weighted 90]',
      `TXT _alb-ingress.shop.example.com 300 ${THEIRS} [prod weighted 1]`,
    ],
    wish: { annotations: weighted('prod', '10') },
    problem: /HeldBack/,
  },
  {
    name: 'one of several taken over with consent, the others not',
    given: ['A shop.example.com -> other [dev weighted 1]', 'A shop.example.com -> other [prod weighted 90]'],
    wish: { annotations: { ...weighted('dev', '10'), ...TAKEOVER } },
    holds: [
      'A shop.example.com -> us [dev weighted 10]',
      'A shop.example.com -> other [prod weighted 90]',
      `${TXT} [dev weighted 1]`,
    ],
  },
  {
    name: 'from a single record to a weighted one and in one batch',
    given: [A, TXT],
    wish: { annotations: weighted('dev', '10') },
    holds: [`A shop.example.com -> us [dev weighted 10]`, `${TXT} [dev weighted 1]`],
  },
  {
    name: 'another weight',
    given: [`A shop.example.com -> us [dev weighted 10]`, `${TXT} [dev weighted 1]`],
    wish: { annotations: weighted('dev', '0') },
    holds: [`A shop.example.com -> us [dev weighted 0]`, `${TXT} [dev weighted 1]`],
  },
  {
    name: 'another set identifier',
    given: [`A shop.example.com -> us [dev weighted 10]`, `${TXT} [dev weighted 1]`],
    wish: { annotations: weighted('new', '10') },
    holds: [`A shop.example.com -> us [new weighted 10]`, `${TXT} [new weighted 1]`],
  },
  {
    name: 'latency',
    wish: { annotations: { 'set-identifier': 'eu', 'aws-region': 'eu-west-1' } },
    holds: ['A shop.example.com -> us [eu latency eu-west-1]', `${TXT} [eu weighted 1]`],
  },
  {
    name: 'failover goes by health, also where nothing is said of it',
    wish: { annotations: { 'set-identifier': 'p', 'aws-failover': 'PRIMARY' } },
    holds: ['A shop.example.com -> us+health [p failover PRIMARY]', `${TXT} [p weighted 1]`],
  },
  {
    name: 'failover without health',
    wish: {
      annotations: {
        'set-identifier': 'p',
        'aws-failover': 'PRIMARY',
        'aws-evaluate-target-health': 'false',
      },
    },
    holds: [],
    problem: /InvalidAnnotation: .*aws-evaluate-target-health: expected true/,
  },
  {
    name: 'geolocation',
    wish: { annotations: { 'set-identifier': 'eu', 'aws-geolocation-continent-code': 'EU' } },
    holds: ['A shop.example.com -> us [eu continent EU]', `${TXT} [eu weighted 1]`],
  },
  {
    name: 'multivalue is not for aliases',
    wish: { annotations: { 'set-identifier': 'x', 'aws-multi-value-answer': 'true' } },
    holds: [],
    problem: /InvalidAnnotation: .*aws-multi-value-answer/,
  },
  {
    name: 'a weight without an identifier',
    wish: { annotations: { 'aws-weight': '10' } },
    holds: [],
    problem: /InvalidAnnotation: .*set-identifier: expected it together/,
  },
  {
    name: 'a mistake in an annotation takes nothing away',
    given: [A, TXT],
    wish: { annotations: { 'aws-weight': '999' } },
    problem: /aws-weight: expected a whole number from 0 to 255/,
  },
  {
    name: 'CNAME with a TTL',
    wish: { annotations: { alias: 'false', ttl: '1m' } },
    holds: ['CNAME shop.example.com 60 us', TXT],
  },
  {
    name: 'from an alias to a CNAME and its TTL',
    given: [A, TXT],
    wish: { annotations: { alias: 'false' } },
    holds: ['CNAME shop.example.com 300 us', TXT],
  },
  {
    name: 'no CNAME at an apex',
    wish: { hosts: ['example.com'], annotations: { alias: 'false' } },
    holds: [],
    problem: /apex of its zone/,
  },
  {
    name: 'health on',
    given: [A, TXT],
    wish: { annotations: { 'aws-evaluate-target-health': 'true' } },
    holds: ['A shop.example.com -> us+health', TXT],
  },
  {
    name: 'bent to another balancer and put right',
    given: ['A shop.example.com -> other', TXT],
    wish: {},
    holds: [A, TXT],
  },
  {
    name: 'upsert-only never deletes',
    given: [A, TXT],
    wish: { hosts: [], rules: { policy: 'upsert-only' } },
  },
  {
    name: 'upsert-only changes',
    given: ['A shop.example.com -> other', TXT],
    wish: { rules: { policy: 'upsert-only' } },
    holds: [A, TXT],
  },
  {
    name: 'create-only changes nothing that is there',
    given: ['A shop.example.com -> other', TXT],
    wish: { rules: { policy: 'create-only' } },
    problem: /HeldBack: .*--dns-policy=create-only/,
  },
  { name: 'create-only creates', wish: { rules: { policy: 'create-only' } }, holds: [A, TXT] },
  {
    name: 'create-only beats consent',
    given: ['A shop.example.com 60 192.0.2.1'],
    wish: { annotations: TAKEOVER, rules: { policy: 'create-only' } },
    problem: /--dns-policy=create-only/,
  },
  { name: 'a host removed', given: [A, TXT], wish: { hosts: [] }, holds: [] },
  {
    name: 'too many deletes',
    given: [A, TXT],
    wish: { hosts: [], rules: { maxDeletes: 0 } },
    problem: /HeldBack: 1 records would be deleted at once, more than --max-dns-deletes=0/,
  },
  {
    name: 'too many deletes in a minute, whoever asks',
    given: [A, TXT],
    wish: { hosts: [], access: { maxRecordDeletes: 0 } },
    waits: true,
  },
  {
    name: 'nothing seen is no reason to delete at once',
    given: [A, TXT],
    wish: { vanished: true },
    waits: true,
    plan: /delete dns-record[\s\S]*unused for 60 s/,
  },
];

const { scene } = testCases(CASES);

test('a name in two zones follows its settings in the longer one, and goes from both', async () => {
  await scene().given(['A x.dev.example.com -> us', `TXT _alb-ingress.x.dev.example.com 300 ${OURS}`]);
  const hosts = ['x.dev.example.com'];
  await scene().apply({ hosts });
  await scene().apply({ hosts, annotations: { 'aws-evaluate-target-health': 'true' } });
  assert.ok(scene().records('ZDEV').includes('A x.dev.example.com -> us+health'));
  assert.ok(scene().records().includes('A x.dev.example.com -> us'));
  await scene().apply({ hosts: [] });
  assert.deepEqual([scene().records(), scene().records('ZDEV')], [[], []]);
});
