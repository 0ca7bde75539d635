/** Actions of listeners and rules: what AWS refuses, and the form in which it gives them back. */

import type { Action, RedirectActionConfig } from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  InvalidLoadBalancerActionException$,
  TooManyActionsException$,
  TooManyTargetGroupsException$,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { refuse } from '../wire/refusal.ts';
import { authentication, needed } from './authentication.ts';
import type { Elb } from './find.ts';
import { checkTargetGroups, type Place } from './forwarding.ts';
import { invalid } from './invalid.ts';

const TERMINAL = new Set(['forward', 'redirect', 'fixed-response']);

/** Checks actions and returns them as AWS describes them: ordered, single target groups in both forms. */
export const checkActions = (elb: Elb, given: readonly Action[], place: Place): Action[] => {
  const actions = inOrder(given).map((action) => complete(elb, action, place));
  const other = actions.find(({ Type }) => place.balancer.Type === 'network' && Type !== 'forward');
  if (other !== undefined)
    throw refuse(
      InvalidLoadBalancerActionException$,
      `Listeners of network load balancers support actions of type 'forward' only, not '${other.Type}'`,
    );
  const terminal = actions.filter(({ Type }) => TERMINAL.has(Type ?? ''));
  if (terminal.length > 1) {
    throw refuse(
      TooManyActionsException$,
      "Only one action of type 'forward', 'redirect' or 'fixed-response' can be specified",
    );
  }
  if (terminal.length === 0 || !TERMINAL.has(actions.at(-1)?.Type ?? '')) {
    throw refuse(
      InvalidLoadBalancerActionException$,
      "The last action must be one of type 'forward', 'redirect' or 'fixed-response'",
    );
  }
  if (actions.length > 2)
    throw refuse(TooManyActionsException$, 'Only one authentication action can come before the last one');
  checkTargetGroups(elb, actions, place);
  return actions;
};

/** Several actions need distinct orders; a single one gets 1. */
const inOrder = (given: readonly Action[]): Action[] => {
  if (given.length === 0)
    throw refuse(InvalidLoadBalancerActionException$, 'At least one action must be specified');
  const orders = given.map(({ Order }) => Order);
  if (given.length > 1 && new Set(orders).size < given.length) {
    throw refuse(
      InvalidLoadBalancerActionException$,
      'Each action must have its own order when there is more than one',
    );
  }
  if (given.length > 1 && orders.includes(undefined)) {
    throw refuse(
      InvalidLoadBalancerActionException$,
      'An order must be specified for each action when there is more than one',
    );
  }
  return [...given]
    .sort((a, b) => (a.Order ?? 1) - (b.Order ?? 1))
    .map((action) => ({ ...action, Order: action.Order ?? 1 }));
};

const complete = (elb: Elb, action: Action, { protocol, replaces }: Place): Action => {
  switch (action.Type) {
    case 'forward':
      return forward(elb, action);
    case 'redirect':
      return { ...action, RedirectConfig: redirect(needed(action.RedirectConfig, action), protocol) };
    case 'fixed-response':
      return fixedResponse(action);
    default:
      return authentication(action, protocol, replaces);
  }
};

const fixedResponse = (action: Action): Action => {
  const { ContentType: type } = needed(action.FixedResponseConfig, action);
  const known = ['text/plain', 'text/css', 'text/html', 'application/javascript', 'application/json'];
  if (type !== undefined && !known.includes(type)) {
    throw refuse(
      InvalidLoadBalancerActionException$,
      `The content type '${type}' must be one of '${known.join(', ')}'`,
    );
  }
  return action;
};

const REDIRECT_DEFAULTS = {
  Protocol: '#{protocol}',
  Port: '#{port}',
  Host: '#{host}',
  Path: '/#{path}',
  Query: '#{query}',
} as const;

