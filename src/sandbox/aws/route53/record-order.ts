/** The records of a zone in Route 53's order, kept sorted from change to change: large zones are listed page by page. */
import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import type { StoredZone } from '../state.ts';
import { sortKey } from './names.ts';
import { recordKey } from './record.ts';

type Order = { readonly positions: string[]; readonly records: ResourceRecordSet[] };

const orders = new WeakMap<StoredZone['records'], Order>();

/** By reversed labels, then type, then set identifier. */
export const positionOf = ({ Name = '', Type, SetIdentifier = '' }: Partial<ResourceRecordSet>): string =>
  `${sortKey(Name)}\u0000${Type ?? ''}\u0000${SetIdentifier}`;

/** All records of a zone, sorted. */
export const inOrder = ({ records }: StoredZone): Order => {
  const known = orders.get(records);
  if (known !== undefined) return known;
  const sorted = [...records.values()].map((record) => [positionOf(record), record] as const);
  sorted.sort(([a], [b]) => (a < b ? -1 : Number(a > b)));
  const made = {
    positions: sorted.map(([position]) => position),
    records: sorted.map(([, record]) => record),
  };
  orders.set(records, made);
  return made;
};

/** Index of the first record at or after a position. */
export const firstFrom = ({ positions }: Order, start: string): number => {
  let [low, high] = [0, positions.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((positions[middle] ?? '') < start) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** The records of one name. */
export const ofName = (zone: StoredZone, name: string): ResourceRecordSet[] => {
  const order = inOrder(zone);
  const prefix = `${sortKey(name)}\u0000`;
  const start = firstFrom(order, prefix);
  let end = start;
  while (order.positions[end]?.startsWith(prefix)) end += 1;
  return order.records.slice(start, end);
};

export const putRecord = (zone: StoredZone, record: ResourceRecordSet): void => {
  const order = inOrder(zone);
  const position = positionOf(record);
  const at = firstFrom(order, position);
  const present = order.positions[at] === position ? 1 : 0;
  order.positions.splice(at, present, position);
  order.records.splice(at, present, record);
  zone.records.set(recordKey(record), record);
};

export const removeRecord = (zone: StoredZone, record: ResourceRecordSet): void => {
  const order = inOrder(zone);
  const at = firstFrom(order, positionOf(record));
  order.positions.splice(at, 1);
  order.records.splice(at, 1);
  zone.records.delete(recordKey(record));
};
