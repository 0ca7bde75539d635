import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createServerIdentity, type ServerIdentity } from './certificate.ts';

/** The server's certificates; kept in `dir`, so that a kubeconfig stays valid over restarts. */
export const loadIdentity = async (dir: string | undefined): Promise<ServerIdentity> => {
  if (dir === undefined) return fresh();
  const file = join(dir, 'identity.json');
  const known = await readFile(file, 'utf8').catch(() => undefined);
  if (known !== undefined) return JSON.parse(known) as ServerIdentity;
  await mkdir(dir, { recursive: true });
  const identity = fresh();
  await writeFile(file, JSON.stringify(identity), { mode: 0o600 });
  return identity;
};

const fresh = (): ServerIdentity =>
  createServerIdentity(['127.0.0.1'], ['localhost', 'kubernetes', 'kubernetes.default']);
