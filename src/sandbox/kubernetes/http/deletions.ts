import type { Cluster } from '../api/cluster.ts';
import { type DeleteOptions, type Deletion, deleteObject } from '../api/delete.ts';
import { ApiError, badRequest } from '../api/errors.ts';
import { listBody, listObjects } from '../api/read.ts';
import type { Kind } from '../kinds.ts';
import { type KubeObject, valueAt } from '../object.ts';
import { admitted } from './admitted.ts';
import { type Exchange, query } from './answer.ts';
import { listOptions } from './list-options.ts';
import { readData } from './read-body.ts';
import type { Target } from './target.ts';

const deleteOptions = (exchange: Exchange, body: unknown): DeleteOptions => {
  const propagation =
    valueAt(body, 'propagationPolicy') ??
    query(exchange, 'propagationPolicy') ??
    (valueAt(body, 'orphanDependents') === true ? 'Orphan' : undefined);
  const grace = valueAt(body, 'gracePeriodSeconds') ?? query(exchange, 'gracePeriodSeconds');
  const uid = valueAt(body, 'preconditions', 'uid');
  const version = valueAt(body, 'preconditions', 'resourceVersion');
  const dryRun = valueAt(body, 'dryRun');
  if (
    propagation !== undefined &&
    propagation !== 'Background' &&
    propagation !== 'Foreground' &&
    propagation !== 'Orphan'
  ) {
    throw badRequest(
      `invalid propagationPolicy ${JSON.stringify(propagation)}: expected Background, Foreground or Orphan`,
    );
  }
  return {
    dryRun: query(exchange, 'dryRun') === 'All' || (Array.isArray(dryRun) && dryRun.includes('All')),
    propagation,
    graceSeconds: grace === undefined || grace === null ? undefined : Number(grace),
    uid: typeof uid === 'string' ? uid : undefined,
    resourceVersion: typeof version === 'string' ? version : undefined,
  };
};

/** Carries out a DELETE of one object. */
export const removeOne = async (cluster: Cluster, exchange: Exchange, target: Target): Promise<Deletion> => {
  const { kind, namespace, name = '' } = target;
  const options = deleteOptions(exchange, await readData(exchange.request, cluster));
  return admitted(cluster, exchange, target, options.dryRun, (admission) =>
    deleteObject(cluster, { kind, namespace, name }, { ...options, admission }),
  );
};

/** The Status that says an object is gone. */
export const deleted = (kind: Kind, object: KubeObject): unknown => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Success',
  details: {
    name: object.metadata.name,
    ...(kind.group === '' ? {} : { group: kind.group }),
    kind: kind.plural,
    uid: object.metadata.uid,
  },
});

/** Carries out a DELETE of a collection and returns what was in it. */
export const removeCollection = async (
  cluster: Cluster,
  exchange: Exchange,
  target: Target,
): Promise<unknown> => {
  const { kind, namespace } = target;
  const options = deleteOptions(exchange, await readData(exchange.request, cluster));
  const page = listObjects(cluster, kind, namespace, listOptions(exchange));
  for (const { metadata } of page.items) {
    try {
      const place = { kind, namespace: metadata.namespace, name: metadata.name };
      await admitted(cluster, exchange, { ...place, subresource: undefined }, options.dryRun, (admission) =>
        deleteObject(cluster, place, { ...options, admission }),
      );
    } catch (error) {
      // Deleting one object may have taken another with it.
      if (!(error instanceof ApiError) || error.status.code !== 404) throw error;
    }
  }
  return listBody(kind, page);
};
