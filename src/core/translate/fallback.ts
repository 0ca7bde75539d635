/** What answers requests that match no rule: the default backend of the first Ingress that has one, else 404. */
import { hasUnknownPorts } from '../annotations/default-ports.ts';
import type { GroupListener } from '../annotations/merge-listeners.ts';
import type { ListenerSpec } from '../model/resource.ts';
import type { Action } from '../model/rule.ts';
import type { ProblemCode } from '../problems/table.ts';
import { guardedOn } from './guarded.ts';
import { keptActions } from './kept.ts';
import { type LastKnown, madeFor, targetGroupsOf } from './last-known.ts';
import type { Member } from './member.ts';
import { clashOf, loops, refusalOf } from './refusals.ts';
import type { Backend, MemberRules } from './rules.ts';
import type { BackendContext } from './target-group.ts';

export type FallbackInput = {
  readonly accepted: readonly Member[];
  readonly drafts: ReadonlyMap<string, MemberRules>;
  /** Members that are frozen or have something unusable. */
  readonly troubled: readonly Member[];
  readonly known: LastKnown;
  readonly context: BackendContext;
  readonly report: (code: ProblemCode, ingress: string, message: string) => void;
};

/** A default action, and the Ingress it is for where there is one. */
export type Fallback = {
  readonly actions: readonly Action[];
  readonly targetGroups: Backend['targetGroups'];
  readonly owner: string | undefined;
};

/** The answer to requests nobody asked for. */
const NOT_FOUND: Fallback = {
  actions: [{ type: 'fixed-response', statusCode: '404', contentType: 'text/plain', messageBody: '' }],
  targetGroups: [],
  owner: undefined,
};

/** The default action of a listener that does not redirect everything. */
export const fallbackOf = (listener: GroupListener, input: FallbackInput): Fallback => {
  const candidates = input.accepted.flatMap((member) => candidateOf(member, listener, input) ?? []);
  // What serves for somebody in trouble stays, whatever became of their place in the group.
  const winner = candidates.find((it) => it.serves) ?? candidates[0];
  for (const { owner, stated } of candidates)
    if (owner !== undefined && stated && owner !== winner?.owner)
      input.report(
        'ConflictingSetting',
        owner,
        `spec.defaultBackend: ${winner?.owner} of the same group has one for port ${listener.port} and comes first; remove one of them`,
      );
  return winner ?? NOT_FOUND;
};

type Candidate = Fallback & { readonly stated: boolean; readonly serves: boolean };

const candidateOf = (
  member: Member,
  listener: GroupListener,
  input: FallbackInput,
): Candidate | undefined => {
  const isHere = listener.members.includes(member.id);
  const wanted = isHere ? input.drafts.get(member.id)?.fallback : undefined;
  const refusal = wanted && (refusalOf(wanted, listener) ?? clashOf(member.id, wanted, input.drafts));
  if (refusal !== undefined) input.report('InvalidBackend', member.id, `spec.defaultBackend: ${refusal}`);
  else if (wanted?.actions.some((action) => loops(action, listener, { hosts: [], paths: [] })))
    return undefined;
  else if (wanted) return guardedCandidate(member, wanted, listener, input);
  const have = input.known.listeners.get(listener.port);
  const mayBeIts = refusal !== undefined || input.troubled.includes(member);
  if (!have || !mayBeIts || have.defaultActions[0]?.type === 'redirect') return undefined;
  const says =
    member.ingress.spec?.defaultBackend !== undefined &&
    (isHere || hasUnknownPorts(member.reading.invalid, member.reading.stated));
  const serves = servesDefault(member, have, input.known);
  if (!says && !serves) return undefined;
  const kept = keptActions(have.defaultActions, input.troubled, input.known, input.context);
  return { ...kept, owner: member.id, stated: false, serves };
};

/** A guarded default backend is not there on an HTTP listener; a redirect of all requests is `ssl-redirect`. */
const guardedCandidate = (
  { id }: Member,
  wanted: Backend,
  listener: GroupListener,
  { report }: FallbackInput,
): Candidate | undefined => {
  const here = guardedOn(wanted, listener, undefined);
  if (!('refused' in here))
    return { actions: here.actions, targetGroups: here.targetGroups, owner: id, stated: true, serves: false };
  report('GuardNeedsHttps', id, `spec.defaultBackend: ${here.refused}, and ssl-redirect`);
  return undefined;
};

const servesDefault = (member: Member, have: ListenerSpec, known: LastKnown): boolean =>
  targetGroupsOf(have.defaultActions, known).some((group) => madeFor(group, member.id, known));

/** Default actions as they are, on the balancer that is wanted. */
export const keptFallback = (actions: readonly Action[], input: FallbackInput): Fallback => ({
  ...keptActions(actions, input.accepted, input.known, input.context),
  owner: undefined,
});
