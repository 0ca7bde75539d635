import { apiVersionOf, type Kind } from '../kinds.ts';
import type { KubeObject } from '../object.ts';
import type { Cluster, Place } from './cluster.ts';
import { badRequest, expired, notFound } from './errors.ts';
import { parseFieldSelector, selectableFields } from './field-selectors.ts';
import { parseLabelSelector } from './label-selectors.ts';
import type { Matches } from './selectors.ts';

export type ListOptions = {
  readonly labelSelector: string | undefined;
  readonly fieldSelector: string | undefined;
  readonly limit: number | undefined;
  readonly continue: string | undefined;
  readonly resourceVersion: string | undefined;
  readonly exact: boolean;
};

export type Page = {
  readonly items: readonly KubeObject[];
  readonly metadata: {
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
};

export const getObject = (cluster: Cluster, { kind, namespace, name }: Place): KubeObject => {
  const object = cluster.store.get(kind.storage, namespace, name);
  if (object === undefined) throw notFound(kind, name);
  return cluster.convert(object, kind);
};

/** Whether an object is selected, on the version of it that the client asked for. */
export const selection = (
  cluster: Cluster,
  kind: Kind,
  options: Pick<ListOptions, 'labelSelector' | 'fieldSelector'>,
): Matches => {
  const labels = parseLabelSelector(options.labelSelector);
  const fields = parseFieldSelector(options.fieldSelector, selectableFields(cluster, kind));
  return (object) => labels(object) && fields(cluster.convert(object, kind));
};

/**
 * One page of a list. Later pages show the current objects under the first page's version: a watch from there
 * repeats what changed in between, so an informer misses nothing.
 */
export const listObjects = (
  cluster: Cluster,
  kind: Kind,
  namespace: string | undefined,
  options: ListOptions,
): Page => {
  const start = options.continue ? readToken(cluster, kind, options.continue) : undefined;
  const version = start?.version ?? cluster.store.version();
  checkVersion(cluster, options);
  const matches = selection(cluster, kind, options);
  const all = cluster.store.list(kind.storage, namespace).filter(matches);
  const from = start === undefined ? 0 : firstAfter(all, start.after);
  const limit = options.limit ?? 0;
  const page = limit > 0 ? all.slice(from, from + limit) : all.slice(from);
  const last = page.at(-1);
  const left = all.length - from - page.length;
  const more =
    left > 0 && last !== undefined
      ? { continue: writeToken(version, keyOf(last)), remainingItemCount: left }
      : {};
  return {
    items: page.map((object) => cluster.convert(object, kind)),
    metadata: { resourceVersion: String(version), ...more },
  };
};

const keyOf = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;

const firstAfter = (all: readonly KubeObject[], key: string): number => {
  const at = all.findIndex((object) => keyOf(object) > key);
  return at < 0 ? all.length : at;
};

const writeToken = (version: number, after: string): string =>
  Buffer.from(JSON.stringify({ v: version, after })).toString('base64url');

const readToken = (cluster: Cluster, kind: Kind, token: string): { version: number; after: string } => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(token, 'base64url').toString());
  } catch {
    throw badRequest('continue key is not valid: it must be one that a previous list returned');
  }
  const { v: version, after } = parsed as { v: unknown; after: unknown };
  if (typeof version !== 'number' || typeof after !== 'string') throw badRequest('continue key is not valid');
  if (version < cluster.store.oldest(kind.storage)) {
    throw expired(
      'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.',
    );
  }
  return { version, after };
};

const checkVersion = (cluster: Cluster, { resourceVersion, exact }: ListOptions): void => {
  if (resourceVersion === undefined || resourceVersion === '' || resourceVersion === '0') return;
  const asked = Number(resourceVersion);
  if (!Number.isInteger(asked))
    throw badRequest(
      `resourceVersion: Invalid value: "${resourceVersion}": strconv.ParseUint: parsing "${resourceVersion}": invalid syntax`,
    );
  if (exact && asked !== cluster.store.version())
    throw expired(`too old resource version: ${asked} (${cluster.store.version()})`);
};

/** The list object of a page. Items of built-in kinds do not repeat kind and apiVersion, as in a real cluster. */
export const listBody = (kind: Kind, page: Page): Record<string, unknown> => ({
  kind: `${kind.kind}List`,
  apiVersion: apiVersionOf(kind),
  metadata: page.metadata,
  items:
    kind.type === undefined ? page.items : page.items.map(({ apiVersion: _v, kind: _k, ...item }) => item),
});
