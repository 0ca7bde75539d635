import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http';
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SecureContext, TLSSocket } from 'node:tls';
import type { AccessLog } from './access-log.ts';
import { shapedReply } from './answer-shape.ts';
import { answerBrokenRequest } from './broken-request.ts';
import { notesOf, takeNotes } from './connection-notes.ts';
import { type Exchange, newTrail, type Upgrade } from './exchange.ts';
import { clientConnection, finishedRecord } from './finished-record.ts';
import type { FrontServer } from './front-server.ts';
import type { LoadBalancerSettings } from './load-balancer-settings.ts';
import type { ClientAuthentication } from './mtls/client-authentication.ts';
import { generatedAnswer, replyTo } from './reply.ts';
import { firstHeader, requestFacts } from './request-facts.ts';
import type { RoutingTable } from './routing-table.ts';
import { type Serving, serveRequest } from './serve-request.ts';
import type { TlsContexts, TlsIdentity } from './tls-contexts.ts';
import { traceId } from './trace-id.ts';

/** What a listener's server asks for with every request or handshake, so that changes need no new server. */
export type FrontSource = {
  /** Of the listener. */
  readonly arn: string;
  table(): RoutingTable | undefined;
  /** Like the table's, without the work of compiling rules. */
  settings(): LoadBalancerSettings | undefined;
  /** Undefined for an HTTP listener. */
  readonly tls: (() => TlsContexts) | undefined;
  /** Undefined where clients are not asked for certificates. */
  readonly clients: (() => ClientAuthentication | undefined) | undefined;
};

/** A listener's server, not yet listening. */
export type Front = {
  readonly server: FrontServer;
  /** Takes over what a server only looks at once: the default certificate and the timeouts. */
  refresh(): void;
  /** Stops listening and drops every connection. */
  close(): Promise<void>;
};

/** Larger than any limit of a load balancer, so that node does not refuse first with a status AWS does not use. */
const HEADER_ROOM = 128 * 1024;

export const createFront = (source: FrontSource, serving: Serving, log: AccessLog): Front => {
  const server = source.tls === undefined ? plainServer() : secureServer(source, source.tls);
  if (source.tls === undefined)
    server.on('connection', (socket: Socket) =>
      takeNotes(socket, { opened: serving.clock.now(), headers: [] }),
    );
  else receiveSecure(server, source, serving);
  let shown: TlsIdentity | undefined;
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const handle = (request: AnyRequest, response: AnyResponse, upgrade?: Upgrade): void =>
    handleRequest(source, serving, log, request, response, upgrade);
  server.on('request', handle);
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Node has let go of the connection; without a listener a reset would be thrown.
    socket.on('error', () => socket.destroy());
    handle(request, responseOn(request, socket), { socket, head });
  });
  server.on('connect', (_request: IncomingMessage, socket: Duplex) =>
    answerBrokenRequest(socket, { status: 405 }, source.table()?.answers),
  );
  server.on('session', (session: ServerHttp2Session) => {
    session.setTimeout(source.settings()?.idleTimeoutMs ?? 0, () => session.close());
  });
  server.on('clientError', (error: Error, socket: Duplex) =>
    answerBrokenRequest(socket, { error }, source.table()?.answers),
  );
  return {
    server,
    refresh: () => {
      shown = refresh(server, source, shown);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
};

type AnyRequest = IncomingMessage | Http2ServerRequest;
type AnyResponse = ServerResponse | Http2ServerResponse;

const plainServer = (): Server => createServer(HTTP1_OPTIONS);

const HTTP1_OPTIONS = {
  maxHeaderSize: HEADER_ROOM,
  requireHostHeader: false,
  requestTimeout: 0,
  connectionsCheckingInterval: 1000,
  keepAlive: true,
  // Only a WebSocket handshake leaves HTTP; `Upgrade: h2c` and the like are ordinary requests to an ALB.
  shouldUpgradeCallback: (request: IncomingMessage) => request.headers.upgrade?.toLowerCase() === 'websocket',
};

/** Node's HTTP/2 server always offers HTTP/2; a load balancer without it is served by the HTTPS server. */
const secureServer = (source: FrontSource, tls: () => TlsContexts): Http2SecureServer | HttpsServer => {
  const options = {
    ...HTTP1_OPTIONS,
    ...tls().fallback?.options,
    // Certificates of clients are verified by the listener's own rules, hence never by node.
    requestCert: source.clients !== undefined,
    rejectUnauthorized: false,
    SNICallback: (name: string, done: (error: Error | null, context?: SecureContext) => void) =>
      done(null, tls().pick(name)?.context),
  };
  if (source.settings()?.http2 === false) return createHttpsServer(options);
  const settings = { maxConcurrentStreams: 128, maxHeaderListSize: HEADER_ROOM };
  return createSecureServer({ ...options, allowHTTP1: true, settings });
};

/** A connection whose client certificate is refused ends before its first request. */
const receiveSecure = (server: FrontServer, source: FrontSource, serving: Serving): void => {
  const serve = server.listeners('secureConnection');
  server.removeAllListeners('secureConnection');
  server.on('secureConnection', (socket: TLSSocket) => {
    const admitted = source.clients?.()?.admit(socket) ?? { headers: [] };
    if ('refused' in admitted) {
      serving.log(`listener ${source.arn} ended a connection: ${admitted.refused}`);
      socket.destroy();
      return;
    }
    takeNotes(socket, { opened: serving.clock.now(), headers: admitted.headers });
    for (const listener of serve) listener.call(server, socket);
  });
};

/** `shown` is the identity the server has by now; returns the one it has after. */
const refresh = (
  server: FrontServer,
  source: FrontSource,
  shown: TlsIdentity | undefined,
): TlsIdentity | undefined => {
  const settings = source.settings();
  const identity = source.tls?.().fallback;
  if (identity !== undefined && identity !== shown && 'setSecureContext' in server) {
    server.setSecureContext(identity.options);
  }
  if (settings !== undefined) {
    // Read by node whenever it looks for connections that are overdue; the HTTP/2 server has the fields untyped.
    Object.assign(server, {
      headersTimeout: settings.idleTimeoutMs,
      keepAliveTimeout: settings.idleTimeoutMs,
    });
  }
  return identity;
};

/** For an upgrade node gives no response object; this one writes to the bare connection and closes it. */
const responseOn = (request: IncomingMessage, socket: Duplex): ServerResponse => {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket as Socket);
  response.once('finish', () => socket.end());
  return response;
};

