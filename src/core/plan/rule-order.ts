/**
 * The order of changes to one listener's rules. A request that the same backend answers before and after must be
 * answered by it all the while: so numbers move first, new rules come first to last, then actions change, the
 * default action after them (it is the last rule), and what goes leaves last to first. Rules that no request can
 * match both do not wait for each other, so that one refused rule stops no stranger.
 *
 * A rule that begins to ask for a login does so before rules change places, for it may come to stand before the one
 * that asked until then. That is worth that somebody is asked a moment too early.
 */
import { canonical } from '../model/digest.ts';
import { guardsText } from '../model/guard.ts';
import type { Key } from '../model/key.ts';
import type { Action } from '../model/rule.ts';
import { mayOverlap, type Reach, reachOf } from './overlap.ts';
import { type Operation, operationId, type Prepare, type Reorder, type Update } from './plan.ts';

/** Pairs of operation ids: the first waits for the second. */
export type Wait = readonly [later: string, earlier: string];

/** On a `full` listener what goes makes room before anything comes. */
export const waitsAmongRules = (
  operations: readonly Operation[],
  full: ReadonlySet<Key<'listener'>> = new Set(),
): readonly Wait[] => {
  const byListener = Map.groupBy(operations.flatMap(stepOf), (step) => step.listener);
  return [...byListener.values()].flatMap((steps) =>
    steps.flatMap((later) =>
      steps.flatMap((earlier): Wait[] =>
        precedes(earlier, later, full.has(later.listener)) ? [[later.id, earlier.id]] : [],
      ),
    ),
  );
};

/** What an operation means for one listener. Stages follow each other. */
type Step = { readonly listener: Key<'listener'>; readonly id: string } & (
  | { readonly stage: 'move' | 'default' }
  | {
      readonly stage: 'guard' | 'create' | 'update' | 'delete';
      readonly priority: number;
      readonly does: string;
      readonly reach: Reach;
    }
);

const stepOf = (operation: Operation): readonly Step[] => {
  const id = operationId(operation);
  if (operation.verb === 'move') return [{ listener: operation.key, id, stage: 'move' }];
  // What prepares an update sends no request elsewhere.
  if (operation.verb === 'prepare') return [];
  const { resource } = operation;
  if (resource.kind === 'listener' && (operation.verb === 'update' || operation.verb === 'adopt'))
    return changesDefault(operation) ? [{ listener: resource.key, id, stage: 'default' }] : [];
  if (resource.kind !== 'rule') return [];
  const stage = stageOf(operation);
  const { listener, priority, actions, transforms, conditions } = resource.spec;
  const does = canonical([actions, transforms]);
  return [{ listener, id, stage, priority, does, reach: reachOf(conditions) }];
};

const stageOf = (
  operation: Exclude<Operation, Reorder | Prepare>,
): 'guard' | 'create' | 'update' | 'delete' => {
  if (operation.verb === 'create' || operation.verb === 'delete') return operation.verb;
  return operation.verb === 'update' && beginsToGuard(operation) ? 'guard' : 'update';
};

const beginsToGuard = ({ changes }: Update): boolean => {
  const actions = changes.find(({ field }) => field === 'actions');
  if (!actions) return false;
  return (
    guardsText(actions.from as readonly Action[]) === '' && guardsText(actions.to as readonly Action[]) !== ''
  );
};

/** A change of protocol cannot wait: rules for HTTP2 or gRPC backends need the HTTPS listener. */
const changesDefault = ({ changes }: Update): boolean =>
  changes.some((change) => change.field === 'defaultActions') &&
  !changes.some((change) => change.field === 'protocol');

const STAGES = ['guard', 'move', 'create', 'update', 'default', 'delete'] as const;

/** With no room to spare. */
const FULL_STAGES = ['guard', 'move', 'delete', 'create', 'update', 'default'] as const;

const precedes = (earlier: Step, later: Step, isFull: boolean): boolean => {
  const stages: readonly Step['stage'][] = isFull ? FULL_STAGES : STAGES;
  const between = stages.indexOf(later.stage) - stages.indexOf(earlier.stage);
  if (between < 0 || earlier === later) return false;
  if (!('reach' in earlier) || !('reach' in later)) return between > 0;
  if (between === 0 && !isTurn(earlier, later)) return false;
  const needsRoom = isFull && earlier.stage === 'delete' && later.stage === 'create';
  return needsRoom || mayOverlap(earlier.reach, later.reach);
};

type RuleStep = Extract<Step, { reach: Reach }>;

/** Inside a stage only creates and deletes have an order, and rules that do the same have none. */
const isTurn = (earlier: RuleStep, later: RuleStep): boolean => {
  if (later.stage === 'update' || later.stage === 'guard' || earlier.does === later.does) return false;
  return later.stage === 'create' ? earlier.priority < later.priority : earlier.priority > later.priority;
};
