/** What answers requests that match no rule: the default backend of the first Ingress that has one, else 404. */
import type { GroupListener } from '../annotations/merge-listeners.ts';
import type { Key, Resource } from '../model/resource.ts';
import type { Action } from '../model/rule.ts';
import type { ProblemCode } from '../problems/table.ts';
import { keptActions } from './kept.ts';
import type { LastKnown } from './last-known.ts';
import { NOT_FOUND, type PlannedListener } from './listeners.ts';
import type { Member } from './member.ts';
import type { MemberRules } from './rules.ts';
import type { BackendContext } from './target-group.ts';

export type FallbackInput = {
  readonly accepted: readonly Member[];
  readonly drafts: ReadonlyMap<string, MemberRules>;
  readonly known: LastKnown;
  readonly context: BackendContext;
  readonly report: (code: ProblemCode, ingress: string, message: string) => void;
};

export type Fallbacks = {
  readonly actions: (listener: GroupListener) => readonly Action[];
  /** Target groups that the actions given out so far refer to, with the Ingress that wanted them. */
  readonly groups: Map<Key, { readonly resource: Resource<'target-group'>; readonly owner: string }>;
};

export const fallbackFor = (input: FallbackInput): Fallbacks => {
  const groups: Fallbacks['groups'] = new Map();
  const actions = (listener: GroupListener): readonly Action[] => {
    const here = input.accepted.filter((member) => listener.members.includes(member.id));
    const [winner, ...losers] = here.filter((member) => input.drafts.get(member.id)?.fallback);
    for (const loser of losers)
      input.report(
        'ConflictingSetting',
        loser.id,
        `spec.defaultBackend: ${winner?.id} of the same group has one for port ${listener.port} and comes first; remove one of them`,
      );
    const fallback = winner && input.drafts.get(winner.id)?.fallback;
    const found = fallback ?? keptFallback(listener, here, input);
    for (const resource of found?.targetGroups ?? [])
      groups.set(resource.key, { resource, owner: winner?.id ?? here[0]?.id ?? '' });
    return found?.actions ?? [NOT_FOUND];
  };
  return { actions, groups };
};

/** A member in trouble may be the one whose default backend serves now. */
const keptFallback = (listener: GroupListener, here: readonly Member[], input: FallbackInput) => {
  const troubled = here.filter((member) => {
    const draft = input.drafts.get(member.id);
    return member.ingress.spec?.defaultBackend && (member.frozen || draft?.incomplete);
  });
  const have = input.known.listeners.get(listener.port);
  if (troubled.length === 0 || !have || have.defaultActions[0]?.type === 'redirect') return undefined;
  return keptActions(have.defaultActions, troubled, input.known, input.context);
};

/** Puts the target groups of default actions into the graph. */
export const addFallbacks = (
  listeners: readonly PlannedListener[],
  fallbacks: Fallbacks,
  add: (resource: Resource, owners: readonly string[]) => void,
): void => {
  const used = new Set<string>(
    listeners.flatMap(({ resource }) =>
      resource.spec.defaultActions.flatMap((action) =>
        action.type === 'forward' ? action.targetGroups.map((it) => it.targetGroup) : [],
      ),
    ),
  );
  for (const [key, { resource, owner }] of fallbacks.groups) if (used.has(key)) add(resource, [owner]);
};
