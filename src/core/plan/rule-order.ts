/**
 * The order of changes to one listener's rules. A request that the same backend answers before and after must be
 * answered by it all the while: so numbers move first, new rules come first to last, then actions change, the
 * default action after them (it is the last rule), and what goes leaves last to first. Rules that no request can
 * match both do not wait for each other, so that one refused rule stops no stranger.
 */
import { canonical } from '../model/digest.ts';
import type { Key, Resource } from '../model/resource.ts';
import { mayOverlap } from './overlap.ts';
import { type Operation, operationId, type Update } from './plan.ts';

/** Pairs of operation ids: the first waits for the second. */
export type Wait = readonly [later: string, earlier: string];

export const waitsAmongRules = (operations: readonly Operation[]): readonly Wait[] => {
  const byListener = Map.groupBy(operations.flatMap(stepOf), (step) => step.listener);
  return [...byListener.values()].flatMap((steps) =>
    steps.flatMap((later) =>
      steps.flatMap((earlier): Wait[] => (precedes(earlier, later) ? [[later.id, earlier.id]] : [])),
    ),
  );
};

/** What an operation means for one listener. Stages follow each other. */
type Step = { readonly listener: Key<'listener'>; readonly id: string } & (
  | { readonly stage: 'move' | 'default' }
  | { readonly stage: 'create' | 'update' | 'delete'; readonly rule: Resource<'rule'> }
);

const stepOf = (operation: Operation): readonly Step[] => {
  const id = operationId(operation);
  if (operation.verb === 'move') return [{ listener: operation.key, id, stage: 'move' }];
  const { resource } = operation;
  if (resource.kind === 'listener' && operation.verb !== 'create' && operation.verb !== 'delete')
    return changesDefault(operation) ? [{ listener: resource.key, id, stage: 'default' }] : [];
  if (resource.kind !== 'rule') return [];
  const stage = operation.verb === 'adopt' ? 'update' : operation.verb;
  return [{ listener: resource.spec.listener, id, stage, rule: resource }];
};

/** A change of protocol cannot wait: rules for HTTP2 or gRPC backends need the HTTPS listener. */
const changesDefault = ({ changes }: Update): boolean =>
  changes.some((change) => change.field === 'defaultActions') &&
  !changes.some((change) => change.field === 'protocol');

const STAGES = ['move', 'create', 'update', 'default', 'delete'] as const;

const precedes = (earlier: Step, later: Step): boolean => {
  const between = STAGES.indexOf(later.stage) - STAGES.indexOf(earlier.stage);
  if (between < 0 || earlier === later) return false;
  if (!('rule' in earlier) || !('rule' in later)) return between > 0;
  if (between === 0 && !turnOf(earlier.rule, later.rule, later.stage)) return false;
  return mayOverlap(earlier.rule.spec.conditions, later.rule.spec.conditions);
};

/** Inside a stage only creates and deletes have an order, and rules that do the same have none. */
const turnOf = (earlier: Resource<'rule'>, later: Resource<'rule'>, stage: Step['stage']): boolean => {
  if (stage === 'update' || canonical(earlier.spec.actions) === canonical(later.spec.actions)) return false;
  const distance = later.spec.priority - earlier.spec.priority;
  return stage === 'create' ? distance > 0 : distance < 0;
};
