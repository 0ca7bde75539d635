import type { Server } from 'node:net';

/**
 * Where the sandbox's servers really listen. Normally that is the address asked for; without the right to bind ports
 * below 1024 it is another port of the same address, and whoever connects looks it up here.
 */
export type Loopback = {
  /** Binds the server; the error says what this system lacks. */
  listen(server: Server, address: string, port: number): Promise<void>;
  closed(address: string, port: number): void;
  /** The address to connect to for one that a Pod or node is known by. */
  real(address: string, port: number): { readonly host: string; readonly port: number };
};

export const createLoopback = (): Loopback => {
  const moved = new Map<string, number>();
  return {
    listen: async (server, address, port) => {
      try {
        await bind(server, address, port);
      } catch (error) {
        if (codeOf(error) !== 'EACCES') throw explain(error, address, port);
        await bind(server, address, 0);
        const bound = server.address();
        if (bound !== null && typeof bound === 'object') moved.set(`${address}:${port}`, bound.port);
      }
    },
    closed: (address, port) => void moved.delete(`${address}:${port}`),
    real: (address, port) => ({ host: address, port: moved.get(`${address}:${port}`) ?? port }),
  };
};

export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : '';

const bind = (server: Server, address: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, () => {
      server.off('error', reject);
      resolve();
    });
  });

const explain = (error: unknown, address: string, port: number): Error => {
  const code = codeOf(error);
  if (code === 'EADDRNOTAVAIL') {
    return new Error(
      `cannot listen on ${address}: this system's loopback has only 127.0.0.1, and the sandbox gives every node and Pod an address of its own in 127.0.0.0/8. Run it on Linux, or add each address first (on macOS: sudo ifconfig lo0 alias ${address})`,
      { cause: error },
    );
  }
  if (code === 'EADDRINUSE') {
    return Object.assign(
      new Error(
        `cannot listen on ${address}:${port}: something else does already; another sandbox may be running, give this one its own network`,
        { cause: error },
      ),
      { code },
    );
  }
  return error instanceof Error ? error : new Error(String(error));
};
