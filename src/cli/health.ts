/** /healthz and /readyz for probes: alive means that watches are heard from, ready that the inventory was read. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Controller } from '../controller/controller.ts';
import type { Kube } from '../core/ports.ts';

export type Health = { readonly close: () => Promise<void> };

/** Seconds of silence after which watching has failed: the watchdog begins a silent watch anew long before. */
const STALE = 900;

/** Serves on 127.0.0.1; port 0 serves nothing. Rejects when the port is taken. */
export const serveHealth = async (
  port: number,
  parts: { readonly kube: Kube; readonly controller: Controller },
): Promise<Health> => {
  if (port === 0) return { close: async () => undefined };
  const server = createServer((request, response) => {
    const stats = parts.controller.stats();
    const age = stats.started ? Math.max(...Object.values(parts.kube.ages())) : 0;
    const answers: Readonly<Record<string, boolean>> = {
      '/healthz': age < STALE,
      '/readyz': stats.started && age < STALE,
    };
    const ok = answers[request.url ?? ''];
    response.writeHead(ok === undefined ? 404 : ok ? 200 : 503, { 'content-type': 'application/json' });
    response.end(`${JSON.stringify({ ok: ok ?? false, watchAgeSeconds: Math.round(age), ...stats })}\n`);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    close: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
};
