/** A record for every host of a stack whose hosted zone is ours to write. */
import type { Facts } from '../model/facts.ts';
import { dnsRecordKey } from '../model/key.ts';
import type { Graph, IpAddressType, Key, Resource } from '../model/resource.ts';
import { zoneFor } from './hosted-zones.ts';
import { type LastKnown, madeFor } from './last-known.ts';
import type { Member } from './member.ts';

export type RecordsInput = {
  readonly members: readonly Member[];
  readonly troubled: readonly Member[];
  readonly known: LastKnown;
  readonly loadBalancer: Key<'load-balancer'>;
  readonly ipAddressType: IpAddressType;
  readonly graph: Graph;
  readonly facts: Facts;
  readonly report: (
    code: 'HostedZoneMissing' | 'PermissionMissing',
    ingress: string,
    message: string,
  ) => void;
};

export type OwnedRecord = { readonly resource: Resource<'dns-record'>; readonly owners: readonly string[] };

/** Hosts of the Ingresses themselves; a host-less Ingress simply has no record. */
export const recordsOf = (input: RecordsInput): readonly OwnedRecord[] => {
  const owners = new Map<string, string[]>();
  for (const member of input.members)
    for (const host of hostsOf(member, input)) owners.set(host, [...(owners.get(host) ?? []), member.id]);
  if (!input.facts.zones) return unjudged(owners, input);
  return [...owners].flatMap(([host, ids]) => {
    const resource = recordFor(host, ids[0] ?? '', input);
    return resource ? [{ resource, owners: ids }] : [];
  });
};

/** Not knowing the zones is no reason to take a name away: what we have stays and goes where it should. */
const unjudged = (
  owners: ReadonlyMap<string, readonly string[]>,
  input: RecordsInput,
): readonly OwnedRecord[] => {
  for (const [host, [owner = '']] of owners)
    if (!input.known.records.has(host))
      input.report(
        'PermissionMissing',
        owner,
        `host ${host}: Route 53 does not let us list hosted zones, so its record waits; expected permission for route53:ListHostedZones, or --disable-route53 when DNS is kept elsewhere`,
      );
  return input.known.ownedRecords.map((it) => {
    const serves = servedBy(it.spec.name, input.graph);
    const spec = { ...it.spec, alias: input.loadBalancer, serves };
    return { resource: { ...it, spec }, owners: owners.get(it.spec.name) ?? [] };
  });
};

/** Somebody in trouble keeps the names that lead to what it still serves, and a frozen one gets no new ones. */
const hostsOf = (member: Member, { troubled, known, graph }: RecordsInput): readonly string[] => {
  const stated = (member.ingress.spec?.rules ?? []).flatMap((rule) => rule.host?.toLowerCase() ?? []);
  if (!troubled.includes(member)) return [...new Set(stated.filter((host) => host !== ''))];
  const served = [...graph.values()].flatMap((it) =>
    it.kind === 'rule' && madeFor(it, member.id, known) ? hostsIn(it) : [],
  );
  const kept = [...served, ...(member.frozen ? stated : [])].filter((host) => known.records.has(host));
  return [...new Set([...(member.frozen ? [] : stated), ...kept].filter((host) => host !== ''))];
};

const hostsIn = (rule: Resource<'rule'>): readonly string[] =>
  rule.spec.conditions.flatMap((it) =>
    it.field === 'host-header' ? (it.values ?? []).map((value) => value.toLowerCase()) : [],
  );

const recordFor = (host: string, owner: string, input: RecordsInput): Resource<'dns-record'> | undefined => {
  const zones = input.facts.zones ?? [];
  const zone = zoneFor(host, zones);
  if (!zone) {
    const names = [...new Set(zones.map((it) => it.name))].sort().join(', ') || 'none';
    input.report(
      'HostedZoneMissing',
      owner,
      `host ${host}: no hosted zone of this account covers it; it has ${names}`,
    );
    return undefined;
  }
  return {
    kind: 'dns-record',
    key: dnsRecordKey(zone.id, host),
    spec: {
      zone: zone.id,
      name: host,
      types: input.ipAddressType === 'ipv4' ? ['A'] : ['A', 'AAAA'],
      alias: input.loadBalancer,
      evaluateTargetHealth: false,
      serves: servedBy(host, input.graph),
    },
  };
};

/** What must stand before the name leads here: the listeners, and the rules that may match the host. */
const servedBy = (host: string, graph: Graph): readonly Key[] =>
  [...graph.values()]
    .filter((resource) => {
      if (resource.kind === 'listener') return true;
      if (resource.kind !== 'rule') return false;
      const hosts = resource.spec.conditions.find((condition) => condition.field === 'host-header');
      return (
        !hosts?.values || hosts.values.some((value) => value.toLowerCase() === host || /[*?]/.test(value))
      );
    })
    .map((resource) => resource.key)
    .sort();
