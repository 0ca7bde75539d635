/**
 * The share a name should have now. Decided from what stands in Route 53 alone, so that a restart, another leader or
 * somebody who changed a weight by hand is no special case. When a step is taken is the plan's business.
 */
import type { CutoverWish } from '../annotations/cutover.ts';
import type { Foreign } from '../model/actual.ts';
import { halfOf, type Predecessor, shareOf } from '../model/cutover.ts';
import type { Cutover, DnsRecordSpec } from '../model/dns-record.ts';
import type { RecordWish } from './record-wish.ts';

type Found = { readonly have: DnsRecordSpec | undefined; readonly foreign: Foreign | undefined };
type Wish = Pick<RecordWish, 'cutover' | 'takeover' | 'stepInterval'>;

/** What a record should be at this stage; undefined: nothing of ours, what was there before is put back. */
export const staged = (whole: DnsRecordSpec, wish: Wish, found: Found): DnsRecordSpec | undefined => {
  const { have, foreign } = found;
  if (wish.takeover) return whole;
  if (have?.cutover) return wish.cutover && underWay(whole, wish.cutover, have, have.cutover, wish);
  const before = have ? adoptedElsewhere(have) : foreign?.predecessor;
  if (!wish.cutover || !before) return whole;
  // Nothing is shared yet, so nothing moves: what external-dns made and we adopted stays, what is foreign is held back.
  if (wish.cutover === 'pause' || wish.cutover === 'return') return have ?? whole;
  return halfOf(whole, before, wish.cutover[0], 0);
};

/** A pair that another group of ours began moves to us at its present share; what comes next is decided then. */
export const handedOverPair = (whole: DnsRecordSpec, theirs: DnsRecordSpec): DnsRecordSpec =>
  theirs.cutover
    ? {
        ...halfOf(whole, { ...theirs.cutover, ...theirs }, shareOf(theirs), theirs.cutover.since),
        takeover: true,
      }
    : whole;

const underWay = (
  whole: DnsRecordSpec,
  wish: CutoverWish,
  have: DnsRecordSpec,
  cutover: Cutover,
  { stepInterval }: Wish,
): DnsRecordSpec => {
  const share = shareOf(have);
  const half = (next: number): DnsRecordSpec => ({
    ...halfOf(whole, { ...cutover, ...have }, next, cutover.since),
    stepInterval,
  });
  // A load balancer that is being replaced moves at the present share, and only then the share goes on.
  if (wish === 'pause' || have.alias !== whole.alias) return half(share);
  if (wish === 'return') return half(0);
  const next = wish.find((step) => step > share);
  return next === undefined ? { ...whole, stepInterval } : half(next);
};

/** What external-dns made, counts as ours by the operator's word, and does not lead to us yet. */
const adoptedElsewhere = ({
  vouchedBy,
  routing,
  alias,
  types,
  ttl,
}: DnsRecordSpec): Predecessor | undefined =>
  vouchedBy !== undefined && routing === undefined && alias.includes(ELSEWHERE)
    ? {
        from: `record of external-dns -> ${alias.slice(alias.indexOf(ELSEWHERE) + ELSEWHERE.length)}`,
        types,
        ...(ttl !== undefined && { ttl }),
      }
    : undefined;

/** Part of the key of a target that is no load balancer of the stack. */
const ELSEWHERE = '~elsewhere:';
