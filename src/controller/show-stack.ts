/** What of a pass is shown in the object beside the load balancer. */
import type { Snapshot } from '../core/kube/snapshot.ts';
import { canonical } from '../core/model/digest.ts';
import type { Key } from '../core/model/key.ts';
import type { Graph } from '../core/model/resource.ts';
import type { PlannedStack } from '../core/plan/plan-stack.ts';
import type { Kube } from '../core/ports.ts';
import { type StatusInput, stackStatus } from '../core/status/stack-status.ts';
import type { StackState } from './stack-state.ts';

export type ShownPass = Pick<StatusInput, 'planned' | 'after' | 'outcomes'> & {
  readonly ingresses: ReadonlySet<string>;
  readonly snapshot: Snapshot;
  /** Whether AWS was read anew, so that what others did shows. */
  readonly isFresh: boolean;
};

/**
 * Also notes in the state what was reached, by which the next pass tells drift from change. Resolves with the seconds
 * after which it has to be said again.
 */
export const showStack = async (
  stack: string,
  state: Pick<StackState, 'settled'>,
  { ingresses, snapshot, isFresh, ...pass }: ShownPass,
  kube: Pick<Kube, 'setStackStatus'>,
): Promise<number | undefined> => {
  const { planned, outcomes } = pass;
  const drift = isFresh ? driftedSince(state.settled, planned) : [];
  if (outcomes.every(({ result }) => result.status === 'done')) state.settled = planned.desired.graph;
  const known = [...ingresses].flatMap((id) => {
    const ingress = snapshot.ingresses.get(id);
    return ingress ? [[id, ingress.metadata.generation] as const] : [];
  });
  return kube.setStackStatus(stack, stackStatus({ ...pass, ingresses: new Map(known), drift }));
};

/** What is planned although the same was wanted, and had been reached, before. */
const driftedSince = (settled: Graph | undefined, { desired, plan }: PlannedStack): readonly Key[] => {
  const keys = plan.operations.flatMap(({ verb, key }) => (verb === 'delete' ? [] : [key]));
  return [...new Set(keys)].filter((key) => {
    const before = settled?.get(key);
    return before !== undefined && canonical(before) === canonical(desired.graph.get(key));
  });
};
