import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
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
  const server = createServer((request, response) => {
    underWay.add(response);
    response.on('close', () => underWay.delete(response));
    if (draining) response.setHeader('Connection', 'close');
    logWhenDone(request, response, log);
    void Promise.resolve(mode.answer(request, response, context)).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 65_000;
  await loopback.listen(server, ip, port);
  const closed = (): void => loopback.closed(ip, port);
  return {
    port,
    drain: () => {
      draining = true;
      // Their connections must not linger: whoever asked learns that this one ends here.
      for (const response of underWay) if (!response.headersSent) response.setHeader('Connection', 'close');
      return closeGently(server).then(closed);
    },
    kill: () => {
      server.close();
      server.closeAllConnections();
      closed();
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
