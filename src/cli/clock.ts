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
