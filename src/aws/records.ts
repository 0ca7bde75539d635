/** Reading Route 53: what stands at a name, and whose it is. */
import {
  ListResourceRecordSetsCommand,
  type ListResourceRecordSetsCommandInput,
  type ListResourceRecordSetsCommandOutput,
  type ResourceRecordSet,
  type Route53Client,
} from '@aws-sdk/client-route-53';
import {
  type ExternalDnsNames,
  type ExternalDnsOwner,
  externalDnsNames,
  parseExternalDns,
} from '../core/adopt/external-dns.ts';
import {
  ownedName,
  ownerRecordName,
  parseOwnerRecord,
  type RecordOwner,
} from '../core/adopt/record-owner.ts';
import type { RecordName } from '../core/ports.ts';
import { awsError } from './errors.ts';

/** A TXT record that says whose the records of a name are. */
export type Mark<O> = { readonly record: ResourceRecordSet; readonly owner: O };

/** What Route 53 has at one name, as far as it matters to an alias there. */
export type AtName = {
  /** A, AAAA and CNAME records at the name itself; several of one type when a routing policy splits them. */
  readonly addresses: readonly ResourceRecordSet[];
  /** Ownership records in our format; one for each set identifier. Of one that cannot be read the owner is unknown. */
  readonly marks: readonly Mark<RecordOwner>[];
  /** The same of external-dns, of all its generations. */
  readonly theirs: readonly Mark<ExternalDnsOwner>[];
};

export const NOTHING_THERE: AtName = { addresses: [], marks: [], theirs: [] };

/** The owner of a mark in our place that says nothing we can read. */
const UNREADABLE: RecordOwner = { cluster: '(unreadable)', stack: '(unreadable)' };

export const nameId = ({ zone, name }: RecordName): string => `${zone}/${name}`;

/** Route 53 writes `*` as `\052` and ends names with a dot. */
const plainName = (name: string | undefined): string =>
  (name ?? '').replace(/\\052/g, '*').replace(/\.$/, '').toLowerCase();

/** Where a record leads. Names of load balancers may be written with the prefix `dualstack.`, in any case and with a dot. */
export const plainTarget = ({ AliasTarget, ResourceRecords }: ResourceRecordSet): string =>
  AliasTarget
    ? plainName(AliasTarget.DNSName).replace(/^dualstack\./, '')
    : (ResourceRecords ?? []).map(({ Value }) => plainName(Value)).join(', ');

export type ReadZone = {
  /** By `zone/name`. */
  readonly names: ReadonlyMap<string, AtName>;
  /** Calls it took. */
  readonly pages: number;
};

/** Everything in a zone that is an address or says whose one is. A zone that is gone has nothing. */
export const readZone = async (
  client: Route53Client,
  zone: string,
  names: ExternalDnsNames,
): Promise<ReadZone> => {
  const found = emptyHeap(zone);
  let count = 0;
  try {
    for await (const page of pages(client, { HostedZoneId: zone, MaxItems: 300 })) {
      count++;
      for (const record of page) collect(record, found);
    }
  } catch (thrown) {
    if (awsError(thrown).code !== 'NoSuchHostedZone') throw thrown;
    return { names: new Map(), pages: 1 };
  }
  return { names: attached(found, names), pages: count };
};

/**
 * One call for a name: its ownership record mostly lies within a page. Only where somebody else's addresses stand are
 * the places looked at where external-dns may have left word.
 */
export const readName = async (
  client: Route53Client,
  { zone, name }: RecordName,
  names: ExternalDnsNames,
): Promise<AtName> => {
  const found = emptyHeap(zone);
  const list = async (
    input: Partial<ListResourceRecordSetsCommandInput>,
  ): Promise<readonly ResourceRecordSet[]> => {
    const page = await client.send(new ListResourceRecordSetsCommand({ HostedZoneId: zone, ...input }));
    for (const record of page.ResourceRecordSets ?? []) collect(record, found);
    return page.IsTruncated ? (page.ResourceRecordSets ?? []) : [];
  };
  try {
    const last = plainName((await list({ StartRecordName: name, MaxItems: 100 })).at(-1)?.Name);
    const wanted = ownerRecordName(name);
    if (last !== '' && !comesAfter(last, wanted)) await list({ StartRecordName: wanted, MaxItems: 100 });
    const at = found.names.get(nameId({ zone, name })) ?? NOTHING_THERE;
    if (at.addresses.some((address) => !at.marks.some((mark) => isOf(mark, address))))
      for (const start of externalDnsNames(name, names))
        if (!found.texts.has(start))
          await list({ StartRecordName: start, StartRecordType: 'TXT', MaxItems: 5 });
  } catch (thrown) {
    if (awsError(thrown).code === 'NoSuchHostedZone') return NOTHING_THERE;
    throw thrown;
  }
  return attached(found, names).get(nameId({ zone, name })) ?? NOTHING_THERE;
};

