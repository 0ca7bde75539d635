import type { Kind } from '../kinds.ts';
import { valueAt } from '../object.ts';
import type { Cluster } from './cluster.ts';
import { badRequest } from './errors.ts';
import type { Matches } from './selectors.ts';

/** Which fields of a kind a selector may name, besides metadata.name and metadata.namespace. */
export type SelectableFields = {
  readonly names: ReadonlySet<string>;
  /** What is said of another field. */
  readonly refusal: (name: string) => string;
};

const ABOUT = 'kind namespace name uid apiVersion resourceVersion fieldPath'.split(' ');
const about = (object: string): readonly string[] => ABOUT.map((name) => `${object}.${name}`);
const EVENT = ['reason', 'type'];

/**
 * The fields by which an API server selects, by group, version and plural.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/
 */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  '/v1/pods': [
    'spec.hostNetwork',
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'status.nominatedNodeName',
    'status.phase',
    'status.podIP',
  ],
  '/v1/nodes': ['spec.unschedulable'],
  '/v1/namespaces': ['status.phase'],
  '/v1/secrets': ['type'],
  '/v1/services': ['spec.clusterIP', 'spec.type'],
  '/v1/replicationcontrollers': ['status.replicas'],
  '/v1/events': [...about('involvedObject'), ...EVENT, 'reportingComponent', 'source'],
  'events.k8s.io/v1/events': [...about('regarding'), ...EVENT, 'reportingController'],
  'batch/v1/jobs': ['status.successful'],
};

const ALWAYS = ['metadata.name', 'metadata.namespace'];
const CRDS = 'customresourcedefinitions.apiextensions.k8s.io';

/** The fields of a built-in kind from the table, those of a custom one from its definition's `selectableFields`. */
export const selectableFields = (cluster: Cluster, kind: Kind): SelectableFields => {
  const own =
    kind.type === undefined
      ? definedFields(cluster, kind)
      : (FIELDS[`${kind.group}/${kind.version}/${kind.plural}`] ?? []);
  return {
    names: new Set([...ALWAYS, ...own]),
    refusal: (name) =>
      own.length > 0
        ? `field label not supported: ${name}`
        : `${JSON.stringify(name)} is not a known field selector: only "metadata.name", "metadata.namespace"`,
  };
};

const definedFields = (cluster: Cluster, kind: Kind): readonly string[] => {
  const versions = valueAt(cluster.store.get(CRDS, undefined, kind.storage), 'spec', 'versions');
  const version: unknown = Array.isArray(versions)
    ? versions.find((one: unknown) => valueAt(one, 'name') === kind.version)
    : undefined;
  const fields = valueAt(version, 'selectableFields');
  return Array.isArray(fields)
    ? fields.map((one: unknown) => String(valueAt(one, 'jsonPath')).replace(/^\./, ''))
    : [];
};

/** A field selector: `metadata.name=a,status.phase!=Running`. A field that the kind does not offer is refused. */
export const parseFieldSelector = (text: string | undefined, fields: SelectableFields): Matches => {
  if (text === undefined || text.trim() === '') return () => true;
  const terms = text.split(',').map((part) => {
    const [, name = '', operator, value = ''] = /^([^=!]+)(==|=|!=)(.*)$/.exec(part.trim()) ?? [];
    if (operator === undefined)
      throw badRequest(
        `invalid selector: '${text}'; can't understand '${part}': expected name=value or name!=value`,
      );
    if (!fields.names.has(name)) throw badRequest(fields.refusal(name));
    return { path: (FIELD_NAMES[name] ?? name).split('.'), equal: operator !== '!=', value };
  });
  return (object) =>
    terms.every(({ path, equal, value }) => {
      const found = valueAt(object, ...path);
      return (String(found ?? DEFAULTS[path.join('.')] ?? '') === value) === equal;
    });
};

/** Names that selectors have and objects do not. */
const FIELD_NAMES: Readonly<Record<string, string>> = {
  source: 'source.component',
  'status.successful': 'status.succeeded',
};

/** What a field holds that objects leave out. */
const DEFAULTS: Readonly<Record<string, string>> = {
  'spec.unschedulable': 'false',
  'spec.hostNetwork': 'false',
  'spec.restartPolicy': 'Always',
  'status.succeeded': '0',
  'status.replicas': '0',
};
