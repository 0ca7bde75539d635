import type { EmulatorClock } from '../aws/state.ts';
import { replyWithCookies } from './answer-shape.ts';
import { CALLBACK_PATH, finishLogin } from './auth/authenticate.ts';
import type { Gate } from './auth/gate.ts';
import type { GateOutcome } from './auth/gate-outcome.ts';
import type { Gatekeeper } from './auth/gatekeeper.ts';
import { passGate } from './auth/pass-gate.ts';
import type { Exchange } from './exchange.ts';
import { forwardToTarget, type Upstreams } from './forward-to-target.ts';
import { type RedirectTemplate, redirectLocation } from './redirect.ts';
import { generatedAnswer } from './reply.ts';
import { refusalStatus } from './request-limits.ts';
import type { Route, RoutingTable } from './routing-table.ts';
import { chooseTarget } from './target-choice.ts';
import type { TargetPools } from './target-pool.ts';
import type { Rewritten } from './transform.ts';

/** What serving a request needs besides the request. */
export type Serving = {
  readonly pools: TargetPools;
  readonly upstreams: Upstreams;
  readonly gatekeeper: Gatekeeper;
  readonly clock: EmulatorClock;
  readonly log: (message: string) => void;
};

/** Takes a request through limits, web ACL, rules, gates, transforms and the rule's action. Answers it in every case. */
export const serveRequest = (exchange: Exchange, table: RoutingTable, serving: Serving): void => {
  const refused = refusalStatus(exchange.facts, exchange.request.httpVersion);
  if (refused !== undefined) {
    answer(exchange, refused);
    return;
  }
  if (table.webAcl !== undefined && !passWebAcl(exchange, table.webAcl, serving)) return;
  if (table.logins.length > 0 && exchange.facts.path === CALLBACK_PATH) {
    const login = finishLogin(serving.gatekeeper, table.logins, exchange.facts);
    afterGate(exchange, serving, login, 'authenticate', () => undefined);
    return;
  }
  const route = table.route(exchange.facts);
  exchange.trail.priority = route.priority;
  if (route.gate === undefined) takeRoute(exchange, table, route, serving);
  else {
    const { arn } = exchange.settings;
    const open = withoutForgery(exchange, route.gate);
    const passed = passGate(serving.gatekeeper, route.gate, open.facts, arn);
    afterGate(open, serving, passed, route.gate.kind, (user) => takeRoute(user, table, route, serving));
  }
};

const answer = (
  exchange: Exchange,
  status: number,
  options?: Parameters<typeof generatedAnswer>[2],
): void => {
  exchange.trail.status = status;
  generatedAnswer(exchange.reply, status, options);
};

const refuseUnsupported = (exchange: Exchange, serving: Serving, what: string): void => {
  const { host, uri } = exchange.facts;
  serving.log(`501 for ${host}${uri}: rule ${exchange.trail.priority}: ${what}`);
  answer(exchange, 501, {
    contentType: 'text/plain',
    body: `The sandbox's data plane does not support ${what}. No real load balancer answers like this.\n`,
  });
};

/** False when the request is answered. */
const passWebAcl = (
  exchange: Exchange,
  check: NonNullable<RoutingTable['webAcl']>,
  serving: Serving,
): boolean => {
  const verdict = check(exchange.facts.peer);
  exchange.trail.actions.push('waf');
  if (verdict === 'allow') return true;
  if (verdict === 'block') answer(exchange, 403);
  else refuseUnsupported(exchange, serving, verdict.unsupported);
  return false;
};

/** Targets trust the claims in these headers, so nobody else may send them where users are authenticated. */
const withoutForgery = (exchange: Exchange, gate: Gate): Exchange => {
  if (gate.kind !== 'authenticate') return exchange;
  const { headers } = exchange.facts;
  const kept = headers.filter((_, at) => !/^x-amzn-oidc-/i.test(headers[at - (at % 2)] ?? ''));
  return { ...exchange, facts: { ...exchange.facts, headers: kept } };
};