/** Whether a mark speaks for a record: both are alone, or both have the same set identifier. */
export const isOf = ({ record }: Mark<unknown>, address: ResourceRecordSet): boolean =>
  record.SetIdentifier === address.SetIdentifier;

async function* pages(
  client: Route53Client,
  first: ListResourceRecordSetsCommandInput,
): AsyncIterable<readonly ResourceRecordSet[]> {
  for (let input: ListResourceRecordSetsCommandInput | undefined = first; input; ) {
    const page: ListResourceRecordSetsCommandOutput = await client.send(
      new ListResourceRecordSetsCommand(input),
    );
    if (page.IsTruncated && !page.NextRecordName)
      throw new Error(`zone ${first.HostedZoneId}: Route 53 says there is more, but not where it begins`);
    yield page.ResourceRecordSets ?? [];
    const next = page.IsTruncated ? page.NextRecordName : undefined;
    input = next
      ? {
          HostedZoneId: first.HostedZoneId,
          MaxItems: first.MaxItems,
          StartRecordName: next,
          StartRecordType: page.NextRecordType,
          StartRecordIdentifier: page.NextRecordIdentifier,
        }
      : undefined;
  }
}

/** What was read of a zone. `texts`: what external-dns says, by the name it says it at. */
type Heap = {
  readonly zone: string;
  readonly names: Map<string, AtName>;
  readonly texts: Map<string, Mark<ExternalDnsOwner>[]>;
};

const emptyHeap = (zone: string): Heap => ({ zone, names: new Map(), texts: new Map() });

/** A record may be read twice, when pages overlap. */
const collect = (record: ResourceRecordSet, { zone, names, texts }: Heap): void => {
  const name = plainName(record.Name);
  const at = (id: string): AtName => names.get(id) ?? NOTHING_THERE;
  const without = <T>(list: readonly T[], of: (it: T) => ResourceRecordSet): readonly T[] =>
    list.filter((it) => of(it).Type !== record.Type || of(it).SetIdentifier !== record.SetIdentifier);
  if (record.Type === 'A' || record.Type === 'AAAA' || record.Type === 'CNAME') {
    const id = nameId({ zone, name });
    names.set(id, { ...at(id), addresses: [...without(at(id).addresses, (it) => it), record] });
  }
  if (record.Type !== 'TXT') return;
  const values = (record.ResourceRecords ?? []).map(({ Value }) => Value ?? '');
  const external = values.map(parseExternalDns).find((read) => read !== undefined);
  if (external) {
    const before = without(texts.get(name) ?? [], (it) => it.record);
    texts.set(name, [...before, { record, owner: external }]);
  }
  const owned = ownedName(name);
  if (owned === undefined) return;
  const id = nameId({ zone, name: owned });
  const owner = values.map(parseOwnerRecord).find((read) => read !== undefined) ?? UNREADABLE;
  names.set(id, { ...at(id), marks: [...without(at(id).marks, (it) => it.record), { record, owner }] });
};

/** The names with what external-dns says about them. */
const attached = ({ zone, names, texts }: Heap, format: ExternalDnsNames): ReadonlyMap<string, AtName> => {
  if (texts.size === 0) return names;
  for (const [id, at] of names) {
    const theirs = externalDnsNames(id.slice(zone.length + 1), format).flatMap(
      (name) => texts.get(name) ?? [],
    );
    if (theirs.length > 0) names.set(id, { ...at, theirs });
  }
  return names;
};

/** Route 53 sorts by labels from the right, `*` as it is written there. Strictly after, so that all of `b` was read. */
const comesAfter = (a: string, b: string): boolean => {
  const [left, right] = [a, b].map((name) => name.replace(/\*/g, '\\052').split('.').reverse());
  if (!left || !right) return false;
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const [x, y] = [left[i], right[i]];
    if (x === y) continue;
    return y === undefined || (x !== undefined && x > y);
  }
  return false;
};
