import { budgetState } from '../kubernetes/api/disruption.ts';
import { type KubeObject, kubeTime } from '../kubernetes/object.ts';
import type { Access } from './access.ts';
import { createLoop, follow, keyOf, type Loop, ownKey } from './loop.ts';
import { type Condition, withCondition } from './objects.ts';

const BUDGETS = 'poddisruptionbudgets.policy';

type Budget = KubeObject & {
  readonly status?: { readonly conditions?: readonly Condition[] };
};

/** Keeps the status of PodDisruptionBudgets, by which evictions are refused. */
export const runDisruptionBudgets = (access: Access, onError: (message: string) => void): Loop => {
  const loop = createLoop(
    'PodDisruptionBudget',
    (namespace, name) => {
      const budget = access.get<Budget>(BUDGETS, namespace, name);
      if (budget !== undefined) report(access, budget);
    },
    onError,
  );
  follow(access.cluster.store, loop, BUDGETS, ownKey);
  follow(access.cluster.store, loop, 'pods', ({ object }) =>
    access.list<Budget>(BUDGETS, object.metadata.namespace).map(keyOf),
  );
  return loop;
};

const report = (access: Access, budget: Budget): void => {
  const { expected, healthy, desired } = budgetState(access.cluster, budget);
  const allowed = Math.max(0, healthy - desired);
  const condition: Condition = {
    type: 'DisruptionAllowed',
    status: allowed > 0 ? 'True' : 'False',
    reason: allowed > 0 ? 'SufficientPods' : 'InsufficientPods',
    message: '',
  };
  access.setStatus(BUDGETS, budget, {
    ...budget.status,
    observedGeneration: budget.metadata.generation,
    expectedPods: expected,
    currentHealthy: healthy,
    desiredHealthy: desired,
    disruptionsAllowed: allowed,
    conditions: withCondition(budget.status?.conditions, condition, kubeTime()),
  });
};
