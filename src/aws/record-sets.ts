/** Between record sets of Route 53 and what we say about records. */
import type { ResourceRecordSet, ResourceRecordSetRegion } from '@aws-sdk/client-route-53';
import { ownerRecordName, ownerRecordValue, type RecordOwner } from '../core/adopt/record-owner.ts';
import type { LoadBalancerFacts } from '../core/model/actual.ts';
import type { DnsRecordSpec, RecordType, Routing } from '../core/model/dns-record.ts';
import type { BalancerKey } from '../core/model/key.ts';
import type { RecordName } from '../core/ports.ts';
import { plainTarget } from './records.ts';

/** The record sets of a wanted record at its name. */
export const addressSets = (spec: DnsRecordSpec, balancer: LoadBalancerFacts): readonly ResourceRecordSet[] =>
  spec.types.map((Type) => ({
    Name: spec.name,
    Type,
    ...(Type === 'CNAME'
      ? { TTL: spec.ttl ?? 300, ResourceRecords: [{ Value: balancer.dnsName }] }
      : {
          AliasTarget: {
            DNSName: balancer.dnsName,
            HostedZoneId: balancer.hostedZoneId,
            EvaluateTargetHealth: spec.evaluateTargetHealth,
          },
        }),
    ...routed(spec.routing),
  }));

/**
 * The TXT record that says the record is ours. Beside records of others it has our set identifier; always weighted,
 * so that it never depends on which policies others choose.
 */
export const ownerSet = (spec: DnsRecordSpec, owner: RecordOwner): ResourceRecordSet => ({
  Name: ownerRecordName(spec.name),
  Type: 'TXT',
  TTL: 300,
  ResourceRecords: [{ Value: ownerRecordValue(owner) }],
  ...(spec.routing && { SetIdentifier: spec.routing.setIdentifier, Weight: 1 }),
});

const routed = (routing: Routing | undefined): Partial<ResourceRecordSet> => {
  if (!routing) return {};
  const SetIdentifier = routing.setIdentifier;
  switch (routing.policy) {
    case 'weighted':
      return { SetIdentifier, Weight: routing.weight };
    case 'latency':
      return { SetIdentifier, Region: routing.region as ResourceRecordSetRegion };
    case 'failover':
      return { SetIdentifier, Failover: routing.role };
    case 'geolocation':
      return {
        SetIdentifier,
        GeoLocation: {
          ...(routing.continent && { ContinentCode: routing.continent }),
          ...(routing.country && { CountryCode: routing.country }),
          ...(routing.subdivision && { SubdivisionCode: routing.subdivision }),
        },
      };
  }
};

/** The routing of a record set; `other` for policies we cannot express. */
const routingOf = (record: ResourceRecordSet): Routing | undefined | 'other' => {
  const { SetIdentifier: setIdentifier, Weight, Region, Failover, GeoLocation } = record;
  if (setIdentifier === undefined) return undefined;
  if (Weight !== undefined) return { setIdentifier, policy: 'weighted', weight: Weight };
  if (Region !== undefined) return { setIdentifier, policy: 'latency', region: Region };
  if (Failover !== undefined) return { setIdentifier, policy: 'failover', role: Failover };
  if (GeoLocation === undefined) return 'other';
  const { ContinentCode, CountryCode, SubdivisionCode } = GeoLocation;
  return {
    setIdentifier,
    policy: 'geolocation',
    ...(ContinentCode && { continent: ContinentCode }),
    ...(CountryCode && { country: CountryCode }),
    ...(SubdivisionCode && { subdivision: SubdivisionCode }),
  };
};

/** Whether a record set is such as we make: an alias, or a name with one other name behind it. */
export const isPlain = (record: ResourceRecordSet): boolean =>
  routingOf(record) !== 'other' &&
  record.HealthCheckId === undefined &&
  (record.Type === 'CNAME' ? record.ResourceRecords?.length === 1 : record.AliasTarget !== undefined);

/**
 * Record sets of one name and set identifier as a record of a stack. When they disagree, only those like the first
 * count, so that the other one shows as a difference.
 */
export const specOf = (
  place: RecordName,
  records: readonly ResourceRecordSet[],
  stack: string,
  balancerAt: (dnsName: string) => BalancerKey | undefined,
): DnsRecordSpec => {
  const byType = records.toSorted((a, b) => ((a.Type ?? '') < (b.Type ?? '') ? -1 : 1));
  const [first] = byType;
  const target = first ? plainTarget(first) : 'nowhere';
  const facets = (record: ResourceRecordSet | undefined): string =>
    JSON.stringify([record && plainTarget(record), healthOf(record), record && routingOf(record)]);
  const alike = byType.filter((record) => facets(record) === facets(first));
  const routing = first && routingOf(first);
  return {
    zone: place.zone,
    name: place.name,
    types: alike.flatMap(({ Type }): RecordType[] =>
      Type === 'A' || Type === 'AAAA' || Type === 'CNAME' ? [Type] : [],
    ),
    // What is no balancer of this stack has no key; this one equals none that could be wanted.
    alias: balancerAt(target) ?? `load-balancer/${stack}~elsewhere:${target}`,
    evaluateTargetHealth: healthOf(first),
    ...(first?.Type === 'CNAME' && { ttl: first.TTL ?? 0 }),
    ...(routing && routing !== 'other' && { routing }),
    serves: [],
  };
};

const healthOf = (record: ResourceRecordSet | undefined): boolean =>
  record?.AliasTarget?.EvaluateTargetHealth ?? false;
