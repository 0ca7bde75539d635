import { checkQuotas } from '../admission/quotas.ts';
import { checkRequired } from '../admission/required.ts';
import { ruleFor } from '../admission/rules.ts';
import type { Kind } from '../kinds.ts';
import { apiVersionOf } from '../kinds.ts';
import { type JsonObject, type KubeObject, sameJson } from '../object.ts';
import { afterUpdate } from '../patch/managed-fields.ts';
import type { Change, Cluster, Place, WriteOptions } from './cluster.ts';
import { putOrRemove } from './delete.ts';
import { ApiError, alreadyExists, conflict, forbidden, invalid, invalidValue, notFound } from './errors.ts';
import { checkIdentity, checkMetadata, keptMetadata, nameMissing, newMetadata } from './metadata.ts';

/** Creates an object that `readObject` has read. Returns it as stored, or as it would be for a dry run. */
export const createObject = (
  cluster: Cluster,
  kind: Kind,
  namespace: string | undefined,
  body: KubeObject,
  options: WriteOptions,
): KubeObject => {
  checkIdentity(kind, body, namespace, undefined);
  if (body.metadata.name === '' && !body.metadata.generateName) throw invalid(kind, '', [nameMissing()]);
  if (body.metadata.resourceVersion)
    throw new ApiError(500, undefined, 'resourceVersion should not be set on objects to be created');
  const metadata = newMetadata(kind, body.metadata, namespace);
  const rule = ruleFor(kind);
  let object: KubeObject = { ...body, metadata };
  if (kind.status && rule.keepStatusOnCreate !== true) object = withoutStatus(object);
  checkNamespace(cluster, kind, namespace, metadata.name);
  object = cluster.convert(object, storageKind(cluster, kind));
  object = completed(cluster, kind, object, undefined);
  object = mutated(cluster, kind, { operation: 'CREATE', object, before: undefined }, options);
  check(cluster, kind, object, undefined);
  if (cluster.store.get(kind.storage, namespace, object.metadata.name))
    throw alreadyExists(kind, object.metadata.name);
  options.admission?.validate({ operation: 'CREATE', object, before: undefined });
  if (options.unlimited !== true) checkQuotas({ cluster, kind, object, before: undefined });
  object = rule.prepare?.({ cluster, kind, object, before: undefined }) ?? object;
  for (const text of rule.warnings?.(object) ?? []) options.warn(text);
  object = owned(cluster, kind, undefined, object, options);
  return cluster.convert(options.dryRun ? object : cluster.store.put(kind.storage, object), kind);
};

