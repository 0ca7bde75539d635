/** A name in Route 53 that leads to a load balancer. */
import type { BalancerKey, Key } from './key.ts';

export type RecordType = 'A' | 'AAAA' | 'CNAME';

/** How Route 53 chooses among the records of one name. The identifier tells ours from theirs. */
export type Routing = { readonly setIdentifier: string } & (
  | { readonly policy: 'weighted'; readonly weight: number }
  | { readonly policy: 'latency'; readonly region: string }
  | { readonly policy: 'failover'; readonly role: 'PRIMARY' | 'SECONDARY' }
  | {
      readonly policy: 'geolocation';
      readonly continent?: string;
      /** `*` is everywhere else. */
      readonly country?: string;
      readonly subdivision?: string;
    }
);

/** The record under way, as one half of the pair; see `cutover.ts`. */
export type Cutover = {
  /** For people: what has the rest of the share, `CNAME record -> old.example.org`. */
  readonly from: string;
  /** Since when the share is what it is, in milliseconds since the epoch; 0 in what is only wanted. */
  readonly since: number;
};

/** An alias (or CNAME) in Route 53 together with the TXT record beside it that says who owns it. */
export type DnsRecordSpec = {
  readonly zone: string;
  /** Without the trailing dot, lower case, `*` for a wildcard. */
  readonly name: string;
  /** `A`, `AAAA` or both are aliases; `CNAME` stands alone. */
  readonly types: readonly RecordType[];
  readonly alias: BalancerKey;
  readonly evaluateTargetHealth: boolean;
  /** Seconds, of a CNAME only: an alias answers with the balancer's own. */
  readonly ttl?: number;
  /** Absent: the only record of its name. */
  readonly routing?: Routing;
  /** The Ingress for which external-dns's ownership record vouches instead of ours; absent: ours does. */
  readonly vouchedBy?: string;
  /** While the name moves over step by step; `routing` holds our share then. */
  readonly cutover?: Cutover;
  /** Seconds between steps of a cut-over. Order only. */
  readonly stepInterval?: number;
  /** What stands there may be replaced, whosever it is: its Ingress says so. */
  readonly takeover?: true;
  /** Why this zone, where there was a choice. For people only. */
  readonly zoneChoice?: string;
  /** Resources that must stand before the name points here; this graph's rules and listeners. Order only. */
  readonly serves: readonly Key[];
};
