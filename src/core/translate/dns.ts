/** A record for every host of a stack whose hosted zone is ours to write. */
import { pairOf } from '../adopt/consent.ts';
import { hostRefusal } from '../ingress-class/policy.ts';
import type { Snapshot } from '../kube/snapshot.ts';
import type { Actual } from '../model/actual.ts';
import type { DnsRecordSpec, RecordType } from '../model/dns-record.ts';
import type { Facts, HostedZone } from '../model/facts.ts';
import { dnsRecordKey, type Key } from '../model/key.ts';
import type { RecordRules } from '../model/record-rules.ts';
import type { Graph, LoadBalancerSpec, Resource } from '../model/resource.ts';
import type { ProblemCode } from '../problems/table.ts';
import { handedOverPair, staged } from './cutover.ts';
import { hostsRefused } from './host-policy.ts';
import { isOpen, zoneFor } from './hosted-zones.ts';
import { type LastKnown, madeFor } from './last-known.ts';
import type { Member } from './member.ts';
import { memberships, type Scope, stacksOfFinalizers } from './membership.ts';
import { hostFault, LONGEST_HOST } from './record-name.ts';
import { DNS_PREFIX } from './record-routing.ts';
import { namesBeside, type RecordWish, readRecordWish } from './record-wish.ts';
import type { MemberRules } from './rules.ts';

export type RecordsInput = {
  readonly members: readonly Member[];
  readonly drafts: ReadonlyMap<string, MemberRules>;
  readonly troubled: readonly Member[];
  readonly known: LastKnown;
  readonly actual: Actual;
  /** What the names lead to. */
  readonly front: Resource<'load-balancer'> | Resource<'network-load-balancer'>;
  readonly graph: Graph;
  readonly facts: Facts;
  readonly rules: RecordRules;
  readonly snapshot: Snapshot;
  readonly scope: Scope;
  readonly report: (code: ProblemCode, ingress: string, message: string) => void;
};

export type OwnedRecord = { readonly resource: Resource<'dns-record'>; readonly owners: readonly string[] };

type Asked = { readonly host: string; readonly member: Member; readonly wish: RecordWish | undefined };

/** Names of the Ingresses themselves; a host-less Ingress simply has no record. */
export const recordsOf = (input: RecordsInput): readonly OwnedRecord[] => {
  const found = recordsByName(input.actual);
  const { zones } = input.facts;
  const asked = Map.groupBy(
    input.members.flatMap((member) => askedBy(member, input)),
    (it) => it.host,
  );
  if (!zones) return unjudged(asked, input);
  return [...asked].flatMap(([host, all]) => {
    // Who is frozen has no say while somebody else wants the name.
    const first = all.find((it) => it.wish) ?? all[0];
    if (!first) return [];
    for (const other of all) if (other !== first) reportConflict(first, other, input);
    const stands = found.get(host) ?? [];
    const resources = first.wish
      ? recordsFor(host, first.member, first.wish, stands, { ...input, zones })
      : keptRecords(stands, input);
    const owners = all.map((it) => it.member.id);
    return resources.map((resource) => ({ resource, owners }));
  });
};

/** Not knowing the zones is no reason to take a name away: what we have stays and goes where it should. */
const unjudged = (
  asked: ReadonlyMap<string, readonly Asked[]>,
  input: RecordsInput,
): readonly OwnedRecord[] => {
  for (const [host, [first]] of asked)
    if (first && !input.known.records.has(host))
      input.report(
        'PermissionMissing',
        first.member.id,
        `host ${host}: Route 53 does not let us list hosted zones, so its record waits; expected permission for route53:ListHostedZones, or --disable-route53 when DNS is kept elsewhere`,
      );
  return keptRecords(input.known.ownedRecords, input).map((resource) => ({
    resource,
    owners: (asked.get(resource.spec.name) ?? []).map(({ member }) => member.id),
  }));
};

type Standing = readonly Resource<'dns-record'>[];

/** What stands at a name and is ours, in one zone or several. */
const recordsByName = ({ owned, adoptable }: Actual): ReadonlyMap<string, Standing> =>
  Map.groupBy(
    [...adoptable.values(), ...owned.values()].flatMap((it) => (it.kind === 'dns-record' ? [it] : [])),
    (it) => it.spec.name,
  );

