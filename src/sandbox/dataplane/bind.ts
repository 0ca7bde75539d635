import type { FrontServer } from './front-server.ts';

/** Where a listener really listens. */
export type Bound = { readonly host: string; readonly port: number };

/**
 * Listens on the load balancer's own address and the listener's port. Where the machine refuses that (a port below
 * 1024 without privileges, no such loopback address as on macOS, or the port is taken) a free port of 127.0.0.1 stands
 * in; callers publish the mapping. Rejects when that fails too.
 */
export const bind = async (server: FrontServer, address: string, port: number): Promise<Bound> => {
  try {
    return await listen(server, address, port);
  } catch (error) {
    if (error instanceof Error && 'code' in error && STAND_IN.has(String(error.code)))
      return listen(server, '127.0.0.1', 0);
    throw error;
  }
};

const STAND_IN: ReadonlySet<string> = new Set(['EACCES', 'EADDRNOTAVAIL', 'EADDRINUSE']);

const listen = (server: FrontServer, host: string, port: number): Promise<Bound> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: 1024 }, () => {
      server.off('error', reject);
      const address = server.address();
      resolve({ host, port: typeof address === 'object' && address !== null ? address.port : port });
    });
  });
