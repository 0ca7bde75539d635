/** A listener of a Network Load Balancer: connections are passed on byte by byte, TLS ended where the listener says so. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type SecureContext, type Server as TlsServer } from 'node:tls';
import type { ServingState, StoredListener } from '../aws/state.ts';
import type { Bound } from './bind.ts';
import type { Front } from './front.ts';
import { isLoopback } from './loopback.ts';
import { proxyHeader } from './proxy-header.ts';
import { compileAction } from './rule-action.ts';
import type { PickedTarget, TargetPools } from './target-pool.ts';
import type { TlsContexts } from './tls-contexts.ts';

/** What connections are passed on by. */
export type StreamServing = {
  readonly state: ServingState;
  readonly pools: TargetPools;
  /** Where an address and port really are. */
  readonly endpoint: (address: string, port: number) => Bound;
  readonly log: (message: string) => void;
};

/** Not yet listening. `tls` is undefined for a TCP listener. */
export const createStreamFront = (
  listenerArn: string,
  tls: (() => TlsContexts) | undefined,
  serving: StreamServing,
): Front => {
  const server =
    tls === undefined ? createServer({ allowHalfOpen: true }) : tlsServer(listenerArn, tls, serving);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) =>
    passOn(socket, listenerArn, serving),
  );
  return {
    server,
    refresh: () => {
      const identity = tls?.().fallback;
      if (identity !== undefined && 'setSecureContext' in server) server.setSecureContext(identity.options);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
};

const tlsServer = (arn: string, tls: () => TlsContexts, { state }: StreamServing): Server | TlsServer => {
  const protocols = ALPN[state.listeners.get(arn)?.AlpnPolicy?.[0] ?? 'None'];
  return createTlsServer({
    allowHalfOpen: true,
    ...tls().fallback?.options,
    ...(protocols === undefined ? {} : { ALPNProtocols: protocols }),
    SNICallback: (name: string, done: (error: Error | null, context?: SecureContext) => void) =>
      done(null, tls().pick(name)?.context),
  });
};

/** Protocols that an ALPN policy offers, the preferred one first (AWS documentation). */
const ALPN: Readonly<Record<string, string[]>> = {
  HTTP1Only: ['http/1.1', 'http/1.0'],
  HTTP2Only: ['h2'],
  HTTP2Optional: ['http/1.1', 'http/1.0', 'h2'],
  HTTP2Preferred: ['h2', 'http/1.1', 'http/1.0'],
};

/** One target for the life of the connection. Without any the client's connection is reset. */
const passOn = (client: Socket, listenerArn: string, serving: StreamServing): void => {
  const listener = serving.state.listeners.get(listenerArn);
  const choice = listener === undefined ? undefined : targetFor(listener, serving);
  client.on('error', () => client.destroy());
  if (listener === undefined || choice === undefined || !isLoopback(choice.target.address)) {
    if (choice !== undefined)
      serving.log(
        `target ${choice.target.address} is not a loopback address; the sandbox connects to no other`,
      );
    client.destroy();
    return;
  }
  const upstream = connect({
    ...serving.endpoint(choice.target.address, choice.target.port),
    ...(choice.preservesClient ? sameClient(client) : {}),
    allowHalfOpen: true,
  });
  const idle = Number(listener.attributes['tcp.idle_timeout.seconds'] ?? 350) * 1000;
  for (const [one, other] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    one.setTimeout(idle, () => one.destroy());
    one.on('error', () => one.destroy());
    one.once('close', () => other.destroy());
  }
  choice.target.outstanding += 1;
  upstream.once('close', () => {
    choice.target.outstanding -= 1;
  });
  if (choice.proxyProtocol) upstream.write(proxyHeader(client));
  client.pipe(upstream);
  upstream.pipe(client);
};

type Choice = {
  readonly target: PickedTarget;
  readonly preservesClient: boolean;
  readonly proxyProtocol: boolean;
};

const targetFor = (listener: StoredListener, { state, pools }: StreamServing): Choice | undefined => {
  const action = compileAction(listener.DefaultActions ?? []);
  if (action.kind !== 'forward') return undefined;
  let left = Math.random() * action.groups.reduce((sum, { weight }) => sum + weight, 0);
  const arn = action.groups.find(({ weight }) => {
    left -= weight;
    return left < 0;
  })?.arn;
  const group = state.targetGroups.get(arn ?? '');
  const target = pools.view(arn ?? '')?.pick();
  if (group === undefined || target === undefined) return undefined;
  return {
    target,
    preservesClient: group.attributes['preserve_client_ip.enabled'] === 'true',
    proxyProtocol: group.attributes['proxy_protocol_v2.enabled'] === 'true',
  };
};

/** The target sees the client's own address, which is possible for loopback addresses. */
const sameClient = ({ remoteAddress = '' }: Socket): { readonly localAddress?: string } =>
  /^127\./.test(remoteAddress) ? { localAddress: remoteAddress } : {};
