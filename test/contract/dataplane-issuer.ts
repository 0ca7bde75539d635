/** A small OpenID Connect issuer on loopback, and a client with a cookie jar that walks through logins. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Action, AuthenticateOidcActionConfig } from '@aws-sdk/client-elastic-load-balancing-v2';
import { type Answer, collect, type World } from './dataplane-world.ts';

export type Issuer = {
  readonly url: string;
  /** What the issuer does next; tests change it. */
  readonly behaviour: {
    claims: Record<string, unknown>;
    idToken: Record<string, unknown>;
    token: Record<string, unknown> | undefined;
    tokenStatus: number;
    userStatus: number;
    userBody: string | undefined;
    /** Answer of the authorization endpoint instead of a code. */
    error: string | undefined;
    expiresIn: number | undefined;
    refreshToken: string | undefined;
    /** Whether users see a form first, which a script sends. */
    form: boolean;
    /** The token endpoint answers only then. */
    wait: Promise<void> | undefined;
    keys: () => unknown;
  };
  /** Every request, as `METHOD /path`, and the forms that came to the token endpoint. */
  readonly seen: string[];
  readonly forms: { readonly authorization: string | undefined; readonly form: URLSearchParams }[];
  readonly action: (more?: Partial<AuthenticateOidcActionConfig>) => Action;
};

export const CLIENT = { id: 'client 1', secret: 's/e:cret' };

const RSA = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const OTHER_RSA = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const KEY_ID = 'key-1';

/** A token signed by RS256 with the issuer's key, or as told. */
export const signedToken = (
  claims: Record<string, unknown>,
  { key = RSA.privateKey, header = {} }: { key?: KeyObject; header?: Record<string, unknown> } = {},
): string => {
  const parts = [{ alg: 'RS256', kid: KEY_ID, ...header }, claims];
  const text = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`;
};

export const now = (): number => Math.floor(Date.now() / 1000);

/** `place` serves it; with `https` it does so over TLS. */
export const startIssuer = async (
  place: Pick<World, 'backend'>,
  scheme: 'http' | 'https' = 'http',
): Promise<Issuer> => {
  const seen: string[] = [];
  const forms: Issuer['forms'] = [];
  const behaviour: Issuer['behaviour'] = {
    claims: { sub: 'user-1', email: 'user@example.com', name: 'Üser' },
    idToken: {},
    token: undefined,
    tokenStatus: 200,
    userStatus: 200,
    userBody: undefined,
    error: undefined,
    expiresIn: undefined,
    refreshToken: undefined,
    form: false,
    wait: undefined,
    keys: () => ({
      keys: [{ ...RSA.publicKey.export({ format: 'jwk' }), kid: KEY_ID, use: 'sig', alg: 'RS256' }],
    }),
  };
  let url = '';
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const asked = new URL(request.url ?? '/', 'http://issuer');
    seen.push(`${request.method} ${asked.pathname}`);
    const json = (status: number, body: unknown): void => {
      response.writeHead(status, { 'Content-Type': 'application/json' });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    };
    switch (asked.pathname) {
      case '/authorize': {
        const back = new URL(asked.searchParams.get('redirect_uri') ?? '');
        back.searchParams.set('state', asked.searchParams.get('state') ?? '');
        if (behaviour.error === undefined) back.searchParams.set('code', 'code-1');
        else back.searchParams.set('error', behaviour.error);
        if (behaviour.form) response.end(loginForm(back.href));
        else response.writeHead(302, { Location: back.href }).end();
        break;
      }
      case '/allow': {
        const form = new URLSearchParams((await collect(request)).body);
        response.writeHead(302, { Location: form.get('back') ?? '' }).end();
        break;
      }
      case '/token': {
        const form = new URLSearchParams((await collect(request)).body);
        forms.push({ authorization: request.headers.authorization, form });
        await behaviour.wait;
        const id = { iss: url, aud: CLIENT.id, sub: 'user-1', exp: now() + 60, ...behaviour.idToken };
        const tokens = {
          access_token: `access-${forms.length}`,
          id_token: signedToken(id),
          token_type: 'Bearer',
          expires_in: behaviour.expiresIn,
          refresh_token: behaviour.refreshToken,
        };
        json(
          behaviour.tokenStatus,
          behaviour.tokenStatus === 200 ? (behaviour.token ?? tokens) : { error: 'invalid_grant' },
        );
        break;
      }
      case '/userinfo':
        json(behaviour.userStatus, behaviour.userBody ?? behaviour.claims);
        break;
      case '/keys':
        json(200, behaviour.keys());
        break;
      default:
        response.end();
    }
  };
  const port = await place.backend((request, response) => void answer(request, response));
  url = `${scheme}://127.0.0.1:${port}`;
  const action: Issuer['action'] = (more = {}) => ({
    Type: 'authenticate-oidc',
    Order: 1,
    AuthenticateOidcConfig: {
      Issuer: url,
      AuthorizationEndpoint: `${url}/authorize`,
      TokenEndpoint: `${url}/token`,
      UserInfoEndpoint: `${url}/userinfo`,
      ClientId: CLIENT.id,
      ClientSecret: CLIENT.secret,
      ...more,
    },
  });
  return { url, behaviour, seen, forms, action };
};

