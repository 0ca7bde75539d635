import { readObject } from '../api/body.ts';
import type { Admission, Cluster, WriteOptions } from '../api/cluster.ts';
import {
  ApiError,
  badRequest,
  methodNotAllowed,
  noSuchResource,
  notAcceptable,
  unsupportedMediaType,
} from '../api/errors.ts';
import { PATCH_TYPES, patchObject } from '../api/patch.ts';
import { getObject, listBody, listObjects } from '../api/read.ts';
import { review } from '../api/reviews.ts';
import { scaleOf, setScale } from '../api/scale.ts';
import { createObject, updateObject } from '../api/write.ts';
import { isReview, type Kind, resourceOf } from '../kinds.ts';
import { isJsonObject, type KubeObject } from '../object.ts';
import { applyJsonPatch } from '../patch/json-patch.ts';
import { applyMergePatch } from '../patch/merge-patch.ts';
import type { Authorizer } from '../rbac/authorizer.ts';
import { columnsOf, SCALE_COLUMNS } from '../table/columns.ts';
import { type Column, tableOf } from '../table/table.ts';
import type { Tokens } from '../tokens.ts';
import { admitted } from './admitted.ts';
import { type Exchange, flag, query, sendJson } from './answer.ts';
import { deleted, removeCollection, removeOne } from './deletions.ts';
import { wantsYaml } from './encoding.ts';
import { reaches, requireReached } from './fresh-enough.ts';
import { listOptions } from './list-options.ts';
import { type PodActions, servePodAction } from './pod-actions.ts';
import { mediaType, readData } from './read-body.ts';
import { metadataOnly, renderer, shownAs } from './render.ts';
import { serveToken } from './service-account-token.ts';
import type { Target } from './target.ts';
import type { Watches } from './watch.ts';

export type Resources = {
  readonly cluster: Cluster;
  readonly watches: Watches;
  readonly pods: () => PodActions;
  readonly tokens: Tokens;
  readonly authorizer: Authorizer;
};

/** Answers a request for objects of a kind. */
export const serveResource = async (
  resources: Resources,
  exchange: Exchange,
  target: Target,
): Promise<void> => {
  const { kind, name, subresource } = target;
  // As every API server says since 1.33.
  if (kind.storage === 'endpoints')
    exchange.warnings.push('v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice');
  if (subresource !== undefined && (await servePodAction(resources, exchange, target))) return;
  if (subresource !== undefined && (await serveToken(resources, exchange, target))) return;
  if (subresource === 'proxy' && PROXIED.has(kind.storage))
    throw new ApiError(
      501,
      'NotImplemented',
      `the sandbox proxies nothing: ${kind.plural}/proxy is not available`,
    );
  if (subresource !== undefined && !hasSubresource(kind, subresource)) throw noSuchResource();
  const method = exchange.request.method ?? 'GET';
  const handler = name === undefined ? COLLECTION[method] : OBJECT[method];
  if (handler === undefined || (isReview(kind) && method !== 'POST')) throw methodNotAllowed();
  await handler(resources, exchange, target);
};

const PROXIED: ReadonlySet<string> = new Set(['nodes', 'services']);

const hasSubresource = (kind: Kind, subresource: string): boolean =>
  (subresource === 'status' && kind.status) ||
  (subresource === 'scale' && kind.scale) ||
  (subresource === 'finalize' && kind.plural === 'namespaces');

type Handler = (resources: Resources, exchange: Exchange, target: Target) => void | Promise<void>;

const writeOptions = (exchange: Exchange, target: Target): WriteOptions => {
  const agent = (exchange.request.headers['user-agent'] ?? 'unknown').split('/')[0] ?? 'unknown';
  const validation = query(exchange, 'fieldValidation');
  const dryRun = query(exchange, 'dryRun');
  if (dryRun !== undefined && dryRun !== '' && dryRun !== 'All')
    throw badRequest(`dryRun: Unsupported value: "${dryRun}": supported values: "All"`);
  const apply = mediaType(exchange.request) === 'application/apply-patch+yaml';
  return {
    dryRun: dryRun === 'All',
    manager: query(exchange, 'fieldManager') || (apply ? '' : agent),
    fieldValidation: validation === 'Strict' || validation === 'Ignore' ? validation : 'Warn',
    subresource: target.subresource === 'status' ? 'status' : undefined,
    force: flag(exchange, 'force'),
    warn: (text) => void exchange.warnings.push(text),
  };
};

