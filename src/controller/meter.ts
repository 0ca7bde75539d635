/** What the controller tells whoever counts; nothing here decides anything. */
import type { Kind } from '../core/model/key.ts';
import type { Operation } from '../core/plan/plan.ts';

/** Parts of a pass: look at AWS and plan, accept the members, apply the plan, tell what became of it. */
export type Stage = 'look' | 'accept' | 'apply' | 'report';

export type Meter = {
  stage(stage: Stage, seconds: number): void;
  /** A plan of so many operations was made. */
  planned(operations: number): void;
  outcome(verb: Operation['verb'], kind: Kind, status: 'done' | 'wait' | 'failed' | 'skipped'): void;
  /** The lane of Pods that leave took targets out of a group, or tried to. */
  drained(status: 'done' | 'wait' | 'failed'): void;
  /** Whether what AWS holds of a stack was remembered from the last pass. */
  remembered(hit: boolean): void;
};

export const NO_METER: Meter = {
  stage: () => undefined,
  planned: () => undefined,
  outcome: () => undefined,
  drained: () => undefined,
  remembered: () => undefined,
};
