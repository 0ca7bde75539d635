import assert from 'node:assert/strict';
import { request as requestHttps } from 'node:https';
import { beforeEach, describe, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import type { StoredLoadBalancer } from '../../src/sandbox/aws/state.ts';
import { type Browser, type Issuer, startIssuer } from './dataplane-issuer.ts';
import { errorReason, loginSite, SITE } from './dataplane-login-site.ts';
import { suiteWorld } from './dataplane-suite.ts';
import { eventually, fixed, newWorld, whereIs } from './dataplane-world.ts';

const world = suiteWorld();
let issuer: Issuer;
beforeEach(async () => {
  issuer = await startIssuer(world);
});

const site = (more: Parameters<Issuer['action']>[0] = {}) =>
  loginSite(world, issuer.action(more), fixed('in'));

describe('logins that fail', () => {
  const callback = async (
    loadBalancer: StoredLoadBalancer,
    browser: Browser,
    change: (url: URL) => void = () => undefined,
  ): Promise<{ status: number; reason: string }> => {
    const first = await browser.get(`${SITE}/x`);
    const second = await browser.get(first.headers.location ?? '');
    const back = new URL(second.headers.location ?? '');
    change(back);
    const { status } = await browser.get(back.href);
    return { status, reason: await errorReason(world, loadBalancer, status) };
  };

  const changes: readonly (readonly [string, number, string, (url: URL, browser: Browser) => void])[] = [
    ['without state', 401, 'AuthMissingStateParam', (url) => url.searchParams.delete('state')],
    [
      'with a state that is not ours',
      401,
      'AuthInvalidStateParam',
      (url) => url.searchParams.set('state', 'x'.repeat(80)),
    ],
    ['without code', 401, 'AuthMissingCodeParam', (url) => url.searchParams.delete('code')],
    ['without the nonce', 401, 'AuthMissingAWSALBAuthNonce', (_url, browser) => browser.cookies.clear()],
    [
      'with the nonce of another login',
      401,
      'AuthInvalidAWSALBAuthNonce',
      (_url, browser) => browser.cookies.set('app.example.com AWSALBAuthNonce', 'another'),
    ],
  ];
  for (const [what, status, reason, change] of changes) {
    test(`${status} for a callback ${what}`, async () => {
      const { loadBalancer, browser } = await site();
      const result = await callback(loadBalancer, browser, (url) => change(url, browser));
      assert.deepEqual(result, { status, reason });
      assert.deepEqual(issuer.forms, []);
    });
  }

  const answers: readonly (readonly [string, number, string, (behaviour: Issuer['behaviour']) => void])[] = [
    ['the provider denies access', 401, 'AuthMissingCodeParam', (it) => (it.error = 'access_denied')],
    ['the provider answers another error', 561, 'AuthMissingCodeParam', (it) => (it.error = 'server_error')],
    ['the code is refused', 561, 'AuthInvalidGrantError', (it) => (it.tokenStatus = 400)],
    ['there is no access token', 401, 'AuthInvalidTokenResponse', (it) => (it.token = { id_token: 'x' })],
    [
      'the scope gives no ID token',
      401,
      'AuthInvalidTokenResponse',
      (it) => (it.token = { access_token: 'x' }),
    ],
    [
      'the ID token is of another issuer',
      401,
      'AuthInvalidIdToken',
      (it) => (it.idToken = { iss: 'http://other' }),
    ],
    [
      'the ID token is for another client',
      401,
      'AuthInvalidIdToken',
      (it) => (it.idToken = { aud: ['other'] }),
    ],
    ['the ID token has expired', 401, 'AuthInvalidIdToken', (it) => (it.idToken = { exp: 1 })],
    [
      'the claims are another user’s',
      401,
      'AuthInvalidUserinfoResponse',
      (it) => (it.claims = { sub: 'user-2' }),
    ],
    ['the claims are no JSON', 401, 'AuthInvalidUserinfoResponse', (it) => (it.userBody = 'nonsense')],
    ['the claims are refused', 561, 'AuthUserinfoEpRequestFailed', (it) => (it.userStatus = 403)],
    [
      'claims and token exceed 11 KB',
      500,
      'AuthUserinfoResponseSizeExceeded',
      (it) => (it.claims = { sub: 'user-1', big: 'x'.repeat(12_000) }),
    ],
  ];
  for (const [what, status, reason, change] of answers) {
    test(`${status} when ${what}`, async () => {
      change(issuer.behaviour);
      const { loadBalancer, browser } = await site();
      assert.deepEqual(await callback(loadBalancer, browser), { status, reason });
      assert.equal(browser.cookies.has('app.example.com AWSELBAuthSessionCookie-0'), false);
    });
  }

  test('500 when the token endpoint refuses connections', async () => {
    const { loadBalancer, browser } = await site({ TokenEndpoint: 'http://127.0.0.1:1/token' });
    const result = await callback(loadBalancer, browser);
    assert.deepEqual(result, { status: 500, reason: 'AuthTokenEpRequestFailed' });
  });

  test('401 after 15 minutes, in emulator time', async (context) => {
    const fast = newWorld(10_000);
    context.after(() => fast.stop());
    const { loadBalancer, browser } = await loginSite(fast, issuer.action(), fixed('in'));
    const first = await browser.get(`${SITE}/`);
    const begun = fast.clock.now();
    const back = (await browser.get(first.headers.location ?? '')).headers.location ?? '';
    await eventually('15 minutes pass', () => fast.clock.now() > begun + 15 * 60_000);
    assert.equal((await browser.get(back)).status, 401);
    assert.equal(await errorReason(fast, loadBalancer, 401), 'AuthInvalidStateParam');
  });

  test('HTTP/1.0 without Host has nowhere to come back to: 401', async () => {
    const { loadBalancer } = await site();
    const socket = connectTls({ ...whereIs(world, loadBalancer), rejectUnauthorized: false });
    socket.write('GET / HTTP/1.0\r\n\r\n');
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    assert.match(text, /^HTTP\/1\.1 401 /);
    assert.equal(await errorReason(world, loadBalancer, 401), 'AuthMissingHostHeader');
  });

  test('a client that leaves during a login harms nobody', async () => {
    const { loadBalancer, browser } = await site();
    const first = await browser.get(`${SITE}/x`);
    const back = new URL((await browser.get(first.headers.location ?? '')).headers.location ?? '');
    const sent = requestHttps({
      ...whereIs(world, loadBalancer),
      path: `${back.pathname}${back.search}`,
      headers: {
        Host: 'app.example.com',
        Cookie: `AWSALBAuthNonce=${browser.cookies.get('app.example.com AWSALBAuthNonce')}`,
      },
      rejectUnauthorized: false,
    });
    sent.on('error', () => undefined);
    sent.end();
    await eventually('the provider is asked', () => issuer.seen.includes('POST /token'));
    sent.destroy();
    assert.equal((await browser.follow(`${SITE}/`)).answer.status, 200);
  });
});
