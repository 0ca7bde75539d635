import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttp2, type ServerHttp2Session } from 'node:http2';
import { createServer as createSecure } from 'node:https';
import type { Server } from 'node:net';
import { createServerIdentity } from '../kubernetes/certificate.ts';
import type { Context, Mode } from './images.ts';
import type { Loopback } from './loopback.ts';
import type { RequestLog } from './request-log.ts';

/** One listening port of a Pod. */
export type PodServer = {
  readonly port: number;
  /** Accepts nothing new and lets requests under way end; resolves when they have. */
  drain(): Promise<void>;
  /** Cuts every connection. */
  kill(): void;
};

type Serving = Extract<Mode, { readonly answer: unknown }>;

export const startPodServer = async (
  loopback: Loopback,
  mode: Serving,
  context: Context,
  port: number,
  log: RequestLog,
): Promise<PodServer> => {
  const { ip } = context.identity;
  let draining = false;
  const underWay = new Set<ServerResponse>();
  const opened = openServer(mode, context, (request, response) => {
    underWay.add(response);
    response.on('close', () => underWay.delete(response));
    if (draining && mode.protocol !== 'h2c') response.setHeader('Connection', 'close');
    logWhenDone(request, response, log);
    void Promise.resolve(mode.answer(request, response, context)).catch(() => response.destroy());
  });
  const { server } = opened;
  await loopback.listen(server, ip, port);
  const closed = (): void => loopback.closed(ip, port);
  return {
    port,
    drain: () => {
      draining = true;
      // Their connections must not linger: whoever asked learns that this one ends here.
      for (const response of mode.protocol === 'h2c' ? [] : underWay)
        if (!response.headersSent) response.setHeader('Connection', 'close');
      opened.sayGoodbye();
      return closeGently(server).then(closed);
    },
    kill: () => {
      server.close();
      opened.cut();
      closed();
    },
  };
};

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

type Opened = {
  readonly server: Server;
  /** Tells idle clients that nothing more is answered here. */
  readonly sayGoodbye: () => void;
  readonly cut: () => void;
};

const KEPT_ALIVE = 65_000;

const openServer = (mode: Serving, { identity }: Context, handler: Handler): Opened => {
  if (mode.protocol === 'h2c') return openHttp2(handler);
  const { certificate: cert, key } =
    mode.protocol === 'https' ? createServerIdentity([identity.ip], [identity.pod]).server : {};
  const server = cert === undefined ? createServer(handler) : createSecure({ cert, key }, handler);
  server.keepAliveTimeout = KEPT_ALIVE;
  return { server, sayGoodbye: () => server.closeIdleConnections(), cut: () => server.closeAllConnections() };
};

const openHttp2 = (handler: Handler): Opened => {
  const sessions = new Set<ServerHttp2Session>();
  const server = createHttp2((request, response) =>
    handler(request as unknown as IncomingMessage, response as unknown as ServerResponse),
  );
  server.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
  });
  return {
    server,
    sayGoodbye: () => {
      for (const session of sessions) session.close();
    },
    cut: () => {
      for (const session of sessions) session.destroy();
    },
  };
};

const closeGently = (server: Server): Promise<void> =>
  new Promise((resolve) => server.close(() => resolve()));

const logWhenDone = (request: IncomingMessage, response: ServerResponse, log: RequestLog): void => {
  const started = performance.now();
  response.on('close', () => {
    const took = Math.round(performance.now() - started);
    const status = response.writableFinished ? response.statusCode : 'aborted';
    log.add(
      `${request.socket.remoteAddress ?? '-'} ${request.headers.host ?? '-'} "${request.method} ${request.url}" ${status} ${took}ms`,
    );
  });
};
