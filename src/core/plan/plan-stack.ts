/** Translation and diff of one stack: everything between looking and doing. */
import { type Actual, kindOf, NOTHING } from '../model/actual.ts';
import type { HostedZone } from '../model/facts.ts';
import type { Kind } from '../model/key.ts';
import { type RecordRules, USUAL_RECORD_RULES } from '../model/record-rules.ts';
import type { Resource } from '../model/resource.ts';
import type { Problem } from '../problems/table.ts';
import { isOpen } from '../translate/hosted-zones.ts';
import { type Desired, translate } from '../translate/translate.ts';
import type { TranslateInput } from '../translate/translate-input.ts';
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
  const rules = input.recordRules ?? USUAL_RECORD_RULES;
  const seen = [...input.ingresses].some((id) => input.snapshot.ingresses.has(id));
  const plan = diff(
    desired.graph,
    withOpenZones(actual, input.facts.zones ?? [], rules),
    { ...graces, record: seen ? 0 : rules.vanishedGrace },
    {
      ...rules,
      zones: new Set((input.facts.zones ?? []).map(({ id }) => id)),
      ...(input.facts.limits && { mostRules: input.facts.limits.rules }),
    },
  );
  const held = plan.holds.flatMap((hold) =>
    (desired.origins.get(hold.key) ?? []).map(
      (ingress): Problem => ({ code: 'HeldBack', ingress, message: `${hold.key}: ${hold.why}` }),
    ),
  );
  const beside = input.actual.foreign.flatMap((it): Problem[] =>
    it.ingress ? [{ code: 'HeldBack', ingress: it.ingress, message: it.description }] : [],
  );
  const deletes = deletesHeld(plan, desired, input);
  return { desired, plan, problems: [...desired.problems, ...held, ...beside, ...deletes] };
};

/** Records in a zone that is closed to us are neither missed nor taken away. */
const withOpenZones = (actual: Actual, zones: readonly HostedZone[], rules: RecordRules): Actual => {
  const closed = new Set(zones.flatMap((zone) => (isOpen(zone, rules) ? [] : [zone.id])));
  const stays = (resource: Resource): boolean =>
    resource.kind !== 'dns-record' || !closed.has(resource.spec.zone);
  const owned = [...actual.owned].filter(([, resource]) => stays(resource));
  return owned.length === actual.owned.size ? actual : { ...actual, owned: new Map(owned) };
};

/** One problem for all deletes that are held back together: of records, or of what records need. */
const deletesHeld = (
  plan: Plan,
  { graph, accepted }: Desired,
  { ingresses }: TranslateInput,
): readonly Problem[] => {
  const tell = accepted.length > 0 ? accepted.map((member) => member.id) : [...ingresses];
  const heldOf = (kind: Kind) => plan.holds.find(({ key }) => kindOf(key) === kind && !graph.has(key));
  const record = heldOf('dns-record');
  // Nobody else tells those who leave why their finalizer stays.
  const balancer = accepted.length === 0 && graph.size === 0 ? heldOf('load-balancer') : undefined;
  const message = record?.why ?? (balancer && `${balancer.key}: ${balancer.why}`);
  return message === undefined ? [] : tell.map((ingress) => ({ code: 'HeldBack', ingress, message }));
};
