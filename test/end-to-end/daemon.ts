/** Servers of Debian packages, for the legs of tests that need a real one; without the package the test says so. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';

/** Why a program cannot run here, for `skip`. */
export const missing = (program: string, debianPackage: string): string | false =>
  existsSync(program) ? false : `${program} is not installed (apt-get install ${debianPackage})`;

/** A port nobody listens on this moment. */
export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });

export type Daemon = { readonly said: () => string; stop(): Promise<void> };

export const startDaemon = (program: string, args: readonly string[]): Daemon => {
  const child: ChildProcess = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-8_000);
    });
  const ended = once(child, 'exit');
  return {
    said: () => said,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
};
