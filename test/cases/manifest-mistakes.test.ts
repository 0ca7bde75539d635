/** Typing mistakes in manifests, and what `plan -f` says of them. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readManifests } from '../../src/cli/manifests.ts';
import { UsageError } from '../../src/cli/options.ts';
import { temporaryFolder } from '../contract/temporary-folder.ts';

const GOOD = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
  annotations:
    alb.ingress.kubernetes.io/ssl-redirect: "443"
  managedFields: [{ manager: kubectl }]
spec:
  ingressClassName: alb
  tls: [{ hosts: [shop.example.com], secretName: shop-tls }]
  rules:
    - host: shop.example.com
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: shop
                port:
                  number: 80
status:
  loadBalancer: {}
`;

const dir = temporaryFolder('alb-manifests-');

const said = (text: string): string => {
  const file = join(dir, 'a.yaml');
  writeFileSync(file, text);
  try {
    readManifests([file]);
  } catch (error) {
    if (error instanceof UsageError) return error.message.replace(`${file}, `, '');
    throw error;
  }
  return '';
};

test('what an API server takes is taken', () => {
  assert.equal(said(GOOD), '');
  assert.equal(said(GOOD.replace('"443"', '443').replace(/ {4}alb.*\n/, '')), '');
  assert.equal(
    said('apiVersion: v1\nkind: Service\nmetadata: { name: a }\nspec: { ports: [{ port: 80 }] }\n'),
    '',
  );
  assert.equal(
    said(
      'apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: { name: a }\nspec: { template: {} }\n',
    ),
    '',
  );
});

const MISTAKES: readonly (readonly [string, string, string])[] = [
  [
    '"443"',
    '443',
    'Ingress shop: metadata.annotations.alb.ingress.kubernetes.io/ssl-redirect: expected a text, got 443; put it in quotes',
  ],
  [
    '  annotations:',
    '  annotation:',
    'Ingress shop: metadata.annotation is no field of it; expected one of name, generateName, namespace, labels, annotations',
  ],
  [
    '  rules:',
    '  rule:',
    'Ingress shop: spec.rule is no field of it; expected one of ingressClassName, defaultBackend, tls, rules',
  ],
  [
    'number: 80',
    'number: "80"',
    'Ingress shop: spec.rules[0].http.paths[0].backend.service.port.number: expected a number, got "80"',
  ],
  [
    'name: shop\n                port',
    'nam: shop\n                port',
    'Ingress shop: spec.rules[0].http.paths[0].backend.service.nam is no field of it; expected one of name, port',
  ],
  [
    'kind: Ingress',
    'kind: Ingres',
    'there is no kind Ingres in networking.k8s.io/v1; expected one of Ingress, ',
  ],
  [
    'networking.k8s.io/v1',
    'extensions/v1beta1',
    'Ingress shop: no cluster has extensions/v1beta1 since Kubernetes 1.22',
  ],
  [
    '[shop.example.com]',
    'shop.example.com',
    'Ingress shop: spec.tls[0].hosts: expected a list, got "shop.example.com"',
  ],
];

test('a mistake is told with its field and what was expected', () => {
  for (const [right, wrong, message] of MISTAKES) {
    const text = GOOD.replace(right, wrong);
    assert.notEqual(text, GOOD);
    const told = said(text);
    assert.ok(told.startsWith(`document 1: ${message}`), told);
  }
  assert.equal(
    said(GOOD.replace(/ {2}rules:[\s\S]*(?=status)/, '')),
    'document 1: Ingress shop: spec: expected rules or defaultBackend',
  );
});

test('a folder without manifests is told, so that a wrong folder is not an empty plan', () => {
  const empty = join(dir, 'empty');
  mkdirSync(join(empty, 'inner'), { recursive: true });
  assert.throws(() => readManifests([empty]), /empty holds no \.yaml, \.yml or \.json file/);
});

test('items of a list are looked at like documents', () => {
  assert.equal(
    said('apiVersion: v1\nkind: List\nitems: [null]\n'),
    'document 1: expected apiVersion, kind and metadata.name',
  );
});
