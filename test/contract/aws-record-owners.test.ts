/** Whose a name is and who may take it: each case a line of a table. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { A, type Case, external, OURS, TAKEOVER, THEIRS, TXT, testCases } from './aws-record-case.ts';

const ADOPT = { access: { adoptOwner: 'me' } };

const CASES: readonly Case[] = [
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
];

const { scene } = testCases(CASES);

test('what was adopted from external-dns is released as it was', async () => {
  const given = [
    'A shop.example.com -> us+health',
    external('a-shop.example.com'),
    external('shop.example.com'),
  ];
  await scene().given(given);
  scene().world.mark();
  assert.equal((await scene().apply(ADOPT)).plan, '');
  const released = await scene().apply({});
  assert.match(released.problems.join(), /--dns-adopt-owner=me adopts/);
  assert.ok(!scene().world.writes().includes('ChangeResourceRecordSets'));
  await scene().apply({ hosts: [] });
  assert.deepEqual([...scene().records()], [...given].sort(), 'not ours to delete any more');
});

test('a zone that was deleted stops nothing', async () => {
  await scene().given([A, TXT]);
  const aws = scene().world.connect();
  await aws.inventory();
  const { zones } = scene().world.state;
  const zone = zones.get('ZEX');
  assert.ok(zone);
  zones.delete('ZEX');
  try {
    await scene().apply({ aws, hosts: ['x.dev.example.com'] });
    assert.ok(scene().records('ZDEV').includes('A x.dev.example.com -> us'));
    const told = (await scene().apply({ rules: { zoneType: 'public' } })).problems.join();
    assert.match(told, /HostedZoneMissing/);
  } finally {
    zones.set('ZEX', zone);
  }
});

test('each of two clusters keeps its own record of one name, and takes only its own away', async () => {
  await scene().given([
    'A shop.example.com -> other [prod weighted 90]',
    `TXT _alb-ingress.shop.example.com 300 ${THEIRS} [prod weighted 1]`,
  ]);
  const theirs = [...scene().records()];
  const annotations = { 'set-identifier': 'dev', 'aws-weight': '10' };
  await scene().apply({ annotations });
  assert.equal(scene().records().length, 4);
  await scene().apply({ hosts: [] });
  assert.deepEqual([...scene().records()], theirs);
});

test('a set identifier of somebody else gives an adopted record no right to theirs', async () => {
  const given = [
    'A shop.example.com -> us [mine weighted 1]',
    'TXT a-shop.example.com 300 "heritage=external-dns,external-dns/owner=me,external-dns/resource=ingress/shop/web" [mine weighted 1]',
    'A shop.example.com -> other [prod weighted 90]',
    `TXT _alb-ingress.shop.example.com 300 ${THEIRS} [prod weighted 1]`,
  ];
  for (const claimAdopted of [false, true]) {
    await scene().given(given);
    const annotations = { 'set-identifier': 'prod', 'aws-weight': '10' };
    await scene().apply({ ...ADOPT, annotations, rules: { claimAdopted } });
    assert.deepEqual([...scene().records()], [...given].sort(), `claimed: ${claimAdopted}`);
  }
});

test('what external-dns made is moved and taken away with its words only while it leads to us', async () => {
  await scene().given(['A shop.example.com -> us', external('a-shop.example.com')]);
  const aws = scene().world.connect({ adoptOwner: 'me' });
  await scene().apply({ ...ADOPT, aws });
  // Meanwhile somebody points it elsewhere.
  await scene().given(['A shop.example.com -> other', external('a-shop.example.com')]);
  await scene().apply({ hosts: [], aws });
  assert.ok(scene().records().includes('A shop.example.com -> other'));
});
