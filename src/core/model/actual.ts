/** What AWS holds of one stack (IngressGroup), as the scan found it. */
import type { Predecessor } from './cutover.ts';
import type { BalancerKey, Key, Kind } from './key.ts';
import type { Graph, Resource } from './resource.ts';
import type { Tags } from './tags.ts';

/** How AWS names a resource: an ARN, an `sg-` id, or `zone/name` for a record. */
export type AwsId = string;

/** What AWS chose for a load balancer; never compared, only read. */
export type LoadBalancerFacts = {
  readonly dnsName: string;
  readonly hostedZoneId: string;
  readonly state: 'provisioning' | 'active' | 'active_impaired' | 'failed';
};

/** Something at a place we want that is not ours and may not be touched. */
export type Foreign = {
  readonly key: Key;
  /** For people: `CNAME record x.example.com -> y, owned by external-dns`. */
  readonly description: string;
  /** What of ours it uses, so that we do not take it away from under it. */
  readonly refersTo?: readonly Key[];
  /** A rule's, so that ours stay clear of it. */
  readonly priority?: number;
  /** `namespace/name` of the Ingress to tell of it, although nothing that is wanted has this key. */
  readonly ingress?: string;
  /** Of records: the stack of this very cluster that they belong to. */
  readonly stack?: string;
  /** Of records: the set identifiers there; absent: the name cannot be shared. */
  readonly setIdentifiers?: readonly string[];
  /** Of records: what each would be if it were ours, for an Ingress that consents to taking it over. */
  readonly instead?: readonly Resource<'dns-record'>[];
  /** Of records: what stands there alone, nobody's of ours, so that it can share the name with us. */
  readonly predecessor?: Predecessor;
};

export type Actual = {
  /** Carries our ownership tags (LBC writes the same ones), or a TXT record of ours. */
  readonly owned: Graph;
  /** Not ours yet, but provably made for us: the 2017 controller's, or a record that points at our balancer. */
  readonly adoptable: Graph;
  /**
   * Those of the adoptable that the 2017 controller made and nobody else could want: what is not wanted of them is
   * taken over and cleared away. The value is the ownership tags they need first; none where AWS needs none.
   */
  readonly retirable: ReadonlyMap<Key, Tags>;
  readonly foreign: readonly Foreign[];
  readonly ids: ReadonlyMap<Key, AwsId>;
  readonly loadBalancers: ReadonlyMap<BalancerKey, LoadBalancerFacts>;
  /**
   * Record names (`zone/name`) whose state in Route 53 is known, with or without a record there.
   * A desired name that is missing here must be looked up before planning.
   */
  readonly knownNames: ReadonlySet<string>;
  /** AWS does not permit to look for certificates of ours: none may be made, or there would be two. */
  readonly certificatesUnseen?: true;
};

export const NOTHING: Actual = {
  owned: new Map(),
  adoptable: new Map(),
  retirable: new Map(),
  foreign: [],
  ids: new Map(),
  loadBalancers: new Map(),
  knownNames: new Set(),
};

/** The kind a key belongs to; keys are made nowhere outside of `model`. */
export const kindOf = (key: Key): Kind => key.slice(0, key.indexOf('/')) as Kind;
