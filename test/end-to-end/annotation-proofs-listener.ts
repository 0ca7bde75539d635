/** Proofs of annotations about listeners, certificates and who gets in. */
import { X509Certificate } from 'node:crypto';
import { CLIENT } from '../contract/dataplane-client-certificates.ts';
import { now, signedToken } from '../contract/dataplane-issuer.ts';
import type { Proof, Scene } from './annotation-proof.ts';
import { AUTHORITY } from './annotation-sites.ts';
import { handshake } from './handshake.ts';
import { siteBrowser } from './site-browser.ts';

const listenerOf = async ({ eyes }: Scene, site: string, port: number) =>
  (await eyes.stack(`web/${site}`)).listeners.find(({ Port }) => Port === port);

const loginOf = async ({ eyes }: Scene) =>
  (await eyes.stack('web/login')).rules[0]?.Actions?.find(({ Type }) => Type === 'authenticate-oidc')
    ?.AuthenticateOidcConfig;

const toLogin = async ({ ask }: Scene): Promise<URL> => {
  const { headers } = await ask('https://login.example.com/');
  return new URL(String(headers.location));
};

const cookiesAfterLogin = async ({ world }: Scene): Promise<readonly string[]> => {
  const browser = siteBrowser(world.box.proxyUrl);
  try {
    await browser.visit('https://login.example.com/');
    return [...browser.cookies.keys()].filter((key) => key.startsWith('login.example.com '));
  } finally {
    await browser.close();
  }
};

const certificateOf = async (scene: Scene, site: string) => {
  const listener = await listenerOf(scene, site, 443);
  return scene.eyes.certificate(listener?.Certificates?.[0]?.CertificateArn);
};

const namesShownBy = async ({ world }: Scene, site: string): Promise<string> =>
  (await handshake(world.box.proxyUrl, `${site}.example.com`)).names;

