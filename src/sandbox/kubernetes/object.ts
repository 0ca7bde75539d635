/** A Kubernetes object as the API speaks it. Stored objects are never changed in place: copy, change, write. */
export type KubeObject = {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  [field: string]: unknown;
};

export type OwnerReference = {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
};

export type ObjectMeta = {
  name: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
  managedFields?: ManagedFieldsEntry[];
};

export type ManagedFieldsEntry = {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  time: string;
  fieldsType: 'FieldsV1';
  fieldsV1: FieldTree;
  subresource?: string;
};

/** Kubernetes' FieldsV1: keys are `f:name`, `k:{"key":"value"}`, `v:value`, `i:0` and `.`. */
export type FieldTree = { [key: string]: FieldTree };

export type JsonObject = Record<string, unknown>;

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A deep copy of plain JSON data; several times faster than structuredClone on the objects served here. */
export const copyJson = <T>(value: T): T => {
  if (Array.isArray(value)) return value.map(copyJson) as T;
  if (typeof value !== 'object' || value === null) return value;
  const copy: JsonObject = {};
  for (const [key, item] of Object.entries(value)) copy[key] = copyJson(item);
  return copy as T;
};

/** Whether two JSON values are the same; the order of keys does not matter, absent and undefined are the same. */
export const sameJson = (a: unknown, b: unknown): boolean => {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, at) => sameJson(item, b[at]));
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  for (const key of Object.keys(a)) if (!sameJson(a[key], b[key])) return false;
  for (const key of Object.keys(b)) if (b[key] !== undefined && a[key] === undefined) return false;
  return true;
};

/** The value at a path of names, or undefined as soon as something on the way is not an object. */
export const valueAt = (value: unknown, ...path: readonly string[]): unknown => {
  let here = value;
  for (const name of path) {
    if (!isJsonObject(here)) return undefined;
    here = here[name];
  }
  return here;
};

/** RFC 3339 with whole seconds, as Kubernetes writes times. */
export const kubeTime = (milliseconds = Date.now()): string =>
  `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
/** RFC 3339 with microseconds, as Leases and events/v1 write times. */
export const kubeMicroTime = (milliseconds = Date.now()): string =>
  `${new Date(milliseconds).toISOString().slice(0, 23)}000Z`;
