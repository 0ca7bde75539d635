import { get as getPlain } from 'node:http';
import { connect as connectHttp2, constants } from 'node:http2';
import { get as getSecure } from 'node:https';
import { connect } from 'node:net';
import { grpcFrame } from './grpc-frame.ts';
import type { Loopback } from './loopback.ts';
import type { Container, Probe } from './objects.ts';

/** What an attempt found: `why` says what was wrong, worded as the kubelet does; `unsupported` cannot be tried at all. */
export type Attempt =
  | { readonly good: true }
  | { readonly good: false; readonly why: string; readonly unsupported?: true };

const GOOD: Attempt = { good: true };
const bad = (why: string): Attempt => ({ good: false, why });

/** Tries a probe once. */
export const attempt = async (
  loopback: Loopback,
  ip: string,
  container: Container,
  probe: Probe,
): Promise<Attempt> => {
  const { httpGet, tcpSocket, grpc } = probe;
  if (httpGet === undefined && tcpSocket === undefined && grpc === undefined)
    return {
      good: false,
      unsupported: true,
      why: 'the sandbox runs no commands, so an exec probe never succeeds: use httpGet, tcpSocket or grpc',
    };
  const timeout = (probe.timeoutSeconds ?? 1) * 1000;
  const asked = httpGet?.port ?? tcpSocket?.port ?? grpc?.port ?? '';
  const port = portNumber(asked, container);
  if (port === undefined) return bad(`strconv.Atoi: parsing "${asked}": invalid syntax`);
  const address = { name: `${httpGet?.host ?? ip}:${port}`, ...loopback.real(httpGet?.host ?? ip, port) };
  if (httpGet !== undefined) return answersWell(address, httpGet, timeout);
  return grpc === undefined ? canConnect(address, timeout) : isServing(address, grpc, timeout);
};

const portNumber = (port: number | string, container: Container): number | undefined => {
  if (typeof port === 'number') return port;
  return container.ports?.find((one) => one.name === port)?.containerPort ?? (Number(port) || undefined);
};

type Address = { readonly name: string; readonly host: string; readonly port: number };

const dialed = ({ name }: Address, error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const why = code === 'ECONNREFUSED' ? 'connect: connection refused' : String(error);
  return `dial tcp ${name}: ${why}`;
};

const canConnect = (address: Address, timeout: number): Promise<Attempt> =>
  new Promise((resolve) => {
    const socket = connect({ host: address.host, port: address.port });
    const done = (result: Attempt): void => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(timeout, () => done(bad(`dial tcp ${address.name}: i/o timeout`)));
    socket.on('connect', () => done(GOOD)).on('error', (error) => done(bad(dialed(address, error))));
  });

const answersWell = (
  address: Address,
  { path = '/', scheme = 'HTTP', httpHeaders = [] }: NonNullable<Probe['httpGet']>,
  timeout: number,
): Promise<Attempt> =>
  new Promise((resolve) => {
    const own = httpHeaders.map(({ name, value }) => [name, value] as const);
    const headers = { 'User-Agent': 'kube-probe/1.35', Host: address.name, ...Object.fromEntries(own) };
    const { host, port } = address;
    // Kubelets do not verify the certificate of a probed Pod.
    const options = { host, port, path, headers, timeout, agent: false, rejectUnauthorized: false };
    const secure = scheme === 'HTTPS';
    const shown = `Get "${secure ? 'https' : 'http'}://${address.name}${path}"`;
    const request = (secure ? getSecure : getPlain)(options, (response) => {
      response.resume();
      const { statusCode = 500 } = response;
      resolve(
        statusCode >= 200 && statusCode < 400
          ? GOOD
          : bad(`HTTP probe failed with statuscode: ${statusCode}`),
      );
    });
    request.on('timeout', () => {
      resolve(bad(`${shown}: context deadline exceeded (Client.Timeout exceeded while awaiting headers)`));
      request.destroy();
    });
    request.on('error', (error) => resolve(bad(`${shown}: ${dialed(address, error)}`)));
  });

/** The gRPC health protocol: `grpc.health.v1.Health/Check` must say SERVING, which is `08 01` in protobuf. */
const isServing = (
  address: Address,
  { service = '' }: NonNullable<Probe['grpc']>,
  timeout: number,
): Promise<Attempt> =>
  new Promise((resolve) => {
    const session = connectHttp2(`http://${address.host}:${address.port}`);
    const done = (result: Attempt): void => {
      session.destroy();
      resolve(result);
    };
    session.on('error', (error) => done(bad(dialed(address, error))));
    const stream = session.request({
      [constants.HTTP2_HEADER_METHOD]: 'POST',
      [constants.HTTP2_HEADER_PATH]: '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const chunks: Buffer[] = [];
    let status = '';
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('response', (headers) => {
      status = String(headers['grpc-status'] ?? status);
    });
    stream.on('trailers', (headers) => {
      status = String(headers['grpc-status'] ?? status);
    });
    stream.on('end', () => {
      const serving = Buffer.concat(chunks)
        .subarray(5)
        .equals(Buffer.from([8, 1]));
      if (status === '0' && serving) done(GOOD);
      else done(bad(`service unhealthy (grpc-status ${status || 'missing'})`));
    });
    stream.on('error', (error) => done(bad(dialed(address, error))));
    stream.setTimeout(timeout, () =>
      done(bad(`timeout: failed to connect service "${address.name}" within ${timeout}ms`)),
    );
    const name = Buffer.from(service);
    const message = name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a, name.length]), name]);
    stream.end(grpcFrame(message));
  });
