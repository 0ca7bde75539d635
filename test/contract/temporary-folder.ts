import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const made = new Set<string>();

/** A folder of the test's own, which is gone when its process is, also after a test that failed half-way. */
export const temporaryFolder = (prefix: string): string => {
  if (made.size === 0) watchTheEnd();
  const folder = mkdtempSync(join(tmpdir(), prefix));
  made.add(folder);
  return folder;
};

/** A test that takes too long is ended by a signal, which without a listener would be the end at once. */
const watchTheEnd = (): void => {
  process.once('exit', removeAll);
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
};

const removeAll = (): void => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
};
