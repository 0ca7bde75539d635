import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { beforeEach, describe, test } from 'node:test';
import type {
  JwtValidationActionAdditionalClaim,
  JwtValidationActionConfig,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { StoredLoadBalancer } from '../../src/sandbox/aws/state.ts';
import { DEFAULT_CERTIFICATE, HTTPS } from './dataplane-certificates.ts';
import {
  type Issuer,
  KEY_ID,
  newBrowser,
  now,
  OTHER_RSA,
  signedToken,
  startIssuer,
} from './dataplane-issuer.ts';
import { suiteWorld } from './dataplane-suite.ts';
import { eventually, forwardTo, whereIs } from './dataplane-world.ts';

const world = suiteWorld({ certificates: [DEFAULT_CERTIFICATE] });
let issuer: Issuer;
beforeEach(async () => {
  issuer = await startIssuer(world);
});

const ISSUER = 'https://issuer.example.com';
const good = (more: Record<string, unknown> = {}) => ({ iss: ISSUER, exp: now() + 60, ...more });

type Checked = { readonly status: number; readonly reason: string; readonly body: string };

const api = async (more: Partial<JwtValidationActionConfig> = {}) => {
  const port = await world.backend((request, response) => response.end(request.headers.authorization));
  const loadBalancer = world.loadBalancer();
  const config = { JwksEndpoint: `${issuer.url}/keys`, Issuer: ISSUER, ...more };
  world.listener(
    loadBalancer,
    [
      { Type: 'jwt-validation', Order: 1, JwtValidationConfig: config },
      { ...forwardTo(world.group([port])), Order: 2 },
    ],
    HTTPS,
  );
  await world.changed();
  const client = newBrowser(() => whereIs(world, loadBalancer));
  const asks = async (authorization: string | undefined): Promise<Checked> => {
    const path = `/${Math.random()}`;
    const headers: Record<string, string> =
      authorization === undefined ? {} : { Authorization: authorization };
    const answer = await client.get(`https://api.example.com${path}`, headers);
    return { status: answer.status, reason: await reasonOf(loadBalancer, path), body: answer.body };
  };
  return { asks, token: (text: string) => asks(`Bearer ${text}`) };
};

const reasonOf = async (loadBalancer: StoredLoadBalancer, path: string): Promise<string> => {
  const line = () =>
    world.plane
      .accessLog()
      .find((each) => each.includes(loadBalancer.LoadBalancerName) && each.includes(`${path} `));
  await eventually('the request is logged', () => line() !== undefined);
  return (line()?.match(/"[^"]*"|\S+/g)?.[24] ?? '').replaceAll('"', '');
};

describe('jwt-validation', () => {
  test('a good token passes as it is, and the key set is asked for once', async () => {
    const { token } = await api();
    const text = signedToken(good({ nbf: now() - 1, iat: now() - 1 }));
    assert.deepEqual(await token(text), { status: 200, reason: '-', body: `Bearer ${text}` });
    assert.equal((await token(signedToken(good(), { header: { kid: undefined } }))).status, 200);
    assert.deepEqual(issuer.seen, ['GET /keys']);
  });

  const refusedTokens: readonly (readonly [string, string, () => string])[] = [
    [
      'a token of another key',
      'JWTSignatureValidationError',
      () => signedToken(good(), { key: OTHER_RSA.privateKey }),
    ],
    [
      'a changed token',
      'JWTSignatureValidationError',
      () =>
        signedToken(good()).replace(
          /\.([^.]+)\./,
          `.${Buffer.from(JSON.stringify(good({ admin: true }))).toString('base64url')}.`,
        ),
    ],
    [
      'a token of an unknown key id',
      'JWTSignatureValidationError',
      () => signedToken(good(), { header: { kid: 'x' } }),
    ],
    [
      'a token that names another algorithm than it is signed by',
      'JWTSignatureValidationError',
      () => signedToken(good(), { header: { alg: 'RS512' } }),
    ],
    ['a token without signature', 'JWTSignatureValidationError', () => unsigned('none', '')],
    [
      'a token signed with the public key as a secret',
      'JWTSignatureValidationError',
      () => unsigned('HS256', createHmac('sha256', 'public').update('x').digest('base64url')),
    ],
    ['what is no token', 'JWTRequestFormatInvalid', () => 'abc.def'],
    ['an expired token', 'JWTClaimValueInvalid', () => signedToken(good({ exp: now() - 1 }))],
    ['a token that is not valid yet', 'JWTClaimValueInvalid', () => signedToken(good({ nbf: now() + 60 }))],
    ['a token issued in the future', 'JWTClaimValueInvalid', () => signedToken(good({ iat: now() + 60 }))],
    ['a token of another issuer', 'JWTClaimValueInvalid', () => signedToken(good({ iss: 'https://other' }))],
    ['a token without iss', 'JWTClaimNotPresent', () => signedToken({ exp: now() + 60 })],
    ['a token without exp', 'JWTClaimNotPresent', () => signedToken({ iss: ISSUER })],
    ['a token whose exp is no number', 'JWTClaimFormatInvalid', () => signedToken(good({ exp: 'soon' }))],
  ];
  const unsigned = (alg: string, signature: string): string =>
    `${[{ alg, kid: KEY_ID }, good()].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.${signature}`;
  for (const [what, reason, make] of refusedTokens) {
    test(`401 for ${what}`, async () => {
      const { token } = await api();
      const answer = await token(make());
      assert.deepEqual([answer.status, answer.reason], [401, reason]);
    });
  }

  test('401 without Authorization, and for another scheme', async () => {
    const { asks } = await api();
    assert.equal((await asks(undefined)).reason, 'JWTHeaderNotPresent');
    const basic = await asks('Basic dXNlcjpwYXNz');
    assert.deepEqual([basic.status, basic.reason], [401, 'JWTRequestFormatInvalid']);
  });

  const scope: JwtValidationActionAdditionalClaim = {
    Name: 'scope',
    Format: 'space-separated-values',
    Values: ['read', 'write'],
  };
  const groups: JwtValidationActionAdditionalClaim = {
    Name: 'groups',
    Format: 'string-array',
    Values: ['a'],
  };
  const tenant: JwtValidationActionAdditionalClaim = {
    Name: 'tenant',
    Format: 'single-string',
    Values: ['x', 'y'],
  };
  const claims: readonly (readonly [JwtValidationActionAdditionalClaim, unknown, string])[] = [
    [scope, 'write other read', '-'],
    [scope, 'read', 'JWTClaimValueInvalid'],
    [scope, ['read', 'write'], 'JWTClaimFormatInvalid'],
    [groups, ['b', 'a'], '-'],
    [groups, ['b'], 'JWTClaimValueInvalid'],
    [groups, 'a', 'JWTClaimFormatInvalid'],
    [tenant, 'y', '-'],
    [tenant, 'x y', 'JWTClaimValueInvalid'],
    [tenant, undefined, 'JWTClaimNotPresent'],
  ];
  for (const [claim, value, reason] of claims) {
    test(`${claim.Format} ${claim.Values} with ${JSON.stringify(value)}: ${reason}`, async () => {
      const { token } = await api({ AdditionalClaims: [claim] });
      const answer = await token(signedToken(good({ [claim.Name ?? '']: value })));
      assert.deepEqual([answer.status, answer.reason], [reason === '-' ? 200 : 401, reason]);
    });
  }

  test('a key that is new at the issuer is found', async () => {
    const { token } = await api();
    assert.equal((await token(signedToken(good()))).status, 200);
    const jwk = OTHER_RSA.publicKey.export({ format: 'jwk' });
    issuer.behaviour.keys = () => ({ keys: [{ kty: 'EC' }, { ...jwk, kid: 'key-2' }] });
    const rotated = signedToken(good(), { key: OTHER_RSA.privateKey, header: { kid: 'key-2' } });
    await eventually('the set is asked for again', async () => (await token(rotated)).status === 200);
  });

  const broken: readonly (readonly [string, string, (world: Issuer) => string])[] = [
    ['cannot be reached', 'JWKSRequestFailed', () => 'http://127.0.0.1:1/keys'],
    ['is outside of the sandbox', 'JWKSRequestFailed', () => 'https://keys.example.org/'],
    ['gives no keys', 'JWKSRequestFailed', (it) => `${it.url}/`],
  ];
  for (const [what, reason, endpoint] of broken) {
    test(`500 when the key set ${what}`, async () => {
      const { token } = await api({ JwksEndpoint: endpoint(issuer) });
      const answer = await token(signedToken(good()));
      assert.deepEqual([answer.status, answer.reason], [500, reason]);
    });
  }
  test('500 when the key set is larger than AWS takes', async () => {
    issuer.behaviour.keys = () => ({ keys: Array.from({ length: 11 }, () => ({ kty: 'EC' })) });
    const { token } = await api();
    assert.equal((await token(signedToken(good()))).reason, 'JWKSResponseSizeExceeded');
    issuer.behaviour.keys = () => ({ keys: [], more: 'x'.repeat(160 * 1024) });
    assert.equal((await token(signedToken(good()))).reason, 'JWKSResponseSizeExceeded');
  });
});