/** Replaces an object. `body` has been read; for the status subresource only its status counts. */
export const updateObject = (
  cluster: Cluster,
  place: Place,
  body: KubeObject,
  options: WriteOptions,
): KubeObject => {
  const { kind, namespace, name } = place;
  const before = cluster.store.get(kind.storage, namespace, name);
  if (before === undefined) throw notFound(kind, name);
  checkIdentity(kind, body, namespace, name);
  const { uid, resourceVersion } = body.metadata;
  if (uid !== undefined && uid !== '' && uid !== before.metadata.uid) {
    throw conflict(
      kind,
      name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${before.metadata.uid}`,
    );
  }
  if (resourceVersion && resourceVersion !== before.metadata.resourceVersion) throw conflict(kind, name);
  if (!resourceVersion && kind.type === undefined) {
    throw invalid(kind, name, [
      invalidValue('metadata.resourceVersion', 0, 'must be specified for an update'),
    ]);
  }
  return replaceObject(cluster, kind, before, body, options);
};

/** The common end of updates and patches: what may not change is kept, rules are applied, the result stored. */
export const replaceObject = (
  cluster: Cluster,
  kind: Kind,
  before: KubeObject,
  body: KubeObject,
  options: WriteOptions,
): KubeObject => {
  const stored = storageKind(cluster, kind);
  const rule = ruleFor(kind);
  let object = mergeSubresource(kind, before, cluster.convert(body, stored), options);
  object = { ...object, metadata: keptMetadata(before.metadata, object.metadata) };
  object = completed(cluster, kind, object, before);
  object = mutated(cluster, kind, { operation: 'UPDATE', object, before }, options);
  check(cluster, kind, object, before);
  options.admission?.validate({ operation: 'UPDATE', object, before });
  if (options.subresource !== 'status') checkQuotas({ cluster, kind, object, before });
  object = rule.prepare?.({ cluster, kind, object, before }) ?? object;
  for (const text of rule.warnings?.(object) ?? []) options.warn(text);
  if (kind.generation && specChanged(kind, before, object)) {
    object = {
      ...object,
      metadata: { ...object.metadata, generation: (before.metadata.generation ?? 0) + 1 },
    };
  }
  object = owned(cluster, kind, before, object, options);
  if (isUnchanged(before, object) || options.dryRun)
    return cluster.convert(options.dryRun ? object : before, kind);
  return cluster.convert(putOrRemove(cluster, kind, object), kind);
};

/** The object as mutating webhooks leave it. They may change anything but who the object is. */
const mutated = (
  cluster: Cluster,
  kind: Kind,
  change: Change & { readonly object: KubeObject },
  { admission }: WriteOptions,
): KubeObject => {
  const { object, before } = change;
  if (admission === undefined) return object;
  const after = admission.mutate(change) ?? object;
  const metadata = before === undefined ? after.metadata : keptMetadata(before.metadata, after.metadata);
  return completed(cluster, kind, { ...after, metadata }, before);
};

/** With what the client left out, from the kind's defaults and from other objects. */
const completed = (
  cluster: Cluster,
  kind: Kind,
  object: KubeObject,
  before: KubeObject | undefined,
): KubeObject => {
  const { defaults, admit } = ruleFor(kind);
  const full = defaults?.(object, { cluster, kind }) ?? object;
  return admit?.({ cluster, kind, object: full, before }) ?? full;
};

const mergeSubresource = (
  kind: Kind,
  before: KubeObject,
  body: KubeObject,
  options: WriteOptions,
): KubeObject => {
  if (options.subresource !== 'status')
    return kind.status ? { ...withoutStatus(body), ...statusOf(before) } : body;
  const metadata = kind.type === undefined ? before.metadata : body.metadata;
  return { ...withoutStatus(before), metadata, ...statusOf(body) };
};

const statusOf = (object: KubeObject): JsonObject =>
  object.status === undefined ? {} : { status: object.status };

const withoutStatus = (object: KubeObject): KubeObject => {
  const { status: _, ...rest } = object;
  return rest as KubeObject;
};

/** The version of a kind that objects are stored in. */
const storageKind = (cluster: Cluster, kind: Kind): Kind =>
  cluster.kinds.all().find((one) => one.storage === kind.storage) ?? kind;

const check = (cluster: Cluster, kind: Kind, object: KubeObject, before: KubeObject | undefined): void => {
  const shape = cluster.shapeOf(storageKind(cluster, kind));
  const causes = [
    ...checkMetadata(kind, object.metadata),
    ...checkRequired(object, shape),
    ...(ruleFor(kind).validate?.({ cluster, kind, object, before }) ?? []),
  ];
  if (causes.length > 0) throw invalid(kind, object.metadata.name, causes);
};

const checkNamespace = (cluster: Cluster, kind: Kind, namespace: string | undefined, name: string): void => {
  if (namespace === undefined) return;
  const found = cluster.store.get('namespaces', undefined, namespace);
  if (found === undefined) throw notFound({ group: '', plural: 'namespaces' }, namespace);
  if (found.metadata.deletionTimestamp !== undefined && kind.plural !== 'events') {
    throw forbidden(
      kind,
      name,
      `unable to create new content in namespace ${namespace} because it is being terminated`,
    );
  }
};

const owned = (
  cluster: Cluster,
  kind: Kind,
  before: KubeObject | undefined,
  object: KubeObject,
  options: WriteOptions,
): KubeObject => {
  if (kind.plural === 'events') return object;
  const stored = storageKind(cluster, kind);
  if (
    object.metadata.managedFields !== undefined &&
    object.metadata.managedFields !== before?.metadata.managedFields &&
    options.manager === APPLIED
  ) {
    return object;
  }
  const writer = {
    manager: options.manager,
    operation: 'Update' as const,
    apiVersion: apiVersionOf(kind),
    subresource: options.subresource,
  };
  const kept = before?.metadata.managedFields;
  const { managedFields: _, ...metadata } = object.metadata;
  const clean = { ...object, metadata: kept === undefined ? metadata : { ...metadata, managedFields: kept } };
  // Who writes an object owns nothing of a status that is written elsewhere.
  const apart = kind.status && options.subresource !== 'status';
  const seen = (one: KubeObject): KubeObject => (apart ? withoutStatus(one) : one);
  const shape = cluster.shapeOf(stored);
  const marked = afterUpdate(before && seen(before), seen(clean), shape, writer);
  return { ...clean, metadata: marked.metadata };
};

/** Manager name that says: server-side apply has already worked out who owns what. */
export const APPLIED = '\u0000applied';

/** Everything but metadata and status counts as spec, unless the kind says otherwise. */
const specChanged = (kind: Kind, before: KubeObject, after: KubeObject): boolean => {
  const { counted = (object: KubeObject) => object } = ruleFor(kind);
  const spec = (object: KubeObject): unknown => ({
    ...counted(object),
    metadata: undefined,
    status: undefined,
  });
  return !sameJson(spec(before), spec(after));
};

/** Nothing but times in managedFields differs: then nothing is written and no version is used up. */
const isUnchanged = (before: KubeObject, after: KubeObject): boolean => {
  const strip = (object: KubeObject): unknown => ({
    ...object,
    metadata: {
      ...object.metadata,
      resourceVersion: undefined,
      managedFields: object.metadata.managedFields?.map((entry) => ({ ...entry, time: '' })),
    },
  });
  return sameJson(strip(before), strip(after));
};
