/** What the operator of the controller decides about DNS records, for all Ingresses alike. */
export type RecordPolicy = 'sync' | 'upsert-only' | 'create-only';

export type RecordRules = {
  /** `upsert-only` never deletes a record, `create-only` changes none either. */
  readonly policy: RecordPolicy;
  /** More deletes than this in one plan are held back; the same number is the most in a minute over all plans. */
  readonly maxDeletes: number;
  /** Seconds a record stays whose Ingress was not seen deleted but is just not there. */
  readonly vanishedGrace: number;
  /** Of an internal load balancer: `prefer` puts its records into a private zone if one covers them. */
  readonly privateZones: 'last' | 'prefer';
  readonly zoneType: 'any' | 'public' | 'private';
  /** Empty: every zone. */
  readonly zoneIds: readonly string[];
  /** Empty: every zone. Else those with one of these names, and zones below them. */
  readonly domains: readonly string[];
  /** Whether records adopted from external-dns get our ownership record in the place of its own. */
  readonly claimAdopted: boolean;
};

export const USUAL_RECORD_RULES: RecordRules = {
  policy: 'sync',
  maxDeletes: 500,
  vanishedGrace: 60,
  privateZones: 'last',
  zoneType: 'any',
  zoneIds: [],
  domains: [],
  claimAdopted: false,
};
