/** Cases: what stood in Route 53, what an Ingress says, what stands there then. Each a line of a table. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Scene, startScene, type Wish } from './aws-record-scene.ts';

let scene: Scene;
before(async () => {
  scene = await startScene();
});
after(() => scene.stop());

type Case = {
  readonly name: string;
  readonly given?: readonly string[];
  readonly wish: Wish;
  /** What stands in ZEX; default: as given. */
  readonly holds?: readonly string[];
  readonly elsewhere?: Readonly<Record<string, readonly string[]>>;
  readonly problem?: RegExp;
  readonly plan?: RegExp;
};

const OURS = '"heritage=alb-ingress,cluster=dev,stack=shop/web"';
const THEIRS = '"heritage=alb-ingress,cluster=prod,stack=shop/web"';
const A = 'A shop.example.com -> us';
const TXT = `TXT _alb-ingress.shop.example.com 300 ${OURS}`;
const external = (name: string, resource = 'ingress/shop/web', owner = 'me', set = ''): string =>
  `TXT ${name} 300 "heritage=external-dns,external-dns/owner=${owner},external-dns/resource=${resource}"${set}`;
const TAKEOVER = { 'alb.ingress.kubernetes.io/dns-takeover': 'true' };
const ADOPT = { access: { adoptOwner: 'me' } };
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
    name: 'no zone',
    wish: { hosts: ['shop.example.org'] },
    holds: [],
    problem: /HostedZoneMissing: host shop\.example\.org: no hosted zone of this account covers it/,
  },
  {
    name: 'CNAME in the way',
    given: ['CNAME shop.example.com 60 x.org'],
    wish: {},
    problem: /HeldBack: .*CNAME record shop\.example\.com -> x\.org/,
  },
  { name: 'foreign A', given: ['A shop.example.com 60 192.0.2.1'], wish: {}, problem: /HeldBack/ },
  { name: 'foreign alias', given: ['A shop.example.com -> other'], wish: {}, problem: /HeldBack/ },
  {
    name: 'longer names and TXT of others are nobody’s business',
    given: ['A shop.example.com.au.example.com 60 192.0.2.1', 'TXT shop.example.com 60 "v=spf1 -all"'],
    wish: {},
    holds: [
      A,
      'A shop.example.com.au.example.com 60 192.0.2.1',
      TXT,
      'TXT shop.example.com 60 "v=spf1 -all"',
    ],
  },
  {
    name: 'another cluster',
    given: ['A shop.example.com -> other', `TXT _alb-ingress.shop.example.com 300 ${THEIRS}`],
    wish: {},
    problem: /owned by shop\/web of cluster prod/,
  },
  {
    name: 'an owner that cannot be read is somebody',
    given: [A, 'TXT _alb-ingress.shop.example.com 300 "hello"'],
    wish: {},
    problem: /HeldBack/,
  },
  { name: 'of 2017, without any owner', given: [A], wish: {}, holds: [A, TXT] },
  {
    name: 'take-over of a foreign A',
    given: ['A shop.example.com 60 192.0.2.1'],
    wish: { annotations: TAKEOVER },
    holds: [A, TXT],
    plan: /adopt[\s\S]*when: the new load balancer is active[\s\S]*elsewhere:192\.0\.2\.1 -> load-balancer/,
  },
  {
    name: 'take-over of a CNAME',
    given: ['CNAME shop.example.com 60 x.org'],
    wish: { annotations: TAKEOVER },
    holds: [A, TXT],
  },
  {
    name: 'take-over from another cluster',
    given: ['A shop.example.com -> other', `TXT _alb-ingress.shop.example.com 300 ${THEIRS}`],
    wish: { annotations: TAKEOVER },
    holds: [A, TXT],
  },
  {
    name: 'take-over from external-dns leaves none of its words behind',
    given: ['A shop.example.com -> other', external('shop.example.com'), external('a-shop.example.com')],
    wish: { annotations: TAKEOVER },
    holds: [A, TXT],
  },
  {
    name: 'a single record is not taken from among several',
    given: ['A shop.example.com -> other [blue weighted 1]'],
    wish: { annotations: TAKEOVER },
    problem: /HeldBack/,
  },
  {
    name: 'external-dns is left alone without consent, also where its record is right',
    given: [A, external('a-shop.example.com')],
    wish: {},
    problem: /owned by external-dns \(owner me, for Ingress shop\/web\)/,
  },
  ...[
    ['the name itself (oldest form)', 'shop.example.com', {}],
    ['cname- (second form)', 'cname-shop.example.com', {}],
    ['a- (present form)', 'a-shop.example.com', {}],
    ['prefix', 'ext.a-shop.example.com', { prefix: 'ext.' }],
    ['suffix', 'a-shop-ext.example.com', { suffix: '-ext' }],
    ['type in the prefix', 'ext-a.shop.example.com', { prefix: 'ext-%{record_type}.' }],
  ].map(
    ([form, name, names]): Case => ({
      name: `external-dns adopted: ${form}`,
      given: ['A shop.example.com -> us+health', external(String(name))],
      wish: {
        access: {
          adoptOwner: 'me',
          externalDns: { prefix: '', suffix: '', wildcard: '', ...(names as object) },
        },
      },
      plan: /^$/,
    }),
  ),
  {
    name: 'external-dns adopted: wildcard',
    given: ['A *.example.com -> us', external('any.example.com')],
    wish: {
      hosts: ['*.example.com'],
      access: { adoptOwner: 'me', externalDns: { prefix: '', suffix: '', wildcard: 'any' } },
    },
    plan: /^$/,
  },
  {
    name: 'external-dns adopted: its AAAA stays',
    given: [A, 'AAAA shop.example.com -> us', external('a-shop.example.com')],
    wish: ADOPT,
    plan: /^$/,
  },
  {
    name: 'external-dns adopted: another owner, another Ingress',
    given: [A, external('a-shop.example.com', 'ingress/shop/api')],
    wish: ADOPT,
    problem: /HeldBack/,
  },
  {
    name: 'external-dns adopted and wrong: moved, its own word kept',
    given: ['A shop.example.com -> other', external('a-shop.example.com')],
    wish: ADOPT,
    holds: [A, external('a-shop.example.com')],
  },
  {
    name: 'external-dns adopted and claimed: our word instead of its',
    given: [A, external('shop.example.com'), external('a-shop.example.com')],
    wish: { ...ADOPT, rules: { claimAdopted: true } },
    holds: [A, TXT],
  },
  {
    name: 'external-dns adopted and not wanted any more: gone with its words',
    given: [A, external('a-shop.example.com')],
    wish: { hosts: ['b.example.com'], ...ADOPT },
    holds: ['A b.example.com -> us', `TXT _alb-ingress.b.example.com 300 ${OURS}`],
  },
  {
    name: 'external-dns of others is not adopted when a name is not wanted',
    given: ['A x.example.com -> us', external('a-x.example.com', 'service/shop/web')],
    wish: { hosts: [], ...ADOPT },
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
    name: 'failover with health',
    wish: {
      annotations: {
        'set-identifier': 'p',
        'aws-failover': 'PRIMARY',
        'aws-evaluate-target-health': 'true',
      },
    },
    holds: ['A shop.example.com -> us+health [p failover PRIMARY]', `${TXT} [p weighted 1]`],
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
  },
  {
    name: 'nothing seen is no reason to delete at once',
    given: [A, TXT],
    wish: { vanished: true },
    plan: /delete dns-record[\s\S]*unused for 60 s/,
  },
];

test(`there are at least 40 cases, each with its own name`, () => {
  assert.ok(CASES.length >= 40, `${CASES.length}`);
  assert.equal(new Set(CASES.map(({ name }) => name)).size, CASES.length);
});

for (const { name, given = [], wish, holds = given, elsewhere = {}, problem, plan } of CASES)
  test(name, async () => {
    await scene.given(given);
    const applied = await scene.apply(wish);
    assert.deepEqual([...scene.records()], [...holds].sort(), applied.plan);
    for (const [zone, lines] of Object.entries(elsewhere))
      assert.deepEqual([...scene.records(zone)], [...lines].sort(), zone);
    const told = applied.problems.join('\n');
    if (problem) assert.match(told, problem);
    else assert.equal(told, '');
    if (plan) assert.match(applied.plan, plan);
    const again = await scene.apply(wish);
    assert.deepEqual([...scene.records()], [...holds].sort(), 'a second time, after a restart');
    if (!problem && !wish.vanished && !wish.access?.maxRecordDeletes)
      assert.ok(!/^[+~<-] /m.test(again.plan) || wish.access?.maxRecordDeletes === 0, again.plan);
  });
