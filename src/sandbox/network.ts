/** Which loopback addresses a sandbox uses. Two of them on one machine must not share any. */
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';

export type Network = {
  /** First half of the addresses of nodes and pods, inside the VPC of the fixtures: `127.64`. */
  readonly prefix: string;
  /** First half of the addresses of load balancers, outside the VPC: `127.192`. */
  readonly loadBalancers: string;
  /** Lets another sandbox have it. */
  release(): void;
};

/** Second numbers a sandbox may have; its load balancers have the same plus 128. */
const CANDIDATES = Array.from({ length: 63 }, (_, i) => 64 + i);
/** Whoever listens here has the network. */
const LOCK_PORT = 49_151;

/**
 * Takes a network nobody has, the same as last time for a folder that was used before: its account remembers the
 * addresses of instances. Rejects when that one is taken.
 */
export const takeNetwork = async (dir: string): Promise<Network> => {
  const file = join(dir, 'network');
  const before = existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
  for (const prefix of before ? [before] : CANDIDATES.map((it) => `127.${it}`)) {
    const lock = await tryLock(`${prefix}.255.254`);
    if (!lock) continue;
    writeFileSync(file, `${prefix}\n`);
    return {
      prefix,
      loadBalancers: `127.${Number(prefix.split('.')[1]) + 128}`,
      release: () => void lock.close(),
    };
  }
  throw new Error(
    before
      ? `another sandbox runs with the addresses of ${dir} (${before}.0.0/16); stop it, or use another --dir`
      : 'no loopback network is free: 63 sandboxes run on this machine',
  );
};

const tryLock = async (address: string): Promise<Server | undefined> => {
  const server = createServer().unref();
  server.listen(LOCK_PORT, address);
  try {
    await once(server, 'listening');
    return server;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined;
    throw new Error(
      `${address} cannot be used: ${(error as Error).message}. The sandbox needs the loopback network 127.0.0.0/8, which Linux has without set-up`,
    );
  }
};
