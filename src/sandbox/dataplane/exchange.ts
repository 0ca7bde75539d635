import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import type { Duplex } from 'node:stream';
import type { LoadBalancerSettings } from './load-balancer-settings.ts';
import type { Reply } from './reply.ts';
import type { RequestFacts } from './request-facts.ts';

/** One request on its way through the data plane. */
export type Exchange = {
  readonly request: IncomingMessage | Http2ServerRequest;
  readonly reply: Reply;
  readonly facts: RequestFacts;
  readonly settings: LoadBalancerSettings;
  /** Set for a WebSocket handshake: the raw connection and what the client already sent on it. */
  readonly upgrade: Upgrade | undefined;
  readonly trail: Trail;
  /** Calls back when the client leaves before its answer is complete (AWS logs 460 when there was none yet). */
  onClientGone(callback: () => void): void;
  isClientGone(): boolean;
};

export type Upgrade = { readonly socket: Duplex; readonly head: Buffer };

/** What happened to a request, filled in on the way, for the access log. Times are real milliseconds. */
export type Trail = {
  readonly created: number;
  readonly traceId: string;
  /** Bytes of the request's body so far. */
  received: number;
  /** What was done, as access logs name it, in order. */
  readonly actions: string[];
  priority: number | undefined;
  targetGroup: string | undefined;
  target: string | undefined;
  sent: number | undefined;
  answered: number | undefined;
  status: number | undefined;
  targetStatus: number | undefined;
  /** Why an authentication or token check failed, in the words of access logs. */
  errorReason: string | undefined;
  redirect: string | undefined;
  transformed: { readonly host: string; readonly uri: string } | undefined;
};

export const newTrail = (traceId: string): Trail => ({
  created: Date.now(),
  traceId,
  received: 0,
  actions: [],
  priority: undefined,
  targetGroup: undefined,
  target: undefined,
  sent: undefined,
  answered: undefined,
  status: undefined,
  targetStatus: undefined,
  errorReason: undefined,
  redirect: undefined,
  transformed: undefined,
});
