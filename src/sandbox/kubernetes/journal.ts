import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KubeObject } from './object.ts';
import type { StoreEvent } from './store-event.ts';

export type Stored = { readonly storage: string; readonly object: KubeObject };

/** What is on disk: one line a write, rewritten to one line an object on a clean stop. */
export type Journal = {
  readonly version: number;
  readonly objects: readonly Stored[];
  append(storage: string, event: StoreEvent): void;
  close(objects: readonly Stored[], version: number): Promise<void>;
};

const NOWHERE: Journal = { version: 0, objects: [], append: () => {}, close: async () => {} };

/** Reads `dir/objects.jsonl`; a last line cut off by a crash is ignored. */
export const openJournal = async (dir: string | undefined): Promise<Journal> => {
  if (dir === undefined) return NOWHERE;
  await mkdir(dir, { recursive: true });
  const file = join(dir, 'objects.jsonl');
  const { version, objects } = replay(await readFile(file, 'utf8').catch(() => ''));
  await rewrite(file, objects, version);
  const out = createWriteStream(file, { flags: 'a' });
  const finished = new Promise<void>((resolve, reject) => out.on('close', resolve).on('error', reject));
  return {
    version,
    objects,
    append: (storage, event) => {
      out.write(
        `${JSON.stringify({ storage, type: event.type, version: event.version, object: event.object })}\n`,
      );
    },
    close: async (last, lastVersion) => {
      out.end();
      await finished;
      await rewrite(file, last, lastVersion);
    },
  };
};

type Line = { storage: string; type: string; version: number; object?: KubeObject };

const replay = (text: string): { version: number; objects: readonly Stored[] } => {
  const objects = new Map<string, Stored>();
  let version = 0;
  for (const line of text.split('\n')) {
    const entry = parseLine(line);
    if (entry === undefined) continue;
    version = Math.max(version, entry.version);
    const { storage, object } = entry;
    if (object === undefined) continue;
    const key = `${storage} ${object.metadata.namespace ?? ''}/${object.metadata.name}`;
    if (entry.type === 'DELETED') objects.delete(key);
    else objects.set(key, { storage, object });
  }
  return { version, objects: [...objects.values()] };
};

const parseLine = (line: string): Line | undefined => {
  try {
    return JSON.parse(line) as Line;
  } catch {
    return undefined;
  }
};

const rewrite = async (file: string, objects: readonly Stored[], version: number): Promise<void> => {
  const lines = objects.map((one) =>
    JSON.stringify({ storage: one.storage, type: 'ADDED', version, object: one.object }),
  );
  const text = [JSON.stringify({ storage: '', type: 'VERSION', version }), ...lines].join('\n');
  await writeFile(`${file}.new`, `${text}\n`);
  await rename(`${file}.new`, file);
};
