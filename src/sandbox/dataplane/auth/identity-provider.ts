import { createHash } from 'node:crypto';
import type {
  AuthenticateCognitoActionConfig,
  AuthenticateOidcActionConfig,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { ServingState } from '../../aws/state.ts';

/** Who authenticates users, and as which client the load balancer asks. */
export type IdentityProvider = {
  readonly issuer: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly userInfoEndpoint: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string;
  readonly extraParams: Readonly<Record<string, string>>;
  /** Tells providers apart: a session of one is none of another. */
  readonly key: string;
};

/** The provider of an authenticate-oidc action. Throws an error naming the field that is missing. */
export const oidcProvider = (config: AuthenticateOidcActionConfig | undefined): IdentityProvider => {
  const need = (field: 'Issuer' | 'AuthorizationEndpoint' | 'TokenEndpoint' | 'UserInfoEndpoint'): string => {
    const value = config?.[field];
    if (value === undefined) throw new Error(`action 'authenticate-oidc' without ${field}`);
    return value;
  };
  if (config?.ClientSecret === undefined) throw new Error("action 'authenticate-oidc' without ClientSecret");
  return withKey({
    issuer: need('Issuer'),
    authorizationEndpoint: need('AuthorizationEndpoint'),
    tokenEndpoint: need('TokenEndpoint'),
    userInfoEndpoint: need('UserInfoEndpoint'),
    clientId: config.ClientId ?? '',
    clientSecret: config.ClientSecret,
    scope: config.Scope ?? 'openid',
    extraParams: config.AuthenticationRequestExtraParams ?? {},
  });
};

/**
 * The provider of an authenticate-cognito action: the pool's hosted pages at `DOMAIN.auth.REGION.amazoncognito.com`, or
 * at DOMAIN itself when that is a whole name. Throws an error that says what the state does not hold.
 */
export const cognitoProvider = (
  state: ServingState,
  config: AuthenticateCognitoActionConfig | undefined,
): IdentityProvider => {
  const arn = config?.UserPoolArn ?? '';
  const clientId = config?.UserPoolClientId ?? '';
  const domain = config?.UserPoolDomain ?? '';
  const [, , , region = state.region, , resource = ''] = arn.split(':');
  const id = resource.replace('userpool/', '');
  const pool = state.userPools.get(id);
  const missing = (what: string): Error => new Error(`action 'authenticate-cognito' ${what}`);
  if (pool === undefined) throw missing(`of user pool '${arn}', which the sandbox does not hold`);
  const clientSecret = pool.clients.get(clientId)?.ClientSecret;
  if (clientSecret === undefined)
    throw missing(`of client '${clientId}': user pool '${arn}' has no such client with a secret`);
  const origin = `https://${domain.includes('.') ? domain : `${domain}.auth.${region}.amazoncognito.com`}`;
  return withKey({
    issuer: `https://cognito-idp.${region}.amazonaws.com/${id}`,
    authorizationEndpoint: `${origin}/oauth2/authorize`,
    tokenEndpoint: `${origin}/oauth2/token`,
    userInfoEndpoint: `${origin}/oauth2/userInfo`,
    clientId,
    clientSecret,
    scope: config?.Scope ?? 'openid',
    extraParams: config?.AuthenticationRequestExtraParams ?? {},
  });
};

const withKey = (provider: Omit<IdentityProvider, 'key'>): IdentityProvider => ({
  ...provider,
  key: createHash('sha256')
    .update(JSON.stringify([provider.issuer, provider.tokenEndpoint, provider.clientId, provider.scope]))
    .digest('base64url')
    .slice(0, 16),
});
