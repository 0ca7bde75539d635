/** Whose a name is, from a stack's point of view. Pure. */
import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import type { RecordOwner } from '../core/adopt/record-owner.ts';
import type { Foreign } from '../core/model/actual.ts';
import { NEW_SIDE, OLD_SIDE, type Predecessor } from '../core/model/cutover.ts';
import type { Cutover, RecordType } from '../core/model/dns-record.ts';
import { type BalancerKey, dnsRecordKey, type Key } from '../core/model/key.ts';
import type { Resource } from '../core/model/resource.ts';
import type { RecordName } from '../core/ports.ts';
import { isPlain, specOf } from './record-sets.ts';
import { type AtName, isOf, plainTarget } from './records.ts';

/** What a name holds. */
export type Holding =
  | { readonly owned: Resource<'dns-record'> }
  | { readonly adoptable: Resource<'dns-record'> }
  | { readonly foreign: Foreign }
  | { readonly free: true };

export type PointOfView = RecordOwner & {
  /** The key of the stack's load balancer with this DNS name (lower case, plain). */
  readonly balancerAt: (dnsName: string) => BalancerKey | undefined;
  /** Owner id of the external-dns whose records for Ingresses of the stack count as ours. */
  readonly adoptOwner?: string | undefined;
};

/**
 * Ours by our TXT record, or by external-dns's where the operator adopts them; adoptable when there is none but
 * everything points to our balancer; else somebody's. Other types at the name (MX, TXT) bother nobody.
 */
export const holdingOf = (place: RecordName, at: AtName, view: PointOfView): Holding => {
  const key = dnsRecordKey(place.zone, place.name);
  const specFor = (records: readonly ResourceRecordSet[]) =>
    specOf(place, records, view.stack, view.balancerAt);
  const mine = at.marks.find(({ owner }) => owner.cluster === view.cluster && owner.stack === view.stack);
  if (mine) {
    const records = at.addresses.filter((address) => isOf(mine, address));
    const strange =
      records.find((record) => !isOurs(record, view)) ??
      at.addresses.find((other) => other.SetIdentifier === undefined && !isOf(mine, other));
    const cutover = cutoverOf(place, at, mine);
    const spec = { ...specFor(records), ...(cutover && { cutover }) };
    if (!strange) return { owned: { kind: 'dns-record', key, spec } };
    const description = `${recordText(place, strange)}, put in the place of ours by somebody`;
    return { foreign: { key, description, instead: insteadOf(key, at, specFor) } };
  }
  const adopted = adoptedFromExternalDns(place, at, view);
  if (adopted) {
    const spec = { ...specFor(adopted.records), vouchedBy: adopted.ingress };
    return { owned: { kind: 'dns-record', key, spec } };
  }
  if (at.addresses.length === 0 && at.marks.length === 0) return { free: true };
  const bare = at.marks.length === 0 && at.theirs.length === 0;
  if (bare && at.addresses.every((it) => isBareAlias(it) && view.balancerAt(plainTarget(it)) !== undefined))
    return { adoptable: { kind: 'dns-record', key, spec: specFor(at.addresses) } };
  return { foreign: foreignOf(place, at, view.cluster, specFor) };
};

/** What shares the name with us. Without its other half a pair is a record of ours like any other. */
const cutoverOf = (
  place: RecordName,
  { addresses }: AtName,
  { record, owner }: AtName['marks'][number],
): Cutover | undefined => {
  const old = addresses.find(({ SetIdentifier }) => SetIdentifier === OLD_SIDE);
  return old && record.SetIdentifier === NEW_SIDE && owner.cutoverSince !== undefined
    ? { from: sideText(place, old), since: owner.cutoverSince }
    : undefined;
};

/** What can share the name with us: it stands alone, and no controller of this kind says it is its own. */
const predecessorOf = (place: RecordName, { addresses, marks }: AtName): Predecessor | undefined => {
  const [first] = addresses;
  if (!first || marks.length > 0 || addresses.some(({ SetIdentifier }) => SetIdentifier !== undefined))
    return undefined;
  const types = addresses.flatMap(({ Type }): RecordType[] =>
    Type === 'A' || Type === 'AAAA' || Type === 'CNAME' ? [Type] : [],
  );
  return {
    from: sideText(place, first),
    types: types.sort(),
    ...(first.TTL !== undefined && { ttl: first.TTL }),
  };
};

const sideText = (place: RecordName, { SetIdentifier: _, ...record }: ResourceRecordSet): string =>
  recordText(place, record);

