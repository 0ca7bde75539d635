/** Reading Route 53: what stands at a name, and whose it is. */
import {
  ListResourceRecordSetsCommand,
  type ListResourceRecordSetsCommandInput,
  type ListResourceRecordSetsCommandOutput,
  type ResourceRecordSet,
  type Route53Client,
} from '@aws-sdk/client-route-53';
import {
  ownedName,
  ownerRecordName,
  parseOwnerRecord,
  type RecordOwner,
} from '../core/adopt/record-owner.ts';
import type { RecordName } from '../core/ports.ts';

/** What Route 53 has at one name, as far as it matters to an alias there. */
export type AtName = {
  /** A, AAAA and CNAME records at the name itself; several of one type when a routing policy splits them. */
  readonly addresses: readonly ResourceRecordSet[];
  /** The ownership TXT record beside it, and what it says when it is in our format. */
  readonly ownerRecord?: ResourceRecordSet;
  readonly owner?: RecordOwner;
};

export const nothingThere: AtName = { addresses: [] };

export const nameId = ({ zone, name }: RecordName): string => `${zone}/${name}`;

/** Route 53 writes `*` as `\052` and ends names with a dot. */
const plainName = (name: string | undefined): string =>
  (name ?? '').replace(/\\052/g, '*').replace(/\.$/, '').toLowerCase();

/** DNS names of load balancers may be written with the prefix `dualstack.`, in any case and with a dot. */
export const plainTarget = (record: ResourceRecordSet): string =>
  plainName(record.AliasTarget?.DNSName).replace(/^dualstack\./, '');

/** Everything in a zone that is an address or an ownership record of this format, by `zone/name`. */
export const readZone = async (client: Route53Client, zone: string): Promise<ReadonlyMap<string, AtName>> => {
  const found = new Map<string, AtName>();
  for await (const page of pages(client, { HostedZoneId: zone, MaxItems: 300 }))
    for (const record of page) collect(record, zone, found);
  return found;
};

/** One call for a name: its ownership record mostly lies within a page. */
export const readName = async (client: Route53Client, { zone, name }: RecordName): Promise<AtName> => {
  const wanted = ownerRecordName(name);
  const found = new Map<string, AtName>();
  const read = async (start: string): Promise<readonly ResourceRecordSet[]> => {
    const input = { HostedZoneId: zone, StartRecordName: start, MaxItems: 100 };
    const page = await client.send(new ListResourceRecordSetsCommand(input));
    for (const record of page.ResourceRecordSets ?? []) collect(record, zone, found);
    return page.IsTruncated ? (page.ResourceRecordSets ?? []) : [];
  };
  const last = plainName((await read(name)).at(-1)?.Name);
  if (last !== '' && !comesAfter(last, wanted)) await read(wanted);
  return found.get(nameId({ zone, name })) ?? nothingThere;
};

async function* pages(
  client: Route53Client,
  first: ListResourceRecordSetsCommandInput,
): AsyncIterable<readonly ResourceRecordSet[]> {
  for (let input: ListResourceRecordSetsCommandInput | undefined = first; input; ) {
    const page: ListResourceRecordSetsCommandOutput = await client.send(
      new ListResourceRecordSetsCommand(input),
    );
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

const collect = (record: ResourceRecordSet, zone: string, into: Map<string, AtName>): void => {
  const name = plainName(record.Name);
  if (record.Type === 'A' || record.Type === 'AAAA' || record.Type === 'CNAME') {
    const id = nameId({ zone, name });
    const at = into.get(id) ?? nothingThere;
    into.set(id, { ...at, addresses: [...at.addresses, record] });
  }
  const owned = record.Type === 'TXT' ? ownedName(name) : undefined;
  if (owned === undefined) return;
  const id = nameId({ zone, name: owned });
  const owner = (record.ResourceRecords ?? [])
    .map(({ Value }) => parseOwnerRecord(Value ?? ''))
    .find((read) => read !== undefined);
  into.set(id, { ...(into.get(id) ?? nothingThere), ownerRecord: record, ...(owner && { owner }) });
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