const loginForm = (back: string): string =>
  `<!doctype html><form method="post" action="/allow"><input name="back" value="${back.replaceAll('&', '&amp;')}">
  </form><script>document.forms[0].submit()</script>`;

/** A client that keeps cookies by host and name, as browsers do. */
export type Browser = {
  readonly cookies: Map<string, string>;
  /** One request. */
  get(url: string, headers?: Record<string, string>): Promise<Answer>;
  /** Follows redirects; gives the last answer and every URL on the way. */
  follow(url: string): Promise<{ readonly answer: Answer; readonly urls: readonly string[] }>;
};

/** `connect` leads a host and port to where it really listens. */
export const newBrowser = (connect: (url: URL) => { host: string; port: number }): Browser => {
  const cookies = new Map<string, string>();
  const get = async (url: string, headers: Record<string, string> = {}): Promise<Answer> => {
    const target = new URL(url);
    const mine = [...cookies].filter(([key]) => key.startsWith(`${target.hostname} `));
    const cookie = mine.map(([key, value]) => `${key.split(' ')[1]}=${value}`).join('; ');
    const answer = await new Promise<Answer>((resolve, reject) => {
      const sent = (target.protocol === 'https:' ? requestHttps : requestHttp)({
        ...connect(target),
        path: `${target.pathname}${target.search}`,
        headers: { Host: target.host, ...(cookie === '' ? {} : { Cookie: cookie }), ...headers },
        rejectUnauthorized: false,
        agent: false,
      });
      sent.on('response', (response) => collect(response).then(resolve, reject));
      sent.on('error', reject);
      sent.end();
    });
    for (const line of answer.headers['set-cookie'] ?? []) keepCookie(cookies, target.hostname, line);
    return answer;
  };
  return {
    cookies,
    get,
    follow: async (url) => {
      const urls = [url];
      let answer = await get(url);
      while (answer.headers.location !== undefined && urls.length < 10) {
        const next = new URL(answer.headers.location, urls.at(-1)).href;
        urls.push(next);
        answer = await get(next);
      }
      return { answer, urls };
    },
  };
};

const keepCookie = (cookies: Map<string, string>, host: string, line: string): void => {
  const [pair = '', ...attributes] = line.split('; ');
  const mark = pair.indexOf('=');
  const expires = attributes.find((each) => each.startsWith('Expires='))?.slice(8);
  const key = `${host} ${pair.slice(0, mark)}`;
  if (expires !== undefined && Date.parse(expires) <= Date.now()) cookies.delete(key);
  else cookies.set(key, pair.slice(mark + 1));
};
