/** Puts the rules of all members onto the listeners, in the order in which they must match. */
import { listenerRefusal } from '../annotations/overlay.ts';
import { canonical } from '../model/digest.ts';
import { ruleKey } from '../model/key.ts';
import { CLUSTER_TAG, INGRESS_TAG, STACK_TAG } from '../model/names.ts';
import type { Key, ListenerSpec, Resource } from '../model/resource.ts';
import type { Action } from '../model/rule.ts';
import type { ProblemCode } from '../problems/table.ts';
import { type KeptRule, keptRules } from './kept.ts';
import type { LastKnown } from './last-known.ts';
import type { PlannedListener } from './listeners.ts';
import type { Member } from './member.ts';
import { comparePlaces } from './precedence.ts';
import type { MemberRules, RuleDraft } from './rules.ts';
import type { BackendContext } from './target-group.ts';
import { userTags } from './user-tags.ts';

export type PlaceInput = {
  readonly accepted: readonly Member[];
  readonly drafts: ReadonlyMap<string, MemberRules>;
  readonly listeners: readonly PlannedListener[];
  readonly known: LastKnown;
  readonly context: BackendContext;
  readonly cluster: string;
  readonly stack: string;
  readonly add: (resource: Resource, owners: readonly string[]) => void;
  readonly report: (code: ProblemCode, ingress: string, message: string) => void;
};

export const placeRules = (input: PlaceInput): void => {
  for (const listener of input.listeners) {
    const wanted = input.accepted
      .filter((member) => listener.members.includes(member.id))
      .flatMap((member) => input.drafts.get(member.id)?.rules ?? [])
      .flatMap((draft) => onListener(draft, listener.resource, input) ?? []);
    placeOnListener([...wanted, ...keptOn(listener, wanted, input)], listener, input);
  }
};

/** Troubled members keep what they have; so does everybody on a listener whose members cannot be told. */
const keptOn = (
  listener: PlannedListener,
  wanted: readonly KeptRule[],
  input: PlaceInput,
): readonly KeptRule[] => {
  const { port, defaultActions } = listener.resource.spec;
  if (defaultActions[0]?.type === 'redirect' && listener.members.length === 0) return [];
  const there = new Set(wanted.map((rule) => rule.resource.key));
  const kept = input.accepted
    .filter((member) => member.frozen || input.drafts.get(member.id)?.incomplete)
    .flatMap((member) => keptRules(member, port, input.known, input.context));
  return [...new Map(kept.map((rule) => [rule.resource.key, rule])).values()].filter(
    (rule) => !there.has(rule.resource.key),
  );
};

const onListener = (
  draft: RuleDraft,
  listener: Resource<'listener'>,
  input: PlaceInput,
): KeptRule | undefined => {
  const refusal = draft.targetGroups
    .map((group) => listenerRefusal(listener.spec.protocol, group.spec.protocolVersion))
    .find((why) => why !== undefined);
  if (refusal) {
    input.report('InvalidBackend', draft.member.id, `port ${listener.spec.port}: ${refusal}`);
    return undefined;
  }
  if (draft.actions.some((action) => loops(action, listener.spec))) return undefined;
  const tags = {
    ...userTags(draft.member.reading.settings.tags),
    [CLUSTER_TAG]: input.cluster,
    [STACK_TAG]: input.stack,
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
    resource: { kind: 'rule', key: ruleKey(listener.key, draft.conditions), spec },
    targetGroups: draft.targetGroups,
  };
};

/** A redirect to where the request already is; LBC leaves such a rule out on that listener as well. */
const loops = (action: Action, listener: ListenerSpec): boolean =>
  action.type === 'redirect' &&
  ['#{protocol}', listener.protocol].includes(action.protocol) &&
  ['#{port}', String(listener.port)].includes(action.port) &&
  action.host === '#{host}' &&
  action.path === '/#{path}' &&
  action.query === '#{query}';

const placeOnListener = (rules: readonly KeptRule[], listener: PlannedListener, input: PlaceInput): void => {
  const compare = comparePlaces(input.known.ruleOrder);
  const placed = new Map<Key, KeptRule>();
  for (const rule of rules.toSorted((a, b) => compare(a.place, b.place))) {
    const first = placed.get(rule.resource.key);
    if (!first) {
      placed.set(rule.resource.key, rule);
      const spec = { ...rule.resource.spec, priority: placed.size };
      input.add({ ...rule.resource, spec }, [rule.place.ingress]);
      for (const group of rule.targetGroups) input.add(group, [rule.place.ingress]);
    } else if (canonical(first.resource.spec.actions) !== canonical(rule.resource.spec.actions)) {
      const { host, pathValue, ingress } = rule.place;
      input.report(
        'DuplicateRule',
        ingress,
        `host ${host || '(any)'}, path ${pathValue || '(any)'} on port ${listener.resource.spec.port}: ${first.place.ingress} has a rule with the same host and path that comes first, so this one would never match`,
      );
    }
  }
};
