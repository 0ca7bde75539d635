import { type ClientHttp2Session, connect, constants, type IncomingHttpHeaders } from 'node:http2';
import { type Outgoing, originOf } from './outgoing.ts';
import type { Relay } from './relay.ts';

/** Sends requests to targets of HTTP2 and GRPC target groups, over one connection per target. */
export type Http2Upstream = {
  send(outgoing: Outgoing, relay: Relay): void;
  keepOnly(origins: ReadonlySet<string>): void;
  stop(): void;
};

export const http2Upstream = (connectTimeoutMs: number): Http2Upstream => {
  const sessions = new Map<string, ClientHttp2Session>();
  const sessionOf = (origin: string): ClientHttp2Session => {
    const known = sessions.get(origin);
    if (known !== undefined && !known.closed && !known.destroyed) return known;
    const made = openSession(origin, connectTimeoutMs);
    made.once('close', () => {
      if (sessions.get(origin) === made) sessions.delete(origin);
    });
    made.once('goaway', () => sessions.delete(origin));
    sessions.set(origin, made);
    return made;
  };
  return {
    send: (outgoing, relay) => sendOver(sessionOf(originOf(outgoing)), outgoing, relay),
    keepOnly: (origins) => {
      for (const [origin, session] of sessions) if (!origins.has(origin)) session.close();
    },
    stop: () => {
      for (const session of sessions.values()) session.destroy();
    },
  };
};

/** Streams of a session that never connected fail with this message and not with the socket's error. */
const CONNECT_TIMEOUT = 'connect timeout';

const openSession = (origin: string, connectTimeoutMs: number): ClientHttp2Session => {
  const session = connect(origin, { rejectUnauthorized: false });
  const timer = setTimeout(() => session.destroy(new Error(CONNECT_TIMEOUT)), connectTimeoutMs);
  session.once('connect', () => clearTimeout(timer));
  session.once('close', () => clearTimeout(timer));
  // Every stream of the session fails as well and answers its client; without a listener node would throw.
  session.on('error', () => undefined);
  session.unref();
  return session;
};

const sendOver = (session: ClientHttp2Session, outgoing: Outgoing, relay: Relay): void => {
  const stream = session.request(requestHeaders(outgoing), { endStream: outgoing.body === undefined });
  let trailers: Record<string, string> | undefined;
  relay.onCancel(() => stream.close(constants.NGHTTP2_CANCEL));
  stream.setTimeout(outgoing.idleTimeoutMs, () => relay.fail(504, 'no answer within the idle timeout'));
  stream.on('response', (headers) => {
    relay.head(Number(headers[':status']), '', flatHeaders(headers));
  });
  stream.on('trailers', (headers) => {
    trailers = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  });
  stream.on('data', (chunk: Uint8Array) => {
    if (!relay.data(chunk, () => stream.resume())) stream.pause();
  });
  let complete = false;
  const end = (): void => relay.end(trailers);
  stream.on('end', () => {
    complete = stream.rstCode === constants.NGHTTP2_NO_ERROR;
    // Trailers may be told just after the end; the request may still be open, so `close` can be far off.
    if (complete) setImmediate(end);
  });
  stream.on('error', (error) => relay.fail(error.message === CONNECT_TIMEOUT ? 504 : 502, error.message));
  stream.on('close', () => {
    if (complete) end();
    else relay.fail(502, `the target closed the stream with code ${stream.rstCode}`);
  });
  outgoing.body?.pipe(stream);
};

const requestHeaders = (outgoing: Outgoing): Record<string, string | string[]> => {
  const headers: Record<string, string | string[]> = {
    ':method': outgoing.method,
    ':path': outgoing.path,
    ':scheme': outgoing.secure ? 'https' : 'http',
  };
  for (let at = 0; at < outgoing.headers.length; at += 2) {
    const name = (outgoing.headers[at] ?? '').toLowerCase();
    const value = outgoing.headers[at + 1] ?? '';
    if (name === 'host') headers[':authority'] = value;
    else {
      const before = headers[name];
      headers[name] = before === undefined ? value : [before, value].flat();
    }
  }
  // gRPC clients ask for trailers this way; it is the one value of TE that HTTP/2 allows.
  if (String(headers['content-type']).startsWith('application/grpc')) headers.te = 'trailers';
  return headers;
};

const flatHeaders = (headers: IncomingHttpHeaders): readonly string[] =>
  Object.entries(headers).flatMap(([name, value]) =>
    name.startsWith(':') || value === undefined ? [] : [value].flat().flatMap((each) => [name, each]),
  );
