/** Kubernetes objects from files and folders, as `kubectl -f` reads them. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { textOf } from '../core/text-of.ts';
import type { Manifest } from './manifest.ts';
import { mistakeIn } from './manifest-shape.ts';
import { UsageError } from './options.ts';

/**
 * Objects in the order of the files; folders are read file by file, sorted, not recursively; `-` is standard input. Throws
 * {@link UsageError}.
 */
export const readManifests = (paths: readonly string[]): readonly Manifest[] =>
  paths.flatMap(filesIn).flatMap(objectsIn);

const STANDARD_INPUT = '-';

const filesIn = (path: string): readonly string[] => {
  if (path === STANDARD_INPUT) return [path];
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) throw new UsageError(`${path} does not exist`);
  if (!stat.isDirectory()) return [path];
  const files = readdirSync(path).filter((name) => ['.yaml', '.yml', '.json'].includes(extname(name)));
  if (files.length === 0)
    throw new UsageError(`${path} holds no .yaml, .yml or .json file; folders within it are not read`);
  return files.sort().map((name) => join(path, name));
};

const textIn = (file: string): string => {
  try {
    return readFileSync(file === STANDARD_INPUT ? process.stdin.fd : file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${textOf(error)}`);
  }
};

const objectsIn = (file: string): readonly Manifest[] =>
  parseAllDocuments(textIn(file)).flatMap((document, index) => {
    const [error] = document.errors;
    if (error) throw new UsageError(`${file}, document ${index + 1}: ${error.message}`);
    const object: unknown = document.toJS();
    if (object === null || object === undefined) return [];
    if (isList(object)) return object.items.map((item) => checked(item, file, index));
    return [checked(object, file, index)];
  });

const isList = (object: unknown): object is { readonly items: readonly unknown[] } =>
  typeof object === 'object' &&
  object !== null &&
  'kind' in object &&
  object.kind === 'List' &&
  'items' in object &&
  Array.isArray(object.items);

const checked = (object: unknown, file: string, index: number): Manifest => {
  const it = (object ?? {}) as Partial<Manifest>;
  if (
    typeof it.apiVersion === 'string' &&
    typeof it.kind === 'string' &&
    typeof it.metadata?.name === 'string'
  ) {
    const mistake = mistakeIn(object as Manifest);
    if (mistake === undefined) return object as Manifest;
    throw new UsageError(`${file}, document ${index + 1}: ${mistake}`);
  }
  throw new UsageError(`${file}, document ${index + 1}: expected apiVersion, kind and metadata.name`);
};
