/** Translation and diff of one stack: everything between looking and doing. */
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
  const plan = diff(desired.graph, input.actual, graces);
  const held = plan.holds.flatMap((hold) =>
    (desired.origins.get(hold.key) ?? []).map(
      (ingress): Problem => ({ code: 'HeldBack', ingress, message: `${hold.key}: ${hold.why}` }),
    ),
  );
  return { desired, plan, problems: [...desired.problems, ...held] };
};
