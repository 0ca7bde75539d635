import { apiVersionOf } from '../kinds.ts';
import { isJsonObject, type JsonObject, type KubeObject } from '../object.ts';
import { applyJsonPatch } from '../patch/json-patch.ts';
import type { Writer } from '../patch/managed-fields.ts';
import { applyMergePatch } from '../patch/merge-patch.ts';
import { applyServerSide } from '../patch/server-side-apply.ts';
import { applyStrategicMerge } from '../patch/strategic-merge.ts';
import { readObject } from './body.ts';
import type { Cluster, Place, WriteOptions } from './cluster.ts';
import {
  ApiError,
  badRequest,
  cannotBeHandled,
  conflict,
  invalid,
  invalidValue,
  notFound,
  required,
  unsupportedMediaType,
} from './errors.ts';
import { goText } from './go-text.ts';
import { checkTyped, undeclared } from './typed-patch.ts';
import { APPLIED, createObject, replaceObject } from './write.ts';

export const PATCH_TYPES = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
} as const;
export type PatchType = (typeof PATCH_TYPES)[keyof typeof PATCH_TYPES];

export type Patched = { readonly object: KubeObject; readonly created: boolean };

/** Applies a patch of any of the four types. */
export const patchObject = (
  cluster: Cluster,
  place: Place,
  type: PatchType,
  patch: unknown,
  options: WriteOptions,
): Patched => {
  if (type === 'apply') return apply(cluster, place, patch, options);
  const { kind, namespace, name } = place;
  const stored = cluster.store.get(kind.storage, namespace, name);
  if (stored === undefined) throw notFound(kind, name);
  if (type === 'strategic' && kind.type === undefined) {
    throw unsupportedMediaType(
      'application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
    );
  }
  const before = cluster.convert(stored, kind);
  const result = patched(cluster, place, before, type, patch);
  const shown = type === 'strategic' ? goText(patch) : JSON.stringify(result);
  const body = readObject(result, kind, cluster.shapeOf(kind), options, (why) => badPatch(shown, why));
  if (body.metadata.name !== name)
    throw badRequest(
      `the name of the object (${body.metadata.name}) does not match the name on the URL (${name})`,
    );
  if (
    body.metadata.resourceVersion !== undefined &&
    body.metadata.resourceVersion !== before.metadata.resourceVersion
  ) {
    throw conflict(kind, name);
  }
  return { object: replaceObject(cluster, kind, stored, body, options), created: false };
};

const patched = (
  cluster: Cluster,
  { kind }: Place,
  before: KubeObject,
  type: Exclude<PatchType, 'apply'>,
  patch: unknown,
): unknown => {
  if (type === 'json') return applyJsonPatch(before, patch);
  if (!isJsonObject(patch)) throw badRequest('a patch must be an object');
  return type === 'merge'
    ? applyMergePatch(before, patch)
    : applyStrategicMerge(before, patch, cluster.shapeOf(kind));
};

const apply = (cluster: Cluster, place: Place, patch: unknown, options: WriteOptions): Patched => {
  const { kind, namespace, name } = place;
  if (options.manager === '') {
    throw invalid({ ...kind, kind: 'PatchOptions', group: 'meta.k8s.io' }, '', [
      required('fieldManager', 'is required for apply patch'),
    ]);
  }
  const shape = cluster.shapeOf(kind);
  checkTyped(place, patch, shape);
  const config = readObject(patch, kind, shape, options, (why) =>
    kind.type === undefined ? cannotBeHandled(kind, why) : undeclared(place, why),
  );
  if (config.metadata.managedFields !== undefined) throw badRequest('metadata.managedFields must be nil');
  const stored = cluster.store.get(kind.storage, namespace, name);
  const writer: Writer = {
    manager: options.manager,
    operation: 'Apply',
    apiVersion: apiVersionOf(kind),
    subresource: options.subresource,
  };
  const inner: WriteOptions = { ...options, manager: APPLIED };
  const named = { ...config, metadata: { ...config.metadata, name } };
  if (stored === undefined) {
    if (config.metadata.uid)
      throw conflict(
        kind,
        name,
        `uid mismatch: the provided object specified uid ${config.metadata.uid}, and no existing object was found`,
      );
    const fresh = applyServerSide(emptyObject(named), named, shape, writer, true);
    return { object: createObject(cluster, kind, namespace, fresh, inner), created: true };
  }
  const before = cluster.convert(stored, kind);
  if (config.metadata.resourceVersion && config.metadata.resourceVersion !== before.metadata.resourceVersion)
    throw conflict(kind, name);
  const after = applyServerSide(before, withoutOther(named, options), shape, writer, options.force);
  return { object: replaceObject(cluster, kind, stored, after, inner), created: false };
};

/** A patch whose result is not an object of the kind; a real server names neither kind nor object there. */
const badPatch = (shown: string, why: string): ApiError => {
  const cause = invalidValue('patch', shown, why);
  return new ApiError(422, 'Invalid', ` "" is invalid: patch: ${cause.message}`, { causes: [cause] });
};

const emptyObject = ({ apiVersion, kind }: JsonObject): KubeObject =>
  ({ apiVersion, kind, metadata: {} }) as unknown as KubeObject;

/** Through /status only the status is applied, through the main resource everything else. */
const withoutOther = (config: KubeObject, options: WriteOptions): KubeObject => {
  if (options.subresource !== 'status') return config;
  const { apiVersion, kind, metadata, status } = config;
  return { apiVersion, kind, metadata: { name: metadata.name }, ...(status === undefined ? {} : { status }) };
};
