/** When a new target group may take over from the one that serves: patient, but not for ever. */
import type { Actual } from '../core/model/actual.ts';
import type { Key } from '../core/model/key.ts';
import { hasHealthy } from '../core/model/target-health.ts';
import type { Healthy, Operation, Plan } from '../core/plan/plan.ts';
import type { Attempt, Aws, Clock } from '../core/ports.ts';

/** `late`: it has to happen, and none of the new targets is healthy. */
export type Verdict =
  | { readonly is: 'fine' }
  | { readonly is: 'early'; readonly wait: Extract<Attempt, { status: 'wait' }> }
  | { readonly is: 'late'; readonly why: string };

/** Kept between the passes of one stack, so that the wait counts from its beginning. */
export type TakeOvers = {
  judge(
    operation: Operation,
    actual: Actual,
    ports: { readonly aws: Pick<Aws, 'targetHealth'>; readonly clock: Pick<Clock, 'now'> },
  ): Promise<Verdict>;
  /** Drops what the plan does not wait for any more. */
  forget(plan: Plan): void;
};

/** Seconds between looks at the health of the new targets. */
const POLL = 2;

const FINE: Verdict = { is: 'fine' };

/** `patience`: seconds after which requests go to the new group whatever its health. */
export const makeTakeOvers = (patience: number): TakeOvers => {
  const since = new Map<Key, number>();
  return {
    judge: async (operation, actual, { aws, clock }) => {
      const when = waitsFor(operation);
      if (!when) return FINE;
      const began = since.get(operation.key) ?? clock.now();
      since.set(operation.key, began);
      const left = Math.ceil((began + patience * 1000 - clock.now()) / 1000);
      const silent = await silentGroups(when, actual, aws).catch(() => when.healthy);
      if (silent.length === 0) return FINE;
      const why = `none of the targets of ${silent.join(', ')} is healthy`;
      if (left > 0) return { is: 'early', wait: { status: 'wait', seconds: Math.min(POLL, left), why } };
      return { is: 'late', why: `${why} after ${patience} s` };
    },
    forget: (plan) => {
      for (const key of since.keys())
        if (!plan.operations.some((it) => it.key === key && waitsFor(it))) since.delete(key);
    },
  };
};

const waitsFor = (operation: Operation): Healthy | undefined =>
  operation.verb === 'update' && typeof operation.when === 'object' ? operation.when : undefined;

/** Groups to wait for. Where nothing that serves now is healthy either, there is nothing to lose. */
const silentGroups = async (
  { healthy, unlike }: Healthy,
  actual: Actual,
  aws: Pick<Aws, 'targetHealth'>,
): Promise<readonly Key<'target-group'>[]> => {
  const healths = await aws.targetHealth([...healthy, ...unlike], actual);
  if (unlike.length > 0 && !unlike.some((group) => hasHealthy(group, healths))) return [];
  return healthy.filter((group) => !hasHealthy(group, healths));
};
