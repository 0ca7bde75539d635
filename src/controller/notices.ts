/** Events: what was done and what is wrong, on the Ingresses concerned, and only when there is news. */
import type { Snapshot } from '../core/kube/snapshot.ts';
import { operationNoun } from '../core/plan/nouns.ts';
import type { Operation } from '../core/plan/plan.ts';
import type { PlannedStack } from '../core/plan/plan-stack.ts';
import type { IngressNotice } from '../core/ports.ts';
import type { ProblemCode } from '../core/problems/table.ts';
import type { Outcome } from './apply.ts';

const REASONS = {
  create: 'Created',
  adopt: 'Adopted',
  update: 'Updated',
  move: 'Updated',
  prepare: undefined,
  delete: 'Deleted',
} as const;

/** One Normal event for each Ingress and kind of change, one Warning for each problem. */
export const noticesOf = (
  planned: PlannedStack,
  outcomes: readonly Outcome[],
  ingresses: ReadonlySet<string>,
  snapshot: Snapshot,
): readonly IngressNotice[] => [
  ...done(planned, outcomes, ingresses, snapshot),
  ...planned.problems.flatMap((problem) => warning(problem.ingress, problem.code, problem.message, snapshot)),
  ...[returned, refused, doneAnyway].flatMap((telling) =>
    outcomes.flatMap((outcome) => {
      const told = telling(outcome);
      if (!told) return [];
      return concerned(outcome.operation, planned, ingresses).flatMap((ingress) =>
        warning(ingress, told.reason, told.message, snapshot),
      );
    }),
  ),
];

/** Those a resource is made for; of one nobody wants any more, the members that stay, or else those that leave. */
const concerned = (
  operation: Operation,
  planned: PlannedStack,
  ingresses: ReadonlySet<string>,
): readonly string[] => {
  const origins = planned.desired.origins.get(operation.key);
  if (origins) return origins;
  const members = planned.desired.accepted.map((member) => member.id);
  return members.length > 0 ? members : [...ingresses];
};

const done = (
  planned: PlannedStack,
  outcomes: readonly Outcome[],
  ingresses: ReadonlySet<string>,
  snapshot: Snapshot,
): readonly IngressNotice[] => {
  const said = new Map<
    string,
    { readonly ingress: string; readonly reason: string; readonly nouns: string[] }
  >();
  for (const { operation, result } of outcomes) {
    if (result.status !== 'done') continue;
    const reason = REASONS[operation.verb];
    if (reason === undefined) continue;
    for (const ingress of concerned(operation, planned, ingresses)) {
      const id = `${ingress} ${reason}`;
      const entry = said.get(id) ?? { ingress, reason, nouns: [] };
      entry.nouns.push(operationNoun(operation));
      said.set(id, entry);
    }
  }
  return [...said.values()].flatMap(({ ingress, reason, nouns }) => {
    const object = snapshot.ingresses.get(ingress);
    return object ? [{ ingress: object, type: 'Normal' as const, reason, message: sentence(nouns) }] : [];
  });
};

/** Long lists are cut: an event is for people, the log has everything. */
const sentence = (nouns: readonly string[]): string => {
  const first = nouns.slice(0, 8).join(', ');
  return nouns.length > 8 ? `${first} and ${nouns.length - 8} more` : first;
};

/** What a Warning says of how an operation ended; undefined: nothing. */
type Telling = (outcome: Outcome) => { readonly reason: ProblemCode; readonly message: string } | undefined;

/** Names that went back to where they led before a cut-over. */
const returned: Telling = ({ operation, result }) =>
  operation.verb === 'update' && operation.when === 'not serving' && result.status === 'done'
    ? {
        reason: 'CutoverReturned',
        message: `${operationNoun(operation)}: the load balancer stopped serving`,
      }
    : undefined;

const refused: Telling = ({ operation, result }) =>
  result.status === 'failed'
    ? {
        reason: 'AwsRefused',
        message: `${operation.verb} ${operationNoun(operation)}: ${result.code}: ${result.message}`,
      }
    : undefined;

const doneAnyway: Telling = ({ operation, although }) =>
  although === undefined
    ? undefined
    : {
        reason: 'TargetsNotHealthy',
        message: `${operationNoun(operation)}: requests go to its new target group although ${although}`,
      };

const warning = (
  ingress: string,
  reason: string,
  message: string,
  snapshot: Snapshot,
): readonly IngressNotice[] => {
  const object = snapshot.ingresses.get(ingress);
  return object ? [{ ingress: object, type: 'Warning', reason, message }] : [];
};
