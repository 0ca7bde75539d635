import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const made = new Set<string>();

/** A folder of the test's own, which is gone when its process is, also after a test that failed half-way. */
export const temporaryFolder = (prefix: string): string => {
  if (made.size === 0) process.once('exit', removeAll);
  const folder = mkdtempSync(join(tmpdir(), prefix));
  made.add(folder);
  return folder;
};

const removeAll = (): void => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
};
