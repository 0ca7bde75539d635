/** AWS as it is, and what to do about a stack. `run` acts on it and `plan` prints it, so both see the same. */
import { heirsOf } from '../core/adopt/heir.ts';
import type { Snapshot } from '../core/kube/snapshot.ts';
import type { Actual } from '../core/model/actual.ts';
import type { Facts } from '../core/model/facts.ts';
import type { RecordRules } from '../core/model/record-rules.ts';
import type { Graces } from '../core/plan/diff.ts';
import { type PlannedStack, planStack } from '../core/plan/plan-stack.ts';
import { namesToLookUp } from '../core/plan/record-names.ts';
import type { Aws } from '../core/ports.ts';
import type { Scope } from '../core/translate/membership.ts';
import { namesGroups } from '../core/translate/outside-groups.ts';

export type Settings = {
  readonly cluster: string;
  readonly scope: Scope;
  readonly dns: boolean;
  /** Default: what the core takes for usual. */
  readonly recordRules?: RecordRules;
  readonly graces: Graces;
  /** Longest wait, in seconds, for a healthy target of a group that takes over from another one. */
  readonly targetHealthWait: number;
  /** Seconds after which what AWS holds is looked at again although nothing changed here. */
  readonly auditSeconds: number;
};

export type LookInput = {
  readonly stack: string;
  readonly ingresses: Iterable<string>;
  readonly snapshot: Snapshot;
  readonly settings: Settings;
  /** Ingresses that have moved to another group, which does not serve them yet. */
  readonly staying?: ReadonlySet<string>;
  /** Ingresses that could not be given their finalizer, with the reason. */
  readonly unmarked?: ReadonlyMap<string, string>;
  readonly aws: Pick<Aws, 'facts' | 'observe' | 'lookUpNames'>;
  /** AWS as it was left; undefined: read it. */
  readonly known: Actual | undefined;
};

/** Seconds facts may be old when an Ingress names something they do not have. */
const FRESH_FACTS = 5;
/** The same when a stack is read afresh, after a failure for instance: what a name stands for may have changed. */
const RECENT_FACTS = 60;

/** Names nobody has looked up yet are looked up before planning. Rejects when AWS does not answer. */
export const look = async (
  input: LookInput,
): Promise<{ readonly actual: Actual; readonly facts: Facts; readonly planned: PlannedStack }> => {
  const { stack, snapshot, settings, aws } = input;
  const ingresses = [...input.ingresses];
  let facts: Facts = await aws.facts(settings.auditSeconds);
  let actual = input.known ?? (await aws.observe(stack, heirsOf(ingresses, snapshot)));
  const plan = (): PlannedStack => planFrom({ ...input, ingresses }, facts, actual);
  let planned = plan();
  const heals = mayHeal(planned);
  if (heals || (!input.known && planned.desired.accepted.some(namesGroups))) {
    facts = await aws.facts(heals ? FRESH_FACTS : RECENT_FACTS);
    planned = plan();
  }
  const unknown = namesToLookUp(planned.desired, actual);
  if (unknown.length > 0) {
    actual = await aws.lookUpNames(actual, stack, unknown);
    planned = plan();
  }
  return { actual, facts, planned };
};

/**
 * The same where AWS does not answer: from what it held last, and from facts however old. Pods come and go meanwhile, and one
 * service that is down (Route 53, say) is no reason to leave requests without targets. Rejects when nothing was ever known.
 */
export const recall = async (
  input: LookInput & { readonly known: Actual },
): Promise<{ readonly actual: Actual; readonly planned: PlannedStack }> => {
  const facts = await input.aws.facts(Number.POSITIVE_INFINITY);
  return {
    actual: input.known,
    planned: planFrom({ ...input, ingresses: [...input.ingresses] }, facts, input.known),
  };
};

/** The plan of a stack from what is known; asks nobody. */
export const planFrom = (
  given: Pick<LookInput, 'stack' | 'ingresses' | 'snapshot' | 'settings' | 'staying' | 'unmarked'>,
  facts: Facts,
  actual: Actual,
): PlannedStack => {
  const { stack, ingresses, snapshot, settings, staying, unmarked } = given;
  return planStack(
    {
      ...{ stack, ingresses, snapshot, facts, actual },
      ...{ cluster: settings.cluster, scope: settings.scope, dns: settings.dns },
      ...(staying && { staying }),
      ...(unmarked && { unmarked }),
      ...(settings.recordRules && { recordRules: settings.recordRules }),
    },
    settings.graces,
  );
};

/** Problems that vanish when somebody makes the missing thing in AWS. */
const MAY_BE_STALE: ReadonlySet<string> = new Set([
  'SubnetsUnusable',
  'SecurityGroupMissing',
  'TargetGroupMissing',
  'CertificateUnusable',
  'CertificatePending',
  'HostedZoneMissing',
  'PermissionMissing',
]);

/** Whether somebody may yet make in AWS what an Ingress names. */
export const mayHeal = (planned: PlannedStack): boolean =>
  planned.problems.some((problem) => MAY_BE_STALE.has(problem.code));
