import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import { holdingOf, type PointOfView } from '../../src/aws/kinds/dns-record.ts';
import type { AtName } from '../../src/aws/records.ts';

const place = { zone: 'ZEX', name: 'echo.example.com' };
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

const verdict = (at: AtName): string => Object.keys(holdingOf(place, at, view))[0] ?? '';

test('whose a name is', () => {
  const cases: [string, AtName][] = [
    ['free', { addresses: [] }],
    ['adoptable', { addresses: [toUs] }],
    ['foreign', { addresses: [toOthers] }],
    ['foreign', { addresses: [toUs, { ...toOthers, Type: 'AAAA' }] }],
    ['owned', { addresses: [toUs], owner: ours }],
    ['owned', { addresses: [toOthers], owner: ours }],
    ['owned', { addresses: [], owner: ours }],
    ['foreign', { addresses: [toUs], owner: { cluster: 'prod', stack: 'shop/web' } }],
    ['foreign', { addresses: [], owner: { cluster: 'dev', stack: 'other/web' } }],
    [
      'foreign',
      {
        addresses: [{ Name: 'echo.example.com.', Type: 'CNAME', ResourceRecords: [{ Value: 'x.org' }] }],
        owner: ours,
      },
    ],
    [
      'foreign',
      { addresses: [alias('k8s-1.eu-west-1.elb.amazonaws.com', { SetIdentifier: 'blue', Weight: 1 })] },
    ],
    [
      'foreign',
      {
        addresses: [
          { Name: 'echo.example.com.', Type: 'A', TTL: 60, ResourceRecords: [{ Value: '10.0.0.1' }] },
        ],
      },
    ],
  ];
  for (const [expected, at] of cases) assert.equal(verdict(at), expected, JSON.stringify(at));
});

test('what is foreign is described so that somebody can find it', () => {
  const cname: ResourceRecordSet = {
    Name: 'echo.example.com.',
    Type: 'CNAME',
    ResourceRecords: [{ Value: 'x.org' }],
  };
  const at = { addresses: [cname], owner: { cluster: 'prod', stack: 'team' } };
  const holding = holdingOf(place, at, view);
  assert.ok('foreign' in holding);
  assert.equal(
    holding.foreign.description,
    'CNAME record echo.example.com -> x.org, owned by team of cluster prod',
  );
});

test('records of one name that disagree show as a difference, and a strange target as nobody’s balancer', () => {
  const holding = holdingOf(place, { addresses: [{ ...toOthers, Type: 'AAAA' }, toUs], owner: ours }, view);
  assert.ok('owned' in holding);
  assert.deepEqual(holding.owned.spec.types, ['A']);
  const strange = holdingOf(place, { addresses: [toOthers], owner: ours }, view);
  assert.ok('owned' in strange);
  assert.equal(
    strange.owned.spec.alias,
    'load-balancer/shop/web~elsewhere:other.eu-west-1.elb.amazonaws.com',
  );
});
