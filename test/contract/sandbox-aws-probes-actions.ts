/** One probe for each rule of ELBv2 about actions. */
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ARN, shop } from './sandbox-aws-probes-listeners.ts';
import { forwardTo, NOT_FOUND, type Probe, type World } from './sandbox-aws-world.ts';

const act = async (world: World, ...Actions: Action[]) =>
  world.rule(await world.listener(await world.balancer()), { Actions });
const groups = (world: World, count: number) =>
  Promise.all(Array.from({ length: count }, () => world.group()));
const weighted = (arns: readonly string[], Weight?: number): Action => ({
  Type: 'forward',
  ForwardConfig: {
    TargetGroups: arns.map((TargetGroupArn) => ({
      TargetGroupArn,
      ...(Weight === undefined ? {} : { Weight }),
    })),
  },
});
const redirect = (RedirectConfig: Omit<NonNullable<Action['RedirectConfig']>, 'StatusCode'>): Action => ({
  Type: 'redirect',
  RedirectConfig: { ...RedirectConfig, StatusCode: 'HTTP_301' },
});
const oidc = {
  Issuer: 'https://i',
  AuthorizationEndpoint: 'https://a',
  TokenEndpoint: 'https://t',
  UserInfoEndpoint: 'https://u',
  ClientId: 'c',
  ClientSecret: 's',
};

const login = (more: object) => (w: World) =>
  shop(w, {
    DefaultActions: [
      { Type: 'authenticate-oidc', Order: 1, AuthenticateOidcConfig: { ...oidc, ...more } },
      { ...NOT_FOUND, Order: 2 },
    ],
  });
const tokens = (more: object) => (w: World) =>
  shop(w, {
    DefaultActions: [
      {
        Type: 'jwt-validation',
        Order: 1,
        JwtValidationConfig: { JwksEndpoint: 'https://i/keys', Issuer: 'i', ...more },
      },
      { ...NOT_FOUND, Order: 2 },
    ],
  });
const claim = (more: object) =>
  tokens({ AdditionalClaims: [{ Name: 'aud', Format: 'single-string', Values: ['a'], ...more }] });

const LOGINS: readonly Probe[] = [
  ['an endpoint without HTTPS', 'ValidationError', login({ TokenEndpoint: 'http://t' }), /HTTPS/],
  ['a session of more than a week', 'ValidationError', login({ SessionTimeout: 604_801 }), /604800/],
  [
    'eleven extra parameters',
    'ValidationError',
    login({
      AuthenticationRequestExtraParams: Object.fromEntries(
        Array.from({ length: 11 }, (_, index) => [`p${index}`, 'v']),
      ),
    }),
    /'10'/,
  ],
  [
    'a login without a client secret',
    'InvalidLoadBalancerActionException',
    login({ ClientSecret: undefined, UseExistingClientSecret: true }),
    /secret/,
  ],
  ['a key set without HTTPS', 'ValidationError', tokens({ JwksEndpoint: 'http://i/keys' }), /HTTPS/],
  ['an issuer of 257 characters', 'ValidationError', tokens({ Issuer: 'i'.repeat(257) }), /256/],
  ['a claim that is always validated', 'ValidationError', claim({ Name: 'iss' }), /always/],
  ['a claim without values', 'ValidationError', claim({ Values: [] }), /1 to 10/],
  [
    'a space in space-separated values',
    'ValidationError',
    claim({ Format: 'space-separated-values', Values: ['a b'] }),
    /values/,
  ],
];