export const LISTENER_PROOFS = {
  'listen-ports': {
    aws: async ({ eyes }) =>
      (await eyes.stack('web/tls')).listeners.map(({ Port, Protocol }) => `${Protocol} ${Port}`).sort(),
    is: ['HTTP 80', 'HTTPS 443', 'HTTPS 8443'],
    requests: async ({ ask }) => (await ask('https://tls.example.com:8443/')).status,
    answers: 200,
  },
  'certificate-arn': {
    aws: async (scene) =>
      (await listenerOf(scene, 'tls', 443))?.Certificates?.map(
        ({ CertificateArn }) => CertificateArn === scene.account.certificate,
      ),
    is: [true],
    requests: (scene) => namesShownBy(scene, 'tls'),
    answers: 'DNS:*.example.com',
  },
  'ssl-policy': {
    aws: async (scene) => (await listenerOf(scene, 'tls', 443))?.SslPolicy,
    is: 'ELBSecurityPolicy-TLS13-1-2-Res-2021-06',
    requests: async ({ ask }) => (await ask('https://tls.example.com/')).status,
    answers: 200,
  },
  'mutual-authentication': {
    aws: async (scene) => (await listenerOf(scene, 'tls', 443))?.MutualAuthentication?.Mode,
    is: 'passthrough',
    requests: async ({ ask }) => {
      const { body } = await ask('https://tls.example.com/', { identity: CLIENT });
      const shown = /"x-amzn-mtls-clientcert": "([^"]+)"/.exec(body)?.[1] ?? '';
      return new X509Certificate(decodeURIComponent(shown)).serialNumber === serialOf(CLIENT.cert);
    },
  },
  'ssl-redirect': {
    aws: async (scene) => (await listenerOf(scene, 'tls', 80))?.DefaultActions?.[0]?.RedirectConfig?.Port,
    is: '8443',
    requests: async ({ ask }) => (await ask('http://tls.example.com/a?b=c')).headers.location,
    answers: 'https://tls.example.com:8443/a?b=c',
  },
  'listener-attributes.*': {
    aws: async (scene) =>
      (await listenerOf(scene, 'tls', 443))?.attributes['routing.http.response.x_frame_options.header_value'],
    is: 'DENY',
    requests: async ({ ask }) => (await ask('https://tls.example.com/')).headers['x-frame-options'],
    answers: 'DENY',
  },
  'tls-secrets': {
    aws: async (scene) => (await certificateOf(scene, 'imported')).Type,
    is: 'IMPORTED',
    requests: (scene) => namesShownBy(scene, 'imported'),
    answers: 'DNS:imported.example.com',
  },
  'create-acm-cert': {
    aws: async (scene) => {
      const { Type, Status } = await certificateOf(scene, 'requested');
      return [Type, Status];
    },
    is: ['AMAZON_ISSUED', 'ISSUED'],
    requests: (scene) => namesShownBy(scene, 'requested'),
    answers: 'DNS:requested.example.com',
  },
  'acm-pca-arn': {
    aws: async (scene) => (await certificateOf(scene, 'private')).CertificateAuthorityArn,
    is: AUTHORITY,
    requests: (scene) => namesShownBy(scene, 'private'),
    answers: 'DNS:private.example.com',
  },
  'auth-type': {
    aws: async ({ eyes }) => (await eyes.stack('web/login')).rules[0]?.Actions?.map(({ Type }) => Type),
    is: ['authenticate-oidc', 'forward'],
    requests: async ({ ask }) => (await ask('https://login.example.com/')).status,
    answers: 302,
  },
  'auth-idp-oidc': {
    aws: async (scene) => (await loginOf(scene))?.Issuer === scene.account.issuer,
    is: true,
    requests: async (scene) => (await toLogin(scene)).href.startsWith(`${scene.account.issuer}/authorize`),
  },
  'auth-scope': {
    aws: async (scene) => (await loginOf(scene))?.Scope,
    is: 'openid email',
    requests: async (scene) => (await toLogin(scene)).searchParams.get('scope'),
    answers: 'openid email',
  },
  'auth-session-cookie': {
    aws: async (scene) => (await loginOf(scene))?.SessionCookieName,
    is: 'shop-session',
    requests: async (scene) =>
      (await cookiesAfterLogin(scene)).some((it) => it.startsWith('login.example.com shop-session')),
  },
  'auth-session-timeout': {
    aws: async (scene) => (await loginOf(scene))?.SessionTimeout,
    is: 3600,
    requests: { same: 'until an hour has passed; that sessions end then is a test of the data plane' },
  },
  'auth-idp-cognito': {
    aws: async ({ eyes, account }) =>
      (await eyes.stack('web/denied')).rules[0]?.Actions?.[0]?.AuthenticateCognitoConfig?.UserPoolArn ===
      account.userPool,
    is: true,
    requests: async ({ ask }) => (await ask('https://denied.example.com/')).status,
    answers: 401,
  },
  'auth-on-unauthenticated-request': {
    aws: async ({ eyes }) =>
      (await eyes.stack('web/denied')).rules[0]?.Actions?.[0]?.AuthenticateCognitoConfig
        ?.OnUnauthenticatedRequest,
    is: 'deny',
    requests: async ({ ask }) => (await ask('https://denied.example.com/')).status,
    answers: 401,
  },
  'jwt-validation': {
    aws: async ({ eyes }) => (await eyes.stack('web/token')).rules[0]?.Actions?.map(({ Type }) => Type),
    is: ['jwt-validation', 'forward'],
    requests: async ({ ask, account }) => {
      const token = signedToken({ iss: account.issuer, exp: now() + 600 });
      const tokens = [{}, { authorization: `Bearer ${token}` }];
      return Promise.all(
        tokens.map(async (headers) => (await ask('https://token.example.com/', { headers })).status),
      );
    },
    answers: [401, 200],
  },
} as const satisfies Record<string, Proof>;

const serialOf = (pem: string): string => new X509Certificate(pem).serialNumber;
