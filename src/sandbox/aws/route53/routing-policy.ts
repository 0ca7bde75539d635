/** Routing policies of record sets: which there are, what each asks of a record set and of those beside it. */
import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import type { Facts } from '../facts.ts';

type Policy = 'simple' | 'weighted' | 'latency' | 'failover' | 'geolocation' | 'geoproximity' | 'multivalue';

export const policyOf = (record: ResourceRecordSet): Policy => {
  if (record.Weight !== undefined) return 'weighted';
  if (record.Region !== undefined) return 'latency';
  if (record.Failover !== undefined) return 'failover';
  if (record.GeoLocation !== undefined) return 'geolocation';
  if (record.GeoProximityLocation !== undefined) return 'geoproximity';
  return record.MultiValueAnswer === undefined ? 'simple' : 'multivalue';
};

/** Types that are what they are for everybody (API reference of ResourceRecordSet). */
const ONLY_SIMPLE = new Set(['NS', 'SOA', 'DS']);

/** What is wrong with the policy of one record set; undefined when nothing is. All of it is from the API reference. */
export const policyProblem = (record: ResourceRecordSet): string | undefined => {
  const { Type = '', AliasTarget } = record;
  const policy = policyOf(record);
  if (policy === 'simple') return undefined;
  if (ONLY_SIMPLE.has(Type))
    return problem(record, `type ${Type} takes no routing policy, but has ${policy}`);
  if (policy === 'multivalue' && Type === 'CNAME')
    return problem(record, 'a multivalue answer cannot be of type CNAME');
  if (policy === 'multivalue' && AliasTarget !== undefined)
    return problem(record, 'a multivalue answer cannot be an alias');
  if (policy === 'failover' && AliasTarget?.EvaluateTargetHealth === false)
    return problem(record, 'a failover alias must have EvaluateTargetHealth true');
  return undefined;
};

/** What is wrong between a record set and the others of its name, type and policy; undefined when nothing is. */
export const groupProblem = (
  facts: Facts,
  record: ResourceRecordSet,
  others: readonly ResourceRecordSet[],
): string | undefined => {
  const policy = policyOf(record);
  if (policy === 'weighted' && others.length >= facts.weightedRecordsPerName)
    return problem(record, `more than ${facts.weightedRecordsPerName} weighted record sets`);
  const ttls = new Set([record, ...others].flatMap(({ TTL }) => TTL ?? []));
  if (policy === 'weighted' && ttls.size > 1)
    return problem(
      record,
      `weighted record sets of one name must have the same TTL, not ${[...ttls].join(', ')}`,
    );
  const place = placeOf(record);
  return place !== undefined && others.some((other) => placeOf(other) === place)
    ? problem(record, `another record set has the same ${place}`)
    : undefined;
};

/** Of what there can be one only. */
const placeOf = ({ Region, Failover, GeoLocation: place }: ResourceRecordSet): string | undefined => {
  if (Region !== undefined) return `Region ${Region}`;
  if (Failover !== undefined) return `role ${Failover}`;
  return (
    place &&
    `location ${[place.ContinentCode, place.CountryCode, place.SubdivisionCode].filter(Boolean).join(' ')}`
  );
};

const problem = ({ Name, Type, SetIdentifier }: ResourceRecordSet, text: string): string =>
  `RRSet with DNS name ${Name}, type ${Type}, SetIdentifier ${SetIdentifier ?? 'null'} cannot be created: ${text}`;
