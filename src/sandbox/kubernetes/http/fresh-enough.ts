import { setTimeout as sleep } from 'node:timers/promises';
import { tooLargeVersion } from '../api/errors.ts';
import type { Store } from '../store.ts';
import { type Exchange, query } from './answer.ts';

/** How long an API server waits for a version it has not seen yet, in milliseconds. */
const PATIENCE = 3_000;
/** Milliseconds between looks; nobody asks for the future but after a restore from a backup. */
const LOOK = 50;

/**
 * Whether the cluster has reached the version that a request asks for, after a wait when it has not.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#semantics-for-get-and-list
 */
export const reaches = async (store: Store, exchange: Exchange): Promise<boolean> => {
  const asked = Number(query(exchange, 'resourceVersion') ?? 0);
  if (!Number.isInteger(asked)) return true;
  for (let left = PATIENCE; left > 0 && store.version() < asked; left -= LOOK) await sleep(LOOK);
  return store.version() >= asked;
};

/** Throws 504 for a version that does not come. Pages and exact versions are not waited for. */
export const requireReached = async (store: Store, exchange: Exchange): Promise<void> => {
  const asked = Number(query(exchange, 'resourceVersion') ?? 0);
  const atOnce =
    query(exchange, 'resourceVersionMatch') === 'Exact' || Number(query(exchange, 'limit') ?? 0) > 0;
  if (atOnce ? asked > store.version() : !(await reaches(store, exchange)))
    throw tooLargeVersion(asked, store.version(), atOnce ? 0 : 1);
};
