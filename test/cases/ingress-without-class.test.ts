/** Ingresses that name no class: whose they are is the cluster's to say, or the operator's. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AnyObject, snapshotFromObjects } from '../../src/core/kube/from-objects.ts';
import { memberships, type Scope } from '../../src/core/translate/membership.ts';

const INGRESS: AnyObject = { kind: 'Ingress', metadata: { name: 'web', namespace: 'shop' } };
const classWith = (controller: string) =>
  ({
    kind: 'IngressClass',
    metadata: { name: 'usual', annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } },
    spec: { controller },
  }) as AnyObject;

const standing = (objects: readonly AnyObject[], scope: Partial<Scope>): string | undefined => {
  const snapshot = snapshotFromObjects([INGRESS, ...objects]);
  const ingress = snapshot.ingresses.get('shop/web');
  assert.ok(ingress);
  return memberships(ingress, snapshot, { ingressClass: 'alb', namespaces: [], ...scope })[0]?.is;
};

test('without a default class it is nobody’s, unless the operator says it is ours', () => {
  assert.equal(standing([], {}), 'foreign');
  assert.equal(standing([], { withoutClass: true }), 'member');
});

test('a default class decides, whatever the operator says', () => {
  assert.equal(standing([classWith('example.com/other')], { withoutClass: true }), 'foreign');
  assert.equal(standing([classWith('ingress.k8s.aws/alb')], {}), 'member');
});
