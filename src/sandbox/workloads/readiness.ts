import { get } from 'node:http';
import { connect } from 'node:net';
import type { Loopback } from './loopback.ts';
import type { Container, Probe } from './objects.ts';

/** Watches one container's readiness; without a probe it is ready at once. */
export const watchReadiness = (
  loopback: Loopback,
  ip: string,
  container: Container,
  onChange: (ready: boolean) => void,
): (() => void) => {
  const probe = container.readinessProbe;
  if (probe === undefined) {
    onChange(true);
    return () => {};
  }
  let ready = false;
  let streak = 0;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const again = (seconds: number): void => {
    if (!stopped) timer = setTimeout(tick, seconds * 1000);
  };
  const tick = async (): Promise<void> => {
    const good = await attempt(loopback, ip, container, probe);
    if (stopped) return;
    streak = good === ready ? 0 : streak + 1;
    const needed = good ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3);
    if (good !== ready && streak >= needed) {
      ready = good;
      streak = 0;
      onChange(ready);
    }
    again(probe.periodSeconds ?? 10);
  };
  again(probe.initialDelaySeconds ?? 0);
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
};

const portNumber = (port: number | string, container: Container): number | undefined => {
  if (typeof port === 'number') return port;
  return container.ports?.find((one) => one.name === port)?.containerPort ?? (Number(port) || undefined);
};

/** One attempt. Commands are not run and count as success. */
const attempt = async (
  loopback: Loopback,
  ip: string,
  container: Container,
  probe: Probe,
): Promise<boolean> => {
  const timeout = (probe.timeoutSeconds ?? 1) * 1000;
  const target = probe.httpGet?.port ?? probe.tcpSocket?.port ?? probe.grpc?.port;
  if (target === undefined) return true;
  const port = portNumber(target, container);
  if (port === undefined) return false;
  const real = loopback.real(probe.httpGet?.host ?? ip, port);
  return probe.httpGet === undefined ? canConnect(real, timeout) : answersWell(real, probe.httpGet, timeout);
};

type Address = { readonly host: string; readonly port: number };

const canConnect = (address: Address, timeout: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(address);
    const done = (good: boolean): void => {
      socket.destroy();
      resolve(good);
    };
    socket.setTimeout(timeout, () => done(false));
    socket.on('connect', () => done(true)).on('error', () => done(false));
  });

const answersWell = (
  address: Address,
  { path, httpHeaders }: NonNullable<Probe['httpGet']>,
  timeout: number,
): Promise<boolean> =>
  new Promise((resolve) => {
    const headers = {
      'User-Agent': 'kube-probe/1.35',
      ...Object.fromEntries((httpHeaders ?? []).map(({ name, value }) => [name, value])),
    };
    const request = get({ ...address, path: path ?? '/', headers, timeout, agent: false }, (response) => {
      response.resume();
      resolve((response.statusCode ?? 500) >= 200 && (response.statusCode ?? 500) < 400);
    });
    request.on('timeout', () => request.destroy()).on('error', () => resolve(false));
  });
