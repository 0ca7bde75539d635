import { createServer, type IncomingMessage, request as requestHttp, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Bound } from './bind.ts';
import { connectionHeaders } from './forwarded-headers.ts';
import { type NameSource, reach } from './reach.ts';

/** An HTTP forward proxy into the sandbox. */
export type ForwardProxy = {
  /** For `curl -x`, `HTTP_PROXY` or a browser's proxy setting. */
  readonly url: string;
  stop(): Promise<void>;
};

/** What the proxy needs of the data plane. */
export type ProxySource = NameSource & {
  /** The key with which a load balancer signs user claims, by its id. */
  publicKey(id: string): string | undefined;
};

/**
 * Starts a proxy on 127.0.0.1 that knows names only from the sandbox's Route 53 and load balancers, so that
 * `curl -x URL http://app.example.com/` works without privileges and without DNS set-up. Takes absolute-form requests
 * and CONNECT. Never connects to anything but loopback. Also answers for the host of AWS that publishes the keys with which
 * load balancers sign user claims.
 */
export const startForwardProxy = async (source: ProxySource): Promise<ForwardProxy> => {
  const sockets = new Set<Duplex>();
  const server = createServer((request, response) => passRequest(source, request, response));
  server.on('connect', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    passTunnel(source, request, socket, head, sockets);
  });
  server.on('connection', (socket: Socket) => track(sockets, socket));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
};

const track = (sockets: Set<Duplex>, socket: Duplex): void => {
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
};

const passRequest = (source: ProxySource, request: IncomingMessage, response: ServerResponse): void => {
  const target = URL.canParse(request.url ?? '') ? new URL(request.url ?? '') : undefined;
  if (target?.protocol !== 'http:') {
    refuse(response, 400, 'this is an HTTP forward proxy: ask for http://NAME/PATH, or CONNECT for https');
  } else if (request.headers.upgrade?.toLowerCase() === 'websocket') {
    refuse(response, 501, 'WebSocket through this proxy needs CONNECT (curl: --proxytunnel)');
  } else if (KEY_HOST.test(target.hostname)) {
    const key = source.publicKey(target.pathname.slice(1));
    if (key === undefined) refuse(response, 404, 'no load balancer of the sandbox signs with this key');
    else response.end(key);
  } else {
    const bound = reach(source, target.hostname, Number(target.port || 80));
    if (typeof bound === 'string') refuse(response, 502, bound);
    else exchange(request, response, target, bound);
  }
};

/** Where AWS serves the keys that user claims are signed with. */
const KEY_HOST = /^public-keys\.auth\.elb\.[a-z0-9-]+\.amazonaws\.com$/;

const exchange = (request: IncomingMessage, response: ServerResponse, target: URL, bound: Bound): void => {
  const upstream = requestHttp({
    host: bound.host,
    port: bound.port,
    method: request.method,
    path: `${target.pathname}${target.search}`,
    headers: forwardable(request.rawHeaders),
    agent: false,
  });
  upstream.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage ?? '', forwardable(answer.rawHeaders));
    answer.pipe(response);
    answer.on('error', () => response.destroy());
  });
  upstream.on('error', (error) => {
    if (response.headersSent) response.destroy();
    else
      refuse(response, 502, `nothing serves ${target.host} at ${bound.host}:${bound.port}: ${error.message}`);
  });
  response.on('close', () => upstream.destroy());
  request.pipe(upstream);
};

const passTunnel = (
  source: ProxySource,
  request: IncomingMessage,
  client: Duplex,
  head: Buffer,
  sockets: Set<Duplex>,
): void => {
  const mark = (request.url ?? '').lastIndexOf(':');
  const name = (request.url ?? '').slice(0, mark).replace(/^\[|\]$/g, '');
  const bound = reach(source, name, Number((request.url ?? '').slice(mark + 1)));
  client.on('error', () => undefined);
  if (typeof bound === 'string') {
    refuseTunnel(client, bound);
    return;
  }
  const upstream = connect(bound.port, bound.host);
  track(sockets, upstream);
  upstream.once('connect', () => {
    client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    upstream.write(head);
    client.pipe(upstream).pipe(client);
  });
  upstream.on('error', (error) => refuseTunnel(client, `nothing serves ${request.url}: ${error.message}`));
  client.on('close', () => upstream.destroy());
};

const refuse = (response: ServerResponse, status: number, text: string): void => {
  response.writeHead(status, { 'Content-Type': 'text/plain' }).end(`${text}\n`);
};

const refuseTunnel = (client: Duplex, text: string): void => {
  const head = `HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(text) + 1}`;
  client.end(`${head}\r\nConnection: close\r\n\r\n${text}\n`);
};

const forwardable = (headers: readonly string[]): string[] => {
  const dropped = connectionHeaders(headers);
  const sent: string[] = [];
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] ?? '';
    if (!dropped.has(name.toLowerCase())) sent.push(name, headers[at + 1] ?? '');
  }
  return sent;
};
