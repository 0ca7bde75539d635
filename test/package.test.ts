/** What `npm ci` needs to work anywhere. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

type Entry = { readonly resolved?: string; readonly optionalDependencies?: Readonly<Record<string, string>> };

const { packages } = JSON.parse(readFileSync(join(import.meta.dirname, '../package-lock.json'), 'utf8')) as {
  readonly packages: Readonly<Record<string, Entry>>;
};

test('the lock file names no registry', () => {
  assert.deepEqual(
    Object.entries(packages).filter(([, entry]) => entry.resolved?.includes('://')),
    [],
  );
});

/** npm leaves packages for other platforms out when its registry does not have them, and `npm ci` then refuses the file. */
test('the lock file names the optional packages of every platform', () => {
  const places = Object.keys(packages);
  const missing = Object.values(packages)
    .flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}))
    .filter((name) => !places.some((place) => place.endsWith(`node_modules/${name}`)));
  assert.deepEqual(missing, []);
});
