/**
 * Whose host is it? In a group the namespace that has a host first keeps it: the one that is served for it already,
 * else the one with the older Ingress. A wildcard covers the names below it against younger Ingresses; a rule without a
 * host claims nothing.
 */
import { hostMatches } from '../ingress-class/host-pattern.ts';
import type { Condition } from '../model/rule.ts';
import { isAnybodys, type LastKnown, madeFor } from './last-known.ts';
import { byAge, type Member } from './member.ts';
import { pathsOf, placeOfKept } from './places.ts';
import { comparePlaces, type Place } from './precedence.ts';
import type { MemberRules, RuleDraft } from './rules.ts';

/** A host that an Ingress has rules for. The empty one is every host. */
export type HostClaim = {
  readonly host: string;
  readonly member: Member;
  /** Whether AWS has a rule of the Ingress for it. */
  readonly serves: boolean;
  /** Where its last rule for the host stands. */
  readonly last: Place;
};

/** By host, earliest first. */
export type HostClaims = ReadonlyMap<string, readonly HostClaim[]>;

/** Host names and patterns of a rule; the empty one where it takes every host, or, by an expression, may. */
export const hostsOf = (conditions: readonly Condition[]): readonly string[] => {
  const hosts = conditions.flatMap((it) => (it.field === 'host-header' ? [it] : []));
  if (hosts.length === 0) return [''];
  return hosts.flatMap(({ values }) => values?.map((value) => value.toLowerCase()) ?? ['']);
};

/**
 * What is wanted, and of those that have been programmed what they write and what is kept for them: a mistake gives
 * no host away. What is new and wrong claims nothing.
 */
export const hostClaims = (
  members: readonly Member[],
  drafts: ReadonlyMap<string, MemberRules>,
  known: LastKnown,
): HostClaims => {
  const claims = members.flatMap((member) => claimsOf(member, drafts.get(member.id), known));
  return Map.groupBy(claims.toSorted(earlier), ({ host }) => host);
};

type HostPlace = { readonly host: string; readonly place: Place };

const claimsOf = (member: Member, draft: MemberRules | undefined, known: LastKnown): readonly HostClaim[] => {
  const have = known.rules
    .filter((rule) => madeFor(rule, member.id, known) && !isAnybodys(rule, known))
    .flatMap((rule) => atHosts(rule.spec.conditions, placeOfKept(rule, member)));
  const served = new Set(have.map(({ host }) => host));
  const wanted = (draft?.rules ?? []).flatMap((it) => atHosts(it.conditions, it.place));
  const refused = new Set(draft?.refusedHosts);
  const written = member.established ? pathsOf(member).filter(({ host }) => !refused.has(host)) : [];
  const kept = member.frozen || draft?.incomplete ? have : [];
  const compare = comparePlaces(known.ruleOrder);
  return [...Map.groupBy([...wanted, ...written, ...kept], ({ host }) => host)].flatMap(([host, all]) => {
    const last = all
      .map(({ place }) => place)
      .toSorted(compare)
      .at(-1);
    if (!last) return [];
    // Without its place nobody can tell what stands in front, so everything wider does.
    const order = member.reading.invalid.has('group.order') ? LAST_ORDER : last.order;
    return [{ host, member, serves: served.has(host), last: { ...last, order } }];
  });
};

/** The highest `group.order` there is. */
const LAST_ORDER = 1000;

const atHosts = (conditions: readonly Condition[], place: Place): readonly HostPlace[] =>
  hostsOf(conditions).map((host) => ({ host, place }));

/** Who serves comes before who wants, then the older Ingress. */
const earlier = (a: HostClaim, b: HostClaim): number =>
  Number(b.serves) - Number(a.serves) || byAge(a.member, b.member);

/** The claim of another namespace that keeps a rule of `member` for `host` out; undefined: none does. */
export const claimAgainst = (
  host: string,
  { member, place }: Pick<RuleDraft, 'member' | 'place'>,
  claims: HostClaims,
  known: LastKnown,
): HostClaim | undefined => {
  const namespace = namespaceOf({ member });
  const ours = (claims.get(host) ?? []).filter((it) => namespaceOf(it) === namespace);
  const oldest = ours.map((it) => it.member).toSorted(byAge)[0] ?? member;
  for (const [other, all] of claims) {
    if (other === '') continue;
    const theirs = all.filter((it) => namespaceOf(it) !== namespace && !shares(it, all, namespace));
    const [first] = all;
    if (other === host) {
      const own = ours[0];
      if (first && theirs.includes(first) && !(own && earlier(own, first) < 0)) return first;
      continue;
    }
    // Who waits for a certificate must not lose a name to a wildcard that serves meanwhile: here only age counts.
    const above = hostMatches(other, host) && theirs.find((it) => byAge(it.member, oldest) < 0);
    if (above) return above;
    // What is wider gets what is left over. Only an older Ingress may stand in front, by group.order.
    const wider = host === '' || hostMatches(host, other);
    const behind = theirs.find(
      (it) => wider && isBefore(place, it.last, known) && byAge(it.member, member) < 0,
    );
    if (behind) return behind;
  }
  return undefined;
};

const isBefore = (place: Place, other: Place, { ruleOrder }: LastKnown): boolean =>
  comparePlaces(ruleOrder)(place, other) < 0;

/** Whether an Ingress of the namespace that has the host lets the other namespace in. */
const shares = (claim: HostClaim, all: readonly HostClaim[], namespace: string): boolean =>
  all
    .filter((it) => namespaceOf(it) === namespaceOf(claim))
    .map((it) => it.member.reading.stated['share-hosts-with'] ?? [])
    .some((list) => list.includes(namespace) || list.includes('*'));

export const namespaceOf = ({ member }: Pick<HostClaim, 'member'>): string =>
  member.ingress.metadata.namespace ?? 'default';
