/** Puts the rules of all members onto the listeners, in the order in which they must match. */
import { PREFIX } from '../annotations/table.ts';
import { canonical } from '../model/digest.ts';
import { ruleKey } from '../model/key.ts';
import { CLUSTER_TAG, INGRESS_TAG, STACK_TAG } from '../model/names.ts';
import type { Key, Resource } from '../model/resource.ts';
import type { ProblemCode } from '../problems/table.ts';
import type { FallbackInput } from './fallback.ts';
import { type KeptRule, keptRules } from './kept.ts';
import { isAnybodys } from './last-known.ts';
import type { PlannedListener } from './listeners.ts';
import { fieldOf } from './places.ts';
import { comparePlaces, type Place } from './precedence.ts';
import { clashOf, loops, refusalOf } from './refusals.ts';
import type { RuleDraft } from './rules.ts';
import { userTags } from './user-tags.ts';

export type PlaceInput = Omit<FallbackInput, 'report'> & {
  readonly listeners: readonly PlannedListener[];
  readonly add: (resource: Resource, owners: readonly string[]) => void;
  readonly report: (code: ProblemCode, ingress: string, message: string) => void;
};

export const placeRules = (input: PlaceInput): void => {
  const hidden: Hidden[] = [];
  const placed = new Set<string>();
  for (const listener of input.listeners) {
    const wanted = input.accepted
      .filter((member) => listener.members.includes(member.id))
      .flatMap((member) => input.drafts.get(member.id)?.rules ?? [])
      .flatMap((draft) => onListener(draft, listener.resource, input) ?? []);
    const kept = listener.redirects ? [] : keptOn(listener, wanted, input);
    hidden.push(...placeOnListener([...wanted, ...kept], placed, input));
  }
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
  { troubled, known, context }: PlaceInput,
): readonly KeptRule[] => {
  const stated = new Set(wanted.map((rule) => `${rule.place.ingress} ${rule.resource.key}`));
  const anybodys = new Set(known.rules.filter((rule) => isAnybodys(rule, known)).map((rule) => rule.key));
  const wantedKeys = new Set<Key>(wanted.map((rule) => rule.resource.key));
  return troubled
    .flatMap((member) => keptRules(member, resource.spec.port, known, context))
    .filter((rule) => !stated.has(`${rule.place.ingress} ${rule.resource.key}`))
    .filter((rule) => !anybodys.has(rule.resource.key) || !wantedKeys.has(rule.resource.key));
};

const onListener = (
  draft: RuleDraft,
  listener: Resource<'listener'>,
  input: PlaceInput,
): KeptRule | undefined => {
  const key = ruleKey(listener.key, draft.conditions);
  const { known, context } = input;
  const refusal = refusalOf(draft, listener.spec);
  const clash = clashOf(draft.member.id, draft, input.drafts);
  if (refusal !== undefined || clash !== undefined) {
    const why = refusal?.startsWith(PREFIX)
      ? refusal
      : `${fieldOf(draft.place)}.backend: ${refusal ?? clash}`;
    input.report('InvalidBackend', draft.member.id, why);
    return keptRules(draft.member, listener.spec.port, known, context).find(
      (rule) => rule.resource.key === key,
    );
  }
  if (draft.actions.some((action) => loops(action, listener.spec))) return undefined;
  const tags = {
    ...userTags(draft.member.reading.settings.tags),
    [CLUSTER_TAG]: context.cluster,
    [STACK_TAG]: context.stack,
    [INGRESS_TAG]: draft.member.id,
  };
  const spec = {
    listener: listener.key,
    priority: 0,
    conditions: draft.conditions,
    actions: draft.actions,
    tags,
  };
  return {
    place: draft.place,
    resource: { kind: 'rule', key, spec },
    targetGroups: draft.targetGroups,
  };
};

/** Adds the rules in their order, notes which paths found a place, and gives those that did not. */
const placeOnListener = (
  rules: readonly KeptRule[],
  served: Set<string>,
  input: PlaceInput,
): readonly Hidden[] => {
  const compare = comparePlaces(input.known.ruleOrder);
  const placed = new Map<Key, KeptRule>();
  const hidden: Hidden[] = [];
  for (const rule of rules.toSorted((a, b) => compare(a.place, b.place))) {
    const first = placed.get(rule.resource.key);
    if (!first) {
      placed.set(rule.resource.key, rule);
      const spec = { ...rule.resource.spec, priority: placed.size };
      input.add({ ...rule.resource, spec }, [rule.place.ingress]);
      for (const group of rule.targetGroups) input.add(group, [rule.place.ingress]);
    }
    if (!first || canonical(first.resource.spec.actions) === canonical(rule.resource.spec.actions))
      served.add(pathId(rule.place));
    else hidden.push({ place: rule.place, by: first.place.ingress });
  }
  return hidden;
};
