/** Hosted zones for the DNS tests, as Route 53 stores them. */
import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import type { StoredZone } from '../../src/sandbox/aws/state.ts';
import { type DnsRecord, type Lookup, zoneLookup } from '../../src/sandbox/dns/lookup.ts';

export const LOAD_BALANCER = 'shop-1.eu-central-1.elb.amazonaws.com';
export const DUAL_STACK = 'dual-2.eu-central-1.elb.amazonaws.com';
const LOAD_BALANCER_ZONE = 'Z215JYRZR1TBD5';

/** A zone with the SOA and NS records that every hosted zone has. */
export const zone = (
  id: string,
  name: string,
  records: readonly ResourceRecordSet[],
  privateZone = false,
): StoredZone => {
  const soa = set(
    name,
    'SOA',
    [`ns-1.awsdns-00.com. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 60`],
    900,
  );
  const ns = set(name, 'NS', ['ns-1.awsdns-00.com.', 'ns-2.awsdns-01.net.'], 172_800);
  return {
    zone: { Id: `/hostedzone/${id}`, Name: name, CallerReference: id, Config: { PrivateZone: privateZone } },
    vpcs: privateZone ? ['vpc-1'] : [],
    records: new Map(
      [soa, ns, ...records].map((each) => [`${each.Name}|${each.Type}|${each.SetIdentifier ?? ''}`, each]),
    ),
  };
};

export const set = (
  Name: string,
  Type: ResourceRecordSet['Type'],
  values: readonly string[],
  TTL = 300,
): ResourceRecordSet => ({
  Name,
  Type,
  TTL,
  ResourceRecords: values.map((Value) => ({ Value })),
});

export const aliasTo = (
  Name: string,
  Type: ResourceRecordSet['Type'],
  DNSName: string,
  HostedZoneId = LOAD_BALANCER_ZONE,
): ResourceRecordSet => ({ Name, Type, AliasTarget: { HostedZoneId, DNSName, EvaluateTargetHealth: false } });

export const lookupIn = (...zones: readonly StoredZone[]): Lookup =>
  zoneLookup(new Map(zones.map((each) => [each.zone.Id, each])), (name) => {
    if (name === LOAD_BALANCER) return { address: '127.65.1.2', dualStack: false };
    return name === DUAL_STACK ? { address: '127.65.3.4', dualStack: true } : undefined;
  }).lookup;

/** The values of an answer, or its status when it has none. */
export const values = (answer: ReturnType<Lookup>): readonly string[] | string =>
  answer.status === 'answer' ? answer.records.map((record: DnsRecord) => record.value) : answer.status;
