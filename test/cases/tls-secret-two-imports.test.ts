/** While a certificate with other names takes over from an earlier one of the same Secret, ACM holds two of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOTHING } from '../../src/core/model/actual.ts';
import {
  type CertificateSpec,
  certificateIdentity,
  certificateKey,
} from '../../src/core/model/certificate.ts';
import type { Resource } from '../../src/core/model/resource.ts';
import type { CertificatesInput } from '../../src/core/translate/certificate-wishes.ts';
import { importsOf } from '../../src/core/translate/imported-certificates.ts';
import type { Member } from '../../src/core/translate/member.ts';

const imported = (name: string, notAfter: string): Resource<'certificate'> => {
  const fixed = { origin: 'imported', domains: [name], secret: 'shop/tls', issued: true, notAfter } as const;
  const spec: CertificateSpec = { ...fixed, tags: {} };
  return { kind: 'certificate', key: certificateKey('shop/web', certificateIdentity(spec)), spec };
};

const listener = (...certificates: readonly string[]): Resource<'listener'> => ({
  kind: 'listener',
  key: 'listener/shop/web~internal:443',
  spec: {
    ...{ loadBalancer: 'load-balancer/shop/web~internal', port: 443, protocol: 'HTTPS', sslPolicy: '' },
    ...{ certificates, defaultActions: [], tags: {} },
  },
});

const member = {
  id: 'shop/web',
  ingress: {
    metadata: { name: 'web', namespace: 'shop' },
    spec: { tls: [{ hosts: ['a.example.com'], secretName: 'tls' }] },
  },
} as Partial<Member> as Member;

/** What goes on being served when the Secret is taken away. */
const servedOn = (
  mine: readonly Resource<'certificate'>[],
  actual: readonly Resource[],
): string | undefined => {
  const input: unknown = {
    context: { snapshot: { secrets: new Map([['shop/tls', { is: 'absent' }]]) } },
    actual: { ...NOTHING, owned: new Map(actual.map((it) => [it.key, it])) },
    report: () => undefined,
  };
  const wishes = mine.map((resource) => ({ resource, usable: true, kept: true as const }));
  return importsOf(member, wishes, input as CertificatesInput)[0]?.wish?.resource.key;
};

test('without its Secret the one that is served stays, not the one that is going', () => {
  const [yearly, fresh] = [
    imported('old.example.com', '2030-01-01T00:00:00.000Z'),
    imported('a.example.com', '2027-01-01T00:00:00.000Z'),
  ];
  for (const mine of [
    [yearly, fresh],
    [fresh, yearly],
  ]) {
    assert.equal(servedOn(mine, [...mine, listener(fresh.key)]), fresh.key);
    assert.equal(servedOn(mine, mine), yearly.key, 'before any listener has one: the one that ends later');
  }
});
