import type { Cluster } from '../api/cluster.ts';
import type { Cause } from '../api/errors.ts';
import type { Kind } from '../kinds.ts';
import type { KubeObject } from '../object.ts';

/** A create or an update of one object. */
export type Writing = {
  readonly cluster: Cluster;
  readonly kind: Kind;
  readonly object: KubeObject;
  /** Undefined for a create. */
  readonly before: KubeObject | undefined;
};

/** What the API server does for a kind besides storing it. */
export type Rule = {
  /** Fills in what the client left out. */
  readonly defaults?: (object: KubeObject, context: Omit<Writing, 'object' | 'before'>) => KubeObject;
  /** What admission plugins fill in from other objects; throws what they refuse, before anything is validated. */
  readonly admit?: (writing: Writing) => KubeObject;
  readonly validate?: (writing: Writing) => readonly Cause[];
  /** The object without what metadata.generation does not count. */
  readonly counted?: (object: KubeObject) => KubeObject;
  /** What the client is told although the object is taken as it is. */
  readonly warnings?: (object: KubeObject) => readonly string[];
  /** Hands out addresses and ports; runs last, after every check. */
  readonly prepare?: (writing: Writing) => KubeObject;
  /** Takes back what `prepare` handed out. */
  readonly released?: (gone: { readonly cluster: Cluster; readonly object: KubeObject }) => void;
  /** How an object looks when its deletion has begun. */
  readonly onDelete?: (object: KubeObject) => KubeObject;
  /** A create may carry a status (nodes register with theirs). */
  readonly keepStatusOnCreate?: boolean;
};
