/** What Route 53 refuses in one record set, before it looks at the others of the zone. */
import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import { InvalidInput$, NoSuchHealthCheck$ } from '@aws-sdk/client-route-53';
import type { Facts } from '../facts.ts';
import { notServed, refuse } from '../wire/refusal.ts';
import { liesIn, nameProblem } from './names.ts';
import type { StoredRecord } from './record.ts';
import { policyProblem } from './routing-policy.ts';
import { valueProblem } from './values.ts';

const TYPES = new Set('SOA A TXT NS CNAME MX NAPTR PTR SRV SPF AAAA CAA DS TLSA SSHFP SVCB HTTPS'.split(' '));
const POLICIES = [
  'Weight',
  'Region',
  'GeoLocation',
  'Failover',
  'MultiValueAnswer',
  'CidrRoutingConfig',
  'GeoProximityLocation',
] as const;

/** Throws InvalidInput for a record set whose members do not go together. */
export const checkForm = (record: ResourceRecordSet): void => {
  const { AliasTarget, TTL, ResourceRecords, Type = '', Name, SetIdentifier } = record;
  const what = `record set '${Name} ${Type}'`;
  if (!TYPES.has(Type)) throw refuse(InvalidInput$, `Invalid XML: '${Type}' is not a record type`);
  if (record.TrafficPolicyInstanceId !== undefined) throw notServed('traffic policy instances');
  if (record.CidrRoutingConfig !== undefined) throw notServed('CIDR routing');
  const plain = TTL !== undefined && ResourceRecords !== undefined;
  const mixed = AliasTarget !== undefined && (TTL !== undefined || ResourceRecords !== undefined);
  if (mixed || (AliasTarget === undefined && !plain)) {
    throw refuse(
      InvalidInput$,
      `Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found ${mixed ? 'more than one' : 'none'} in ${what}`,
    );
  }
  const policies = POLICIES.filter((policy) => record[policy] !== undefined);
  if (policies.length > 1 || (policies.length === 1) !== (SetIdentifier !== undefined)) {
    throw refuse(
      InvalidInput$,
      `Invalid request: Expected SetIdentifier and exactly one of [${POLICIES.join(', ')}], or none of them, in ${what}, but found [${[...policies, ...(SetIdentifier === undefined ? [] : ['SetIdentifier'])].join(', ')}]`,
    );
  }
  if (record.HealthCheckId !== undefined)
    throw refuse(NoSuchHealthCheck$, `No health check exists with the ID: ${record.HealthCheckId}`, 404);
};

/** What is wrong with the name or the values of a record set; undefined when nothing is. */
export const recordProblem = (facts: Facts, record: StoredRecord, zone: string): string | undefined => {
  const { Name, Type, ResourceRecords = [] } = record;
  const name = nameProblem(Name);
  if (name !== undefined) return name;
  if (!liesIn(Name, zone)) return `RRSet with DNS name ${Name} is not permitted in zone ${zone}`;
  if (Type === 'CNAME' && Name === zone)
    return `RRSet of type CNAME with DNS name ${Name} is not permitted at apex in zone ${zone}`;
  if (Type === 'SOA' && Name !== zone)
    return `RRSet of type SOA with DNS name ${Name} is only permitted at the apex of zone ${zone}`;
  if (Type === 'NS' && Name.startsWith('\\052.'))
    return `RRSet of type NS with DNS name ${Name} is not permitted: an NS record cannot be a wildcard`;
  const policy = policyProblem(record);
  if (policy !== undefined) return policy;
  const values = ResourceRecords.map(({ Value }) => Value ?? '');
  if (values.length > facts.valuesPerRecord) {
    return `RRSet with DNS name ${Name}, type ${Type} has ${values.length} values; at most ${facts.valuesPerRecord} are permitted`;
  }
  if ((Type === 'CNAME' || Type === 'SOA') && values.length > 1)
    return `RRSet of type ${Type} with DNS name ${Name} must have exactly one value`;
  if (new Set(values).size < values.length)
    return `Duplicate Resource Record in RRSet with DNS name ${Name}, type ${Type}`;
  for (const value of values) {
    const problem = valueProblem(Type, value);
    if (problem !== undefined) return problem;
  }
  return undefined;
};
