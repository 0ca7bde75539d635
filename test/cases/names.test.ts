import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ownedName,
  ownerRecordName,
  ownerRecordValue,
  parseOwnerRecord,
} from '../../src/core/adopt/record-owner.ts';
import { loadBalancerName, securityGroupName, targetGroupName } from '../../src/core/model/names.ts';

// Golden values: LBC's own, so that its resources are recognised by name.
test('load balancer and security group names are LBC’s', () => {
  assert.equal(loadBalancerName('cluster-dummy', 'ns-1/ing-1', 'internal'), 'k8s-ns1-ing1-b7e914000d');
  assert.equal(securityGroupName('cluster-dummy', 'ns-1/ing-1'), 'k8s-ns1-ing1-bd83176788');
  assert.equal(loadBalancerName('', 'explicit-group', 'internal'), 'k8s-explicitgroup-5bf9e53c23');
});

const base = {
  cluster: '',
  stack: '',
  ingress: 'ns-1/name-1',
  service: 'name-1',
  serviceUid: 'my-uuid',
  servicePort: 'http',
  targetGroupPort: 8080,
  targetType: 'ip',
  protocol: 'HTTP',
  protocolVersion: 'HTTP1',
} as const;

for (const [change, name] of [
  [{}, 'k8s-ns1-name1-2c37289a00'],
  [{ servicePort: '80' }, 'k8s-ns1-name1-ab859e54b5'],
  [{ targetGroupPort: 9090 }, 'k8s-ns1-name1-6481032048'],
  [{ targetType: 'instance' }, 'k8s-ns1-name1-f4adfdc175'],
  [{ protocol: 'HTTPS' }, 'k8s-ns1-name1-22fbce26a7'],
] as const)
  test(`target group name with ${JSON.stringify(change)}`, () => {
    assert.equal(targetGroupName({ ...base, ...change }), name);
  });

test('target group names in a cluster and group', () => {
  const parts = {
    ...base,
    cluster: 'cluster-dummy',
    stack: 'ns-1/ing-1',
    ingress: 'ns-1/ing-1',
    serviceUid: '',
  };
  assert.equal(
    targetGroupName({ ...parts, service: 'svc-1', targetGroupPort: 32768, targetType: 'instance' }),
    'k8s-ns1-svc1-9889425938',
  );
  assert.equal(
    targetGroupName({
      ...parts,
      service: 'svc-3',
      servicePort: 'https',
      targetGroupPort: 8443,
      protocol: 'HTTPS',
    }),
    'k8s-ns1-svc3-bf42870fba',
  );
});

for (const name of ['example.com', 'a.example.com', '*.example.com'])
  test(`the owner record of ${name} leads back to it`, () => {
    assert.equal(ownedName(ownerRecordName(name)), name);
    assert.ok(ownerRecordName(name).endsWith('.example.com'));
  });

test('an owner record’s value is read back, and nobody else’s is', () => {
  const owner = { cluster: 'dev', stack: 'shop/web' };
  assert.deepEqual(parseOwnerRecord(ownerRecordValue(owner)), owner);
  const long = { ...owner, stack: `${'n'.repeat(63)}/${'i'.repeat(253)}`, cutoverSince: 1_700_000_000_000 };
  const strings = ownerRecordValue(long).split(' ');
  assert.deepEqual(
    strings.map(({ length }) => length <= 257),
    [true, true],
    'two strings, each with its quotation marks',
  );
  assert.deepEqual(parseOwnerRecord(strings.join(' ')), long);
  assert.equal(parseOwnerRecord('"heritage=external-dns,external-dns/owner=default"'), undefined);
});