/** Somebody in trouble keeps the names that lead to what it still serves, and a frozen one gets no new ones. */
const askedBy = (member: Member, input: RecordsInput): readonly Asked[] => {
  const { troubled, known, graph, report } = input;
  const stated = (member.ingress.spec?.rules ?? [])
    .flatMap((rule) => rule.host?.toLowerCase() ?? [])
    .filter((host) => host.length <= LONGEST_HOST);
  const { wish, names, namesAreSure, faults } = readRecordWish(member);
  if (!member.frozen) for (const fault of faults) report('InvalidAnnotation', member.id, fault);
  const settled = member.frozen ? undefined : wish;
  const refused = new Set([...hostsRefused(member, input.drafts), ...namesRefused(member, names, input)]);
  const wanted = settled ? [...stated, ...names].filter((host) => !refused.has(host)) : [];
  const served = troubled.includes(member)
    ? [...graph.values()].flatMap((it) =>
        it.kind === 'rule' && madeFor(it, member.id, known) ? hostsIn(it) : [],
      )
    : [];
  const kept = [
    ...served,
    ...(settled ? refused : [...stated, ...names]),
    // Whatever it was, it stays: a record must not go because of a spelling mistake.
    ...(namesAreSure ? [] : known.records),
  ].filter((host) => known.records.has(host) && !wanted.includes(host));
  const ask = (wishes: RecordWish | undefined) => (host: string) => ({ host, member, wish: wishes });
  return [...[...new Set(wanted)].map(ask(settled)), ...[...new Set(kept)].map(ask(undefined))].filter(
    ({ host }) => host !== '' && isPossible(host, member, input),
  );
};

/** Names besides the hosts of rules that its class does not allow. */
const namesRefused = (
  { id, policy }: Member,
  names: readonly string[],
  { report }: RecordsInput,
): readonly string[] =>
  names.filter((name) => {
    const why = hostRefusal(name, policy);
    if (why !== undefined) report('NotAllowed', id, `${DNS_PREFIX}hostname: ${why}`);
    return why !== undefined;
  });

const isPossible = (host: string, member: Member, { report }: RecordsInput): boolean => {
  const fault = hostFault(host);
  if (fault) report('InvalidHost', member.id, `spec.rules: ${fault}`);
  return !fault;
};

const hostsIn = (rule: Resource<'rule'>): readonly string[] =>
  rule.spec.conditions.flatMap((it) =>
    it.field === 'host-header' ? (it.values ?? []).map((value) => value.toLowerCase()) : [],
  );

const reportConflict = (first: Asked, other: Asked, { report }: RecordsInput): void => {
  const said = ({ wish }: Asked): string =>
    JSON.stringify(wish && { ...wish, takeover: undefined, stepInterval: undefined });
  if (other.wish && said(first) !== said(other))
    report(
      'ConflictingSetting',
      other.member.id,
      `external-dns.alpha.kubernetes.io/*: ${first.member.id} of the same group says something else about the record of ${other.host} and comes first; make them equal`,
    );
};

const recordsFor = (
  host: string,
  owner: Member,
  wish: RecordWish,
  stands: Standing,
  input: RecordsInput & { readonly zones: readonly HostedZone[] },
): Standing => {
  const { zones, rules, front, report } = input;
  const internal = front.spec.scheme === 'internal';
  const choice = zoneFor(host, zones, rules, { pinned: wish.zone, internal });
  if ('shut' in choice) {
    report('PermissionMissing', owner.id, `host ${host}: ${choice.shut}; its record stays as it is`);
    return keptRecords(stands, input);
  }
  if ('none' in choice) {
    const kept = keptFromMistake(wish, stands, input);
    const stays = kept.length > 0 ? '; its record stays as it is' : '';
    report('HostedZoneMissing', owner.id, `host ${host}: ${choice.none}${stays}`);
    return kept;
  }
  const { zone, why } = choice;
  if (wish.cnameTtl !== undefined && host === zone.name) {
    report(
      'InvalidAnnotation',
      owner.id,
      `external-dns.alpha.kubernetes.io/alias: ${host} is the apex of its zone, where DNS allows no CNAME; expected true, or no such annotation`,
    );
    return keptRecords(stands, input);
  }
  const key = dnsRecordKey(zone.id, host);
  const have = stands.find((it) => it.key === key)?.spec;
  const adopted = have?.vouchedBy !== undefined && !rules.claimAdopted ? have : undefined;
  const handedOver = isHandedOver(host, owner, key, input);
  const whole: DnsRecordSpec = {
    zone: zone.id,
    name: host,
    types: typesOf(wish, front.spec, adopted),
    alias: front.key,
    evaluateTargetHealth: healthOf(wish, have),
    ...(wish.cnameTtl !== undefined && { ttl: wish.cnameTtl }),
    ...(wish.routing && { routing: wish.routing }),
    ...(adopted?.vouchedBy !== undefined && { vouchedBy: adopted.vouchedBy }),
    ...((wish.takeover || handedOver) && { takeover: true as const }),
    ...(why !== undefined && { zoneChoice: why }),
    serves: servedBy(host, input.graph),
  };
  const foreign = input.actual.foreign.find((it) => it.key === key);
  const pair = handedOver && foreign && !have ? pairOf(foreign) : undefined;
  const spec = pair ? handedOverPair(whole, pair.spec) : staged(whole, wish, { have, foreign });
  const record: Standing = spec ? [{ kind: 'dns-record', key, spec }] : [];
  return [...record, ...keptRecords(inShorterZones(zone, wish, stands, input), input)];
};

