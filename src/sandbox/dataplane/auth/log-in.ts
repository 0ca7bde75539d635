import type { IdentityProvider } from './identity-provider.ts';
import { readObject, readToken } from './json-web-token.ts';
import type { ProviderAnswer, ProviderCall, ProviderRequest } from './provider-request.ts';

/** What a provider told of a user. */
export type Identity = {
  readonly claims: Readonly<Record<string, unknown>>;
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
  /** Real milliseconds since the epoch. */
  readonly accessExpires: number | undefined;
};

/** Why an authentication came to nothing. `reason` is the access log's error code; `why` is for people. */
export type AuthFailure = { readonly status: number; readonly reason: string; readonly why: string };

/** Trades an authorization code for tokens, and the access token for the user's claims. */
export const logIn = (
  request: ProviderRequest,
  provider: IdentityProvider,
  code: string,
  redirectUri: string,
): Promise<Identity | AuthFailure> =>
  identity(request, provider, { grant_type: 'authorization_code', code, redirect_uri: redirectUri }, true);

/** The same by a refresh token, when the access token is over. The provider need not give a new ID token then. */
export const refresh = async (
  request: ProviderRequest,
  provider: IdentityProvider,
  refreshToken: string,
): Promise<Identity | AuthFailure> => {
  const grant = { grant_type: 'refresh_token', refresh_token: refreshToken };
  const fresh = await identity(request, provider, grant, false);
  return 'status' in fresh ? fresh : { ...fresh, refreshToken: fresh.refreshToken ?? refreshToken };
};

/** AWS documentation: 500 when the claims and the access token together are larger. */
const LARGEST_IDENTITY = 11 * 1024;

const identity = async (
  request: ProviderRequest,
  provider: IdentityProvider,
  grant: Readonly<Record<string, string>>,
  needsIdToken: boolean,
): Promise<Identity | AuthFailure> => {
  const tokens = await ask(request, provider.tokenEndpoint, tokenCall(provider, grant), 'Token');
  if ('reason' in tokens) return tokens;
  const { access_token: accessToken, id_token: idToken, refresh_token: next, expires_in } = tokens.said;
  if (typeof accessToken !== 'string') return invalid('AuthInvalidTokenResponse', 'no access_token');
  const subject = typeof idToken === 'string' ? subjectOf(provider, idToken) : undefined;
  if (typeof subject === 'object') return subject;
  if (subject === undefined && needsIdToken)
    return invalid('AuthInvalidTokenResponse', 'no id_token: the scope must include openid');
  const call = { headers: { Authorization: `Bearer ${accessToken}` } };
  const user = await ask(request, provider.userInfoEndpoint, call, 'Userinfo');
  if ('reason' in user) return user;
  if (typeof user.said.sub !== 'string' || (subject !== undefined && user.said.sub !== subject))
    return invalid('AuthInvalidUserinfoResponse', 'its sub is not that of the ID token');
  if (JSON.stringify(user.said).length + accessToken.length > LARGEST_IDENTITY) {
    const why = `claims and access token are larger than ${LARGEST_IDENTITY} bytes`;
    return { status: 500, reason: 'AuthUserinfoResponseSizeExceeded', why };
  }
  return {
    claims: user.said,
    accessToken,
    refreshToken: typeof next === 'string' ? next : undefined,
    accessExpires: typeof expires_in === 'number' ? Date.now() + expires_in * 1000 : undefined,
  };
};

/** By HTTP Basic, the default of OpenID Connect. Which way a real load balancer takes is not documented. */
const tokenCall = (provider: IdentityProvider, grant: Readonly<Record<string, string>>): ProviderCall => {
  const secret = [provider.clientId, provider.clientSecret].map(encodeURIComponent).join(':');
  return {
    method: 'POST',
    headers: {
      Authorization: `Basic ${Buffer.from(secret).toString('base64')}`,
      'Content-Type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams(grant).toString(),
  };
};

/**
 * 561 when the provider answers with an error, 500 when it cannot be asked, 401 when its answer makes no sense (the
 * first two by AWS documentation, the last by the kind of its metric).
 */
const ask = async (
  request: ProviderRequest,
  url: string,
  call: ProviderCall,
  endpoint: 'Token' | 'Userinfo',
): Promise<{ readonly said: Readonly<Record<string, unknown>> } | AuthFailure> => {
  const answer: ProviderAnswer = await request(url, call);
  if ('problem' in answer) {
    const end = answer.problem === 'timeout' ? 'Timeout' : 'Failed';
    const reason = `Auth${endpoint === 'Token' ? 'TokenEp' : 'UserinfoEp'}Request${end}`;
    return { status: 500, reason, why: answer.why };
  }
  const said = readObject(answer.body);
  if (answer.status < 200 || answer.status > 299) {
    const reason =
      said?.error === 'invalid_grant'
        ? 'AuthInvalidGrantError'
        : `Auth${endpoint === 'Token' ? 'TokenEp' : 'UserinfoEp'}RequestFailed`;
    return { status: 561, reason, why: `${url} answered ${answer.status} ${answer.body.slice(0, 200)}` };
  }
  return said === undefined
    ? invalid(`AuthInvalid${endpoint}Response`, `${url} answered no JSON object`)
    : { said };
};

const invalid = (reason: string, why: string): AuthFailure => ({ status: 401, reason, why });

/** Comes straight from the provider, hence by OpenID Connect needs no look at its signature. */
const subjectOf = (provider: IdentityProvider, idToken: string): string | AuthFailure => {
  const claims = readToken(idToken)?.claims;
  const bad = (why: string): AuthFailure => invalid('AuthInvalidIdToken', why);
  if (claims === undefined) return bad('the ID token is not a JSON Web Token');
  if (claims.iss !== provider.issuer)
    return bad(`the ID token is of issuer '${claims.iss}', expected '${provider.issuer}'`);
  if (![claims.aud].flat().includes(provider.clientId))
    return bad(`the ID token is for '${claims.aud}', expected '${provider.clientId}'`);
  if (typeof claims.exp !== 'number' || claims.exp * 1000 <= Date.now())
    return bad('the ID token has expired');
  return typeof claims.sub === 'string' ? claims.sub : bad('the ID token has no sub');
};
