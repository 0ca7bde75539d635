import assert from 'node:assert/strict';
import { verify } from 'node:crypto';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { before, beforeEach, describe, test } from 'node:test';
import type { StoredTargetGroup } from '../../src/sandbox/aws/state.ts';
import { startForwardProxy } from '../../src/sandbox/dataplane/forward-proxy.ts';
import { DEFAULT_CERTIFICATE, HTTPS } from './dataplane-certificates.ts';
import { CLIENT, type Issuer, newBrowser, startIssuer } from './dataplane-issuer.ts';
import { errorReason, loginSite, SITE } from './dataplane-login-site.ts';
import { suiteWorld } from './dataplane-suite.ts';
import {
  type Answer,
  ask,
  collect,
  eventually,
  fixed,
  forwardTo,
  type World,
  whereIs,
} from './dataplane-world.ts';

const world = suiteWorld({ certificates: [DEFAULT_CERTIFICATE] });
let issuer: Issuer;
let group: StoredTargetGroup;

before(async () => {
  const port = await world.backend((request, response) =>
    response.end(JSON.stringify({ url: request.url, headers: request.headers })),
  );
  group = world.group([port]);
});
beforeEach(async () => {
  issuer = await startIssuer(world);
});

const site = (more: Parameters<Issuer['action']>[0] = {}, last = forwardTo(group)) =>
  loginSite(world, issuer.action(more), last);

const seenBy = (answer: Answer) =>
  JSON.parse(answer.body) as { url: string; headers: Record<string, string> };
const part = (token: string, index: number) =>
  JSON.parse(Buffer.from(token.split('.')[index] ?? '', 'base64').toString());

