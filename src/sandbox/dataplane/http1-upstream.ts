import { type Dispatcher, Pool } from 'undici';
import { type Outgoing, originOf } from './outgoing.ts';
import type { Relay } from './relay.ts';

/** Sends requests to HTTP/1.1 targets over kept connections. */
export type Http1Upstream = {
  send(outgoing: Outgoing, relay: Relay): void;
  /** Closes the connections to targets that are no longer registered anywhere. */
  keepOnly(origins: ReadonlySet<string>): void;
  stop(): Promise<void>;
};

/** The certificates of HTTPS targets are not verified: no ALB does (AWS documentation). */
export const http1Upstream = (connectTimeoutMs: number): Http1Upstream => {
  const pools = new Map<string, Pool>();
  const poolOf = (origin: string): Pool => {
    const known = pools.get(origin);
    if (known !== undefined) return known;
    const made = new Pool(origin, {
      connect: { timeout: connectTimeoutMs, rejectUnauthorized: false },
      maxHeaderSize: 32 * 1024,
      allowH2: false,
      strictContentLength: false,
    });
    pools.set(origin, made);
    return made;
  };
  const drop = (origin: string): Promise<void> => {
    const pool = pools.get(origin);
    pools.delete(origin);
    return pool?.destroy() ?? Promise.resolve();
  };
  return {
    send: (outgoing, relay) => {
      poolOf(originOf(outgoing)).dispatch(dispatchOptions(outgoing), handler(relay));
    },
    keepOnly: (origins) => {
      for (const [origin, pool] of pools) {
        if (origins.has(origin)) continue;
        pools.delete(origin);
        pool.close().catch(() => undefined);
      }
    },
    stop: async () => {
      await Promise.all([...pools.keys()].map(drop));
    },
  };
};

const dispatchOptions = (outgoing: Outgoing): Dispatcher.DispatchOptions => ({
  method: outgoing.method,
  path: outgoing.path,
  headers: outgoing.headers,
  body: outgoing.body ?? null,
  headersTimeout: outgoing.idleTimeoutMs,
  bodyTimeout: outgoing.idleTimeoutMs,
});

const handler = (relay: Relay): Dispatcher.DispatchHandler => ({
  onRequestStart: (controller) => relay.onCancel(() => controller.abort(new Error('the client is gone'))),
  onResponseStart: (controller, status, _headers, message) => {
    if (status >= 200) relay.head(status, message ?? '', flatHeaders(controller.rawHeaders));
  },
  onResponseData: (controller, chunk) => {
    if (!relay.data(chunk, () => controller.resume())) controller.pause();
  },
  onResponseEnd: () => relay.end(),
  onResponseError: (_controller, error) => relay.fail(statusOf(error), error.message),
});

/** undici hands raw headers on in several shapes; over HTTP/1.1 they are names and values in turn. */
const flatHeaders = (raw: Dispatcher.DispatchController['rawHeaders']): readonly string[] =>
  Array.isArray(raw) ? raw.map((part) => (typeof part === 'string' ? part : part.toString('latin1'))) : [];

const TIMEOUTS: ReadonlySet<string> = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
]);

/** 504 when the target was too slow, 502 when it refused, broke off or talked nonsense, 400 when we cannot say it. */
const statusOf = (error: Error): 400 | 502 | 504 => {
  const code = 'code' in error ? String(error.code) : '';
  return TIMEOUTS.has(code) ? 504 : code === 'UND_ERR_INVALID_ARG' ? 400 : 502;
};
