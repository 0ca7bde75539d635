/**
 * The pair of a cut-over. A single record cannot stand beside weighted ones, so what was there becomes one half, keeps
 * its values, and becomes a single one again when it is given back; each time in one batch.
 */
import type { Change, ResourceRecordSet } from '@aws-sdk/client-route-53';
import type { RecordOwner } from '../../core/adopt/record-owner.ts';
import { NEW_SIDE, OLD_SIDE, WHOLE } from '../../core/model/cutover.ts';
import { type AtName, isOf } from '../records.ts';

/**
 * Changes that give us `share` percent beside what stands at the name; undefined when it cannot be shared.
 * `handedOver`: the pair may be that of another stack of this cluster.
 */
export const sharing = (
  at: AtName,
  owner: RecordOwner,
  wanted: readonly ResourceRecordSet[],
  share: number,
  handedOver = false,
): readonly Change[] | undefined => {
  const pair = pairOf(at, owner, handedOver);
  const alone = at.addresses.filter(({ SetIdentifier }) => SetIdentifier === undefined);
  if (pair ? alone.length > 0 : at.marks.length > 0 || alone.length !== at.addresses.length) return undefined;
  const old = pair ? pair.old : alone;
  if (old.length === 0) return undefined;
  const half = old.map((record) => ({ ...record, SetIdentifier: OLD_SIDE, Weight: WHOLE - share }));
  return swapped([...old, ...(pair?.ours ?? [])], [...half, ...wanted]);
};

/** Changes that end it: the name is ours alone, and nobody else says it is theirs. */
export const ending = (
  at: AtName,
  owner: RecordOwner,
  wanted: readonly ResourceRecordSet[],
): readonly Change[] | undefined => {
  const pair = pairOf(at, owner);
  const theirs = at.theirs.flatMap(({ record }) => (record.SetIdentifier === undefined ? [record] : []));
  return pair && swapped([...pair.old, ...pair.ours, ...theirs], wanted);
};

/** Changes that put back what was there; undefined when no pair of ours stands. */
export const givingBack = (at: AtName, owner: RecordOwner): readonly Change[] | undefined => {
  const pair = pairOf(at, owner);
  const single = ({ SetIdentifier: _, Weight: __, ...record }: ResourceRecordSet): ResourceRecordSet =>
    record;
  return pair && swapped([...pair.old, ...pair.ours], pair.old.map(single));
};

type Pair = { readonly ours: readonly ResourceRecordSet[]; readonly old: readonly ResourceRecordSet[] };

/** Ours with its ownership record, and what was there before. */
const pairOf = (
  { addresses, marks }: AtName,
  { cluster, stack }: RecordOwner,
  ofAnyStack = false,
): Pair | undefined => {
  const mark = marks.find(
    ({ owner, record }) =>
      owner.cluster === cluster && (ofAnyStack || owner.stack === stack) && record.SetIdentifier === NEW_SIDE,
  );
  return (
    mark && {
      ours: [...addresses.filter((it) => isOf(mark, it)), mark.record],
      old: addresses.filter(({ SetIdentifier }) => SetIdentifier === OLD_SIDE),
    }
  );
};

const swapped = (
  before: readonly ResourceRecordSet[],
  after: readonly ResourceRecordSet[],
): readonly Change[] => [
  ...before.map((record): Change => ({ Action: 'DELETE', ResourceRecordSet: record })),
  ...after.map((record): Change => ({ Action: 'CREATE', ResourceRecordSet: record })),
];
