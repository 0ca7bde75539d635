import type { MovableClock } from './clock.ts';
import type { Facts } from './facts.ts';
import type { Faults } from './faults.ts';
import type { JournalEntry } from './journal.ts';
import type { Lag } from './lag.ts';
import type { Snapshot } from './snapshot.ts';
import type { OnChange, ServingState } from './state.ts';
import type { Throttling } from './throttling.ts';

/** The embedded AWS API as it runs, with its levers. */
export type SandboxAws = {
  /** What AWS_ENDPOINT_URL is set to. */
  readonly url: string;
  readonly port: number;
  readonly region: string;
  readonly accountId: string;
  readonly clock: MovableClock;
  readonly state: ServingState;
  /** Calls back after every write that succeeded, every change that time brings, and every restore. */
  readonly onChange: OnChange;
  readonly journal: readonly JournalEntry[];
  readonly faults: Faults;
  readonly throttling: Throttling;
  readonly lag: Lag;
  /** Facts in force; a change counts from the next call on. */
  readonly facts: Facts;
  /** Objects in S3 of the main account, by `bucket/key`: what trust stores are made from. */
  readonly objects: Map<string, string>;
  /** Awaited after the effect of each write and before its reply; a crash test kills its client there. */
  afterWrite: ((entry: JournalEntry) => Promise<void> | void) | undefined;
  snapshot(): Snapshot;
  /** Replaces all accounts; the maps of `state` stay the same objects. */
  restore(data: unknown): void;
  /** Back to the fixtures, without faults, lag, throttling and journal. The clock stays as it is. */
  reset(): void;
  clearJournal(): void;
  /** Calls of operations that can change something, refused ones included, since the start. */
  writes(): number;
  stop(): Promise<void>;
};
