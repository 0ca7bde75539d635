/** The cluster at one moment, indexed for translation. */
import type {
  EndpointSlice,
  Ingress,
  IngressClass,
  IngressClassParams,
  Namespace,
  Node,
  OptionalKind,
  Pod,
  Secret,
  Service,
  TargetGroupBinding,
} from './objects.ts';

export type Snapshot = {
  /** By `namespace/name`. */
  readonly ingresses: ReadonlyMap<string, Ingress>;
  /** By name. */
  readonly ingressClasses: ReadonlyMap<string, IngressClass>;
  /** By `namespace/name`. */
  readonly services: ReadonlyMap<string, Service>;
  /** By `namespace/name` of the Service they belong to (label `kubernetes.io/service-name`). */
  readonly endpointSlices: ReadonlyMap<string, readonly EndpointSlice[]>;
  /** By name. */
  readonly nodes: ReadonlyMap<string, Node>;
  /** By name. */
  readonly namespaces: ReadonlyMap<string, Namespace>;
  /** By name. */
  readonly ingressClassParams: ReadonlyMap<string, IngressClassParams>;
  /** By `namespace/name`. */
  readonly targetGroupBindings: ReadonlyMap<string, TargetGroupBinding>;
  /** By `namespace/name`. */
  readonly pods: ReadonlyMap<string, Pod>;
  /**
   * Kinds that cannot be looked at now, and why, in words for users; absent: none. What was known of such a kind
   * before stands in the maps above.
   */
  readonly unseen?: ReadonlyMap<OptionalKind, string>;
  /** By `namespace/name`; only those an Ingress names. A Secret that is not here has not been looked up yet. */
  readonly secrets: ReadonlyMap<string, SeenSecret>;
};

/** A Secret that is there; undefined: it is not, or nobody may read it. */
export const secretIn = ({ secrets }: Snapshot, id: string): Secret | undefined => {
  const seen = secrets.get(id);
  return seen?.is === 'here' ? seen.secret : undefined;
};

/** What is known of a Secret that somebody names. `refused`: the API server does not let us read it. */
export type SeenSecret =
  | { readonly is: 'here'; readonly secret: Secret }
  | { readonly is: 'absent' }
  | { readonly is: 'refused'; readonly why: string };
