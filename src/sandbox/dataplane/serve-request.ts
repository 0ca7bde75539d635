import type { EmulatorClock } from '../aws/state.ts';
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
  readonly clock: EmulatorClock;
  readonly log: (message: string) => void;
};

/** Takes a request through limits, rules, transforms and the rule's action. Answers it in every case. */
export const serveRequest = (exchange: Exchange, table: RoutingTable, serving: Serving): void => {
  const refused = refusalStatus(exchange.facts, exchange.request.httpVersion);
  if (refused !== undefined) {
    answer(exchange, refused);
    return;
  }
  const route = table.route(exchange.facts);
  exchange.trail.priority = route.priority;
  exchange.trail.action = route.action.kind;
  const rewritten = transform(exchange, route, serving);
  if (rewritten === undefined) answer(exchange, 500);
  else act(exchange, table, route, rewritten, serving);
};

const answer = (
  exchange: Exchange,
  status: number,
  options?: Parameters<typeof generatedAnswer>[2],
): void => {
  exchange.trail.status = status;
  generatedAnswer(exchange.reply, status, options);
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
      serving.log(
        `501 for ${exchange.facts.host}${exchange.facts.uri}: rule ${route.priority}: ${action.what}`,
      );
      answer(exchange, 501, {
        contentType: 'text/plain',
        body: `The sandbox's data plane does not support ${action.what}. No real load balancer answers like this.\n`,
      });
  }
};

const redirect = (exchange: Exchange, table: RoutingTable, template: RedirectTemplate): void => {
  const { protocol, port } = table;
  const location = redirectLocation(template, exchange.facts, { protocol, port });
  exchange.trail.redirect = location;
  answer(exchange, template.status, { headers: ['Location', location] });
};
