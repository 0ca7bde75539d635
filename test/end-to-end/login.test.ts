/** Logins and tokens end to end: what users see, what the backend is told, and that nobody gets in meanwhile. */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import {
  CognitoIdentityProviderClient,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import {
  DescribeRulesCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { makeCertificate } from '../../src/sandbox/aws/acm/make-certificate.ts';
import { DEFAULT_CERTIFICATE } from '../contract/dataplane-certificates.ts';
import { CLIENT, type Issuer, now, signedToken, startIssuer } from '../contract/dataplane-issuer.ts';
import { freePort } from './daemon.ts';
import { noTraffic } from './foreign-cluster.ts';
import { INGRESS_CLASS, ingress, secret, server } from './manifests.ts';
import { type SiteBrowser, siteBrowser } from './site-browser.ts';
import { type Controller, startWorld, type World } from './world.ts';

const skip = noTraffic;
const SITE = 'https://shop.example.com/';

let world: World;
let controller: Controller;
let health = '';
let issuer: Issuer;
const servers: Server[] = [];
const browsers: SiteBrowser[] = [];

const browser = (): SiteBrowser => {
  const made = siteBrowser(world.box.proxyUrl);
  browsers.push(made);
  return made;
};

/** An issuer's server with TLS, as AWS demands. */
const overTls: Parameters<typeof startIssuer>[0] = {
  backend: async (answer) => {
    const { certificate: cert, privateKey: key } = DEFAULT_CERTIFICATE;
    const server = createServer({ cert, key }, answer);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  },
};

const ECHO = server({
  ...{ namespace: 'web', name: 'shop', replicas: 1 },
  pod: '{ containers: [{ name: web, image: echoserver, ports: [{ containerPort: 8080 }] }] }',
});

const credentials = (clientSecret: string): string => secret('login', { clientID: CLIENT.id, clientSecret });

const provider = (): string =>
  JSON.stringify({
    issuer: issuer.url,
    authorizationEndpoint: `${issuer.url}/authorize`,
    tokenEndpoint: `${issuer.url}/token`,
    userInfoEndpoint: `${issuer.url}/userinfo`,
    secretName: 'login',
  });

const shop = (annotations: Readonly<Record<string, string>>): string =>
  ingress({
    namespace: 'web',
    name: 'shop',
    annotations: {
      subnets: 'subnet-1234,subnet-5678',
      'security-groups': 'sg-1234',
      'listen-ports': '[{"HTTP":80},{"HTTPS":443}]',
      'tls-secrets': 'import',
      ...annotations,
    },
  }).replace('spec:\n', 'spec:\n  tls: [{ hosts: [shop.example.com], secretName: tls }]\n');

const apply = (text: string): Promise<string> => world.kubectl(['apply', '-f', '-'], text);
const login = (more: Readonly<Record<string, string>> = {}): string =>
  shop({ 'auth-type': 'oidc', 'auth-idp-oidc': provider(), ...more });

before(async () => {
  world = await startWorld();
  issuer = await startIssuer(overTls, 'https');
  health = `127.0.0.1:${await freePort()}`;
  const { certificate, privateKey } = makeCertificate({ names: ['shop.example.com'] });
  await apply(
    INGRESS_CLASS +
      ECHO +
      secret('tls', { 'tls.crt': certificate, 'tls.key': privateKey }, 'kubernetes.io/tls') +
      secret('of-somebody-else', { password: 'never-asked-for' }),
  );
  controller = world.startController(['--health-probe-bind-addr', health, '--log-level', 'debug']);
});
after(async () => {
  await Promise.all(browsers.map((one) => one.close()));
  for (const server of servers) server.close();
  for (const server of servers) server.closeAllConnections();
  await world.stop();
});

/** Whether an answer came from the backend. */
const isBackend = (body: string): boolean => /x-forwarded-for/i.test(body);

const toLogin = async (): Promise<true> =>
  world.until('users are sent to log in', async () => {
    const page = await browser()
      .get(SITE)
      .catch(() => undefined);
    assert.ok(!isBackend(page?.body ?? ''), 'nobody gets in without a login');
    return page?.status === 302 && page.location?.startsWith(`${issuer.url}/authorize`);
  });

const events = (): Promise<string> => world.kubectl(['get', 'events', '-n', 'web']);

const logins = async () => {
  const elb = new ElasticLoadBalancingV2Client(world.sdk);
  const listeners = [...world.box.aws.state.listeners.values()].filter(({ Port }) => Port === 443);
  const found = await Promise.all(
    listeners.map(({ ListenerArn }) => elb.send(new DescribeRulesCommand({ ListenerArn }))),
  );
  elb.destroy();
  return found.flatMap(({ Rules = [] }) => Rules).filter(({ IsDefault }) => !IsDefault);
};

test('while the Secret is missing nothing is served, and the Ingress is told', { skip }, async () => {
  await apply(login());
  await world.until('told', async () =>
    /SecretUnusable.*Secret web\/login does not exist/.test(await events()),
  );
  await world.quiet();
  const page = await browser()
    .get(SITE)
    .catch(() => undefined);
  assert.ok(!isBackend(page?.body ?? ''));
});

test('once it is there users log in, and the backend is told who they are', { skip }, async () => {
  await apply(credentials(CLIENT.secret));
  await toLogin();
  const user = browser();
  const page = await user.visit(`${SITE}cart?a=b`);
  assert.equal(page.url, `${SITE}cart?a=b`);
  assert.equal(page.status, 200);
  assert.match(page.body, /x-amzn-oidc-identity[": =]+user-1/i);
  assert.match(page.body, /x-amzn-oidc-data/i);
  assert.ok([...user.cookies.keys()].some((name) => /AWSELBAuthSessionCookie/.test(name)));
  const asked = issuer.forms.at(-1)?.authorization ?? '';
  assert.match(Buffer.from(asked.replace('Basic ', ''), 'base64').toString(), /s%2Fe%3Acret$/);
  const [rule, ...others] = await logins();
  assert.equal(others.length, 0);
  assert.deepEqual(
    rule?.Actions?.map(({ Type, Order }) => [Type, Order]),
    [
      ['authenticate-oidc', 1],
      ['forward', 2],
    ],
  );
  assert.equal(rule?.Actions?.[0]?.AuthenticateOidcConfig?.ClientId, CLIENT.id);
});

test('over HTTP the same path redirects to HTTPS, and its Ingress is told', { skip }, async () => {
  const page = await browser().get('http://shop.example.com/cart');
  assert.deepEqual([page.status, page.location], [301, 'https://shop.example.com/cart']);
  assert.match(await events(), /GuardNeedsHttps.*port 80 is HTTP/);
});

test('an exchanged client secret is one write to the rule, and nobody gets in meanwhile', {
  skip,
}, async () => {
  const before = world.box.aws.journal.length;
  let open = 0;
  let done = false;
  const loop = (async () => {
    const stranger = browser();
    for (let count = 0; ; count++) {
      const page = await stranger.get(`${SITE}loop`);
      if (isBackend(page.body) || page.status !== 302) open++;
      if (done) return count;
    }
  })();
  await apply(credentials('another-secret'));
  await world.until('the rule is written', () =>
    world.calls(before).writes.some((it) => /ModifyRule/.test(it)),
  );
  await world.quiet();
  done = true;
  assert.ok((await loop) > 3);
  assert.equal(open, 0);
  assert.deepEqual(world.calls(before).writes.toSorted(), [
    'elasticloadbalancing AddTags',
    'elasticloadbalancing ModifyRule',
  ]);
  assert.equal((await browser().visit(SITE)).status, 200);
  const asked = issuer.forms.at(-1)?.authorization ?? '';
  assert.match(Buffer.from(asked.replace('Basic ', ''), 'base64').toString(), /another-secret$/);
});

test('requests without a session are refused, or let through without claims, as stated', {
  skip,
}, async () => {
  await apply(login({ 'auth-on-unauthenticated-request': 'deny' }));
  await world.until('401', async () => (await browser().get(SITE)).status === 401);
  await apply(login({ 'auth-on-unauthenticated-request': 'allow' }));
  const page = await world.until('200', async () => {
    const it = await browser().get(SITE);
    return it.status === 200 && it;
  });
  assert.doesNotMatch(page.body, /x-amzn-oidc-identity/i);
  await apply(login());
  await world.until('302', async () => (await browser().get(SITE)).status === 302);
});

test('a Secret that goes, and a value that is wrong, leave the login where it is', { skip }, async () => {
  await world.kubectl(['delete', 'secret', 'login', '-n', 'web']);
  await world.until('told', async () => /SecretUnusable.*does not exist/.test(await events()));
  await apply(login({ 'auth-session-timeout': '1h' }));
  await world.until('told', async () => /auth-session-timeout: expected/.test(await events()));
  await world.quiet();
  await toLogin();
});

test('tokens: a good one gets in, an expired, foreign or missing one does not', { skip }, async () => {
  const jwt = { jwksEndpoint: `${issuer.url}/keys`, issuer: 'https://tokens.example.com' };
  await apply(shop({ 'jwt-validation': JSON.stringify(jwt) }));
  const ask = async (claims: Record<string, unknown> | undefined): Promise<number> => {
    const token = claims && signedToken(claims);
    return (await browser().get(SITE, token === undefined ? {} : { authorization: `Bearer ${token}` }))
      .status;
  };
  await world.until('tokens are asked for', async () => (await ask(undefined)) === 401);
  assert.equal(await ask({ iss: jwt.issuer, exp: now() + 60 }), 200);
  assert.equal(await ask({ iss: jwt.issuer, exp: now() - 600 }), 401);
  assert.equal(await ask({ iss: 'https://others.example.com', exp: now() + 60 }), 401);
});

test('a Service that asks for a login with Cognito has one, with all that is stated', { skip }, async () => {
  const cognito = new CognitoIdentityProviderClient(world.sdk);
  const { UserPool } = await cognito.send(new CreateUserPoolCommand({ PoolName: 'users' }));
  const { UserPoolClient } = await cognito.send(
    new CreateUserPoolClientCommand({ UserPoolId: UserPool?.Id, ClientName: 'shop', GenerateSecret: true }),
  );
  cognito.destroy();
  const pool = {
    userPoolARN: UserPool?.Arn,
    userPoolClientID: UserPoolClient?.ClientId,
    userPoolDomain: 'my-login',
    authenticationRequestExtraParams: { lang: 'en' },
  };
  const stated = {
    'auth-type': 'cognito',
    'auth-idp-cognito': JSON.stringify(pool),
    'auth-scope': 'openid email',
    'auth-session-cookie': 'shop',
    'auth-session-timeout': '3600',
  };
  await world.kubectl([
    ...['annotate', 'service', 'shop', '-n', 'web'],
    ...Object.entries(stated).map(([name, value]) => `alb.ingress.kubernetes.io/${name}=${value}`),
  ]);
  await apply(shop({}));
  // Amazon's pages are outside of the sandbox, and it says that it cannot send anybody there.
  await world.until('users would be sent to Cognito', async () => {
    const { status, body } = await browser().get(SITE);
    return status === 501 && body.includes('my-login.auth.us-west-1.amazoncognito.com');
  });
  const [rule] = await logins();
  assert.deepEqual(rule?.Actions?.[0]?.AuthenticateCognitoConfig, {
    UserPoolArn: UserPool?.Arn,
    UserPoolClientId: UserPoolClient?.ClientId,
    UserPoolDomain: 'my-login',
    Scope: 'openid email',
    SessionCookieName: 'shop',
    SessionTimeout: 3600,
    OnUnauthenticatedRequest: 'authenticate',
    AuthenticationRequestExtraParams: { lang: 'en' },
  });
});

test('no secret stands in logs, events, the state page or the journal of calls', { skip }, async () => {
  const state = await (await fetch(`http://${health}/state`)).text();
  const told = [state, JSON.stringify(controller.log), await events(), JSON.stringify(world.box.aws.journal)];
  for (const text of told) assert.doesNotMatch(text, /s\/e:cret|another-secret|never-asked-for/);
  const encoded = Buffer.from('another-secret').toString('base64').replace(/=+$/, '');
  for (const text of told) assert.ok(!text.includes(encoded));
  assert.match(state, /authenticate-cognito/);
});
