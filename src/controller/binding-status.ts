/** The status of a TargetGroupBinding: one condition, `Ready`, and the generation it speaks of. */
import type { BindingProblem } from '../core/bindings/decide.ts';
import type { BindingStatus, Condition, TargetGroupBinding } from '../core/kube/objects.ts';
import type { ProblemCode } from '../core/problems/table.ts';

/** What its owner has to see to, and yet targets are registered. */
const HARMLESS: ReadonlySet<ProblemCode> = new Set(['NetworkingLeft']);

/** The status to write; undefined when it says all this already. `at` is RFC 3339. */
export const bindingStatus = (
  { metadata, status }: TargetGroupBinding,
  said: { readonly problems: readonly BindingProblem[]; readonly wanted?: number },
  at: string,
): BindingStatus | undefined => {
  const problem = said.problems.find(({ code }) => !HARMLESS.has(code));
  const told = problem ?? {
    code: 'TargetsRegistered',
    message: `${said.wanted ?? 0} targets are registered`,
  };
  const before = status?.conditions?.find(({ type }) => type === 'Ready');
  const value = problem ? 'False' : 'True';
  const generation = metadata.generation === undefined ? {} : { observedGeneration: metadata.generation };
  const condition: Condition = {
    type: 'Ready',
    status: value,
    ...generation,
    lastTransitionTime: before?.status === value ? before.lastTransitionTime : at.replace(/\.\d+Z$/, 'Z'),
    reason: told.code,
    message: told.message,
  };
  const same =
    before !== undefined &&
    status?.observedGeneration === metadata.generation &&
    (['status', 'reason', 'message', 'observedGeneration'] as const).every(
      (field) => before[field] === condition[field],
    );
  if (same) return undefined;
  const others = (status?.conditions ?? []).filter(({ type }) => type !== 'Ready');
  return { ...generation, conditions: [...others, condition] };
};
