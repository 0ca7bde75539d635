/** What `plan --explain` says: each choice with what it was chosen among. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { type AnyObject, snapshotFromObjects } from '../../src/core/kube/from-objects.ts';
import { NOTHING } from '../../src/core/model/actual.ts';
import type { Facts, Subnet } from '../../src/core/model/facts.ts';
import { explain, renderExplanation } from '../../src/core/plan/explain.ts';
import { planStack } from '../../src/core/plan/plan-stack.ts';
import { makeCertificate } from '../../src/sandbox/aws/acm/make-certificate.ts';
import { WEB_SERVICE } from './web-service.ts';

const subnet = (id: string, zone: string, more: Partial<Subnet> = {}): Subnet => ({
  ...{ id, vpc: 'vpc-1', zone, freeAddresses: 99, hasIpv6: false, public: false },
  tags: { 'kubernetes.io/role/internal-elb': '1' },
  ...more,
});

const CERTIFICATE = 'arn:aws:acm:eu-west-1:123456789012:certificate/1';
const FACTS: Facts = {
  region: 'eu-west-1',
  vpc: 'vpc-1',
  vpcCidrs: ['10.0.0.0/16'],
  subnets: [
    subnet('s-a', 'a'),
    subnet('s-b', 'b'),
    subnet('s-b2', 'b'),
    subnet('s-c', 'c', { freeAddresses: 3 }),
    subnet('s-d', 'd', { tags: {} }),
    subnet('s-e', 'e', {
      tags: { 'kubernetes.io/role/internal-elb': '1', 'kubernetes.io/cluster/other': 'owned' },
    }),
  ],
  securityGroups: [],
  zones: [
    { id: 'Z1', name: 'example.com', private: false },
    { id: 'Z2', name: 'shop.example.com', private: false },
  ],
  targetGroups: [],
  certificates: [
    { arn: CERTIFICATE, domains: ['*.example.com'], status: 'ISSUED', notAfter: '2027-05-01T00:00:00.000Z' },
  ],
};

const MANIFESTS = `${WEB_SERVICE}
kind: Ingress
metadata:
  name: web
  namespace: shop
  annotations:
    alb.ingress.kubernetes.io/certificate-arn: ${CERTIFICATE}
spec:
  ingressClassName: alb
  rules:
    - host: www.shop.example.com
      http:
        paths:
          - { path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }
          - { path: /a, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }
          - { path: /a/b, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }
          - { path: /a, pathType: Exact, backend: { service: { name: web, port: { number: 80 } } } }
`;

const explained = (text: string) => {
  const snapshot = snapshotFromObjects(parseAllDocuments(text).map((it) => it.toJS() as AnyObject));
  const input = { stack: 'shop/web', ingresses: ['shop/web'], facts: FACTS, actual: NOTHING };
  const planned = planStack(
    {
      ...{ ...input, snapshot, cluster: 'dev', dns: true },
      scope: { ingressClass: 'alb', namespaces: [] },
    },
    { loadBalancer: 0, targetGroup: 0 },
  );
  return explain({ planned, actual: NOTHING, facts: FACTS, cluster: 'dev', subnetsOfOthers: false });
};

test('every subnet of the VPC is told with the reason', () => {
  const [balancer] = explained(MANIFESTS).loadBalancers;
  assert.deepEqual(
    balancer?.subnets.map(({ id, chosen, why }) => [id, chosen, why]),
    [
      ['s-a', true, 'has the tag kubernetes.io/role/internal-elb'],
      ['s-b', true, 'has the tag kubernetes.io/role/internal-elb'],
      ['s-b2', false, 's-b is in the same Availability Zone'],
      ['s-c', false, 'has 3 free addresses, needs 8'],
      ['s-d', false, 'has no tag kubernetes.io/role/internal-elb, and others have it'],
      ['s-e', false, 'is tagged for another cluster'],
    ],
  );
});

test('rules stand in the order in which they match, each with why it precedes the next', () => {
  const [listener] = explained(MANIFESTS).listeners;
  assert.deepEqual(
    listener?.rules.map(({ matches, from, first }) => [matches.replace(/^.* and /, ''), from, first]),
    [
      [
        'path is /a',
        ['shop/web spec.rules[0].http.paths[3]'],
        'an Exact path before Prefix before ImplementationSpecific, and what matches every path last',
      ],
      ['path is /a/b or /a/b/*', ['shop/web spec.rules[0].http.paths[2]'], 'the longer path'],
      [
        'path is /a or /a/*',
        ['shop/web spec.rules[0].http.paths[1]'],
        'an Exact path before Prefix before ImplementationSpecific, and what matches every path last',
      ],
      ['path is /*', ['shop/web spec.rules[0].http.paths[0]'], undefined],
    ],
  );
});

test('a certificate of a Secret is told with where it comes from and its end', () => {
  const { certificate, privateKey } = makeCertificate({ names: ['www.shop.example.com'] });
  const data = {
    'tls.crt': Buffer.from(certificate).toString('base64'),
    'tls.key': Buffer.from(privateKey).toString('base64'),
  };
  const secret = { kind: 'Secret', metadata: { name: 'tls', namespace: 'shop' }, data };
  const text = renderExplanation(
    explained(
      `${MANIFESTS.replace(/certificate-arn: .*/, 'tls-secrets: import').replace(
        '  rules:',
        '  tls: [{ secretName: tls }]\n  rules:',
      )}---\n${JSON.stringify(secret)}\n`,
    ),
  );
  assert.match(
    text,
    /certificate not made yet from Secret shop\/tls for www\.shop\.example\.com, until 2120-01-01 \(default\)/,
  );
  assert.doesNotMatch(text, /PRIVATE|LS0tLS/);
});

test('the certificate is told with its names, the record with its zone', () => {
  const text = renderExplanation(explained(MANIFESTS));
  assert.match(
    text,
    /certificate \S+:certificate\/1 for \*\.example\.com, ISSUED, until 2027-05-01 \(default\)/,
  );
  assert.match(
    text,
    /record www\.shop\.example\.com\n +in shop\.example\.com \(Z2, public\).*the longest name/,
  );
});
