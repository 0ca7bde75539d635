/** Puts the rules of all members onto the listeners, in the order in which they must match. */
import { PREFIX } from '../annotations/table.ts';
import { canonical } from '../model/digest.ts';
import { clientNote } from '../model/guard.ts';
import type { Key } from '../model/key.ts';
import { CLUSTER_TAG, INGRESS_TAG, STACK_TAG } from '../model/names.ts';
import type { Resource } from '../model/resource.ts';
import { ruleKey } from '../model/rule.ts';
import { type AddInput, addRules } from './add-rules.ts';
import { conditionsOf } from './conditions.ts';
import type { FallbackInput } from './fallback.ts';
import { type Guarded, guardedOn } from './guarded.ts';
import { type KeptRule, keptRules } from './kept.ts';
import { isAnybodys } from './last-known.ts';
import type { PlannedListener } from './listeners.ts';
import { digestOf, keptOfPacked, packRules } from './pack-rules.ts';
import { fieldOf, pathsOf } from './places.ts';
import { comparePlaces, type Place } from './precedence.ts';
import { clashOf, loops, matchedBy, refusalOf } from './refusals.ts';
import type { RuleDraft } from './rules.ts';
import { userTags } from './user-tags.ts';

export type PlaceInput = Omit<FallbackInput, 'report'> & AddInput;

export const placeRules = (input: PlaceInput): void => {
  const hidden: Hidden[] = [];
  const placed = new Set<string>();
  const rows: (readonly KeptRule[])[] = [];
  const frozen = new Set<KeptRule>();
  for (const listener of input.listeners) {
    const stated = input.accepted
      .filter((member) => listener.members.includes(member.id))
      .flatMap((member) => input.drafts.get(member.id)?.rules ?? [])
      .flatMap((draft) => onListener(draft, listener.resource, input) ?? []);
    const packs = (listener.redirects ? [] : keptOn(listener, stated, input)).map((rule) =>
      keptOfPacked(rule, stated),
    );
    const kept = packs.flatMap(({ rule }) => rule ?? []);
    const wanted = stated.filter((rule) => !packs.some(({ covers }) => covers.includes(rule)));
    const { order, hidden: behind } = placeOnListener(wanted, kept, placed, input);
    hidden.push(...behind);
    for (const { told, place } of order) if (told) input.report(told.code, place.ingress, told.message);
    for (const rule of kept) frozen.add(rule);
    rows.push(order);
  }
  const most = input.context.facts.limits?.rules;
  addRules(packRules({ rows, kept: frozen, most, standing: input.known.rules }), input);
  for (const { place, by } of hidden) {
    const { host, pathValue, ingress } = place;
    if (!placed.has(pathId(place)))
      input.report(
        'DuplicateRule',
        ingress,
        `${fieldOf(place)}: host ${host || '(any)'}, path ${pathValue || '(any)'}: ${by} has a rule with the same host and path that comes first, so this one would never match`,
      );
  }
};

/** A rule that another one with the same conditions keeps from ever matching on some listener. */
type Hidden = { readonly place: Place; readonly by: string };

const pathId = (place: Place): string => `${place.ingress} ${place.rule} ${place.path}`;

/** Troubled members keep what they have and do not state anew. */
const keptOn = (
  { resource }: PlannedListener,
  wanted: readonly KeptRule[],
  { troubled, known, context, drafts }: PlaceInput,
): readonly KeptRule[] => {
  const anybodys = new Set(known.rules.filter((rule) => isAnybodys(rule, known)).map((rule) => rule.key));
  const compare = comparePlaces(known.ruleOrder);
  return troubled.flatMap((member) => {
    const broken = (drafts.get(member.id)?.broken ?? []).map(({ place, conditions }) => ({
      place,
      key: ruleKey(resource.key, conditions),
    }));
    const claims = new Set<Key>(
      pathsOf(member).flatMap(({ host, path }) => {
        const stated = conditionsOf(member, host, path);
        return 'rules' in stated ? stated.rules.map((it) => ruleKey(resource.key, it)) : [];
      }),
    );
    // A path that was hidden by one that is broken now does not come forward.
    const statesAnew = (rule: KeptRule): boolean =>
      wanted.some(
        (it) =>
          it.resource.key === rule.resource.key &&
          (it.place.ingress === member.id ||
            (anybodys.has(rule.resource.key) && !claims.has(rule.resource.key))) &&
          !broken.some((path) => path.key === it.resource.key && compare(path.place, it.place) < 0),
      );
    return keptRules(member, resource.spec.port, known, context).filter((rule) => !statesAnew(rule));
  });
};