const handleRequest = (
  source: FrontSource,
  serving: Serving,
  log: AccessLog,
  request: AnyRequest,
  response: AnyResponse,
  upgrade: Upgrade | undefined,
): void => {
  const table = source.table();
  if (table === undefined) {
    request.socket.destroy();
    return;
  }
  const bare = replyTo(response);
  const reply = table.answers === undefined ? bare : shapedReply(bare, table.answers);
  const facts = requestFacts(request, request.socket.remoteAddress ?? '');
  if (facts === undefined) {
    generatedAnswer(reply, 400);
    return;
  }
  const connection = clientConnection(request.socket, source.tls?.());
  const trail = newTrail(traceId(firstHeader(facts.headers, 'x-amzn-trace-id')));
  const gone: (() => void)[] = [];
  let left = false;
  if (isOverdue(request.socket, table.settings, serving)) lastRequest(request, response);
  const exchange: Exchange = {
    request,
    reply,
    facts,
    settings: table.settings,
    upgrade,
    trail,
    onClientGone: (callback) => gone.push(callback),
    isClientGone: () => left,
  };
  (upgrade?.socket ?? response).once('close', () => {
    left = true;
    if (upgrade !== undefined || !response.writableEnded) for (const callback of gone) callback();
    log.add(finishedRecord(exchange, table, connection));
  });
  // Without listeners node would throw for a connection that breaks; the exchange learns of it by `close`.
  request.on('error', () => undefined);
  response.on('error', () => undefined);
  serveRequest(exchange, table, serving);
};

/** Whether a connection is older than `client_keep_alive.seconds`, which AWS counts, hence in emulator time. */
const isOverdue = (socket: Socket, settings: LoadBalancerSettings, serving: Serving): boolean => {
  const opened = notesOf(socket)?.opened;
  return opened !== undefined && serving.clock.now() - opened > settings.clientKeepAliveMs;
};

/** The connection ends in good order after this answer (AWS documentation). */
const lastRequest = (request: AnyRequest, response: AnyResponse): void => {
  if (response instanceof ServerResponse) response.shouldKeepAlive = false;
  else if ('stream' in request) request.stream.session?.close();
};
