/** Which Secrets are looked at, what is read in them, and what is told of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { makeGroupIndex } from '../../src/controller/groups.ts';
import { decodeText, encodeText } from '../../src/core/kube/base64.ts';
import { clientIn } from '../../src/core/kube/client-secret.ts';
import { type AnyObject, snapshotFromObjects } from '../../src/core/kube/from-objects.ts';
import type { SeenSecret } from '../../src/core/kube/snapshot.ts';
import { clientIdDigest, clientVersion } from '../../src/core/model/guard.ts';
import { NO_DEFAULTS } from '../../src/core/translate/defaults.ts';
import { guardsOf, sourceOf } from '../../src/core/translate/guards.ts';
import { PLAIN, readMember } from '../../src/core/translate/member.ts';
import { namedSecrets } from '../../src/core/translate/wanted-secrets.ts';

const SCOPE = { ingressClass: 'alb', namespaces: [] };
const PREFIX = 'alb.ingress.kubernetes.io/';

const idp = (secretName: string) => ({ [`${PREFIX}auth-idp-oidc`]: JSON.stringify({ secretName }) });
const ingress = (name: string, annotations: object, className = 'alb'): AnyObject =>
  ({
    kind: 'Ingress',
    metadata: { name, namespace: 'shop', annotations },
    spec: {
      ingressClassName: className,
      rules: [{ http: { paths: [{ backend: { service: { name: 'web', port: { number: 80 } } } }] } }],
    },
  }) as AnyObject;
const service = (annotations: object): AnyObject =>
  ({ kind: 'Service', metadata: { name: 'web', namespace: 'shop', annotations } }) as AnyObject;
const CLASSES = ['alb', 'other'].map(
  (name) =>
    ({
      kind: 'IngressClass',
      metadata: { name },
      spec: { controller: name === 'alb' ? 'ingress.k8s.aws/alb' : 'example.com/other' },
    }) as AnyObject,
);

test('named are the Secrets of our own Ingresses and of the Services behind them, and no others', () => {
  const snapshot = snapshotFromObjects([
    ...CLASSES,
    ingress('a', idp('of-ingress')),
    ingress('b', { ...idp('x,metadata.namespace=kube-system') }),
    ingress('c', idp('of-others'), 'other'),
    service(idp('of-service')),
  ]);
  assert.deepEqual([...namedSecrets(snapshot, SCOPE)].sort(), ['shop/of-ingress', 'shop/of-service']);
});

test('the index follows what Ingresses and Services name, and says whom a Secret concerns', () => {
  const index = makeGroupIndex(SCOPE);
  const first = snapshotFromObjects([...CLASSES, ingress('a', idp('login')), service({})]);
  const [after] = first.ingresses.values();
  assert.ok(after);
  index.concerned({ kind: 'ingresses', after }, first);
  assert.deepEqual([...index.secrets()], ['shop/login']);
  const gone = { metadata: { namespace: 'shop', name: 'login' } };
  assert.deepEqual([...index.concerned({ kind: 'secrets', before: gone }, first)], ['shop/a']);

  const second = snapshotFromObjects([...CLASSES, ingress('a', idp('login')), service(idp('of-service'))]);
  const [web] = second.services.values();
  assert.ok(web);
  assert.deepEqual([...index.concerned({ kind: 'services', after: web }, second)], ['shop/a']);
  assert.deepEqual([...index.secrets()].sort(), ['shop/login', 'shop/of-service']);

  index.concerned({ kind: 'ingresses', before: after }, snapshotFromObjects(CLASSES));
  assert.deepEqual([...index.secrets()], []);
});

test('texts survive base64, and what is no text is told apart', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }).filter((it) => it.isWellFormed()),
      (text) => {
        assert.equal(encodeText(text), Buffer.from(text).toString('base64'));
        assert.equal(decodeText(encodeText(text)), text);
      },
    ),
  );
  assert.equal(decodeText(Buffer.from([0xff, 0xfe]).toString('base64')), undefined);
});

test('credentials are read by either spelling, without what ends a file, or it is said what is missing', () => {
  const of = (values: Readonly<Record<string, string>>) =>
    clientIn({
      metadata: { name: 's' },
      data: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, encodeText(value)])),
    });
  assert.deepEqual(of({ clientID: 'a', clientSecret: 'b\n' }), { id: 'a', secret: 'b' });
  assert.deepEqual(of({ clientId: 'a\r\n', clientSecret: ' b' }), { id: 'a', secret: ' b' });
  assert.deepEqual(of({ clientSecret: 'b' }), { wrong: 'has no key clientID' });
  assert.deepEqual(of({ clientID: 'a' }), { wrong: 'has no key clientSecret' });
  assert.deepEqual(of({ clientID: '\n', clientSecret: 'b' }), {
    wrong: 'has no text under the key clientID',
  });
});

test('the version tells of every change, and the same values in another Secret have another', () => {
  const versions = [
    clientVersion('u', 'a', 'b'),
    clientVersion('u', 'a', 'c'),
    clientVersion('u', 'ab', ''),
    clientVersion('v', 'a', 'b'),
  ];
  assert.equal(new Set(versions).size, versions.length);
  assert.equal(clientVersion('u', 'a', 'b'), versions[0]);
  assert.equal(
    clientVersion(undefined, 'a', 'b'),
    clientVersion(undefined, 'c', 'd'),
    'nothing without a uid',
  );
});

test('a client that AWS has is found again in the Secret it came from, in its own namespace only', () => {
  const snapshot = snapshotFromObjects([
    ...CLASSES,
    ingress('a', idp('login')),
    {
      kind: 'Secret',
      metadata: { name: 'login', namespace: 'shop', uid: 'u' },
      stringData: { clientID: 'a', clientSecret: 'b' },
    } as AnyObject,
  ]);
  const client = { id: clientIdDigest('a'), version: clientVersion('u', 'a', 'b') };
  assert.equal(sourceOf(client, new Set(['shop']), { snapshot }), 'shop/login');
  assert.equal(sourceOf(client, new Set(['blog']), { snapshot }), undefined);
  assert.equal(sourceOf({ ...client, version: '' }, new Set(['shop']), { snapshot }), undefined);
});

test('what may not be read is told with the way to allow it; what nobody has looked at yet is waited for', () => {
  const login = {
    [`${PREFIX}auth-type`]: 'oidc',
    [`${PREFIX}auth-idp-oidc`]: JSON.stringify({
      issuer: 'https://i.example.com',
      authorizationEndpoint: 'https://i.example.com/a',
      tokenEndpoint: 'https://i.example.com/t',
      userInfoEndpoint: 'https://i.example.com/u',
      secretName: 'login',
    }),
  };
  const snapshot = snapshotFromObjects([...CLASSES, ingress('a', login)]);
  const [found] = snapshot.ingresses.values();
  assert.ok(found);
  const member = readMember(found, PLAIN, NO_DEFAULTS);
  const seen = (state: SeenSecret | undefined) =>
    guardsOf(member, undefined, {
      snapshot: { ...snapshot, secrets: new Map(state && [['shop/login', state]]) },
    });
  assert.deepEqual(seen(undefined), { waits: true });
  const refused = seen({ is: 'refused', why: 'forbidden' });
  assert.ok('wrong' in refused);
  assert.equal(refused.code, 'SecretUnusable');
  assert.match(
    refused.wrong,
    /auth-idp-oidc: Secret shop\/login may not be read \(forbidden\).*rbac\.secrets/,
  );
});