/** An HTTPS port on which the Ingress is served as well. */
const securePortOf = ({ member }: RuleDraft, { listeners }: PlaceInput): number | undefined =>
  listeners.find(({ resource, members }) => resource.spec.protocol === 'HTTPS' && members.includes(member.id))
    ?.resource.spec.port;

type PlacedRule = KeptRule & Pick<Guarded, 'told'>;

const onListener = (
  draft: RuleDraft,
  listener: Resource<'listener'>,
  input: PlaceInput,
): PlacedRule | undefined => {
  const key = ruleKey(listener.key, draft.conditions);
  const { known, context } = input;
  const here = guardedOn(draft, listener.spec, securePortOf(draft, input));
  const refusal = 'refused' in here ? here.refused : refusalOf(here, listener.spec);
  const clash = clashOf(draft.member.id, draft, input.drafts);
  if ('refused' in here || refusal !== undefined || clash !== undefined) {
    const why = refusal?.startsWith(PREFIX)
      ? refusal
      : `${fieldOf(draft.place)}.backend: ${refusal ?? clash}`;
    input.report('refused' in here ? 'GuardNeedsHttps' : 'InvalidBackend', draft.member.id, why);
    return keptRules(draft.member, listener.spec.port, known, context).find(
      (rule) => rule.resource.key === key,
    );
  }
  const matched = matchedBy(draft.conditions);
  if (draft.actions.some((action) => loops(action, listener.spec, matched))) return undefined;
  const tags = {
    ...userTags({ ...draft.member.reading.settings.tags, ...context.defaults.tags }),
    [CLUSTER_TAG]: context.cluster,
    [STACK_TAG]: context.stack,
    [INGRESS_TAG]: draft.member.id,
    ...clientNote(here.actions),
  };
  const spec = {
    listener: listener.key,
    priority: 0,
    conditions: draft.conditions,
    actions: here.actions,
    ...(draft.transforms && { transforms: draft.transforms }),
    tags,
  };
  return {
    place: draft.place,
    resource: { kind: 'rule', key, spec },
    targetGroups: here.targetGroups,
    ...(here.told && { told: here.told }),
  };
};

/** Puts the rules in their order, notes which paths found a place, and gives those that did not. */
const placeOnListener = (
  wanted: readonly PlacedRule[],
  kept: readonly KeptRule[],
  served: Set<string>,
  input: PlaceInput,
): { readonly order: readonly PlacedRule[]; readonly hidden: readonly Hidden[] } => {
  const compare = comparePlaces(input.known.ruleOrder);
  // What is kept has its conditions already, whoever else wants them.
  const placed = new Map<Key, KeptRule>(kept.map((rule) => [rule.resource.key, rule]));
  const order: PlacedRule[] = [];
  const hidden: Hidden[] = [];
  for (const rule of wanted.toSorted((a, b) => compare(a.place, b.place))) {
    const first = placed.get(rule.resource.key);
    if (!first) {
      placed.set(rule.resource.key, rule);
      order.push(rule);
    }
    if (!first || doesOf(first) === doesOf(rule)) served.add(pathId(rule.place));
    else hidden.push({ place: rule.place, by: first.place.ingress });
  }
  const numbers = new Map(input.known.rules.map((rule) => [digestOf(rule.key), rule.spec.priority]));
  for (const rule of kept) insertKept(rule, order, (it) => numbers.get(digestOf(it.resource.key)), compare);
  return { order, hidden };
};

const doesOf = ({ resource: { spec } }: KeptRule): string => canonical([spec.actions, spec.transforms]);

/** Between the rules it stands between now, and there among the new ones where its conditions put it. */
const insertKept = (
  rule: KeptRule,
  order: PlacedRule[],
  numberOf: (rule: KeptRule) => number | undefined,
  compare: (a: Place, b: Place) => number,
): void => {
  const number = numberOf(rule) ?? 0;
  const next = order.findIndex((other) => (numberOf(other) ?? 0) > number);
  const end = next < 0 ? order.length : next;
  let index = order.slice(0, end).findLastIndex((other) => (numberOf(other) ?? number) < number) + 1;
  for (let other = order[index]; other && index < end; other = order[index]) {
    if (compare(other.place, rule.place) > 0) break;
    index++;
  }
  order.splice(index, 0, rule);
};