/**
 * What was written before a longer zone was there. DNS may not lead to that one yet, or a private one not everybody to it,
 * so it stays as long as the name is wanted; where DNS does lead there it is never asked for.
 */
const inShorterZones = (
  chosen: HostedZone,
  wish: RecordWish,
  stands: Standing,
  { zones, rules, actual }: RecordsInput & { readonly zones: readonly HostedZone[] },
): Standing =>
  stands.filter(({ key, spec }) => {
    const zone = zones.find(({ id }) => id === spec.zone);
    const isShorter = zone && zone.name.length < chosen.name.length && isOpen(zone, rules);
    return wish.zone === undefined && isShorter && actual.owned.has(key);
  });

/** A zone that is pinned by mistake is no reason to take a name away where it is. */
const keptFromMistake = (
  wish: RecordWish,
  stands: Standing,
  input: RecordsInput & { readonly zones: readonly HostedZone[] },
): Standing => {
  if (wish.zone === undefined) return [];
  const open = new Set(input.zones.flatMap((zone) => (isOpen(zone, input.rules) ? [zone.id] : [])));
  return keptRecords(
    stands.filter(({ spec }) => open.has(spec.zone)),
    input,
  );
};

/**
 * Whether the record belongs to a group of this cluster that the Ingress is leaving, and nobody stays there who wants
 * the name. It is taken over when the new load balancer serves.
 */
const isHandedOver = (
  host: string,
  owner: Member,
  key: Key,
  { actual, snapshot, scope }: RecordsInput,
): boolean => {
  const from = actual.foreign.find((it) => it.key === key)?.stack;
  if (from === undefined || !stacksOfFinalizers(owner.ingress).includes(from)) return false;
  return ![...snapshot.ingresses.values()].some(
    (other) =>
      (other.spec?.rules?.some((rule) => rule.host?.toLowerCase() === host) ||
        namesBeside(other).includes(host)) &&
      memberships(other, snapshot, scope).some((it) => it.is === 'member' && it.stack === from),
  );
};

/** external-dns also makes AAAA aliases to balancers without IPv6; they answer nothing and may stay. */
const typesOf = (
  wish: RecordWish,
  { ipAddressType }: Pick<LoadBalancerSpec, 'ipAddressType'>,
  adopted: DnsRecordSpec | undefined,
): readonly RecordType[] => {
  if (wish.cnameTtl !== undefined) return ['CNAME'];
  const wanted: readonly RecordType[] = ipAddressType === 'ipv4' ? ['A'] : ['A', 'AAAA'];
  return adopted?.types.includes('AAAA') ? ['A', 'AAAA'] : wanted;
};

/**
 * Of a record external-dns made, what it has counts unless the Ingress says otherwise: its default differs. Route 53
 * fails over by nothing but the health of an alias's target, and asks for it.
 */
const healthOf = (wish: RecordWish, have: DnsRecordSpec | undefined): boolean => {
  if (wish.cnameTtl !== undefined) return false;
  if (wish.routing?.policy === 'failover') return true;
  return wish.evaluateTargetHealth ?? (have?.vouchedBy === undefined ? false : have.evaluateTargetHealth);
};

/** The records of somebody in trouble stay what they are, and follow the load balancer. */
const keptRecords = (stands: Standing, { front, graph }: RecordsInput): Standing =>
  stands.map((found) => ({
    ...found,
    spec: { ...found.spec, alias: front.key, serves: servedBy(found.spec.name, graph) },
  }));

/** What must stand before the name leads here: the listeners, and the rules that may match the host. */
const servedBy = (host: string, graph: Graph): readonly Key[] =>
  [...graph.values()]
    .filter((resource) => {
      if (resource.kind === 'listener' || resource.kind === 'network-listener') return true;
      if (resource.kind !== 'rule') return false;
      const hosts = resource.spec.conditions.find((condition) => condition.field === 'host-header');
      return (
        !hosts?.values || hosts.values.some((value) => value.toLowerCase() === host || /[*?]/.test(value))
      );
    })
    .map((resource) => resource.key)
    .sort();
