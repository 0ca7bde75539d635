import { randomBytes } from 'node:crypto';
import { headerValues, type RequestFacts } from '../request-facts.ts';
import { cookieValue } from '../sticky-cookie.ts';
import type { AuthenticateGate } from './gate.ts';
import type { GateOutcome } from './gate-outcome.ts';
import type { Gatekeeper } from './gatekeeper.ts';
import { type AuthFailure, type Identity, logIn, refresh } from './log-in.ts';
import { placeOf } from './provider-request.ts';
import { readSession, type Session, sessionCookies } from './session-cookie.ts';

/** Where identity providers send users back to, on every listener that authenticates (AWS documentation). */
export const CALLBACK_PATH = '/oauth2/idpresponse';

/** What a provider gives back with the user: sealed, so that it is known to be ours. */
type Login = {
  readonly provider: string;
  readonly cookie: string;
  /** What the user wanted, as an absolute URL. */
  readonly url: string;
  readonly nonce: string;
  /** Emulator time. */
  readonly until: number;
};

const NONCE_COOKIE = 'AWSALBAuthNonce';
/** Users have 15 minutes to log in (AWS documentation). */
const LOGIN_MS = 15 * 60_000;

/** Lets a user with a session pass, refreshed when its access token is over; treats others as the rule says. */
export const passAuthentication = async (
  keeper: Gatekeeper,
  gate: AuthenticateGate,
  request: RequestFacts,
  loadBalancerArn: string,
): Promise<GateOutcome> => {
  const cookies = headerValues(request.headers, 'cookie');
  const now = keeper.clock.now();
  const found = readSession(cookies, gate.cookie, keeper.sessions, gate.provider.key, now);
  const current = typeof found === 'string' ? undefined : await refreshed(keeper, gate, found);
  if (current !== undefined) {
    const headers = keeper.signer.headers(current.session, gate.provider, loadBalancerArn);
    return { pass: true, headers, cookies: current.cookies };
  }
  switch (gate.onUnauthenticated) {
    case 'allow':
      return { pass: true, headers: [], cookies: [] };
    case 'deny':
      return found === 'broken'
        ? refused('AuthInvalidCookie', 'the session cookie cannot be read')
        : { pass: false, status: 401 };
    case 'authenticate':
      return toProvider(keeper, gate, request);
  }
};

/** Undefined when the provider no longer knows the user; without a refresh token the session just goes on. */
const refreshed = async (
  keeper: Gatekeeper,
  gate: AuthenticateGate,
  session: Session,
): Promise<{ readonly session: Session; readonly cookies: readonly string[] } | undefined> => {
  const over = session.accessExpires !== undefined && session.accessExpires <= Date.now();
  if (!over || session.refreshToken === undefined) return { session, cookies: [] };
  const identity = await refresh(keeper.request, gate.provider, session.refreshToken);
  if ('status' in identity) return undefined;
  const next = { ...identity, provider: session.provider, until: session.until };
  return { session: next, cookies: sessionCookies(gate.cookie, next, keeper.sessions, gate.sessionMs) };
};

const toProvider = (keeper: Gatekeeper, gate: AuthenticateGate, request: RequestFacts): GateOutcome => {
  if (request.authority === '')
    return refused('AuthMissingHostHeader', 'without Host there is nowhere to come back to');
  const { provider } = gate;
  const place = placeOf(keeper.names, provider.tokenEndpoint);
  if (typeof place === 'string')
    return { pass: false, unsupported: `identity providers outside of it: ${place}` };
  const nonce = randomBytes(12).toString('base64url');
  const login: Login = {
    provider: provider.key,
    cookie: gate.cookie,
    url: `${origin(request)}${request.uri}`,
    nonce,
    until: keeper.clock.now() + LOGIN_MS,
  };
  const params = {
    client_id: provider.clientId,
    redirect_uri: `${origin(request)}${CALLBACK_PATH}`,
    response_type: 'code',
    scope: provider.scope,
    state: keeper.logins.close(login),
    ...provider.extraParams,
  };
  const query = Object.entries(params)
    .map((pair) => pair.map(encodeURIComponent).join('='))
    .join('&');
  const mark = provider.authorizationEndpoint.includes('?') ? '&' : '?';
  return {
    pass: false,
    status: 302,
    location: `${provider.authorizationEndpoint}${mark}${query}`,
    cookies: [nonceCookie(nonce, LOGIN_MS)],
  };
};

/** Authentication exists on HTTPS listeners only. */
const origin = (request: RequestFacts): string =>
  `https://${request.authority.toLowerCase().replace(/:443$/, '')}`;

const nonceCookie = (nonce: string, lifetimeMs: number): string =>
  `${NONCE_COOKIE}=${nonce}; Expires=${new Date(Date.now() + lifetimeMs).toUTCString()}; Path=/; Secure; HttpOnly`;

/** Serves a user whom a provider sent back: logs in and sends the user on to what was wanted first. */
export const finishLogin = async (
  keeper: Gatekeeper,
  gates: readonly AuthenticateGate[],
  request: RequestFacts,
): Promise<GateOutcome> => {
  const params = new URLSearchParams(request.query);
  const state = params.get('state');
  if (state === null) return refused('AuthMissingStateParam', 'the provider gave no state back');
  const login = keeper.logins.open(state) as Login | undefined;
  const gate = gates.find((each) => each.provider.key === login?.provider && each.cookie === login.cookie);
  if (login === undefined || gate === undefined)
    return refused('AuthInvalidStateParam', 'the state is not one of this listener');
  if (login.until <= keeper.clock.now())
    return refused('AuthInvalidStateParam', 'the user took longer than 15 minutes');
  const nonce = cookieValue(headerValues(request.headers, 'cookie'), NONCE_COOKIE);
  if (nonce === undefined) return refused('AuthMissingAWSALBAuthNonce', `no cookie ${NONCE_COOKIE}`);
  if (nonce !== login.nonce)
    return refused('AuthInvalidAWSALBAuthNonce', 'the login was begun by another browser');
  const denied = deniedBy(params);
  if (denied !== undefined) return stopped(denied);
  const code = params.get('code');
  if (code === null) return refused('AuthMissingCodeParam', 'the provider gave no code');
  const redirectUri = `${new URL(login.url).origin}${CALLBACK_PATH}`;
  const identity = await logIn(keeper.request, gate.provider, code, redirectUri);
  return 'status' in identity ? stopped(identity) : loggedIn(keeper, gate, login, identity);
};

/** Users whom the provider denies access get 401, other errors of a provider 561 (AWS documentation). */
const deniedBy = (params: URLSearchParams): AuthFailure | undefined => {
  const error = params.get('error');
  if (error === null) return undefined;
  const why = `the provider said '${error}': ${params.get('error_description') ?? 'no description'}`;
  return { status: error === 'access_denied' ? 401 : 561, reason: 'AuthMissingCodeParam', why };
};

const loggedIn = (
  keeper: Gatekeeper,
  gate: AuthenticateGate,
  login: Login,
  identity: Identity,
): GateOutcome => {
  const session: Session = {
    ...identity,
    provider: gate.provider.key,
    until: keeper.clock.now() + gate.sessionMs,
  };
  const cookies = sessionCookies(gate.cookie, session, keeper.sessions, gate.sessionMs);
  return { pass: false, status: 302, location: login.url, cookies: [...cookies, nonceCookie('', -LOGIN_MS)] };
};

const refused = (reason: string, why: string): GateOutcome => stopped({ status: 401, reason, why });

const stopped = (failure: AuthFailure): GateOutcome => ({ pass: false, status: failure.status, failure });
