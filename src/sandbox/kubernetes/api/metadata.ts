import { randomBytes, randomUUID } from 'node:crypto';
import type { Kind } from '../kinds.ts';
import { isJsonObject, type KubeObject, kubeTime, type ObjectMeta } from '../object.ts';
import { badRequest, type Cause, invalidValue, required } from './errors.ts';

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SERVICE = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const QUALIFIED = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;

const SUBDOMAIN_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL_RULE =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SERVICE_RULE =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const LABEL_VALUE_RULE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

type NameRule = { readonly pattern: RegExp; readonly most: number; readonly text: string };
const ANY_PATH_SEGMENT: NameRule = { pattern: /^[^/%]+$/, most: 253, text: "may not contain '/' or '%'" };
const NAME_RULES: Readonly<Record<string, NameRule>> = {
  namespaces: { pattern: LABEL, most: 63, text: LABEL_RULE },
  services: { pattern: SERVICE, most: 63, text: SERVICE_RULE },
  'roles.rbac.authorization.k8s.io': ANY_PATH_SEGMENT,
  'rolebindings.rbac.authorization.k8s.io': ANY_PATH_SEGMENT,
  'clusterroles.rbac.authorization.k8s.io': ANY_PATH_SEGMENT,
  'clusterrolebindings.rbac.authorization.k8s.io': ANY_PATH_SEGMENT,
};
const DEFAULT_NAME_RULE: NameRule = { pattern: SUBDOMAIN, most: 253, text: SUBDOMAIN_RULE };

/** What is wrong with the metadata of an object about to be written. */
export const checkMetadata = (kind: Kind, meta: ObjectMeta): readonly Cause[] => {
  const rule = NAME_RULES[kind.storage] ?? DEFAULT_NAME_RULE;
  const causes: Cause[] = [];
  if (meta.name.length > rule.most)
    causes.push(invalidValue('metadata.name', meta.name, `must be no more than ${rule.most} bytes`));
  if (!rule.pattern.test(meta.name)) causes.push(invalidValue('metadata.name', meta.name, rule.text));
  for (const [key, value] of Object.entries(meta.labels ?? {})) {
    causes.push(...checkKey('metadata.labels', key));
    const problem = labelValueProblem(value);
    if (problem !== undefined) causes.push(invalidValue('metadata.labels', value, problem));
  }
  for (const key of Object.keys(meta.annotations ?? {}))
    causes.push(...checkKey('metadata.annotations', key.toLowerCase()));
  for (const finalizer of meta.finalizers ?? []) {
    if (!finalizer.includes('/') && !STANDARD_FINALIZERS.has(finalizer)) {
      causes.push(
        invalidValue(
          'metadata.finalizers',
          finalizer,
          'name is neither a standard finalizer name nor is it fully qualified',
        ),
      );
    }
  }
  return causes;
};

const STANDARD_FINALIZERS = new Set(['orphan', 'foregroundDeletion', 'kubernetes']);

/** Why a text cannot be the value of a label; undefined when it can. */
export const labelValueProblem = (value: string): string | undefined => {
  if (value.length > 63) return 'must be no more than 63 bytes';
  return value === '' || QUALIFIED.test(value) ? undefined : LABEL_VALUE_RULE;
};

/** Why a text cannot be the key of a label or annotation; undefined when it can. */
export const labelKeyProblem = (key: string): string | undefined => {
  const slash = key.indexOf('/');
  const name = key.slice(slash + 1);
  if (slash >= 0 && !SUBDOMAIN.test(key.slice(0, slash))) return `prefix part ${SUBDOMAIN_RULE}`;
  if (name === '') return 'name part must be non-empty';
  if (name.length > 63) return 'name part must be no more than 63 bytes';
  return QUALIFIED.test(name) ? undefined : NAME_PART_RULE;
};

const NAME_PART_RULE =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

const checkKey = (field: string, key: string): readonly Cause[] => {
  const problem = labelKeyProblem(key);
  return problem === undefined ? [] : [invalidValue(field, key, problem)];
};

/** What `metadata.name` is missing, worded as the API server does. */
export const nameMissing = (): Cause => required('metadata.name', 'name or generateName is required');

const SUFFIX = 'bcdfghjklmnpqrstvwxz2456789';
/** Five characters that cannot form a word, as Kubernetes appends to generateName. */
export const randomSuffix = (): string =>
  [...randomBytes(5)].map((byte) => SUFFIX[byte % SUFFIX.length]).join('');

/** The metadata of a new object: identity and times are the server's, never the client's. */
export const newMetadata = (kind: Kind, given: ObjectMeta, namespace: string | undefined): ObjectMeta => {
  const {
    deletionTimestamp: _t,
    deletionGracePeriodSeconds: _g,
    resourceVersion: _v,
    generation: _n,
    ...rest
  } = given;
  const name = given.name || `${given.generateName ?? ''}${randomSuffix()}`;
  return {
    ...withoutEmpty(rest),
    name,
    ...(namespace === undefined ? {} : { namespace }),
    uid: randomUUID(),
    creationTimestamp: kubeTime(),
    ...(kind.generation ? { generation: 1 } : {}),
  };
};

/** The metadata of a changed object: what only the server may change is as it was. */
export const keptMetadata = (before: ObjectMeta, given: ObjectMeta): ObjectMeta => {
  const { generation: _n, deletionTimestamp: _t, deletionGracePeriodSeconds: _g, ...rest } = given;
  const kept: ObjectMeta = { ...withoutEmpty(rest), name: before.name };
  for (const key of SERVER_OWNED) if (before[key] !== undefined) Object.assign(kept, { [key]: before[key] });
  return kept;
};

/** A real server leaves empty lists and maps of metadata out. */
const withoutEmpty = (meta: ObjectMeta): ObjectMeta =>
  Object.fromEntries(
    Object.entries(meta).filter(
      ([key, value]) => !OMITTED_EMPTY.has(key) || Object.keys(value as object).length > 0,
    ),
  ) as ObjectMeta;

const OMITTED_EMPTY = new Set(['labels', 'annotations', 'finalizers', 'ownerReferences', 'managedFields']);

const SERVER_OWNED = [
  'namespace',
  'uid',
  'creationTimestamp',
  'generation',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'generateName',
] as const;

/** The body's identity must be that of the request. */
export const checkIdentity = (
  kind: Kind,
  body: KubeObject,
  namespace: string | undefined,
  name: string | undefined,
): void => {
  const meta: unknown = body.metadata;
  if (!isJsonObject(meta)) return;
  if (
    kind.namespaced &&
    meta.namespace !== undefined &&
    meta.namespace !== '' &&
    meta.namespace !== namespace
  ) {
    throw badRequest(`the namespace of the provided object does not match the namespace sent on the request`);
  }
  if (name !== undefined && meta.name !== undefined && meta.name !== name) {
    throw badRequest(
      `the name of the object (${String(meta.name)}) does not match the name on the URL (${name})`,
    );
  }
};
