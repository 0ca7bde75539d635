/** A plan is data: what to do, in the order to do it. `run`, `plan`, tests and docs all use this same value. */

import type { Key } from '../model/key.ts';
import type { Resource } from '../model/resource.ts';

/** One field that differs. Values are plain data; a secret field shows `(hidden)` on both sides. */
export type FieldChange = { readonly field: string; readonly from: unknown; readonly to: unknown };

/** A rule's new place. Moves of one listener are one atomic call. */
export type Move = { readonly rule: Key<'rule'>; readonly from: number; readonly to: number };

type Step = {
  readonly key: Key;
  /** {@link operationId}s of operations in this plan that must be done before this one may start. */
  readonly after: readonly string[];
};

export type Create = Step & {
  readonly verb: 'create';
  readonly resource: Resource;
  /** The resource whose work it takes over, when a field changed that AWS cannot change. */
  readonly replaces?: Key;
};

export type Update = Step & {
  /** `adopt` also writes ownership tags on something an older controller made. */
  readonly verb: 'update' | 'adopt';
  readonly resource: Resource;
  readonly changes: readonly FieldChange[];
  /** `serving`: only once the load balancer it points to is active and its targets answer; or only when they do not. */
  readonly when?: 'serving' | 'not serving' | Healthy;
  /** Not before `interval` seconds after `since`, in milliseconds since the epoch. */
  readonly step?: { readonly since: number; readonly interval: number };
  /** What is done in its place, at once, when the load balancer does not serve. */
  readonly back?: { readonly resource: Resource; readonly changes: readonly FieldChange[] };
};

/** Only once each of the `healthy` groups has a healthy target, or none of those that serve instead has one. */
export type Healthy = {
  readonly healthy: readonly Key<'target-group'>[];
  readonly unlike: readonly Key<'target-group'>[];
};

/** An in-between state that makes the update of the same key safe; it changes nothing for a request. */
export type Prepare = Step & {
  readonly verb: 'prepare';
  readonly resource: Resource;
  readonly changes: readonly FieldChange[];
};

export type Reorder = Step & {
  readonly verb: 'move';
  readonly key: Key<'listener'>;
  readonly moves: readonly Move[];
};

export type Delete = Step & {
  readonly verb: 'delete';
  readonly resource: Resource;
  readonly replacedBy?: Key;
  /** Seconds to leave it in place once nothing refers to it any more: clients still hold its address. */
  readonly grace: number;
};

/** Something that would be done if it were safe, and why it is not. Holds change nothing. */
export type Hold = {
  readonly verb: 'hold';
  readonly key: Key;
  readonly why: string;
};

export type Operation = Create | Update | Prepare | Reorder | Delete;
export type Plan = { readonly operations: readonly Operation[]; readonly holds: readonly Hold[] };

/** Identifies an operation inside its plan: one key may be moved and updated in the same plan. */
export const operationId = (operation: Pick<Operation, 'verb' | 'key'>): string =>
  `${operation.verb} ${operation.key}`;