describe('authenticate-oidc', () => {
  test('a user without session is sent to the provider, with state and nonce', async () => {
    const { browser } = await site({
      Scope: 'openid email',
      AuthenticationRequestExtraParams: { display: 'page' },
    });
    const answer = await browser.get(`${SITE}/start?a=b`, { Host: 'App.example.com' });
    assert.equal(answer.status, 302);
    const to = new URL(answer.headers.location ?? '');
    assert.equal(`${to.origin}${to.pathname}`, `${issuer.url}/authorize`);
    const params = Object.fromEntries(to.searchParams);
    assert.match(params.state ?? '', /^[\w-]{60,}$/);
    delete params.state;
    assert.deepEqual(params, {
      client_id: CLIENT.id,
      redirect_uri: `${SITE}/oauth2/idpresponse`,
      response_type: 'code',
      scope: 'openid email',
      display: 'page',
    });
    assert.ok((to.search.match(/scope=openid%20email/) ?? []).length === 1);
    const [nonce = ''] = answer.headers['set-cookie'] ?? [];
    assert.match(nonce, /^AWSALBAuthNonce=[\w-]{16}; Expires=.*; Path=\/; Secure; HttpOnly$/);
  });

  test('the whole flow: login, session cookie, claims for the target', async () => {
    const { loadBalancer, browser } = await site();
    const { answer, urls } = await browser.follow(`${SITE}/start?a=b`);
    assert.deepEqual(
      urls.map((url) => new URL(url).pathname),
      ['/start', '/authorize', '/oauth2/idpresponse', '/start'],
    );
    assert.equal(urls.at(-1), `${SITE}/start?a=b`);
    assert.deepEqual([...browser.cookies.keys()], ['app.example.com AWSELBAuthSessionCookie-0']);
    const { headers } = seenBy(answer);
    assert.equal(headers['x-amzn-oidc-accesstoken'], 'access-1');
    assert.equal(headers['x-amzn-oidc-identity'], 'user-1');
    const data = headers['x-amzn-oidc-data'] ?? '';
    const header = part(data, 0);
    assert.deepEqual(
      [header.alg, header.signer, header.iss, header.client],
      ['ES256', loadBalancer.LoadBalancerArn, issuer.url, CLIENT.id],
    );
    const { exp, iss, ...claims } = part(data, 1);
    assert.deepEqual([claims, iss], [issuer.behaviour.claims, issuer.url]);
    assert.ok(exp > Date.now() / 1000 && exp < Date.now() / 1000 + 300);
    const [head, body, signature = ''] = data.split('.');
    const key = world.plane.publicKey(header.kid) ?? '';
    const signed = Buffer.from(`${head}.${body}`);
    const raw = Buffer.from(signature, 'base64');
    assert.ok(verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, raw));
    assert.equal(world.plane.publicKey('another'), undefined);
    const [asked] = issuer.forms;
    const basic = Buffer.from((asked?.authorization ?? '').replace('Basic ', ''), 'base64').toString();
    assert.equal(basic, 'client%201:s%2Fe%3Acret');
    assert.deepEqual(Object.fromEntries(asked?.form ?? []), {
      grant_type: 'authorization_code',
      code: 'code-1',
      redirect_uri: `${SITE}/oauth2/idpresponse`,
    });
    await eventually('the log names both actions', () =>
      world.plane.accessLog().some((line) => line.includes('"authenticate,forward"')),
    );
  });

  test('a session serves later requests without the provider', async () => {
    const { browser } = await site();
    await browser.follow(`${SITE}/`);
    const before = issuer.seen.length;
    assert.equal(seenBy(await browser.get(`${SITE}/again`)).url, '/again');
    assert.equal(issuer.seen.length, before);
  });

  test('the public key is served through the forward proxy', async (context) => {
    const { browser } = await site();
    const { answer } = await browser.follow(`${SITE}/`);
    const { kid } = part(seenBy(answer).headers['x-amzn-oidc-data'] ?? '', 0);
    const proxy = await startForwardProxy(world.plane);
    context.after(() => proxy.stop());
    const through = (id: string) =>
      new Promise<Answer>((resolve, reject) => {
        const path = `http://public-keys.auth.elb.eu-central-1.amazonaws.com/${id}`;
        const sent = requestHttp({ host: '127.0.0.1', port: new URL(proxy.url).port, path, agent: false });
        sent.on('response', (response) => collect(response).then(resolve, reject));
        sent.end();
      });
    assert.match((await through(kid)).body, /^-----BEGIN PUBLIC KEY-----/);
    assert.equal((await through('unknown')).status, 404);
  });

  test('claims of more than one cookie are split, and put together again', async () => {
    const { browser } = await site({ SessionCookieName: 'Big' });
    issuer.behaviour.claims = { sub: 'user-1', roles: 'x'.repeat(4000) };
    const { answer } = await browser.follow(`${SITE}/`);
    const names = [...browser.cookies.keys()].map((key) => key.split(' ')[1]);
    assert.equal(names.length, 2);
    assert.deepEqual(
      names,
      names.map((_, index) => `Big-${index}`),
    );
    for (const [key, value] of browser.cookies) assert.ok(key.length + value.length < 4096 + 16);
    assert.equal(part(seenBy(answer).headers['x-amzn-oidc-data'] ?? '', 1).roles.length, 4000);
    browser.cookies.delete('app.example.com Big-1');
    assert.equal((await browser.get(`${SITE}/`)).status, 302);
  });

  test('a session ends by its timeout, in emulator time', async () => {
    const { browser } = await site({ SessionTimeout: 20 });
    const { answer } = await browser.follow(`${SITE}/`);
    assert.equal(answer.status, 200);
    await eventually('the session is over', async () => (await browser.get(`${SITE}/`)).status === 302);
  });

  test('an access token that is over is refreshed, and the new session is set on the answer', async () => {
    issuer.behaviour.expiresIn = 0;
    issuer.behaviour.refreshToken = 'refresh-1';
    const { browser } = await site();
    const { answer } = await browser.follow(`${SITE}/`);
    assert.equal(seenBy(answer).headers['x-amzn-oidc-accesstoken'], 'access-2');
    assert.deepEqual(Object.fromEntries(issuer.forms[1]?.form ?? []), {
      grant_type: 'refresh_token',
      refresh_token: 'refresh-1',
    });
    assert.match(`${answer.headers['set-cookie']}`, /^AWSELBAuthSessionCookie-0=/);
    issuer.behaviour.tokenStatus = 400;
    assert.equal((await browser.get(`${SITE}/`)).status, 302, 'a refresh that fails asks to log in again');
  });

  test('a client that leaves while its session is refreshed never reaches the target', async () => {
    const asked: (string | undefined)[] = [];
    const port = await world.backend((request, response) => {
      asked.push(request.url);
      response.end();
    });
    issuer.behaviour.expiresIn = 0;
    issuer.behaviour.refreshToken = 'refresh-1';
    const { loadBalancer, browser } = await site({}, forwardTo(world.group([port])));
    await browser.follow(`${SITE}/`);
    let release = (): void => undefined;
    issuer.behaviour.wait = new Promise((resolve) => {
      release = resolve;
    });
    const cookie = [...browser.cookies].map(([key, value]) => `${key.split(' ')[1]}=${value}`).join('; ');
    const headers = { Host: 'app.example.com', Cookie: cookie };
    const sent = requestHttps({
      ...whereIs(world, loadBalancer),
      path: '/left',
      headers,
      rejectUnauthorized: false,
    });
    sent.on('error', () => undefined);
    sent.end();
    await eventually('the refresh is under way', () => issuer.forms.length === 3);
    sent.destroy();
    const left = () => world.plane.accessLog().find((line) => line.includes('/left '));
    await eventually('the client is gone', () => left() !== undefined);
    release();
    await eventually(
      'the refresh is over',
      () => issuer.seen.filter((each) => each === 'GET /userinfo').length === 3,
    );
    await browser.get(`${SITE}/another`);
    assert.ok(asked.includes('/another'));
    assert.ok(!asked.includes('/left'));
    assert.equal(left()?.split(' ')[8], '460');
    assert.deepEqual(
      world.log.filter((line) => line.includes('/left')),
      [],
      'there is nobody left to fail for',
    );
  });

  test('claims sent by the client never reach the target, with or without a session', async () => {
    const { browser } = await site({ OnUnauthenticatedRequest: 'allow' });
    const forged = { 'X-Amzn-Oidc-Identity': 'admin', 'x-amzn-oidc-data': 'forged' };
    const { headers } = seenBy(await browser.get(`${SITE}/`, forged));
    assert.equal(headers['x-amzn-oidc-identity'], undefined);
    assert.equal(headers['x-amzn-oidc-data'], undefined);
  });

  test('allow: users with a session are told of, others pass as well', async () => {
    const open = await site({ OnUnauthenticatedRequest: 'allow' });
    assert.equal((await open.browser.get(`${SITE}/`)).status, 200);
    const strict = world.rule(
      [...world.state.listeners.values()].at(-1) ?? assert.fail(),
      1,
      [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/login'] } }],
      fixed('in'),
    );
    world.state.rules.set(strict.RuleArn, {
      ...strict,
      Actions: [issuer.action(), { ...fixed('in'), Order: 2 }],
    });
    await world.changed();
    assert.equal((await open.browser.follow(`${SITE}/login`)).answer.body, 'in');
    const { headers } = seenBy(await open.browser.get(`${SITE}/`));
    assert.equal(headers['x-amzn-oidc-identity'], 'user-1');
  });

  test('401 for deny without a session, and for a cookie that is not ours', async () => {
    const { loadBalancer, browser } = await site({ OnUnauthenticatedRequest: 'deny' });
    const answer = await browser.get(`${SITE}/`);
    assert.deepEqual([answer.status, answer.headers.server], [401, 'awselb/2.0']);
    const forged = await browser.get(`${SITE}/`, { Cookie: 'AWSELBAuthSessionCookie-0=1.abcdef' });
    assert.equal(forged.status, 401);
    await eventually(
      'the reason is logged',
      async () => (await errorReason(world, loadBalancer, 401)) === 'AuthInvalidCookie',
    );
  });

  test('a session of one provider is none of another', async () => {
    const { browser } = await site();
    await browser.follow(`${SITE}/`);
    const other = await site({ ClientId: 'another' });
    const cookies = [...browser.cookies].map(([key, value]) => `${key.split(' ')[1]}=${value}`).join('; ');
    assert.equal((await other.browser.get(`${SITE}/`, { Cookie: cookies })).status, 302);
  });

  test('authentication comes before redirects and fixed answers too', async () => {
    const { browser } = await site({}, fixed('only users'));
    assert.equal((await browser.get(`${SITE}/`)).status, 302);
    assert.equal((await browser.follow(`${SITE}/`)).answer.body, 'only users');
  });

  test('a provider may stand behind a load balancer and a name of the sandbox', async () => {
    const behind = world.loadBalancer();
    const port = Number(new URL(issuer.url).port);
    world.listener(behind, [forwardTo(world.group([port]))], HTTPS);
    const AliasTarget = {
      HostedZoneId: 'Z215JYRZR1TBD5',
      DNSName: behind.DNSName,
      EvaluateTargetHealth: true,
    };
    world.state.zones.set('Z9', {
      zone: { Id: '/hostedzone/Z9', Name: 'idp.example.', CallerReference: 'test' },
      vpcs: [],
      records: new Map([['idp', { Name: 'idp.example.', Type: 'A', AliasTarget }]]),
    });
    const { loadBalancer } = await site({
      AuthorizationEndpoint: 'https://idp.example/authorize',
      TokenEndpoint: 'https://idp.example/token',
      UserInfoEndpoint: 'https://idp.example/userinfo',
    });
    const browser = newBrowser((url) =>
      whereIs(world, url.hostname === 'idp.example' ? behind : loadBalancer),
    );
    assert.equal((await browser.follow(`${SITE}/`)).answer.status, 200);
  });

  test('501 naming it for a provider outside of the sandbox, without any connection to it', async () => {
    const { browser } = await site({ TokenEndpoint: 'https://accounts.example.org/token' });
    const answer = await browser.get(`${SITE}/`);
    assert.equal(answer.status, 501);
    assert.match(answer.body, /accounts\.example\.org/);
  });
});

