import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import { type Holding, holdingOf, type PointOfView } from '../../src/aws/holding.ts';
import { type AtName, NOTHING_THERE } from '../../src/aws/records.ts';
import type { RecordOwner } from '../../src/core/adopt/record-owner.ts';

const place = { zone: 'ZEX', name: 'echo.example.com', ingresses: ['shop/web'] };
const view: PointOfView = {
  cluster: 'dev',
  stack: 'shop/web',
  balancerAt: (name) =>
    name === 'k8s-1.eu-west-1.elb.amazonaws.com' ? 'load-balancer/shop/web~internal' : undefined,
};
const ours = { cluster: 'dev', stack: 'shop/web' };
const alias = (DNSName: string, more: Partial<ResourceRecordSet> = {}): ResourceRecordSet => ({
  Name: 'echo.example.com.',
  Type: 'A',
  AliasTarget: { DNSName, HostedZoneId: 'Z1', EvaluateTargetHealth: false },
  ...more,
});
const toUs = alias('dualstack.K8s-1.eu-west-1.elb.amazonaws.com.');
const toOthers = alias('other.eu-west-1.elb.amazonaws.com.');
const cname = (Value: string): ResourceRecordSet => ({
  Name: 'echo.example.com.',
  Type: 'CNAME',
  TTL: 60,
  ResourceRecords: [{ Value }],
});
const blue = { SetIdentifier: 'blue', Weight: 1 };

const text = (more: Partial<ResourceRecordSet> = {}): ResourceRecordSet =>
  ({ Type: 'TXT', ...more }) as ResourceRecordSet;
const found = (addresses: readonly ResourceRecordSet[], owner?: RecordOwner, set = {}): AtName => ({
  ...NOTHING_THERE,
  addresses,
  marks: owner ? [{ record: text(set), owner }] : [],
});
const vouched = (
  address: ResourceRecordSet,
  owner: string,
  ingress: string | undefined,
  set = {},
): AtName => ({
  ...found([address]),
  theirs: [{ record: text(set), owner: { owner, ingress } }],
});

const verdict = (at: AtName, from = view): string => Object.keys(holdingOf(place, at, from))[0] ?? '';

test('whose a name is', () => {
  const cases: [string, AtName][] = [
    ['free', found([])],
    ['adoptable', found([toUs])],
    ['foreign', found([toOthers])],
    ['foreign', found([toUs, { ...toOthers, Type: 'AAAA' }])],
    ['owned', found([toUs], ours)],
    ['owned', found([toOthers], ours)],
    ['owned', found([], ours)],
    ['owned', found([cname('K8s-1.eu-west-1.elb.amazonaws.com')], ours)],
    ['foreign', found([toUs], { cluster: 'prod', stack: 'shop/web' })],
    ['foreign', found([], { cluster: 'dev', stack: 'other/web' })],
    ['foreign', found([cname('x.org')], ours)],
    ['foreign', found([alias('k8s-1.eu-west-1.elb.amazonaws.com', blue)])],
    ['owned', found([alias('k8s-1.eu-west-1.elb.amazonaws.com', blue)], ours, blue)],
    ['foreign', found([{ ...cname('10.0.0.1'), Type: 'A' }])],
    // Somebody's single record stands where our one of several was.
    ['foreign', found([toOthers], ours, blue)],
  ];
  for (const [expected, at] of cases) assert.equal(verdict(at), expected, JSON.stringify(at));
});

test('what external-dns owns is adopted only by the right owner, for the right Ingress, in the right set', () => {
  const adopting = { ...view, adoptOwner: 'me' };
  const cases: [string, AtName, PointOfView][] = [
    ['foreign', vouched(toUs, 'me', 'shop/web'), view],
    ['owned', vouched(toUs, 'me', 'shop/web'), adopting],
    ['owned', vouched(toOthers, 'me', 'shop/web'), adopting],
    ['foreign', vouched(toUs, 'other', 'shop/web'), adopting],
    ['foreign', vouched(toUs, 'me', 'shop/api'), adopting],
    ['foreign', vouched(toUs, 'me', undefined), adopting],
    ['owned', vouched({ ...toUs, ...blue }, 'me', 'shop/web', blue), adopting],
    ['foreign', vouched({ ...toUs, ...blue }, 'me', 'shop/web', { SetIdentifier: 'green' }), adopting],
    ['foreign', vouched({ ...cname('10.0.0.1'), Type: 'A' }, 'me', 'shop/web'), adopting],
  ];
  for (const [expected, at, from] of cases) assert.equal(verdict(at, from), expected, JSON.stringify(at));
  const two = vouched(toUs, 'me', 'shop/web');
  const contested = {
    ...two,
    theirs: [...two.theirs, { record: text(), owner: { owner: 'other', ingress: undefined } }],
  };
  assert.equal(verdict(contested, adopting), 'foreign');
});

const foreign = (holding: Holding) => {
  assert.ok('foreign' in holding);
  return holding.foreign;
};

test('what is foreign is described so that somebody can find it', () => {
  const at = found([cname('x.org')], { cluster: 'prod', stack: 'team' });
  assert.equal(
    foreign(holdingOf(place, at, view)).description,
    'CNAME record echo.example.com -> x.org, owned by team of cluster prod',
  );
  assert.match(
    foreign(holdingOf(place, vouched(toUs, 'me', 'shop/web'), view)).description,
    /owned by external-dns \(owner me, for Ingress shop\/web\); --dns-adopt-owner=me adopts/,
  );
});

test('a name that is shared by set identifiers says which are taken, and what each of them is', () => {
  const green = alias('other.eu-west-1.elb.amazonaws.com.', { SetIdentifier: 'green', Weight: 9 });
  const { setIdentifiers, instead } = foreign(holdingOf(place, found([{ ...toUs, ...blue }, green]), view));
  assert.deepEqual(setIdentifiers, ['blue', 'green']);
  assert.deepEqual(
    instead?.map(({ spec }) => spec.routing),
    [
      { setIdentifier: 'blue', policy: 'weighted', weight: 1 },
      { setIdentifier: 'green', policy: 'weighted', weight: 9 },
    ],
  );
  assert.equal(foreign(holdingOf(place, found([toOthers]), view)).setIdentifiers, undefined);
});

test('records of one name that disagree show as a difference, and a strange target as nobody’s balancer', () => {
  const holding = holdingOf(place, found([{ ...toOthers, Type: 'AAAA' }, toUs], ours), view);
  assert.ok('owned' in holding);
  assert.deepEqual(holding.owned.spec.types, ['A']);
  const strange = holdingOf(place, found([toOthers], ours), view);
  assert.ok('owned' in strange);
  assert.equal(
    strange.owned.spec.alias,
    'load-balancer/shop/web~elsewhere:other.eu-west-1.elb.amazonaws.com',
  );
});
