/** A record for every host of a stack whose hosted zone is ours to write. */
import type { Facts } from '../model/facts.ts';
import { dnsRecordKey } from '../model/key.ts';
import type { Graph, IpAddressType, Key, Resource } from '../model/resource.ts';
import { zoneFor } from './hosted-zones.ts';
import type { Member } from './member.ts';

export type RecordsInput = {
  readonly members: readonly Member[];
  readonly loadBalancer: Key<'load-balancer'>;
  readonly ipAddressType: IpAddressType;
  readonly graph: Graph;
  readonly facts: Facts;
  readonly report: (ingress: string, message: string) => void;
};

/** Hosts of the Ingresses themselves; a host-less Ingress simply has no record. */
export const recordsOf = (input: RecordsInput): readonly Resource<'dns-record'>[] => {
  const owners = new Map<string, string>();
  for (const member of input.members)
    for (const host of hostsOf(member)) if (!owners.has(host)) owners.set(host, member.id);
  return [...owners].flatMap(([host, owner]) => recordFor(host, owner, input) ?? []);
};

export const hostsOf = (member: Member): readonly string[] => [
  ...new Set(
    (member.ingress.spec?.rules ?? []).flatMap((rule) => (rule.host ? [rule.host.toLowerCase()] : [])),
  ),
];

const recordFor = (host: string, owner: string, input: RecordsInput): Resource<'dns-record'> | undefined => {
  const zone = zoneFor(host, input.facts.zones);
  if (!zone) {
    const names = [...new Set(input.facts.zones.map((it) => it.name))].sort().join(', ') || 'none';
    input.report(owner, `host ${host}: no hosted zone of this account covers it; it has ${names}`);
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