const columnsFor = (cluster: Cluster, kind: Kind): readonly Column[] =>
  columnsOf(
    kind,
    kind.type === undefined
      ? cluster.store.get('customresourcedefinitions.apiextensions.k8s.io', undefined, kind.storage)
      : undefined,
  );

const sendObject = (
  { cluster }: Resources,
  exchange: Exchange,
  kind: Kind,
  object: KubeObject,
  code = 200,
): void => {
  const shown = shownAs(exchange.request);
  const columns = shown === 'table' ? columnsFor(cluster, kind) : [];
  sendJson(exchange, code, renderer(shown, columns, query(exchange, 'includeObject'))(object, false));
};

const sendScale = (exchange: Exchange, scale: KubeObject): void =>
  sendJson(
    exchange,
    200,
    renderer(shownAs(exchange.request), SCALE_COLUMNS, query(exchange, 'includeObject'))(scale, false),
  );

const placeOf = (target: Target) => ({
  kind: target.kind,
  namespace: target.namespace,
  name: target.name ?? '',
});

const read: Handler = async (resources, exchange, target) => {
  if (flag(exchange, 'watch')) return watch(resources, exchange, target);
  await requireReached(resources.cluster.store, exchange);
  const object = getObject(resources.cluster, placeOf(target));
  if (target.subresource === 'scale') sendScale(exchange, scaleOf(resources.cluster, target.kind, object));
  else sendObject(resources, exchange, target.kind, object);
};

const watch: Handler = async ({ cluster, watches }, exchange, { kind, namespace, name }) => {
  if (wantsYaml(exchange.request)) throw notAcceptable(['application/json', 'application/json;stream=watch']);
  await reaches(cluster.store, exchange);
  if (exchange.response.destroyed) return;
  const shown = shownAs(exchange.request);
  const columns = shown === 'table' ? columnsFor(cluster, kind) : [];
  watches.open(
    cluster,
    exchange,
    kind,
    namespace,
    name,
    renderer(shown, columns, query(exchange, 'includeObject')),
  );
};

const list: Handler = async (resources, exchange, target) => {
  if (flag(exchange, 'watch')) return watch(resources, exchange, target);
  const { cluster } = resources;
  await requireReached(cluster.store, exchange);
  const { kind, namespace } = target;
  const page = listObjects(cluster, kind, namespace, listOptions(exchange));
  const shown = shownAs(exchange.request);
  if (shown === 'table') {
    sendJson(
      exchange,
      200,
      tableOf(columnsFor(cluster, kind), page.items, page.metadata, query(exchange, 'includeObject')),
    );
  } else if (shown === 'metadata') {
    const items = page.items.map(metadataOnly);
    sendJson(exchange, 200, {
      kind: 'PartialObjectMetadataList',
      apiVersion: 'meta.k8s.io/v1',
      metadata: page.metadata,
      items,
    });
  } else sendJson(exchange, 200, listBody(kind, page));
};

const create: Handler = async (resources, exchange, target) => {
  const { cluster } = resources;
  const { kind, namespace } = target;
  const options = writeOptions(exchange, target);
  const body = readObject(await readData(exchange.request, cluster), kind, cluster.shapeOf(kind), options);
  if (kind.namespaced && namespace === undefined)
    throw badRequest(`an empty namespace may not be set during creation`);
  const answer = isReview(kind)
    ? review(kind, {
        object: body,
        user: exchange.user,
        tokens: resources.tokens,
        authorizer: resources.authorizer,
      })
    : await admitted(resources.cluster, exchange, target, options.dryRun, (admission) =>
        createObject(cluster, kind, namespace, body, { ...options, admission }),
      );
  if (answer === undefined) throw methodNotAllowed();
  sendObject(resources, exchange, kind, answer, 201);
};

