/** Logins and checks of tokens, between AWS's shape and ours. */
import type { Action as SdkAction } from '@aws-sdk/client-elastic-load-balancing-v2';
import { type Claim, clientIdDigest, type Guard, type Login } from '../../core/model/guard.ts';
import { CLIENT_TAG } from '../../core/model/names.ts';
import type { Tags } from '../../core/model/tags.ts';
import type { ClientLookup } from '../client-credentials.ts';
import { MissingReference } from '../errors.ts';

/** A guard as AWS has it; undefined for every other action. AWS never tells the client's secret: a tag notes it. */
export const fromSdkGuard = (found: SdkAction, tags: Tags): Guard | undefined => {
  if (found.Type === 'authenticate-oidc' && found.AuthenticateOidcConfig) {
    const config = found.AuthenticateOidcConfig;
    return {
      type: 'authenticate-oidc',
      issuer: config.Issuer ?? '',
      authorizationEndpoint: config.AuthorizationEndpoint ?? '',
      tokenEndpoint: config.TokenEndpoint ?? '',
      userInfoEndpoint: config.UserInfoEndpoint ?? '',
      client: { id: clientIdDigest(config.ClientId ?? ''), version: tags[CLIENT_TAG] ?? '' },
      login: fromSdkLogin(config),
    };
  }
  if (found.Type === 'authenticate-cognito' && found.AuthenticateCognitoConfig) {
    const config = found.AuthenticateCognitoConfig;
    return {
      type: 'authenticate-cognito',
      userPool: config.UserPoolArn ?? '',
      clientId: config.UserPoolClientId ?? '',
      domain: config.UserPoolDomain ?? '',
      login: fromSdkLogin(config),
    };
  }
  if (found.Type !== 'jwt-validation' || !found.JwtValidationConfig) return undefined;
  const config = found.JwtValidationConfig;
  return {
    type: 'jwt-validation',
    jwksEndpoint: config.JwksEndpoint ?? '',
    issuer: config.Issuer ?? '',
    claims: (config.AdditionalClaims ?? []).map(
      ({ Name, Format, Values }): Claim => ({
        name: Name ?? '',
        format: Format ?? 'single-string',
        values: Values ?? [],
      }),
    ),
  };
};

type SdkLogin = Omit<NonNullable<SdkAction['AuthenticateCognitoConfig']>, `UserPool${string}`>;

/** Where AWS says nothing its documented defaults hold. */
const fromSdkLogin = (config: SdkLogin): Login => ({
  scope: config.Scope ?? 'openid',
  cookie: config.SessionCookieName ?? 'AWSELBAuthSessionCookie',
  sessionSeconds: Number(config.SessionTimeout ?? 604_800),
  onUnauthenticated: config.OnUnauthenticatedRequest ?? 'authenticate',
  extraParams: config.AuthenticationRequestExtraParams ?? {},
});

export const toSdkGuard = (guard: Guard, clientOf: ClientLookup): SdkAction => {
  switch (guard.type) {
    case 'authenticate-oidc':
      return {
        Type: 'authenticate-oidc',
        AuthenticateOidcConfig: {
          Issuer: guard.issuer,
          AuthorizationEndpoint: guard.authorizationEndpoint,
          TokenEndpoint: guard.tokenEndpoint,
          UserInfoEndpoint: guard.userInfoEndpoint,
          ...credentialsOf(guard, clientOf),
          ...toSdkLogin(guard.login),
        },
      };
    case 'authenticate-cognito':
      return {
        Type: 'authenticate-cognito',
        AuthenticateCognitoConfig: {
          UserPoolArn: guard.userPool,
          UserPoolClientId: guard.clientId,
          UserPoolDomain: guard.domain,
          ...toSdkLogin(guard.login),
        },
      };
    case 'jwt-validation':
      return {
        Type: 'jwt-validation',
        JwtValidationConfig: {
          JwksEndpoint: guard.jwksEndpoint,
          Issuer: guard.issuer,
          ...(guard.claims.length > 0 && {
            AdditionalClaims: guard.claims.map(({ name, format, values }) => ({
              Name: name,
              Format: format,
              Values: [...values],
            })),
          }),
        },
      };
  }
};

/** The values are looked up now and go nowhere but into the request. They must be those the plan was made with. */
const credentialsOf = (
  { client }: Extract<Guard, { type: 'authenticate-oidc' }>,
  clientOf: ClientLookup,
): { ClientId: string; ClientSecret: string } => {
  const { from } = client;
  if (from === undefined)
    throw new MissingReference(
      'the Secret with the credentials that this login was made with is not known any more; expected a Secret that an annotation auth-idp-oidc names',
    );
  const found = clientOf(from);
  if (!found || found.version !== client.version)
    throw new MissingReference(`the credentials in Secret ${from} changed since this was planned`);
  return { ClientId: found.id, ClientSecret: found.secret };
};

const toSdkLogin = ({ scope, cookie, sessionSeconds, onUnauthenticated, extraParams }: Login): SdkLogin => ({
  Scope: scope,
  SessionCookieName: cookie,
  SessionTimeout: sessionSeconds,
  OnUnauthenticatedRequest: onUnauthenticated,
  ...(Object.keys(extraParams).length > 0 && { AuthenticationRequestExtraParams: extraParams }),
});
