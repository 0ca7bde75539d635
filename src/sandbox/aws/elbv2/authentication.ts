/** Actions that come before the last one: logins and checks of tokens. */
import type {
  Action,
  AuthenticateCognitoActionConfig,
  AuthenticateOidcActionConfig,
  JwtValidationActionConfig,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { InvalidLoadBalancerActionException$ } from '@aws-sdk/client-elastic-load-balancing-v2';
import { refuse } from '../wire/refusal.ts';
import { invalid } from './invalid.ts';

/** Checks such an action and returns it as it is kept; `replaces` are the actions it takes the place of. */
export const authentication = (action: Action, protocol: string, replaces: readonly Action[]): Action => {
  if (protocol !== 'HTTPS') {
    throw refuse(
      InvalidLoadBalancerActionException$,
      `An action of type '${action.Type}' is only possible on HTTPS listeners`,
    );
  }
  if (action.Type === 'authenticate-oidc')
    return {
      ...action,
      AuthenticateOidcConfig: oidc(needed(action.AuthenticateOidcConfig, action), replaces),
    };
  if (action.Type === 'jwt-validation') checkTokens(needed(action.JwtValidationConfig, action));
  if (action.Type === 'authenticate-cognito') checkLogin(needed(action.AuthenticateCognitoConfig, action));
  return action;
};

export const needed = <T>(config: T | undefined, { Type }: Action): T => {
  if (config === undefined)
    throw refuse(InvalidLoadBalancerActionException$, `An action of type '${Type}' needs its configuration`);
  return config;
};

const oidc = (
  { UseExistingClientSecret: reuse, ...config }: AuthenticateOidcActionConfig,
  replaces: readonly Action[],
): AuthenticateOidcActionConfig => {
  checkUrl('issuer', config.Issuer);
  checkUrl('authorizationEndpoint', config.AuthorizationEndpoint);
  checkUrl('tokenEndpoint', config.TokenEndpoint);
  checkUrl('userInfoEndpoint', config.UserInfoEndpoint);
  checkLogin(config);
  if (config.ClientSecret !== undefined) return config;
  const ClientSecret = replaces.find(({ Type }) => Type === 'authenticate-oidc')?.AuthenticateOidcConfig
    ?.ClientSecret;
  if (reuse !== true || ClientSecret === undefined)
    throw refuse(
      InvalidLoadBalancerActionException$,
      "An action of type 'authenticate-oidc' needs a client secret",
    );
  return { ...config, ClientSecret };
};

type Login = Pick<
  AuthenticateCognitoActionConfig,
  'SessionTimeout' | 'AuthenticationRequestExtraParams' | 'OnUnauthenticatedRequest'
>;

const checkLogin = ({
  SessionTimeout: seconds,
  AuthenticationRequestExtraParams: params = {},
  OnUnauthenticatedRequest: behaviour = 'authenticate',
}: Login): void => {
  if (seconds !== undefined && !(Number(seconds) >= 1 && Number(seconds) <= 604_800))
    throw invalid(`The session timeout '${seconds}' must be between 1 and 604800 seconds`);
  const count = Object.keys(params).length;
  if (count > 10)
    throw invalid(`At most '10' extra parameters of the request are possible, '${count}' are given`);
  if (!['authenticate', 'allow', 'deny'].includes(behaviour))
    throw invalid(`The behavior '${behaviour}' must be one of 'authenticate, allow, deny'`);
};

/** Claims that are checked without being named. */
const ALWAYS = ['exp', 'iss', 'nbf', 'iat'];

const checkTokens = (config: JwtValidationActionConfig): void => {
  const { JwksEndpoint: keys = '', Issuer: issuer = '', AdditionalClaims: claims = [] } = config;
  checkUrl('jwksEndpoint', keys);
  for (const [name, value] of Object.entries({ jwksEndpoint: keys, issuer }))
    if (value === '' || value.length > 256) throw invalid(`The ${name} must have 1 to 256 characters`);
  if (claims.length > 10)
    throw invalid(`At most '10' additional claims are possible, '${claims.length}' are given`);
  for (const { Name = '', Format = '', Values = [] } of claims) {
    if (Name === '' || ALWAYS.includes(Name))
      throw invalid(
        `The claim '${Name}' cannot be an additional claim; '${ALWAYS.join(', ')}' are always validated`,
      );
    if (!['single-string', 'string-array', 'space-separated-values'].includes(Format))
      throw invalid(`The format '${Format}' of the claim '${Name}' does not exist`);
    const isWrong = (value: string): boolean =>
      value.length > 256 || (Format === 'space-separated-values' && value.includes(' '));
    if (Values.length < 1 || Values.length > 10 || Values.some(isWrong))
      throw invalid(`The claim '${Name}' needs 1 to 10 values of at most 256 characters`);
  }
};

/** AWS wants HTTPS. An issuer on loopback, which nobody else can reach, need not have a certificate here. */
const checkUrl = (name: string, value = ''): void => {
  if (/^https:\/\/[^/\s]+/.test(value) || /^http:\/\/(127\.\d+\.\d+\.\d+|localhost)[:/]/.test(value)) return;
  throw invalid(`The ${name} '${value}' must be a full URL with the HTTPS protocol`);
};