const update: Handler = async (resources, exchange, target) => {
  const { cluster } = resources;
  const options = writeOptions(exchange, target);
  const data = await readData(exchange.request, cluster);
  const run = <T>(write: (admission: Admission | undefined) => T): Promise<T> =>
    admitted(resources.cluster, exchange, target, options.dryRun, write);
  if (target.subresource === 'scale') {
    const scaled = await run((admission) =>
      setScale(cluster, placeOf(target), data, { ...options, admission }),
    );
    sendJson(exchange, 200, scaled);
    return;
  }
  const body = readObject(data, target.kind, cluster.shapeOf(target.kind), options);
  const updated = await run((admission) =>
    updateObject(cluster, placeOf(target), body, { ...options, admission }),
  );
  sendObject(resources, exchange, target.kind, updated);
};

const patch: Handler = async (resources, exchange, target) => {
  const { cluster } = resources;
  const media = mediaType(exchange.request);
  if (!Object.hasOwn(PATCH_TYPES, media)) throw unsupportedMediaType(Object.keys(PATCH_TYPES).join(', '));
  const type = PATCH_TYPES[media as keyof typeof PATCH_TYPES];
  const options = writeOptions(exchange, target);
  const data = await readData(exchange.request, cluster);
  const run = <T>(write: (admission: Admission | undefined) => T): Promise<T> =>
    admitted(resources.cluster, exchange, target, options.dryRun, write);
  if (target.subresource === 'scale') {
    const scaled = await run((admission) => {
      const before = scaleOf(cluster, target.kind, getObject(cluster, placeOf(target)));
      const scale = type === 'json' ? applyJsonPatch(before, data) : applyMergePatch(before, data);
      return setScale(cluster, placeOf(target), scale, { ...options, admission });
    });
    sendJson(exchange, 200, scaled);
    return;
  }
  const { object, created } = await run((admission) =>
    patchObject(cluster, placeOf(target), type, data, { ...options, admission }),
  );
  sendObject(resources, exchange, target.kind, object, created ? 201 : 200);
};

const finalizeOrUpdate: Handler = async (resources, exchange, target) => {
  if (target.subresource !== 'finalize') return update(resources, exchange, target);
  const data = await readData(exchange.request, resources.cluster);
  if (!isJsonObject(data)) throw badRequest(`the body must be a ${resourceOf(target.kind)} object`);
  const { cluster } = resources;
  const options = { ...writeOptions(exchange, target), subresource: undefined };
  const body = readObject(data, target.kind, cluster.shapeOf(target.kind), options);
  const updated = await admitted(resources.cluster, exchange, target, options.dryRun, (admission) => {
    const before = getObject(cluster, placeOf(target));
    const merged = { ...before, spec: body.spec ?? {} };
    return updateObject(cluster, placeOf(target), merged, { ...options, admission });
  });
  sendObject(resources, exchange, target.kind, updated);
};

const COLLECTION: Readonly<Record<string, Handler>> = {
  GET: list,
  HEAD: list,
  POST: create,
  DELETE: async ({ cluster }, exchange, target) => {
    sendJson(exchange, 200, await removeCollection(cluster, exchange, target));
  },
};
const OBJECT: Readonly<Record<string, Handler>> = {
  GET: read,
  HEAD: read,
  PUT: finalizeOrUpdate,
  PATCH: patch,
  DELETE: async (resources, exchange, target) => {
    const { object, gone } = await removeOne(resources.cluster, exchange, target);
    if (!gone || target.kind.storage === 'pods')
      sendObject(resources, exchange, target.kind, resources.cluster.convert(object, target.kind));
    else sendJson(exchange, 200, deleted(target.kind, object));
  },
};
