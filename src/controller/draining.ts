/**
 * The lane of Pods that are leaving. A Pod stops serving seconds after it is told to go, so its targets are taken out
 * of their groups at once, beside whatever pass of the stack is under way.
 */
import { drainsOf } from '../core/plan/draining.ts';
import { afterOperation } from '../core/plan/simulate.ts';
import type { Change } from '../core/ports.ts';
import { planFrom, type Settings } from './look.ts';
import type { ReconcilePorts } from './pass.ts';
import type { StackState } from './stack-state.ts';

export type Draining = {
  /** Takes targets with these addresses out of the groups of a stack, where the cluster wants them no more. */
  begin(stack: string, addresses: ReadonlySet<string>): void;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
};

/** What is known of a stack at this moment. */
export type StackNow = { readonly state: StackState; readonly ingresses: Iterable<string> };

export const makeDraining = (
  settings: Settings,
  ports: Pick<ReconcilePorts, 'aws' | 'kube' | 'log' | 'meter' | 'signal'>,
  now: (stack: string) => StackNow | undefined,
): Draining => {
  const waiting = new Map<string, Set<string>>();
  const running = new Map<string, Promise<void>>();

  const work = async (stack: string): Promise<void> => {
    // Slices and Pods tell of the same leaving one after the other, and several Pods leave together.
    await Promise.resolve();
    for (let some = take(stack); some && !ports.signal.aborted; some = take(stack)) {
      try {
        await drain(stack, some, settings, ports, now);
      } catch (error) {
        // The pass that the same change has begun does it too.
        ports.log('warn', 'draining failed', { stack, error: String(error) });
      }
    }
  };
  const take = (stack: string): ReadonlySet<string> | undefined => {
    const some = waiting.get(stack);
    waiting.delete(stack);
    return some;
  };
  return {
    begin: (stack, addresses) => {
      waiting.set(stack, new Set([...(waiting.get(stack) ?? []), ...addresses]));
      if (running.has(stack)) return;
      running.set(
        stack,
        work(stack).finally(() => running.delete(stack)),
      );
    },
    idle: async () => void (await Promise.all(running.values())),
  };
};

const drain = async (
  stack: string,
  leaving: ReadonlySet<string>,
  settings: Settings,
  { aws, kube, log, meter }: Pick<ReconcilePorts, 'aws' | 'kube' | 'log' | 'meter'>,
  now: (stack: string) => StackNow | undefined,
): Promise<void> => {
  // Which targets leave does not depend on facts, and cannot wait for AWS to tell them anew.
  const facts = await aws.facts(Number.POSITIVE_INFINITY);
  const found = now(stack);
  const actual = found?.state.actual ?? found?.state.seen;
  if (!found || !actual) return;
  const { state, ingresses } = found;
  const input = {
    ...{ stack, ingresses: [...ingresses], settings },
    ...{ snapshot: kube.snapshot(), staying: state.stayed },
  };
  const { plan } = planFrom(input, facts, actual);
  for (const operation of drainsOf(plan, actual, leaving)) {
    const result = await aws.perform(operation, actual);
    meter?.outcome('update', 'target-group', result.status);
    meter?.drained(result.status);
    log(result.status === 'done' ? 'info' : 'warn', `draining ${result.status}`, {
      stack,
      key: operation.key,
      ...(result.status === 'failed' && { code: result.code, error: result.message }),
    });
    if (result.status === 'done' && state.actual) state.actual = afterOperation(state.actual, operation);
  }
};

/** Addresses that a change of the cluster says are leaving. */
export const leavingIn = (change: Change): ReadonlySet<string> => {
  if (change.kind === 'pods') {
    const { metadata, status } = change.after ?? {};
    return new Set(metadata?.deletionTimestamp !== undefined && status?.podIP ? [status.podIP] : []);
  }
  if (change.kind !== 'endpointslices') return new Set();
  return new Set(
    (change.after?.endpoints ?? []).flatMap(({ addresses, conditions }) =>
      conditions?.terminating === true ? addresses : [],
    ),
  );
};