describe('authenticate-cognito', () => {
  test('logs in at the hosted pages of the pool, whose domain the sandbox’s Route 53 leads to an issuer', async () => {
    const pool = 'eu-central-1_Abc';
    const config = {
      UserPoolArn: `arn:aws:cognito-idp:eu-central-1:000000000000:userpool/${pool}`,
      UserPoolClientId: CLIENT.id,
      UserPoolDomain: 'shop',
    };
    const cognito = (): [Parameters<World['listener']>[1][0], Parameters<World['listener']>[1][0]] => [
      { Type: 'authenticate-cognito', Order: 1, AuthenticateCognitoConfig: config },
      { ...forwardTo(group), Order: 2 },
    ];
    const loadBalancer = world.loadBalancer();
    world.listener(loadBalancer, cognito(), HTTPS);
    const hosted = world.loadBalancer();
    const listener = world.listener(
      hosted,
      [forwardTo(world.group([Number(new URL(issuer.url).port)]))],
      HTTPS,
    );
    for (const [index, [from, to]] of [
      ['/oauth2/authorize', '/authorize'],
      ['/oauth2/token', '/token'],
      ['/oauth2/userInfo', '/userinfo'],
    ].entries())
      world.rule(
        listener,
        index + 1,
        [{ Field: 'path-pattern', PathPatternConfig: { Values: [from ?? ''] } }],
        forwardTo([...world.state.targetGroups.values()].at(-1) ?? assert.fail()),
        [{ Type: 'url-rewrite', UrlRewriteConfig: { Rewrites: [{ Regex: `^${from}`, Replace: to ?? '' }] } }],
      );
    await world.changed();
    const browser = newBrowser((url) =>
      whereIs(world, url.hostname === 'app.example.com' ? loadBalancer : hosted),
    );
    assert.match((await browser.get(`${SITE}/`)).body, /user pool .*, which the sandbox does not hold/);
    const clients = new Map([[CLIENT.id, { ClientId: CLIENT.id, ClientSecret: CLIENT.secret }]]);
    world.state.userPools.set(pool, { Id: pool, Domain: 'shop', clients });
    await world.changed();
    const outside = await browser.get(`${SITE}/`);
    assert.equal(outside.status, 501);
    assert.match(outside.body, /shop\.auth\.eu-central-1\.amazoncognito\.com/);
    const name = 'shop.auth.eu-central-1.amazoncognito.com.';
    const AliasTarget = {
      HostedZoneId: 'Z215JYRZR1TBD5',
      DNSName: hosted.DNSName,
      EvaluateTargetHealth: true,
    };
    world.state.zones.set('ZC', {
      zone: { Id: '/hostedzone/ZC', Name: name, CallerReference: 'test' },
      vpcs: [],
      records: new Map([['a', { Name: name, Type: 'A', AliasTarget }]]),
    });
    await world.changed();
    issuer.behaviour.idToken = { iss: `https://cognito-idp.eu-central-1.amazonaws.com/${pool}` };
    const { answer } = await browser.follow(`${SITE}/`);
    assert.equal(answer.status, 200, world.log.at(-1));
    assert.equal(seenBy(answer).headers['x-amzn-oidc-identity'], 'user-1');
  });
});

test('authentication is no business of listeners without it', async () => {
  const loadBalancer = world.loadBalancer();
  world.listener(loadBalancer, [fixed('plain')]);
  await world.changed();
  assert.equal((await ask(world, loadBalancer, { path: '/oauth2/idpresponse' })).body, 'plain');
});
