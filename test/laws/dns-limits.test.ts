/** What a plan may do to records, whatever else is wanted. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOTHING } from '../../src/core/model/actual.ts';
import { dnsRecordKey } from '../../src/core/model/key.ts';
import type { Graph, Resource } from '../../src/core/model/resource.ts';
import { diff } from '../../src/core/plan/diff.ts';

const GRACES = { loadBalancer: 0, targetGroup: 0 };

const record = (zone: string, name: string): Resource<'dns-record'> => ({
  kind: 'dns-record',
  key: dnsRecordKey(zone, name),
  spec: {
    zone,
    name,
    types: ['A'],
    alias: 'load-balancer/shop/web~internal',
    evaluateTargetHealth: false,
    serves: [],
  },
});
const balancer: Resource<'load-balancer'> = {
  kind: 'load-balancer',
  key: 'load-balancer/shop/web~internal',
  spec: {
    name: 'k8s-shop-web',
    scheme: 'internal',
    ipAddressType: 'ipv4',
    subnets: ['subnet-a', 'subnet-b'],
    securityGroups: [],
    attributes: {},
    tags: {},
  },
};
const graph = (...resources: readonly Resource[]): Graph => new Map(resources.map((it) => [it.key, it]));
const names = ['a', 'b', 'c'].map((label) => record('Z1', `${label}.example.com`));
const owned = { ...NOTHING, owned: graph(balancer, ...names) };

test('too many deletes are held, all of them, and what they need stays', () => {
  const plan = diff(graph(), owned, GRACES, { policy: 'sync', maxDeletes: 2 });
  assert.deepEqual(plan.operations, []);
  assert.equal(plan.holds.length, 4);
  assert.match(plan.holds.map(({ why }) => why).join(), /3 records would be deleted at once/);
  const enough = diff(graph(), owned, GRACES, { policy: 'sync', maxDeletes: 3 });
  assert.equal(enough.operations.filter(({ verb }) => verb === 'delete').length, 4);
});

test('a zone that is not in the list holds its deletes, and only its', () => {
  const other = record('Z2', 'd.example.org');
  const actual = { ...owned, owned: graph(balancer, ...names, other) };
  const limits = { policy: 'sync', maxDeletes: 10, zones: new Set(['Z2']) } as const;
  const plan = diff(graph(balancer), actual, GRACES, limits);
  assert.deepEqual(
    plan.operations.map(({ verb, key }) => `${verb} ${key}`),
    [`delete ${other.key}`],
  );
  assert.deepEqual(
    plan.holds.map(({ key }) => key),
    names.map(({ key }) => key),
  );
});

test('by other policies than sync no record goes, and what goes does not wait for it', () => {
  for (const policy of ['upsert-only', 'create-only'] as const) {
    const plan = diff(graph(), owned, GRACES, { policy, maxDeletes: 0 });
    assert.deepEqual(
      plan.operations.map(({ verb, key }) => `${verb} ${key}`),
      [`delete ${balancer.key}`],
    );
    assert.deepEqual(plan.holds, []);
  }
});

test('a name that moves to another zone is there before it goes from the old one', () => {
  const plan = diff(graph(balancer, record('Z2', 'a.example.com')), owned, GRACES);
  const gone = plan.operations.find(({ verb, key }) => verb === 'delete' && key === names[0]?.key);
  assert.deepEqual(gone?.after, ['create dns-record/Z2/a.example.com']);
});

test('a record nobody was seen to give up waits', () => {
  const plan = diff(graph(), owned, { ...GRACES, record: 60 });
  for (const operation of plan.operations)
    if (operation.verb === 'delete')
      assert.equal(operation.grace, operation.resource.kind === 'dns-record' ? 60 : 0);
});
