import type { Snapshot } from '../core/kube/snapshot.ts';
import type { Aws, Clock, Kube, Log } from '../core/ports.ts';
import type { Settings } from './look.ts';
import type { Meter } from './meter.ts';
import type { Moves, Staying } from './moves.ts';
import type { StackState } from './stack-state.ts';

export type ReconcilePorts = {
  readonly aws: Aws;
  readonly kube: Kube;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter?: Meter;
  readonly moves: Moves;
  readonly signal: AbortSignal;
};

/** What one pass over one stack goes by from beginning to end. */
export type Pass = {
  readonly stack: string;
  /** Ingresses that speak of the stack: its members, and those that leave it. */
  readonly ingresses: ReadonlySet<string>;
  readonly snapshot: Snapshot;
  /** Those that have moved away and are served here until they are served there. */
  readonly staying: Staying;
  readonly state: StackState;
  readonly settings: Settings;
  readonly ports: ReconcilePorts;
};
