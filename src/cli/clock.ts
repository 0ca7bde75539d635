import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../core/ports.ts';

/** The real clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    await sleep(ms, undefined, { ref: true, ...(signal && { signal: signal as AbortSignal }) }).catch(
      () => undefined,
    );
  },
};

/**
 * Milliseconds that never go backwards. A monotonic clock may stand still while a machine sleeps, and a wall clock
 * may be set back: each step counts by whichever of the two moved more.
 */
export const steadyClock = (
  monotonic: () => number = () => performance.now(),
  wall: () => number = () => Date.now(),
): (() => number) => {
  let lastMonotonic = monotonic();
  let lastWall = wall();
  let passed = 0;
  return () => {
    const [nowMonotonic, nowWall] = [monotonic(), wall()];
    passed += Math.max(nowMonotonic - lastMonotonic, nowWall - lastWall, 0);
    [lastMonotonic, lastWall] = [nowMonotonic, nowWall];
    return passed;
  };
};
