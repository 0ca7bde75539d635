import { isJsonObject, type JsonObject, type KubeObject, valueAt } from '../object.ts';
import { labelText } from '../table/cells.ts';
import type { Cluster, Place, WriteOptions } from './cluster.ts';
import { badRequest, conflict } from './errors.ts';
import { getObject } from './read.ts';
import { replaceObject } from './write.ts';

/** The Scale of a Deployment and its like. */
export const scaleOf = (object: KubeObject): KubeObject => {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector = valueAt(object, 'spec', 'selector');
  const labels = isJsonObject(valueAt(selector, 'matchLabels')) ? valueAt(selector, 'matchLabels') : selector;
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp } as KubeObject['metadata'],
    spec: { replicas: valueAt(object, 'spec', 'replicas') ?? 0 },
    status: { replicas: valueAt(object, 'status', 'replicas') ?? 0, selector: labelText(labels) },
  };
};

/** Sets spec.replicas from a Scale. */
export const setScale = (
  cluster: Cluster,
  place: Place,
  scale: unknown,
  options: WriteOptions,
): KubeObject => {
  const object = getObject(cluster, place);
  const replicas = valueAt(scale, 'spec', 'replicas') ?? 0;
  if (typeof replicas !== 'number' || !Number.isInteger(replicas) || replicas < 0)
    throw badRequest('spec.replicas must be a whole number of at least 0');
  const version = valueAt(scale, 'metadata', 'resourceVersion');
  if (version && version !== object.metadata.resourceVersion) throw conflict(place.kind, place.name);
  const before = scaleOf(object);
  const asked = { ...before, spec: { replicas } };
  const scaled = options.admission?.mutate({ operation: 'UPDATE', object: asked, before }) ?? asked;
  options.admission?.validate({ operation: 'UPDATE', object: scaled, before });
  const spec = { ...(object.spec as JsonObject), replicas: valueAt(scaled, 'spec', 'replicas') };
  const inner = { ...options, subresource: undefined, admission: undefined };
  return scaleOf(replaceObject(cluster, place.kind, object, { ...object, spec }, inner));
};
