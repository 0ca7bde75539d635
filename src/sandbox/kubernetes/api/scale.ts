import type { Kind } from '../kinds.ts';
import { isJsonObject, type JsonObject, type KubeObject, valueAt } from '../object.ts';
import { labelText } from '../table/cells.ts';
import type { Cluster, Place, WriteOptions } from './cluster.ts';
import { ApiError, badRequest, conflict } from './errors.ts';
import { getObject } from './read.ts';
import { replaceObject } from './write.ts';

type Path = readonly string[];

/** Where an object keeps what its Scale says. */
type ScalePaths = { readonly replicas: Path; readonly current: Path; readonly selector: Path | undefined };

const BUILT_IN: ScalePaths = {
  replicas: ['spec', 'replicas'],
  current: ['status', 'replicas'],
  selector: undefined,
};

const CRDS = 'customresourcedefinitions.apiextensions.k8s.io';

/** Those of a custom resource are in its definition. */
const pathsOf = (cluster: Cluster, kind: Kind): ScalePaths => {
  if (kind.type !== undefined) return BUILT_IN;
  const versions = valueAt(cluster.store.get(CRDS, undefined, kind.storage), 'spec', 'versions');
  const version: unknown = Array.isArray(versions)
    ? versions.find((one: unknown) => valueAt(one, 'name') === kind.version)
    : undefined;
  const path = (name: string): Path =>
    String(valueAt(version, 'subresources', 'scale', name) ?? '')
      .split('.')
      .filter((part) => part !== '');
  return {
    replicas: path('specReplicasPath'),
    current: path('statusReplicasPath'),
    selector: path('labelSelectorPath'),
  };
};

/** The Scale of a Deployment, of its like, or of a custom resource with a scale subresource. */
export const scaleOf = (cluster: Cluster, kind: Kind, object: KubeObject): KubeObject => {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const { replicas, current, selector } = pathsOf(cluster, kind);
  const wanted = valueAt(object, ...replicas);
  if (kind.type === undefined && wanted === undefined)
    throw new ApiError(
      500,
      'InternalError',
      `Internal error occurred: the spec replicas field ".${replicas.join('.')}" does not exist`,
    );
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp } as KubeObject['metadata'],
    spec: { replicas: wanted ?? 0 },
    status: {
      replicas: valueAt(object, ...current) ?? 0,
      ...selectorOf(selector === undefined ? labelsOf(object) : valueAt(object, ...selector)),
    },
  };
};

const labelsOf = (object: KubeObject): string => {
  const selector = valueAt(object, 'spec', 'selector');
  const labels = isJsonObject(valueAt(selector, 'matchLabels')) ? valueAt(selector, 'matchLabels') : selector;
  return labelText(labels);
};

const selectorOf = (text: unknown): JsonObject =>
  typeof text === 'string' && text !== '' && text !== '<none>' ? { selector: text } : {};

/** Sets the number of replicas from a Scale. */
export const setScale = (
  cluster: Cluster,
  place: Place,
  scale: unknown,
  options: WriteOptions,
): KubeObject => {
  const { kind, name } = place;
  const object = getObject(cluster, place);
  const replicas = valueAt(scale, 'spec', 'replicas') ?? 0;
  if (typeof replicas !== 'number' || !Number.isInteger(replicas) || replicas < 0)
    throw badRequest('spec.replicas must be a whole number of at least 0');
  const version = valueAt(scale, 'metadata', 'resourceVersion');
  if (version && version !== object.metadata.resourceVersion) throw conflict(kind, name);
  const before = scaleOf(cluster, kind, object);
  const asked = { ...before, spec: { replicas } };
  const scaled = options.admission?.mutate({ operation: 'UPDATE', object: asked, before }) ?? asked;
  options.admission?.validate({ operation: 'UPDATE', object: scaled, before });
  const changed = withValue(object, pathsOf(cluster, kind).replicas, valueAt(scaled, 'spec', 'replicas'));
  const inner = { ...options, subresource: undefined, admission: undefined };
  const written = replaceObject(cluster, kind, object, changed as KubeObject, inner);
  return scaleOf(cluster, kind, written);
};

const withValue = (owner: unknown, [first, ...rest]: Path, value: unknown): unknown => {
  if (first === undefined) return value;
  const given: JsonObject = isJsonObject(owner) ? owner : {};
  return { ...given, [first]: withValue(given[first], rest, value) };
};
