import { type IncomingMessage, request as requestHttp } from 'node:http';
import { connect } from 'node:http2';
import { request as requestHttps } from 'node:https';
import { connect as connectTcp } from 'node:net';

/** One health check to make. */
export type Probe = {
  readonly address: string;
  readonly port: number;
  readonly secure: boolean;
  /** `none`: the check only connects. */
  readonly version: 'HTTP1' | 'HTTP2' | 'GRPC' | 'none';
  readonly path: string;
};

/** What came back: a connection, an HTTP status or gRPC code, silence, or why there is none. */
export type ProbeResult =
  | { readonly kind: 'code'; readonly code: number }
  | { readonly kind: 'connected' }
  | { readonly kind: 'timeout' }
  /** The instance does not run, so there is nothing to ask. */
  | { readonly kind: 'not-running'; readonly state: string }
  | { readonly kind: 'failed'; readonly why: string };

/**
 * Makes one check over a connection of its own. `onTimeout` arms the timer in emulator time and returns its cancel
 * function. Never rejects.
 */
export const probeTarget = (
  probe: Probe,
  onTimeout: (callback: () => void) => () => void,
): Promise<ProbeResult> =>
  new Promise((resolve) => {
    const check = CHECKS[probe.version];
    const settle = (result: ProbeResult): void => {
      cancel();
      stop();
      resolve(result);
    };
    const stop = check(probe, settle);
    const cancel = onTimeout(() => settle({ kind: 'timeout' }));
  });

const USER_AGENT = 'ELB-HealthChecker/2.0';

type Check = (probe: Probe, settle: (result: ProbeResult) => void) => () => void;

const checkConnection: Check = (probe, settle) => {
  const socket = connectTcp({ host: probe.address, port: probe.port });
  socket.on('connect', () => settle({ kind: 'connected' }));
  socket.on('error', (error) => settle({ kind: 'failed', why: error.message }));
  return () => socket.destroy();
};

const checkHttp1: Check = (probe, settle) => {
  const send = probe.secure ? requestHttps : requestHttp;
  const request = send({
    host: probe.address,
    port: probe.port,
    path: probe.path,
    headers: { Host: `${probe.address}:${probe.port}`, 'User-Agent': USER_AGENT, Connection: 'close' },
    agent: false,
    rejectUnauthorized: false,
  });
  request.on('response', (response: IncomingMessage) => {
    response.resume();
    settle({ kind: 'code', code: response.statusCode ?? 0 });
  });
  request.on('error', (error) => settle({ kind: 'failed', why: error.message }));
  request.end();
  return () => request.destroy();
};

const checkHttp2: Check = (probe, settle) => {
  const grpc = probe.version === 'GRPC';
  const session = connect(`${probe.secure ? 'https' : 'http'}://${probe.address}:${probe.port}`, {
    rejectUnauthorized: false,
  });
  session.on('error', (error) => settle({ kind: 'failed', why: error.message }));
  const stream = session.request({
    ':method': grpc ? 'POST' : 'GET',
    ':path': probe.path,
    'user-agent': USER_AGENT,
    ...(grpc ? { 'content-type': 'application/grpc', te: 'trailers' } : {}),
  });
  const onCode = (code: unknown): void => {
    if (code !== undefined) settle({ kind: 'code', code: Number(code) });
  };
  stream.on('response', (headers) => onCode(headers[grpc ? 'grpc-status' : ':status']));
  stream.on('trailers', (headers) => onCode(headers['grpc-status']));
  stream.on('error', (error) => settle({ kind: 'failed', why: error.message }));
  stream.on('close', () => settle({ kind: 'failed', why: 'the target closed the stream without an answer' }));
  stream.resume();
  // Five zero bytes are an empty gRPC message.
  stream.end(grpc ? Buffer.alloc(5) : undefined);
  return () => session.destroy();
};

const CHECKS: Readonly<Record<Probe['version'], Check>> = {
  none: checkConnection,
  HTTP1: checkHttp1,
  HTTP2: checkHttp2,
  GRPC: checkHttp2,
};
