/** Names move only to a load balancer that serves, step by step if that is wanted, and back when it stops serving. */
import { type Actual, kindOf } from '../core/model/actual.ts';
import type { BalancerKey } from '../core/model/key.ts';
import type { Resource } from '../core/model/resource.ts';
import type { Operation, Update } from '../core/plan/plan.ts';
import type { Attempt } from '../core/ports.ts';
import type { Looks } from './looks.ts';

type Chosen = { readonly operation: Operation } | { readonly operation: Operation; readonly result: Attempt };

/** Seconds between looks at a balancer that is not serving yet, and at one that shares a name. */
const SERVING_POLL = 5;
const SHARING_POLL = 10;

/** What to do now; with a `result`, nothing yet. `now` in milliseconds since the epoch. */
export const whenServing = async (
  operation: Operation,
  actual: Actual,
  looks: Looks,
  now: number,
): Promise<Chosen> => {
  if (operation.verb !== 'update' && operation.verb !== 'adopt') return { operation };
  const { resource, when, step, back } = operation;
  const target = targetOf(resource);
  if (when === undefined || target === undefined) return { operation };
  const shares = resource.kind === 'dns-record' && (resource.spec.cutover || step || back);
  const state = await (shares ? looks.sharing(resource.spec, actual) : looks.serving(target, actual));
  const wait = (seconds: number, why: string): Chosen => ({
    operation,
    result: { status: 'wait', seconds, why },
  });
  if (!state.serving && state.unknown) return wait(SERVING_POLL, state.why);
  if (when === 'not serving') return state.serving ? wait(SHARING_POLL, 'the name is shared') : { operation };
  if (!state.serving) return back ? { operation: insteadOf(operation, back) } : wait(SERVING_POLL, state.why);
  const left = step ? Math.ceil((step.since + step.interval * 1000 - now) / 1000) : 0;
  return left > 0
    ? wait(Math.min(left, SHARING_POLL), `next step of the cut-over in ${left} s`)
    : { operation };
};

/** What has to serve before traffic goes there. */
const targetOf = (resource: Resource): BalancerKey | undefined => {
  if (resource.kind === 'dns-record') return resource.spec.alias;
  return resource.kind === 'network-listener' ? resource.spec.application : undefined;
};

const insteadOf = ({ verb, key, after }: Update, back: NonNullable<Update['back']>): Update => ({
  ...{ verb, key, after, ...back },
  when: 'not serving',
});

/** The ownership record says since when the shares are what they are. */
export const dated = (operation: Operation, now: number): Operation => {
  if (operation.verb === 'delete' || operation.verb === 'move' || kindOf(operation.key) !== 'dns-record')
    return operation;
  const { resource } = operation;
  if (resource.kind !== 'dns-record' || !resource.spec.cutover) return operation;
  const cutover = { ...resource.spec.cutover, since: now };
  return { ...operation, resource: { ...resource, spec: { ...resource.spec, cutover } } };
};
