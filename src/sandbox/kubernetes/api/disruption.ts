import { isJsonObject, type KubeObject, valueAt } from '../object.ts';
import type { Cluster } from './cluster.ts';
import { ApiError } from './errors.ts';
import { matchLabels } from './selectors.ts';

const BUDGETS = 'poddisruptionbudgets.policy';

/** Where a PodDisruptionBudget stands. */
export type BudgetState = {
  readonly expected: number;
  readonly healthy: number;
  readonly desired: number;
};

/** Counts the Pods of a budget as they are now. */
export const budgetState = (cluster: Cluster, budget: KubeObject): BudgetState => {
  const { selector, minAvailable, maxUnavailable } = isJsonObject(budget.spec) ? budget.spec : {};
  const pods = cluster.store
    .list('pods', budget.metadata.namespace)
    .filter((pod) => matchLabels(selector, pod.metadata.labels ?? {}) && !hasEnded(pod));
  const expected = pods.length;
  const healthy = pods.filter((pod) => isReady(pod) && pod.metadata.deletionTimestamp === undefined).length;
  const desired =
    maxUnavailable === undefined
      ? amount(minAvailable ?? 1, expected)
      : Math.max(0, expected - amount(maxUnavailable, expected));
  return { expected, healthy, desired };
};

/** Refuses an eviction that a budget does not allow, as a real API server does: 429, so that clients try again. */
export const checkBudgets = (cluster: Cluster, pod: KubeObject): void => {
  const phase = valueAt(pod, 'status', 'phase');
  if (phase === 'Pending' || hasEnded(pod) || pod.metadata.deletionTimestamp !== undefined) return;
  for (const budget of cluster.store.list(BUDGETS, pod.metadata.namespace)) {
    if (!matchLabels(valueAt(budget, 'spec', 'selector'), pod.metadata.labels ?? {})) continue;
    const { healthy, desired } = budgetState(cluster, budget);
    if (isReady(pod) ? healthy > desired : healthy >= desired) continue;
    const message = `The disruption budget ${budget.metadata.name} needs ${desired} healthy pods and has ${healthy} currently`;
    throw new ApiError(
      429,
      'TooManyRequests',
      "Cannot evict pod as it would violate the pod's disruption budget.",
      { causes: [{ reason: 'DisruptionBudget', message, field: '' }] },
    );
  }
};

const hasEnded = (pod: KubeObject): boolean =>
  ['Succeeded', 'Failed'].includes(String(valueAt(pod, 'status', 'phase')));

const isReady = (pod: KubeObject): boolean => {
  const conditions = valueAt(pod, 'status', 'conditions');
  return (
    Array.isArray(conditions) &&
    conditions.some((one: unknown) => valueAt(one, 'type') === 'Ready' && valueAt(one, 'status') === 'True')
  );
};

/** Percentages are rounded up, as Kubernetes does for budgets. */
const amount = (value: unknown, of: number): number =>
  typeof value === 'number' ? value : Math.ceil((Number(String(value).replace('%', '')) * of) / 100);
