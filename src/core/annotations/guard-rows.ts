import { jwtValidation } from './jwt-validation.ts';
import { cognitoProvider, oidcProvider } from './login.ts';
import type { Row } from './row.ts';
import { integer, oneOf, text } from './scalar-parsers.ts';

const FEEDS = ['rule.actions', 'listener.defaultActions'] as const;

/** Annotations about who gets in: users who log in, and requests with a token. */
export const GUARD_ROWS = {
  'auth-type': {
    parser: oneOf('none', 'oidc', 'cognito'),
    on: ['ingress', 'service'],
    merge: 'per-ingress',
    initial: 'none',
    guards: true,
    example: 'oidc',
    invalid: 'basic',
    doc: 'Whether users log in before their requests reach a target, and with whom. On HTTPS listeners; on HTTP listeners such paths redirect to HTTPS. On a Service it counts where the Service is the only target.',
    feeds: FEEDS,
    since: 'LBC',
  },
  'auth-idp-oidc': {
    parser: oidcProvider,
    on: ['ingress', 'service'],
    merge: 'per-ingress',
    example:
      '{"issuer":"https://login.example.com","authorizationEndpoint":"https://login.example.com/authorize","tokenEndpoint":"https://login.example.com/token","userInfoEndpoint":"https://login.example.com/userinfo","secretName":"login-client"}',
    invalid: '{"issuer":"http://login.example.com"}',
    doc: 'The OpenID Connect provider that auth-type `oidc` sends users to.',
    feeds: FEEDS,
    since: 'LBC',
  },
  'auth-idp-cognito': {
    parser: cognitoProvider,
    on: ['ingress', 'service'],
    merge: 'per-ingress',
    example:
      '{"userPoolARN":"arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_aBcDeFgHi","userPoolClientID":"1example23456789","userPoolDomain":"my-login"}',
    invalid: '{"userPoolARN":"eu-west-1_aBcDeFgHi"}',
    doc: 'The Amazon Cognito user pool that auth-type `cognito` sends users to.',
    feeds: FEEDS,
    since: 'LBC',
  },
  'auth-on-unauthenticated-request': {
    parser: oneOf('authenticate', 'allow', 'deny'),
    on: ['ingress', 'service'],
    merge: 'per-ingress',
    initial: 'authenticate',
    example: 'deny',
    invalid: 'reject',
    doc: 'What becomes of a request without a session: it is sent to the provider, let through without claims, or answered by 401.',
    feeds: FEEDS,
    since: 'LBC',
  },
  'auth-scope': {
    parser: text(
      /^[\x21\x23-\x5B\x5D-\x7E]+( [\x21\x23-\x5B\x5D-\x7E]+)*$/,
      2048,
      'scopes of OAuth 2.0, separated by single spaces',
    ),
    on: ['ingress', 'service'],
    merge: 'per-ingress',
    initial: 'openid',
    example: 'openid email profile',
    invalid: 'openid "email"',
    doc: 'The claims that are asked of the provider.',
    feeds: FEEDS,
    since: 'LBC',
  },
  'auth-session-cookie': {
    parser: text(
      /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/,
      255,
      'the name of a cookie: no spaces, quotes, commas or semicolons',
    ),
    on: ['ingress', 'service'],
    merge: 'per-ingress',
    initial: 'AWSELBAuthSessionCookie',
    example: 'shop-session',
    invalid: 'shop session',
    doc: 'Name of the cookie that holds the session. AWS appends a number.',
    feeds: FEEDS,
    since: 'LBC',
  },
  'auth-session-timeout': {
    parser: integer(1, 604_800, 'seconds'),
    on: ['ingress', 'service'],
    merge: 'per-ingress',
    initial: '604800',
    example: '3600',
    invalid: '1h',
    doc: 'How long a session lasts at most.',
    feeds: FEEDS,
    since: 'LBC',
  },
  'jwt-validation': {
    parser: jwtValidation,
    on: ['ingress'],
    merge: 'per-ingress',
    otherwise: 'none',
    guards: true,
    example: '{"jwksEndpoint":"https://login.example.com/keys","issuer":"https://login.example.com"}',
    invalid: '{"issuer":"https://login.example.com"}',
    doc: 'Lets in only requests with a JSON Web Token (RS256) of this issuer in their Authorization header; others get 401. Not together with auth-type.',
    feeds: FEEDS,
    since: 'LBC',
  },
} as const satisfies Record<string, Row>;
