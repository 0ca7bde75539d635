/** Walks a plan. One operation that fails stops what depends on it, not the rest. */
import { type Actual, kindOf } from '../core/model/actual.ts';
import type { BalancerKey, Key } from '../core/model/key.ts';
import { type Operation, operationId, type Plan } from '../core/plan/plan.ts';
import { afterOperation } from '../core/plan/simulate.ts';
import type { Attempt, Aws, Clock } from '../core/ports.ts';
import { type Looks, looksOf } from './looks.ts';
import type { TakeOvers } from './take-overs.ts';
import { dated, whenServing } from './when-serving.ts';

export type Outcome = {
  readonly operation: Operation;
  readonly result: Attempt | { readonly status: 'skipped'; readonly why: string };
  /** Why it was done although it was not as good as it should be. */
  readonly although?: string;
};

export type Applied = { readonly actual: Actual; readonly outcomes: readonly Outcome[] };

/** When each retired resource was first seen unused, in milliseconds; kept between passes of one stack. */
export type Retirements = Map<Key, number>;

export type ApplyPorts = {
  readonly aws: Pick<Aws, 'perform' | 'serving' | 'targetHealth'>;
  readonly clock: Clock;
  readonly retirements: Retirements;
  readonly takeOvers: TakeOvers;
  /** Told what AWS holds after each operation that was done. */
  readonly onDone: (actual: Actual) => void;
  /** Aborted: finish the calls under way, start no more. */
  readonly signal: AbortSignal;
};

/**
 * Operations of one stack under way at the same time; AWS's own buckets are the limit for the account. Records are
 * not counted: they go out in batches, which are the larger the more there are.
 */
const WIDTH = 4;
const isBatched = ({ key }: Operation): boolean => kindOf(key) === 'dns-record';
/** Does what can be done now. Resolves when every operation has an outcome; never rejects for what AWS answers. */
export const applyPlan = async (plan: Plan, before: Actual, ports: ApplyPorts): Promise<Applied> => {
  let actual = before;
  const looks = looksOf(ports.aws);
  const outcomes = new Map<string, Outcome>();
  const running = new Map<string, Promise<void>>();
  let busy = 0;

  const run = async (planned: Operation): Promise<void> => {
    const { operation, result, although } = await attempt(planned, actual, looks, ports);
    if (result.status === 'done') {
      actual = known(afterOperation(actual, operation), operation, result);
      ports.onDone(actual);
    }
    outcomes.set(operationId(operation), { operation, result, ...(although !== undefined && { although }) });
  };

  const waiting = [...plan.operations];
  while (waiting.length > 0 || running.size > 0) {
    for (const operation of [...waiting]) {
      const verdict = ready(operation, outcomes, running, ports.signal);
      if (verdict === 'later' || (verdict === 'now' && busy >= WIDTH && !isBatched(operation))) continue;
      waiting.splice(waiting.indexOf(operation), 1);
      const id = operationId(operation);
      const weight = isBatched(operation) ? 0 : 1;
      if (verdict === 'now') {
        busy += weight;
        const ended = (): void => {
          running.delete(id);
          busy -= weight;
        };
        running.set(id, run(operation).finally(ended));
      } else outcomes.set(id, { operation, result: { status: 'skipped', why: verdict.why } });
    }
    if (running.size > 0) await Promise.race(running.values());
  }
  for (const key of ports.retirements.keys())
    if (!plan.operations.some((operation) => operation.verb === 'delete' && operation.key === key))
      ports.retirements.delete(key);
  ports.takeOvers.forget(plan);
  return {
    actual,
    outcomes: plan.operations.flatMap((operation) => outcomes.get(operationId(operation)) ?? []),
  };
};

const ready = (
  operation: Operation,
  outcomes: ReadonlyMap<string, Outcome>,
  running: ReadonlyMap<string, unknown>,
  signal: AbortSignal,
): 'now' | 'later' | { readonly why: string } => {
  if (signal.aborted) return { why: 'the controller is stopping' };
  for (const id of operation.after) {
    const earlier = outcomes.get(id);
    if (earlier && earlier.result.status !== 'done' && !isDispensable(earlier))
      return { why: `waits for: ${id}` };
    if (!earlier || running.has(id)) return 'later';
  }
  return 'now';
};

/** What AWS will not let us prepare is done without: the wait for healthy targets has an end of its own. */
const isDispensable = ({ operation, result }: Outcome): boolean =>
  operation.verb === 'prepare' && result.status === 'failed' && !result.retry;

/** What was done is not always what was planned: a step of a cut-over may turn into going back. */
const attempt = async (
  planned: Operation,
  actual: Actual,
  looks: Looks,
  ports: ApplyPorts,
): Promise<Pick<Outcome, 'operation' | 'although'> & { readonly result: Attempt }> => {
  const { aws } = ports;
  const now = ports.clock.now();
  const early = graceLeft(planned, ports.retirements, now);
  if (early) return { operation: planned, result: early };
  const chosen = await whenServing(planned, actual, looks, now);
  if ('result' in chosen) return chosen;
  const operation = dated(chosen.operation, now);
  const verdict = await ports.takeOvers.judge(operation, actual, ports);
  if (verdict.is === 'early') return { operation, result: verdict.wait };
  const result = await aws.perform(operation, actual);
  const late = verdict.is === 'late' && result.status === 'done';
  return { operation, result, ...(late && { although: verdict.why }) };
};

const graceLeft = (operation: Operation, retirements: Retirements, now: number): Attempt | undefined => {
  if (operation.verb !== 'delete' || operation.grace === 0) return undefined;
  const since = retirements.get(operation.key) ?? now;
  retirements.set(operation.key, since);
  const left = Math.ceil((since + operation.grace * 1000 - now) / 1000);
  return left > 0 ? { status: 'wait', seconds: left, why: `unused, kept for another ${left} s` } : undefined;
};

const isBalancerKey = (key: Key): key is BalancerKey =>
  kindOf(key) === 'load-balancer' || kindOf(key) === 'network-load-balancer';

/** Adds what AWS said about a resource: its identifier, and a balancer's address. */
const known = (
  actual: Actual,
  operation: Operation,
  result: Extract<Attempt, { status: 'done' }>,
): Actual => {
  const ids = new Map(actual.ids);
  const loadBalancers = new Map(actual.loadBalancers);
  if (operation.verb === 'delete') {
    for (const key of ids.keys()) if (!actual.owned.has(key) && !actual.adoptable.has(key)) ids.delete(key);
    for (const key of loadBalancers.keys()) if (!actual.owned.has(key)) loadBalancers.delete(key);
  }
  if (result.id !== undefined) ids.set(operation.key, result.id);
  if (result.loadBalancer && isBalancerKey(operation.key))
    loadBalancers.set(operation.key, result.loadBalancer);
  return { ...actual, ids, loadBalancers };
};
