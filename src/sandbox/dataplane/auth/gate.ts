import type { Action, JwtValidationActionAdditionalClaim } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { ServingState } from '../../aws/state.ts';
import { cognitoProvider, type IdentityProvider, oidcProvider } from './identity-provider.ts';

/** A step before a rule's last action, which a request has to pass. */
export type Gate = AuthenticateGate | JwtGate;

export type AuthenticateGate = {
  readonly kind: 'authenticate';
  readonly provider: IdentityProvider;
  readonly cookie: string;
  /** Emulator milliseconds a session lasts. */
  readonly sessionMs: number;
  readonly onUnauthenticated: 'authenticate' | 'allow' | 'deny';
};

export type JwtGate = {
  readonly kind: 'jwt-validation';
  readonly jwksEndpoint: string;
  readonly issuer: string;
  readonly claims: readonly JwtValidationActionAdditionalClaim[];
};

/** Reads the gate of an action list; undefined without one. Throws an error naming what is missing. */
export const compileGate = (actions: readonly Action[], state: ServingState): Gate | undefined => {
  const action = actions.find((each) => GATES.has(each.Type ?? ''));
  switch (action?.Type) {
    case 'authenticate-oidc':
      return authenticate(oidcProvider(action.AuthenticateOidcConfig), action.AuthenticateOidcConfig);
    case 'authenticate-cognito':
      return authenticate(
        cognitoProvider(state, action.AuthenticateCognitoConfig),
        action.AuthenticateCognitoConfig,
      );
    case 'jwt-validation':
      return jwtValidation(action);
    default:
      return undefined;
  }
};

const GATES: ReadonlySet<string> = new Set(['authenticate-oidc', 'authenticate-cognito', 'jwt-validation']);

/** Defaults by AWS documentation: seven days, and users who are not logged in are asked to. */
const authenticate = (
  provider: IdentityProvider,
  config: Action['AuthenticateOidcConfig'] | Action['AuthenticateCognitoConfig'],
): AuthenticateGate => ({
  kind: 'authenticate',
  provider,
  cookie: config?.SessionCookieName ?? 'AWSELBAuthSessionCookie',
  sessionMs: Number(config?.SessionTimeout ?? 604_800) * 1000,
  onUnauthenticated: config?.OnUnauthenticatedRequest ?? 'authenticate',
});

const jwtValidation = ({ JwtValidationConfig: config }: Action): JwtGate => {
  if (config?.JwksEndpoint === undefined || config.Issuer === undefined)
    throw new Error("action 'jwt-validation' without JwksEndpoint and Issuer");
  return {
    kind: 'jwt-validation',
    jwksEndpoint: config.JwksEndpoint,
    issuer: config.Issuer,
    claims: config.AdditionalClaims ?? [],
  };
};
