/** What a stack is translated from. */
import type { Snapshot } from '../kube/snapshot.ts';
import type { Actual } from '../model/actual.ts';
import type { Facts } from '../model/facts.ts';
import type { RecordRules } from '../model/record-rules.ts';
import type { Scope } from './membership.ts';

export type TranslateInput = {
  readonly stack: string;
  readonly snapshot: Snapshot;
  /** Ingresses to look at, by `namespace/name`; others cannot be part of the stack. */
  readonly ingresses: Iterable<string>;
  readonly facts: Facts;
  readonly actual: Actual;
  readonly cluster: string;
  readonly scope: Scope;
  /** Ingresses that have left the stack for another one which does not serve them yet: they keep what they have. */
  readonly staying?: ReadonlySet<string>;
  /** Ingresses that could not be given their finalizer, with the reason: nothing new is made for them. */
  readonly unmarked?: ReadonlyMap<string, string>;
  /** False: DNS is somebody else's business. */
  readonly dns: boolean;
  /** Default: `USUAL_RECORD_RULES`. */
  readonly recordRules?: RecordRules;
};