/** An alias anywhere, or a CNAME to our balancer: what we make, and what somebody may have bent. */
const isOurs = (record: ResourceRecordSet, { balancerAt }: PointOfView): boolean =>
  isPlain(record) && (record.Type !== 'CNAME' || balancerAt(plainTarget(record)) !== undefined);

const isBareAlias = (record: ResourceRecordSet): boolean =>
  isPlain(record) && record.Type !== 'CNAME' && record.SetIdentifier === undefined;

const adoptedFromExternalDns = (
  { ingresses = [] }: RecordName,
  { addresses, theirs }: AtName,
  { adoptOwner }: PointOfView,
): { readonly records: readonly ResourceRecordSet[]; readonly ingress: string } | undefined => {
  const mark = theirs.find(
    ({ owner }) =>
      adoptOwner !== undefined &&
      owner.owner === adoptOwner &&
      owner.ingress !== undefined &&
      ingresses.includes(owner.ingress),
  );
  const records = mark ? addresses.filter((address) => isOf(mark, address)) : [];
  // Somebody else may speak for the same record.
  const contested = theirs.some(
    (other) =>
      mark && other.record.SetIdentifier === mark.record.SetIdentifier && other.owner.owner !== adoptOwner,
  );
  if (!mark?.owner.ingress || contested || records.length === 0 || !records.every(isPlain)) return undefined;
  return { records, ingress: mark.owner.ingress };
};

type SpecFor = (records: readonly ResourceRecordSet[]) => Resource<'dns-record'>['spec'];

const foreignOf = (place: RecordName, at: AtName, cluster: string, specFor: SpecFor): Foreign => {
  const key = dnsRecordKey(place.zone, place.name);
  const everything = [...at.addresses, ...at.marks.map(({ record }) => record)];
  const identifiers = everything.map(({ SetIdentifier }) => SetIdentifier);
  const shared = identifiers.filter((it) => it !== undefined);
  const predecessor = predecessorOf(place, at);
  const [stack, ...others] = new Set(
    at.marks.map(({ owner }) =>
      owner.cluster === cluster && at.theirs.length === 0 ? owner.stack : undefined,
    ),
  );
  return {
    key,
    ...(predecessor && { predecessor }),
    ...(stack !== undefined && others.length === 0 && { stack }),
    description: describe(place, at),
    ...(shared.length === identifiers.length && { setIdentifiers: [...new Set(shared)].sort() }),
    instead: insteadOf(key, at, specFor).map((it) => withCutover(it, place, at)),
  };
};

/** The half of a pair that another stack of ours is moving a name with. */
const withCutover = (
  record: Resource<'dns-record'>,
  place: RecordName,
  at: AtName,
): Resource<'dns-record'> => {
  const { routing } = record.spec;
  const mark = at.marks.find((it) => routing && it.record.SetIdentifier === routing.setIdentifier);
  const cutover = mark && cutoverOf(place, at, mark);
  return cutover ? { ...record, spec: { ...record.spec, cutover } } : record;
};

/** What each of the records there would be if it were ours. */
const insteadOf = (
  key: Key<'dns-record'>,
  { addresses }: AtName,
  specFor: SpecFor,
): readonly Resource<'dns-record'>[] =>
  (addresses.length === 0
    ? [addresses]
    : [...Map.groupBy(addresses, ({ SetIdentifier }) => SetIdentifier).values()]
  ).map((records) => ({ kind: 'dns-record', key, spec: specFor(records) }));

const describe = (place: RecordName, at: AtName): string => {
  const [address] = at.addresses;
  const what = address ? recordText(place, address) : `ownership record of ${place.name}`;
  const [mark] = at.marks;
  if (mark) return `${what}, owned by ${mark.owner.stack} of cluster ${mark.owner.cluster}`;
  const [theirs] = at.theirs;
  if (!theirs) return what;
  const { owner, ingress } = theirs.owner;
  return `${what}, owned by external-dns (owner ${owner}${ingress === undefined ? '' : `, for Ingress ${ingress}`}); --dns-adopt-owner=${owner} adopts its records for Ingresses of this cluster`;
};

const recordText = ({ name }: RecordName, record: ResourceRecordSet): string => {
  const kind = `${record.Type}${record.AliasTarget ? ' alias' : ''} record`;
  const which = record.SetIdentifier === undefined ? '' : ` (${record.SetIdentifier})`;
  return `${kind} ${name}${which} -> ${plainTarget(record)}`;
};