export const ACTIONS: readonly Probe[] = [
  ['no action', 'InvalidLoadBalancerActionException', (w) => act(w)],
  [
    'two final actions',
    'TooManyActionsException',
    (w) => act(w, { ...NOT_FOUND, Order: 1 }, { ...NOT_FOUND, Order: 2 }),
  ],
  [
    'two actions of the same order',
    'InvalidLoadBalancerActionException',
    (w) => act(w, { ...NOT_FOUND, Order: 1 }, { ...NOT_FOUND, Order: 1 }),
    /order/,
  ],
  [
    'a final action before the last',
    'InvalidLoadBalancerActionException',
    (w) =>
      shop(w, {
        DefaultActions: [
          { ...NOT_FOUND, Order: 1 },
          { Type: 'authenticate-oidc', Order: 2, AuthenticateOidcConfig: oidc },
        ],
      }),
    /last action/,
  ],
  [
    'authentication on HTTP',
    'InvalidLoadBalancerActionException',
    (w) =>
      act(
        w,
        { Type: 'authenticate-oidc', Order: 1, AuthenticateOidcConfig: oidc },
        { ...NOT_FOUND, Order: 2 },
      ),
    /HTTPS/,
  ],
  ...LOGINS,
  [
    'a redirect that changes nothing',
    'InvalidLoadBalancerActionException',
    (w) => act(w, redirect({ Query: 'a=b' })),
    /at least one of the following components/,
  ],
  [
    'a redirect from HTTPS to HTTP',
    'InvalidLoadBalancerActionException',
    (w) => shop(w, { DefaultActions: [redirect({ Protocol: 'HTTP' })] }),
    /HTTPS to HTTP/,
  ],
  [
    'a redirect to protocol FTP',
    'ValidationError',
    (w) => act(w, redirect({ Protocol: 'FTP' })),
    /regular expression/,
  ],
  [
    'a redirect to a path without slash',
    'ValidationError',
    (w) => act(w, redirect({ Path: 'x' })),
    /start with/,
  ],
  [
    'a fixed response with status 301',
    'ValidationError',
    (w) => act(w, { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '301' } }),
    /regular expression/,
  ],
  [
    'a fixed response of 1025 characters',
    'ValidationError',
    (w) =>
      act(w, {
        Type: 'fixed-response',
        FixedResponseConfig: { StatusCode: '200', MessageBody: 'x'.repeat(1025) },
      }),
    /less than or equal to 1024/,
  ],
  [
    'a fixed response of an odd type',
    'InvalidLoadBalancerActionException',
    (w) =>
      act(w, {
        Type: 'fixed-response',
        FixedResponseConfig: { StatusCode: '200', ContentType: 'image/png' },
      }),
    /image\/png/,
  ],
  [
    'an action that does not exist',
    'ValidationError',
    (w) => act(w, { Type: 'drop' as 'forward' }),
    /enum value set/,
  ],
  [
    'forward without a target group',
    'InvalidLoadBalancerActionException',
    (w) => act(w, { Type: 'forward' }),
  ],
  [
    'forward to an unknown target group',
    'TargetGroupNotFoundException',
    (w) => act(w, forwardTo(`${ARN}targetgroup/none/0123456789abcdef`)),
  ],
  [
    'forward to a group of another load balancer',
    'TargetGroupAssociationLimitException',
    async (w) => {
      const group = await w.group();
      await w.listener(await w.balancer(), 80, forwardTo(group));
      return w.listener(await w.balancer(), 80, forwardTo(group));
    },
    /more than one load balancer/,
  ],
  [
    'six target groups in an action',
    'TooManyTargetGroupsException',
    async (w) => act(w, weighted(await groups(w, 6))),
    /'5'/,
  ],
  [
    'weight 1000',
    'ValidationError',
    async (w) => act(w, weighted(await groups(w, 1), 1000)),
    /between 0 and 999/,
  ],
  [
    'a target group twice',
    'ValidationError',
    async (w) => {
      const group = await w.group();
      return act(w, weighted([group, group]));
    },
    /different from each other/,
  ],
  [
    'stickiness without a duration',
    'ValidationError',
    async (w) =>
      act(w, {
        Type: 'forward',
        ForwardConfig: {
          TargetGroups: [{ TargetGroupArn: await w.group() }],
          TargetGroupStickinessConfig: { Enabled: true },
        },
      }),
    /duration/,
  ],
  [
    'more target groups than a load balancer takes',
    'TooManyUniqueTargetGroupsPerLoadBalancerException',
    async (w) => act(w, weighted(await groups(w, 2))),
    /\[1\]/,
    { facts: { targetGroupsPerLoadBalancer: 1 } },
  ],
];