const afterGate = (
  exchange: Exchange,
  serving: Serving,
  outcome: Promise<GateOutcome>,
  action: string,
  next: (exchange: Exchange) => void,
): void => {
  outcome
    .then((result) => {
      if (exchange.isClientGone()) return;
      exchange.trail.actions.push(action);
      if (result.pass) next(admitted(exchange, result));
      else if (result.unsupported !== undefined) refuseUnsupported(exchange, serving, result.unsupported);
      else turnAway(exchange, serving, result);
    })
    .catch((error: unknown) => {
      serving.log(
        `500 for ${exchange.facts.host}${exchange.facts.uri}: ${error instanceof Error ? error.message : error}`,
      );
      exchange.trail.errorReason = 'AuthUnhandledException';
      if (exchange.reply.headSent) exchange.reply.destroy();
      else answer(exchange, 500);
    });
};

const admitted = (exchange: Exchange, passed: Extract<GateOutcome, { readonly pass: true }>): Exchange => ({
  ...exchange,
  facts: { ...exchange.facts, headers: [...exchange.facts.headers, ...passed.headers] },
  reply: replyWithCookies(exchange.reply, passed.cookies),
});

const turnAway = (
  exchange: Exchange,
  serving: Serving,
  { status, failure, location, cookies = [] }: Extract<GateOutcome, { readonly status: number }>,
): void => {
  if (failure !== undefined) {
    exchange.trail.errorReason = failure.reason;
    serving.log(
      `${status} for ${exchange.facts.host}${exchange.facts.path}: ${failure.reason}: ${failure.why}`,
    );
  }
  const to = location === undefined ? [] : ['Location', location];
  answer(exchange, status, { headers: [...to, ...cookies.flatMap((cookie) => ['Set-Cookie', cookie])] });
};

const takeRoute = (exchange: Exchange, table: RoutingTable, route: Route, serving: Serving): void => {
  exchange.trail.actions.push(route.action.kind);
  const rewritten = transform(exchange, route, serving);
  if (rewritten === undefined) answer(exchange, 500);
  else act(exchange, table, route, rewritten, serving);
};

/** Undefined when the transform failed. */
const transform = (exchange: Exchange, route: Route, serving: Serving): Partial<Rewritten> | undefined => {
  if (route.transform === undefined) return {};
  const { authority: host, uri } = exchange.facts;
  try {
    exchange.trail.transformed = route.transform({ host, uri });
    return exchange.trail.transformed;
  } catch (error) {
    serving.log(
      `500 for ${host}${uri}: rule ${route.priority}: ${error instanceof Error ? error.message : error}`,
    );
    return undefined;
  }
};

const act = (
  exchange: Exchange,
  table: RoutingTable,
  route: Route,
  rewritten: Partial<Rewritten>,
  serving: Serving,
): void => {
  const { action } = route;
  switch (action.kind) {
    case 'fixed-response':
      answer(exchange, action.status, { contentType: action.contentType, body: action.body });
      break;
    case 'redirect':
      redirect(exchange, table, action.redirect);
      break;
    case 'forward': {
      const now = serving.clock.now();
      const choice = chooseTarget(action, serving.pools, exchange.facts, now, table.protocol === 'HTTPS');
      if (choice === undefined) answer(exchange, 503);
      else forwardToTarget(exchange, table, choice, rewritten, serving.upstreams, serving.log);
      break;
    }
    case 'unsupported':
      refuseUnsupported(exchange, serving, action.what);
  }
};

const redirect = (exchange: Exchange, table: RoutingTable, template: RedirectTemplate): void => {
  const { protocol, port } = table;
  const location = redirectLocation(template, exchange.facts, { protocol, port });
  exchange.trail.redirect = location;
  answer(exchange, template.status, { headers: ['Location', location] });
};
