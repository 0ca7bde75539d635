import type { Actual } from '../core/model/actual.ts';
import type { Graph } from '../core/model/resource.ts';
import type { PlannedStack } from '../core/plan/plan-stack.ts';
import type { Retirements } from './apply.ts';
import type { Settings } from './look.ts';
import { makeTakeOvers, type TakeOvers } from './take-overs.ts';

/** What is remembered of a stack between passes; lost without harm. */
export type StackState = {
  /** AWS as the last pass left it; undefined: look again. */
  actual: Actual | undefined;
  /** The same at the end of the last pass, also when it is time to look again; undefined: it would be a guess. */
  sure: Actual | undefined;
  /** The same whatever came of it: enough to find a target group by, not to plan from. */
  seen: Actual | undefined;
  /** When AWS, which did not answer, is asked again; milliseconds. */
  silentUntil: number;
  readonly retirements: Retirements;
  readonly takeOvers: TakeOvers;
  /** The last plan, for people who look. */
  planned: PlannedStack | undefined;
  /** What was wanted when AWS was last as it should be; undefined: it never was. */
  settled: Graph | undefined;
  /** Problems the Ingresses have been told of; said again only when they come back. */
  told: ReadonlySet<string>;
  /** Ingresses that had moved away in the last pass and were kept here. */
  stayed: ReadonlySet<string>;
};

export const freshState = ({ targetHealthWait }: Pick<Settings, 'targetHealthWait'>): StackState => ({
  actual: undefined,
  sure: undefined,
  seen: undefined,
  silentUntil: 0,
  retirements: new Map(),
  takeOvers: makeTakeOvers(targetHealthWait),
  planned: undefined,
  settled: undefined,
  told: new Set(),
  stayed: new Set(),
});
