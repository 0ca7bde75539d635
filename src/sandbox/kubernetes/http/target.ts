import { badRequest } from '../api/errors.ts';
import type { Kind, KindTable } from '../kinds.ts';

/** What the path of a request is about. */
export type Target = {
  readonly kind: Kind;
  readonly namespace: string | undefined;
  /** Undefined for a collection. */
  readonly name: string | undefined;
  readonly subresource: string | undefined;
};

/** Reads `/api/v1/…` and `/apis/<group>/<version>/…`; undefined when no such resource is served. */
export const readTarget = (path: string, kinds: KindTable): Target | undefined => {
  const parts = path
    .split('/')
    .filter((part) => part !== '')
    .map(decoded);
  const [root, ...rest] = parts;
  if (root === 'api') return locate(kinds, '', rest);
  return root === 'apis' ? locate(kinds, rest[0] ?? '', rest.slice(1)) : undefined;
};

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    throw badRequest(`the path holds "${part}", which is not a valid percent-encoding`);
  }
};

const locate = (
  kinds: KindTable,
  group: string,
  [version = '', ...rest]: readonly string[],
): Target | undefined => {
  const [first, second, third] = rest;
  const own =
    first === 'namespaces' &&
    second !== undefined &&
    third !== undefined &&
    third !== 'status' &&
    third !== 'finalize';
  const namespace = own ? second : undefined;
  const [plural, name, subresource, ...more] = own ? rest.slice(2) : rest;
  // What follows `proxy` is a path of the one that is asked.
  if (plural === undefined || (more.length > 0 && subresource !== 'proxy')) return undefined;
  const kind = kinds.byResource(group, version, plural);
  if (kind === undefined || (namespace !== undefined && !kind.namespaced)) return undefined;
  return { kind, namespace, name, subresource };
};
