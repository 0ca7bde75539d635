import type { Readable } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { notesOf } from './connection-notes.ts';
import type { Exchange } from './exchange.ts';
import { forwardedHeaders, forwardedHost } from './forwarded-headers.ts';
import type { Http1Upstream } from './http1-upstream.ts';
import type { Http2Upstream } from './http2-upstream.ts';
import { isLoopback } from './loopback.ts';
import type { Outgoing } from './outgoing.ts';
import { type Relay, relayTo } from './relay.ts';
import { generatedAnswer } from './reply.ts';
import { requestBody } from './request-body.ts';
import { firstHeader } from './request-facts.ts';
import type { RoutingTable } from './routing-table.ts';
import type { Choice } from './target-choice.ts';
import type { Rewritten } from './transform.ts';
import { sendUpgrade } from './websocket-upstream.ts';

export type Upstreams = { readonly http1: Http1Upstream; readonly http2: Http2Upstream };

/** Sends the request to the chosen target in the protocol of its group, and the answer back. */
export const forwardToTarget = (
  exchange: Exchange,
  table: RoutingTable,
  choice: Choice,
  rewritten: Partial<Rewritten>,
  upstreams: Upstreams,
  log: (message: string) => void,
): void => {
  exchange.trail.targetGroup = choice.group.arn;
  if (choice.group.targetType === 'lambda') refuseLambda(exchange);
  else if (!protocolFits(exchange, choice)) refuse(exchange, 464);
  else send(exchange, table, choice, rewritten, upstreams, log);
};

const send: typeof forwardToTarget = (exchange, table, choice, rewritten, upstreams, log) => {
  const { address, port } = choice.target;
  exchange.trail.target = `${address}:${port}`;
  const relay = relayTo(exchange, choice, log);
  if (!isLoopback(address)) {
    relay.fail(504, `'${address}' is not a loopback address; the sandbox connects to no other`);
    return;
  }
  const outgoing = outgoingRequest(exchange, table, choice, rewritten, relay);
  if (exchange.upgrade !== undefined) sendUpgrade(outgoing, exchange.upgrade, relay);
  else if (choice.group.version === 'HTTP1') upstreams.http1.send(outgoing, relay);
  else upstreams.http2.send(outgoing, relay);
};

const outgoingRequest = (
  exchange: Exchange,
  table: RoutingTable,
  choice: Choice,
  rewritten: Partial<Rewritten>,
  relay: Relay,
): Outgoing => {
  const { facts, settings, request, trail } = exchange;
  const socket = request.socket;
  const host =
    rewritten.host ?? forwardedHost(facts, settings, { protocol: table.protocol, listenerPort: table.port });
  return {
    target: choice.target,
    secure: choice.group.protocol === 'HTTPS',
    method: facts.method,
    path: rewritten.uri ?? facts.uri,
    headers: forwardedHeaders(facts, host, settings, {
      peerPort: socket.remotePort ?? 0,
      protocol: table.protocol,
      listenerPort: table.port,
      traceId: trail.traceId,
      tls: tlsOf(socket),
      certificate: notesOf(socket)?.headers ?? [],
      generated: table.generated,
    }),
    body: exchange.upgrade === undefined ? bodyOf(exchange, relay) : undefined,
    idleTimeoutMs: settings.idleTimeoutMs,
  };
};

const bodyOf = (exchange: Exchange, relay: Relay): Readable | undefined =>
  requestBody(
    exchange.request,
    exchange.settings.idleTimeoutMs,
    () => relay.fail(408, 'the client stopped sending its body'),
    (bytes) => {
      exchange.trail.received += bytes;
    },
  );

/** TLS version and cipher of a connection, in the names AWS logs; undefined for plain HTTP. */
export const tlsOf = (socket: object): { readonly version: string; readonly cipher: string } | undefined => {
  if (!('getCipher' in socket)) return undefined;
  const tls = socket as TLSSocket;
  return { version: tls.getProtocol() ?? '-', cipher: tls.getCipher().name };
};

/**
 * Whether the client's protocol can reach the group (464 otherwise): HTTP/1.1 not HTTP2 or GRPC groups, gRPC not HTTP1
 * groups, and GRPC groups only take POST (AWS documentation).
 */
const protocolFits = (exchange: Exchange, choice: Choice): boolean => {
  const overHttp2 = exchange.request.httpVersionMajor === 2;
  const type = firstHeader(exchange.facts.headers, 'content-type') ?? '';
  switch (choice.group.version) {
    case 'HTTP1':
      return !(overHttp2 && type.startsWith('application/grpc'));
    case 'HTTP2':
      return overHttp2;
    case 'GRPC':
      return overHttp2 && exchange.facts.method === 'POST';
  }
};

const refuse = (exchange: Exchange, status: number): void => {
  exchange.trail.status = status;
  generatedAnswer(exchange.reply, status);
};

/** Lambda functions get bodies of at most 1 MB (413). The sandbox has no Lambda to hand smaller ones to. */
const refuseLambda = (exchange: Exchange): void => {
  const length = Number(firstHeader(exchange.facts.headers, 'content-length') ?? 0);
  if (length > 1024 * 1024) refuse(exchange, 413);
  else {
    exchange.trail.status = 501;
    generatedAnswer(exchange.reply, 501, {
      contentType: 'text/plain',
      body: `The sandbox's data plane does not support Lambda targets. No real load balancer answers like this.\n`,
    });
  }
};
