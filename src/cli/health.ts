/** Health, metrics and state over HTTP. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Controller } from '../controller/controller.ts';
import type { Kube } from '../core/ports.ts';
import { textOf } from '../core/text-of.ts';
import { type ListenAddress, readListenAddress } from './listen-address.ts';
import type { Metrics } from './metrics.ts';
import type { Options } from './options.ts';
import { statePage } from './state-page.ts';

export type Health = {
  /** Where it listens, `HOST:PORT`, and what is answered there. */
  readonly places: readonly { readonly address: string; readonly pages: string }[];
  readonly close: () => Promise<void>;
};

export type HealthParts = {
  readonly kube: Pick<Kube, 'ages' | 'snapshot'>;
  readonly controller: Controller;
  readonly metrics: Metrics;
  readonly leads: () => boolean;
};

export type HealthAddresses = {
  readonly health: ListenAddress | undefined;
  /** Undefined: on the address of health. */
  readonly metrics: ListenAddress | undefined;
};

/** Seconds of silence after which watching has failed: the watchdog begins a silent watch anew long before. */
const STALE = 900;
/** Seconds after which a pass hangs: every call of it has a deadline of its own, far below. */
const STUCK = 1800;

/** What the flags say; `--health-probe-bind-addr` beats `--healthz-port`. Throws UsageError. */
export const healthAddresses = (options: Options): HealthAddresses => {
  const given = options.text('health-probe-bind-addr');
  const port = options.port('healthz-port');
  const metrics = options.text('metrics-bind-addr');
  return {
    health: given
      ? readListenAddress('health-probe-bind-addr', given)
      : port === 0
        ? undefined
        : { host: '127.0.0.1', port },
    metrics: metrics ? readListenAddress('metrics-bind-addr', metrics) : undefined,
  };
};

/** Rejects when an address is taken. */
export const serveHealth = async (addresses: HealthAddresses, parts: HealthParts): Promise<Health> => {
  const measured = { '/metrics': metrics, '/state': state };
  const checks = { '/healthz': healthz, '/readyz': readyz };
  const servers: Server[] = [];
  const places: Health['places'][number][] = [];
  const open = async (address: ListenAddress | undefined, pages: Pages): Promise<void> => {
    if (!address) return;
    const server = createServer((request, response) => void answer(request, response, pages, parts));
    servers.push(server);
    server.listen(address.port, address.host);
    await once(server, 'listening').catch((error: unknown) => {
      throw new Error(
        `${Object.keys(pages).join(' ')} cannot be served: ${textOf(error)}; say another place with --healthz-port, --health-probe-bind-addr or --metrics-bind-addr`,
      );
    });
    places.push({ address: placeOf(server.address()), pages: Object.keys(pages).join(' ') });
  };
  await open(addresses.health, addresses.metrics ? checks : { ...checks, ...measured });
  await open(addresses.metrics, measured);
  return {
    places,
    close: async () => {
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
};

/** The port may have been chosen by the system. */
const placeOf = (bound: ReturnType<Server['address']>): string => {
  if (bound === null || typeof bound === 'string') return String(bound);
  return `${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`;
};

type Page = { readonly status: number; readonly type: string; readonly body: string };
type Pages = Readonly<Record<string, (parts: HealthParts, request: IncomingMessage) => Page | Promise<Page>>>;

const answer = async (
  request: IncomingMessage,
  response: ServerResponse,
  pages: Pages,
  parts: HealthParts,
): Promise<void> => {
  const page = pages[(request.url ?? '').replace(/\?.*$/, '')];
  const { status, type, body } = page
    ? await page(parts, request)
    : text(404, `there is ${Object.keys(pages).join(', ')}`);
  response.writeHead(status, { 'content-type': type });
  response.end(body);
};

const text = (status: number, body: string): Page => ({ status, type: 'text/plain', body: `${body}\n` });

const json = (ok: boolean, fields: object): Page => ({
  status: ok ? 200 : 503,
  type: 'application/json',
  body: `${JSON.stringify({ ok, ...fields })}\n`,
});

const facts = ({ kube, controller, leads }: HealthParts) => {
  const stats = controller.stats();
  const watchAge = stats.scanned ? Math.max(...Object.values(kube.ages())) : 0;
  return { stats, watchAge, fields: { leader: leads(), watchAgeSeconds: Math.round(watchAge), ...stats } };
};

/** Not ready is not ill: before the first look at everything there is nothing that could be stale. */
const healthz = (parts: HealthParts): Page => {
  const { stats, watchAge, fields } = facts(parts);
  return json(watchAge < STALE && stats.longestPassSeconds < STUCK, fields);
};

const readyz = (parts: HealthParts): Page => {
  const { stats, watchAge, fields } = facts(parts);
  return json(stats.scanned && watchAge < STALE, fields);
};

const metrics = async (parts: HealthParts): Promise<Page> => ({
  status: 200,
  type: parts.metrics.contentType,
  body: await parts.metrics.page(parts),
});

/** Whoever may open a connection from inside is trusted; names and identifiers are nobody else's business. */
const state = ({ controller }: HealthParts, request: IncomingMessage): Page =>
  /^(::ffff:)?127\.|^::1$/.test(request.socket.remoteAddress ?? '')
    ? { status: 200, type: 'application/json', body: statePage(controller) }
    : text(403, '/state is served to clients on the same machine only; use kubectl port-forward');
