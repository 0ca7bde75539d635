/** What a pass has left open, and when that is looked at again although nothing changes. */
import { kindOf } from '../core/model/actual.ts';
import type { Operation } from '../core/plan/plan.ts';
import type { Outcome } from './apply.ts';

/**
 * Whether Ingresses that leave may be let go: nothing serves them any more. What cannot be made or set for those that stay
 * does not hold them up, unless a delete waits for it.
 */
export const mayLetGo = (outcomes: readonly Outcome[]): boolean =>
  outcomes.every(isSettled) ||
  outcomes.every((it) => (isSettled(it) && !isSkipped(it)) || concernsStayers(it));

const isSettled = (outcome: Outcome): boolean =>
  outcome.result.status === 'done' || isGrace(outcome) || isWatching(outcome);

const isSkipped = ({ result }: Outcome): boolean => result.status === 'skipped';

/** Of what these change nothing can still serve somebody who leaves. */
const concernsStayers = ({ operation: { verb, key } }: Outcome): boolean =>
  verb === 'create' || (verb === 'update' && ['load-balancer', 'target-group'].includes(kindOf(key)));

/**
 * Seconds until the next pass that no change will announce; undefined: none is needed. `others` wait for something
 * besides operations; `mayHeal`: somebody may put right meanwhile what was missing or refused.
 */
export const nextLook = (
  outcomes: readonly Outcome[],
  others: readonly (number | undefined)[],
  mayHeal: boolean,
): number | undefined => {
  if (outcomes.some(isHalfway)) return 0;
  return least([soonest(outcomes), ...others]) ?? (mayHeal ? HEAL_POLL : undefined);
};

/** Seconds between looks whether somebody has made what is missing, or permits what was refused. */
const HEAL_POLL = 60;

const isGrace = ({ operation, result }: Outcome): boolean =>
  operation.verb === 'delete' &&
  (result.status === 'wait' || result.status === 'skipped') &&
  operation.grace > 0;

/** A name that is shared stays so for long, and nobody has to wait for its next step. */
const isWatching = ({ operation, result }: Outcome): boolean =>
  result.status === 'wait' &&
  (operation.verb === 'update' || operation.verb === 'adopt') &&
  (operation.when === 'not serving' || operation.back !== undefined || operation.step !== undefined);

/** The next pass tells how long this share of a name is kept. */
const beginsStep = (operation: Operation): boolean =>
  (operation.verb === 'update' || operation.verb === 'adopt') &&
  operation.resource.kind === 'dns-record' &&
  operation.resource.spec.cutover !== undefined;

/** A certificate that was asked for, or has been issued: what comes next shows only now. */
const isHalfway = ({ operation, result }: Outcome): boolean =>
  result.status === 'done' &&
  (operation.verb === 'create' || operation.verb === 'update') &&
  operation.resource.kind === 'certificate' &&
  operation.resource.spec.origin === 'requested';

const least = (some: readonly (number | undefined)[]): number | undefined => {
  const known = some.filter((it) => it !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
};

const soonest = (outcomes: readonly Outcome[]): number | undefined => {
  const waits = outcomes.flatMap(({ operation, result }) => {
    if (result.status === 'done' && beginsStep(operation)) return [1];
    return result.status === 'wait' ? [result.seconds] : [];
  });
  return waits.length > 0 ? Math.min(...waits) : undefined;
};
