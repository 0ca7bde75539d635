import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import type { StoredZone } from '../aws/state.ts';
import { chooseRecordSets } from './routing-policy.ts';
import { type ZoneIndex, zoneIndex } from './zone-index.ts';
import { parentName, storedName } from './zone-name.ts';

/** One resource record, its value as Route 53 holds it. */
export type DnsRecord = {
  readonly name: string;
  readonly type: string;
  readonly ttl: number;
  readonly value: string;
};

/**
 * An answer. `nodata`: the name exists, not with this type. `refused`: the sandbox hosts no zone for the name.
 * `failed`: the name has a record the sandbox cannot evaluate; `why` says which. `authority` is the zone's SOA.
 */
export type DnsAnswer =
  | { readonly status: 'answer'; readonly records: readonly DnsRecord[] }
  | {
      readonly status: 'nxdomain' | 'nodata';
      readonly records: readonly DnsRecord[];
      readonly authority: DnsRecord | undefined;
    }
  | { readonly status: 'refused' }
  | { readonly status: 'failed'; readonly why: string };

/** `public`: what the internet sees. `private`: inside a VPC, where private zones hide public ones of the same name. */
export type View = 'public' | 'private';

export type Lookup = (name: string, type: string, view?: View) => DnsAnswer;

/** Load balancer names (without `dualstack.`, lower case, no trailing dot) to the address that serves them. */
export type LoadBalancerNames = (
  dnsName: string,
) => { readonly address: string; readonly dualStack: boolean } | undefined;

/**
 * Look-ups over hosted zones and load balancer names. `zones` is called after each change only: `forget` says that
 * there was one.
 */
export const zoneLookup = (
  zones: ReadonlyMap<string, StoredZone>,
  loadBalancers: LoadBalancerNames,
): { readonly lookup: Lookup; forget(): void } => {
  let indexes: readonly ZoneIndex[] | undefined;
  const zoneFor = (name: string, view: View): ZoneIndex | undefined => {
    indexes ??= [...zones.values()].map(zoneIndex);
    return bestZone(indexes, name, view);
  };
  return {
    lookup: (name, type, view = 'public') => {
      const start = storedName(name);
      return resolve({ zoneFor: (at) => zoneFor(at, view), loadBalancers }, start, type, []);
    },
    forget: () => {
      indexes = undefined;
    },
  };
};

type Sources = {
  readonly zoneFor: (name: string) => ZoneIndex | undefined;
  readonly loadBalancers: LoadBalancerNames;
};

/** AWS follows an alias or CNAME at most this often; more is a loop. */
const LONGEST_CHAIN = 8;
const LOAD_BALANCER_TTL = 60;
/** `NAME.REGION.elb.amazonaws.com`, with another top in some partitions. */
const LOAD_BALANCER_DOMAIN = /\.([a-z0-9-]+\.elb\.amazonaws\.com(?:\.cn)?\.)$/;

const resolve = (sources: Sources, name: string, type: string, before: readonly DnsRecord[]): DnsAnswer => {
  if (before.length > LONGEST_CHAIN)
    return { status: 'failed', why: `more than ${LONGEST_CHAIN} CNAMEs in a row` };
  const zone = sources.zoneFor(name);
  if (zone === undefined) return loadBalancerAnswer(sources, name, type, before);
  const authority = soaOf(zone);
  const sets = zone.find(name);
  if (sets === undefined) return { status: 'nxdomain', records: before, authority };
  const own = answerFromSets(sources, zone, name, type, sets.get(type) ?? []);
  if (typeof own === 'string') return { status: 'failed', why: own };
  if (own.length > 0) return { status: 'answer', records: [...before, ...own] };
  const cnames =
    type === 'CNAME' ? [] : answerFromSets(sources, zone, name, 'CNAME', sets.get('CNAME') ?? []);
  if (typeof cnames === 'string') return { status: 'failed', why: cnames };
  const [cname] = cnames;
  if (cname === undefined) return { status: 'nodata', records: before, authority };
  return chased(sources, cname, type, before);
};

/** A CNAME that leads out of the sandbox is still an answer: the resolver goes on by itself. */
const chased = (
  sources: Sources,
  cname: DnsRecord,
  type: string,
  before: readonly DnsRecord[],
): DnsAnswer => {
  const records = [...before, cname];
  const next = resolve(sources, storedName(cname.value), type, records);
  return next.status === 'refused' ? { status: 'answer', records } : next;
};

