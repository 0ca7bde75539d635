/**
 * Ingresses that move from one group to another. What serves them goes on until their new group does, and for as long
 * after that as resolvers remember the old address: the old stack keeps them, as if their annotations had a mistake.
 */
import type { Ingress } from '../core/kube/objects.ts';
import type { Snapshot } from '../core/kube/snapshot.ts';
import { type Actual, kindOf } from '../core/model/actual.ts';
import type { Key } from '../core/model/key.ts';
import { FOREIGN_NAMES } from '../core/plan/diff.ts';
import type { PlannedStack } from '../core/plan/plan-stack.ts';
import type { Aws, Clock, Kube } from '../core/ports.ts';
import { memberships, type Scope, stacksOfFinalizers } from '../core/translate/membership.ts';
import type { Outcome } from './apply.ts';
import type { Settings } from './look.ts';

export type Moves = {
  /** Ingresses that left a stack for another one and are still kept by the one they left. */
  staying(stack: string, ingresses: Iterable<string>, snapshot: Snapshot): Staying;
  /** Whether the address of an Ingress is that of the stack: of one that moves, the old one's until the new one serves. */
  speaksFor(ingress: string, stack: string, snapshot: Snapshot): boolean;
  /** The stack serves an Ingress now. */
  arrived(ingress: string, stack: string): void;
};

export type Staying = {
  readonly ingresses: ReadonlySet<string>;
  /** Seconds until one of them may go; undefined: somebody will tell. */
  readonly again: number | undefined;
};

/** What is forgotten with the process only lasts longer. */
export const makeMoves = (
  { scope, graces, dns }: Pick<Settings, 'scope' | 'graces' | 'dns'>,
  clock: Pick<Clock, 'now'>,
): Moves => {
  // Seconds that an old address is remembered. Those who keep names elsewhere hear of the new one later.
  const grace = graces.loadBalancer * (dns ? 1 : FOREIGN_NAMES);
  const since = new Map<string, number>();
  const idOf = (ingress: string, stack: string): string => `${ingress} ${stack}`;
  return {
    staying: (stack, ingresses, snapshot) => {
      const stays = new Set<string>();
      const left: number[] = [];
      for (const id of ingresses) {
        const next = nextStackOf(id, stack, snapshot, scope);
        if (next === undefined) continue;
        const began = since.get(idOf(id, next));
        const seconds = began === undefined ? undefined : (began - clock.now()) / 1000 + grace;
        if (seconds !== undefined && seconds <= 0) continue;
        stays.add(id);
        if (seconds !== undefined) left.push(Math.ceil(seconds));
      }
      return { ingresses: stays, again: left.length > 0 ? Math.min(...left) : undefined };
    },
    speaksFor: (ingress, stack, snapshot) => {
      const next = nextStackOf(ingress, stack, snapshot, scope);
      if (next !== undefined) return !since.has(idOf(ingress, next));
      const object = snapshot.ingresses.get(ingress);
      return !object || !isMoving(object, stack) || since.has(idOf(ingress, stack));
    },
    arrived: (ingress, stack) => {
      const id = idOf(ingress, stack);
      // An Ingress that comes back to a group later is a new arrival.
      for (const known of since.keys())
        if (known.startsWith(`${ingress} `) && known !== id) since.delete(known);
      since.set(id, since.get(id) ?? clock.now());
    },
  };
};

/** Whether another stack still has something of the Ingress. */
const isMoving = (ingress: Ingress, stack: string): boolean =>
  stacksOfFinalizers(ingress).some((other) => other !== stack);

/** Seconds between looks whether the new load balancer serves. */
const SERVING_POLL = 5;

export type Arrivals = {
  /** Stacks that need not keep an Ingress any more. */
  readonly relieved: ReadonlySet<string>;
  /** Seconds until the next look; undefined: nobody is on the way. */
  readonly again: number | undefined;
};

/** Notes which Ingresses that came from other stacks are served by this one: all is made, and the load balancer serves. */
export const arrivalsOf = async (
  stack: string,
  { desired, plan }: PlannedStack,
  actual: Actual,
  outcomes: readonly Outcome[],
  {
    aws,
    moves,
    kube,
  }: { readonly aws: Pick<Aws, 'serving'>; readonly moves: Moves; readonly kube: Pick<Kube, 'snapshot'> },
): Promise<Arrivals> => {
  const coming = desired.accepted.filter(
    ({ id, ingress, frozen }) =>
      !frozen && isMoving(ingress, stack) && !moves.speaksFor(id, stack, kube.snapshot()),
  );
  const balancer = [...desired.graph.keys()].find(
    (key): key is Key<'load-balancer'> => kindOf(key) === 'load-balancer',
  );
  if (coming.length === 0 || !balancer) return { relieved: new Set(), again: undefined };
  const unfinished = new Set([
    ...plan.holds.map(({ key }) => key),
    ...outcomes.flatMap(({ operation, result }) => (result.status === 'done' ? [] : [operation.key])),
  ]);
  const made = coming.filter(
    ({ id }) => ![...unfinished].some((key) => desired.origins.get(key)?.includes(id)),
  );
  if (made.length === 0 || !(await aws.serving(balancer, actual)).serving)
    return { relieved: new Set(), again: SERVING_POLL };
  for (const { id } of made) moves.arrived(id, stack);
  const relieved = made.flatMap(({ ingress }) => stacksOfFinalizers(ingress)).filter((it) => it !== stack);
  return { relieved: new Set(relieved), again: made.length < coming.length ? SERVING_POLL : undefined };
};

/** Where an Ingress that is leaving the stack belongs now; undefined when it only leaves. */
const nextStackOf = (id: string, stack: string, snapshot: Snapshot, scope: Scope): string | undefined => {
  const ingress = snapshot.ingresses.get(id);
  if (!ingress || ingress.metadata.deletionTimestamp !== undefined) return undefined;
  const all = memberships(ingress, snapshot, scope);
  if (!all.some((it) => it.is === 'leaving' && it.stack === stack)) return undefined;
  const next = all.find((it) => it.is === 'member');
  return next?.is === 'member' ? next.stack : undefined;
};
