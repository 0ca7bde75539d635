/** Translation and diff of one stack: everything between looking and doing. */
import { NOTHING } from '../model/actual.ts';
import type { Problem } from '../problems/table.ts';
import { type Desired, type TranslateInput, translate } from '../translate/translate.ts';
import { diff, type Graces } from './diff.ts';
import type { Plan } from './plan.ts';

export type PlannedStack = {
  readonly desired: Desired;
  readonly plan: Plan;
  readonly problems: readonly Problem[];
};

/** What to do about a stack. Holds become problems of the Ingresses they concern. */
export const planStack = (input: TranslateInput, graces: Graces): PlannedStack => {
  const desired = translate(input);
  // Somebody's mistake holds up the whole stack: no time to clear away what others left.
  const waits = desired.accepted.length === 0 && desired.graph.size > 0;
  const actual = waits ? { ...input.actual, retirable: NOTHING.retirable } : input.actual;
  const plan = diff(desired.graph, actual, graces);
  const held = plan.holds.flatMap((hold) =>
    (desired.origins.get(hold.key) ?? []).map(
      (ingress): Problem => ({ code: 'HeldBack', ingress, message: `${hold.key}: ${hold.why}` }),
    ),
  );
  const beside = input.actual.foreign.flatMap((it): Problem[] =>
    it.ingress ? [{ code: 'HeldBack', ingress: it.ingress, message: it.description }] : [],
  );
  return { desired, plan, problems: [...desired.problems, ...held, ...beside] };
};