/** Records of one type, aliases resolved; a text when the set cannot be evaluated. */
const answerFromSets = (
  sources: Sources,
  zone: ZoneIndex,
  name: string,
  type: string,
  sets: readonly ResourceRecordSet[],
): readonly DnsRecord[] | string => {
  const chosen = chooseRecordSets(sets);
  if (typeof chosen === 'string') return `${name} ${type}: ${chosen}`;
  return chosen.flatMap((set) => {
    if (set.AliasTarget !== undefined) return aliasRecords(sources, zone, name, type, set.AliasTarget);
    const ttl = set.TTL ?? 300;
    return (set.ResourceRecords ?? []).map((record) => ({ name, type, ttl, value: record.Value ?? '' }));
  });
};

/** An alias answers with its target's records under its own name; one without target answers nothing. */
const aliasRecords = (
  sources: Sources,
  zone: ZoneIndex,
  name: string,
  type: string,
  alias: NonNullable<ResourceRecordSet['AliasTarget']>,
): readonly DnsRecord[] => {
  const target = storedName(alias.DNSName ?? '');
  if (alias.HostedZoneId !== zone.id)
    return loadBalancerRecords(sources, target, type).map((record) => ({ ...record, name }));
  if (target === name) return [];
  const answer = resolve(sources, target, type, []);
  return answer.status === 'answer'
    ? answer.records.filter((record) => record.type === type).map((record) => ({ ...record, name }))
    : [];
};

const loadBalancerAnswer = (
  sources: Sources,
  name: string,
  type: string,
  before: readonly DnsRecord[],
): DnsAnswer => {
  const domain = LOAD_BALANCER_DOMAIN.exec(name)?.[1];
  if (domain === undefined) return { status: 'refused' };
  const authority = loadBalancerSoa(domain);
  if (findLoadBalancer(sources, name) === undefined)
    return { status: 'nxdomain', records: before, authority };
  const records = loadBalancerRecords(sources, name, type);
  if (records.length === 0) return { status: 'nodata', records: before, authority };
  return { status: 'answer', records: [...before, ...records] };
};

/** No hosted zone holds this domain; its SOA only tells resolvers how long an absence lasts. */
const loadBalancerSoa = (domain: string): DnsRecord => ({
  name: domain,
  type: 'SOA',
  ttl: LOAD_BALANCER_TTL,
  value: `${domain} hostmaster.${domain} 1 7200 900 1209600 ${LOAD_BALANCER_TTL}`,
});

const findLoadBalancer = (sources: Sources, name: string) =>
  sources.loadBalancers(name.replace(/^dualstack\./, '').replace(/\.$/, ''));

/** AAAA of a dual-stack load balancer is its IPv4 address in IPv6 form: there is only one IPv6 loopback address. */
const loadBalancerRecords = (sources: Sources, name: string, type: string): readonly DnsRecord[] => {
  const found = findLoadBalancer(sources, name);
  if (found === undefined) return [];
  if (type === 'A') return [{ name, type, ttl: LOAD_BALANCER_TTL, value: found.address }];
  if (type === 'AAAA' && found.dualStack)
    return [{ name, type, ttl: LOAD_BALANCER_TTL, value: `::ffff:${found.address}` }];
  return [];
};

const soaOf = (zone: ZoneIndex): DnsRecord | undefined => {
  const [set] = zone.find(zone.apex)?.get('SOA') ?? [];
  const value = set?.ResourceRecords?.[0]?.Value;
  return value === undefined ? undefined : { name: zone.apex, type: 'SOA', ttl: set?.TTL ?? 900, value };
};

/** The zone with the longest name that covers this one; in the private view a private zone before a public one. */
const bestZone = (indexes: readonly ZoneIndex[], name: string, view: View): ZoneIndex | undefined => {
  for (let at: string | undefined = name; at !== undefined; at = parentName(at)) {
    const here = indexes.filter((zone) => zone.apex === at);
    const found =
      here.find((zone) => view === 'private' && zone.private) ?? here.find((zone) => !zone.private);
    if (found !== undefined) return found;
  }
  return undefined;
};
