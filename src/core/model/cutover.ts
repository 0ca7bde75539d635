/**
 * A cut-over: a name moves from what stood there to us in steps. Route 53 holds two weighted records meanwhile, and the
 * ownership record says since when the shares are what they are; there is no other state.
 */
import type { DnsRecordSpec, RecordType } from './dns-record.ts';

/** Set identifiers of the pair: our record, and what stood at the name before. */
export const NEW_SIDE = 'alb-ingress';
export const OLD_SIDE = 'alb-ingress-before';

/** Weights of the two add up to this, so that a weight is a percentage. */
export const WHOLE = 100;

/** What stands alone at a name that is not ours, as far as our half has to be like it. */
export type Predecessor = {
  readonly from: string;
  readonly types: readonly RecordType[];
  /** Seconds, of a CNAME. */
  readonly ttl?: number;
};

/** How many of a hundred answers lead to us while a cut-over is under way. */
export const shareOf = ({ routing }: DnsRecordSpec): number =>
  routing?.policy === 'weighted' ? routing.weight : 0;

/** Our half of the pair. It answers for the types that stood there: no other type could be shared. */
export const halfOf = (
  whole: DnsRecordSpec,
  { types, ttl, from }: Predecessor,
  share: number,
  since: number,
): DnsRecordSpec => {
  const { ttl: _, routing: __, vouchedBy: ___, takeover: ____, ...rest } = whole;
  const cname = types.includes('CNAME');
  return {
    ...rest,
    types,
    ...(cname && ttl !== undefined && { ttl }),
    evaluateTargetHealth: whole.evaluateTargetHealth && !cname,
    routing: { policy: 'weighted', setIdentifier: NEW_SIDE, weight: share },
    cutover: { from, since },
  };
};
