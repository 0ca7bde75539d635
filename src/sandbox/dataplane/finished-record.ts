import type { Socket } from 'node:net';
import type { AccessRecord } from './access-log.ts';
import type { Exchange } from './exchange.ts';
import { tlsOf } from './forward-to-target.ts';
import { firstHeader } from './request-facts.ts';
import type { RoutingTable } from './routing-table.ts';
import type { TlsContexts } from './tls-contexts.ts';

/** The client's connection, as far as the log names it. Read at the start: a closed connection tells nothing. */
export type ClientConnection = {
  readonly port: number;
  readonly tls: AccessRecord['tls'];
  readonly serverName: string | undefined;
  readonly certificate: string | undefined;
};

export const clientConnection = (socket: Socket, contexts: TlsContexts | undefined): ClientConnection => {
  const port = socket.remotePort ?? 0;
  if (contexts === undefined) return { port, tls: undefined, serverName: undefined, certificate: undefined };
  const serverName =
    'servername' in socket && typeof socket.servername === 'string' ? socket.servername : undefined;
  const identity = serverName === undefined ? contexts.fallback : contexts.pick(serverName);
  return { port, tls: tlsOf(socket), serverName, certificate: identity?.arn };
};

/** The access log entry of a request that is over. A request without any answer is one whose client left: 460. */
export const finishedRecord = (
  exchange: Exchange,
  table: RoutingTable,
  connection: ClientConnection,
): AccessRecord => {
  const { facts, trail, request } = exchange;
  const host = facts.authority === '' ? table.settings.dnsName : facts.host;
  return {
    type: entryType(exchange, table.protocol),
    loadBalancer: table.settings.logName,
    client: `${facts.peer}:${connection.port}`,
    created: trail.created,
    request: `${facts.method} ${table.protocol.toLowerCase()}://${host}:${table.port}${facts.uri} HTTP/${request.httpVersion}`,
    userAgent: firstHeader(facts.headers, 'user-agent'),
    tls: connection.tls,
    serverName: connection.serverName,
    certificate: connection.certificate,
    traceId: trail.traceId,
    action: trail.actions.join(',') || '-',
    priority: trail.priority,
    targetGroup: trail.targetGroup,
    target: trail.target,
    sent: trail.sent,
    answered: trail.answered,
    finished: Date.now(),
    status: trail.status ?? 460,
    targetStatus: trail.targetStatus,
    received: headBytes(exchange) + trail.received,
    sentBytes: exchange.reply.bytes,
    redirect: trail.redirect,
    errorReason: trail.errorReason,
    transformed: trail.transformed,
  };
};

const entryType = (exchange: Exchange, protocol: RoutingTable['protocol']): AccessRecord['type'] => {
  if (exchange.upgrade !== undefined && exchange.trail.status === 101)
    return protocol === 'HTTPS' ? 'wss' : 'ws';
  if (exchange.request.httpVersionMajor === 2) {
    return firstHeader(exchange.facts.headers, 'content-type')?.startsWith('application/grpc') === true
      ? 'grpcs'
      : 'h2';
  }
  return protocol === 'HTTPS' ? 'https' : 'http';
};

const headBytes = (exchange: Exchange): number =>
  exchange.facts.headers.reduce((sum, text) => sum + text.length + 2, exchange.facts.uri.length + 16);
