/** Rules for hosts that a class does not allow, or that another namespace has, are left out and told. */

import { PREFIX } from '../annotations/table.ts';
import { hostMatches } from '../ingress-class/host-pattern.ts';
import { hostRefusal } from '../ingress-class/policy.ts';
import type { ProblemCode } from '../problems/table.ts';
import {
  claimAgainst,
  type HostClaim,
  type HostClaims,
  hostClaims,
  hostsOf,
  namespaceOf,
} from './host-claims.ts';
import type { LastKnown } from './last-known.ts';
import type { Member } from './member.ts';
import { fieldOf, pathsOf } from './places.ts';
import type { MemberRules, RuleDraft } from './rules.ts';

type Drafts = ReadonlyMap<string, MemberRules>;
type Claimant = Pick<RuleDraft, 'member' | 'place' | 'conditions'>;
type Refusal = { readonly code: ProblemCode; readonly why: string };

/**
 * The drafts with refused paths among the broken ones, so that what an Ingress has of them already stays.
 * `shared`: hosts are nobody's, only classes limit them.
 */
export const withHostPolicy = (
  members: readonly Member[],
  drafts: Drafts,
  known: LastKnown,
  shared: boolean,
): Drafts => {
  const bare = new Map([...drafts].map(([id, draft]) => [id, withoutFallback(draft, members, id)]));
  const allowed = refuse(bare, members, byClass);
  if (shared) return allowed;
  const claims = hostClaims(members, allowed, known);
  return refuse(allowed, members, (draft) => byOwner(draft, claims, known));
};

/** A default backend takes requests for every host. */
const withoutFallback = (draft: MemberRules, members: readonly Member[], id: string): MemberRules => {
  const policy = members.find((member) => member.id === id)?.policy;
  const why = draft.fallback && policy && hostRefusal('', policy);
  if (why === undefined) return draft;
  const problem = { code: 'NotAllowed', ingress: id, message: `spec.defaultBackend: ${why}` } as const;
  return { ...draft, fallback: undefined, incomplete: true, problems: [...draft.problems, problem] };
};

/** Hosts of an Ingress that it may not have rules for: they get no record either. */
export const hostsRefused = ({ id }: Member, drafts: Drafts): readonly string[] => {
  const draft = drafts.get(id);
  const served = new Set((draft?.rules ?? []).flatMap(({ conditions }) => hostsOf(conditions)));
  return (draft?.refusedHosts ?? []).filter((host) => !served.has(host));
};

const refuse = (
  drafts: Drafts,
  members: readonly Member[],
  refusalOf: (draft: Claimant) => Refusal | undefined,
): Drafts =>
  new Map(
    members.flatMap((member) => {
      const draft = drafts.get(member.id);
      return draft ? [[member.id, without(draft, member, refusalOf)] as const] : [];
    }),
  );

const without = (
  draft: MemberRules,
  member: Member,
  refusalOf: (draft: Claimant) => Refusal | undefined,
): MemberRules => {
  const refused = draft.rules.flatMap((rule) => {
    const refusal = refusalOf(rule);
    return refusal ? [{ rule, ...refusal }] : [];
  });
  // A path that is wrong in another way may not have its host either.
  const others = pathsOf(member).filter(({ host, place }) =>
    refusalOf({ member, place, conditions: host === '' ? [] : [{ field: 'host-header', values: [host] }] }),
  );
  if (refused.length + others.length === 0) return draft;
  const out = new Set(refused.map(({ rule }) => rule));
  return {
    ...draft,
    rules: draft.rules.filter((rule) => !out.has(rule)),
    broken: [...draft.broken, ...refused.map(({ rule: { place, conditions } }) => ({ place, conditions }))],
    incomplete: draft.incomplete || refused.length > 0,
    refusedHosts: [...(draft.refusedHosts ?? []), ...others.map(({ host }) => host)],
    problems: [
      ...draft.problems,
      ...refused.map(({ rule, code, why }) => ({
        code,
        ingress: member.id,
        message: `${fieldOf(rule.place)}: ${why}`,
      })),
    ],
  };
};

const byClass = ({ member, conditions }: Claimant): Refusal | undefined => {
  const [why] = hostsOf(conditions).flatMap((host) => hostRefusal(host, member.policy) ?? []);
  return why === undefined ? undefined : { code: 'NotAllowed', why };
};

const byOwner = (draft: Claimant, claims: HostClaims, known: LastKnown): Refusal | undefined => {
  for (const host of hostsOf(draft.conditions)) {
    const claim = claimAgainst(host, draft, claims, known);
    if (claim) return { code: 'HostTaken', why: takenBy(claim, host, namespaceOf(draft)) };
  }
  return undefined;
};

const takenBy = (claim: HostClaim, host: string, namespace: string): string => {
  const owner = `belongs to namespace ${namespaceOf(claim)} of the same group, which does not share it`;
  const what = host === '' ? 'a rule without a host' : `host ${host}`;
  const why =
    claim.host === host
      ? `${what} ${owner}`
      : hostMatches(claim.host, host)
        ? `${what} lies below ${claim.host}, which ${owner}`
        : `${what} would come before ${claim.host}, which ${owner}`;
  return `${why}; put ${PREFIX}share-hosts-with: ${namespace} on Ingress ${claim.member.id}, or use another host`;
};