const redirect = (given: RedirectActionConfig, protocol: string): RedirectActionConfig => {
  const config = { ...REDIRECT_DEFAULTS, ...given };
  const { Protocol, Port, Host, Path } = config;
  const unchanged =
    Protocol === REDIRECT_DEFAULTS.Protocol &&
    Port === '#{port}' &&
    Host === '#{host}' &&
    (Path === '/#{path}' || Path === '#{path}');
  if (unchanged) {
    throw refuse(
      InvalidLoadBalancerActionException$,
      'The RedirectConfig values must change at least one of the following components: protocol, port, hostname or path',
    );
  }
  if (protocol === 'HTTPS' && Protocol === 'HTTP') {
    throw refuse(InvalidLoadBalancerActionException$, 'A redirect from HTTPS to HTTP is not possible');
  }
  if (Path !== undefined && !Path.startsWith('/'))
    throw invalid(`The redirect path '${Path}' must start with '/'`);
  const number = /^\d{1,5}$/.test(Port ?? '') ? Number(Port) : 0;
  if (Port !== '#{port}' && (number < 1 || number > 65535)) {
    throw invalid(`The redirect port '${Port}' must be '#{port}' or between 1 and 65535`);
  }
  return config;
};

const forward = (elb: Elb, action: Action): Action => {
  const groups = action.ForwardConfig?.TargetGroups ?? [];
  const { TargetGroupArn: single } = action;
  if (single === undefined && groups.length === 0) {
    throw refuse(InvalidLoadBalancerActionException$, "An action of type 'forward' needs a target group");
  }
  if (
    single !== undefined &&
    groups.length > 0 &&
    !(groups.length === 1 && groups[0]?.TargetGroupArn === single)
  ) {
    throw refuse(
      InvalidLoadBalancerActionException$,
      'TargetGroupArn and ForwardConfig must name the same single target group',
    );
  }
  const tuples = groups.length > 0 ? groups : [{ TargetGroupArn: single }];
  checkTuples(elb, tuples);
  const stickiness = action.ForwardConfig?.TargetGroupStickinessConfig ?? {};
  checkStickiness(stickiness);
  const weighted = tuples.map(({ TargetGroupArn, Weight }) => ({ TargetGroupArn, Weight: Weight ?? 1 }));
  const [only] = weighted;
  return {
    ...action,
    ...(weighted.length === 1 ? { TargetGroupArn: only?.TargetGroupArn } : {}),
    ForwardConfig: { TargetGroups: weighted, TargetGroupStickinessConfig: { Enabled: false, ...stickiness } },
  };
};

const checkStickiness = ({
  Enabled,
  DurationSeconds: seconds,
}: {
  Enabled?: boolean | undefined;
  DurationSeconds?: number | undefined;
}): void => {
  if (Enabled === true && seconds === undefined) {
    throw invalid('Target group stickiness duration must be specified when stickiness is enabled');
  }
  if (seconds !== undefined && (seconds < 1 || seconds > 604_800)) {
    throw invalid(`Target group stickiness duration '${seconds}' must be between 1 and 604800 seconds`);
  }
};

const checkTuples = (
  { account }: Elb,
  tuples: readonly { TargetGroupArn?: string | undefined; Weight?: number | undefined }[],
): void => {
  const most = account.facts.targetGroupsPerAction;
  if (tuples.length > most) {
    const message = `An action can forward to at most '${most}' target groups, '${tuples.length}' are given`;
    const code = account.facts.tooManyTargetGroupsPerActionCode;
    throw code === 'TooManyTargetGroups'
      ? refuse(TooManyTargetGroupsException$, message)
      : refuse(code, message);
  }
  const arns = tuples.map(({ TargetGroupArn }) => TargetGroupArn);
  if (new Set(arns).size < arns.length)
    throw invalid('Target groups in a forward action must be different from each other');
  for (const { Weight } of tuples) {
    if (Weight !== undefined && !(Weight >= 0 && Weight <= 999))
      throw invalid(`Target group weight '${Weight}' must be between 0 and 999`);
  }
};

/** Actions as the API lists them: secrets are never given back. */
export const describeActions = (actions: readonly Action[] | undefined): Action[] =>
  (actions ?? []).map((action) => {
    if (action.AuthenticateOidcConfig === undefined) return action;
    const { ClientSecret: _, ...config } = action.AuthenticateOidcConfig;
    return { ...action, AuthenticateOidcConfig: config };
  });
