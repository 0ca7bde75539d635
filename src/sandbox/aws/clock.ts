/** Emulator time on top of the machine's clock. */
import type { EmulatorClock } from './state.ts';

/** A clock that starts at the present and runs `speed` times as fast. */
export const makeClock = (speed: number): EmulatorClock => {
  const startedAt = Date.now();
  const origin = performance.now();
  return {
    speed,
    now: () => startedAt + Math.round((performance.now() - origin) * speed),
    after: (ms, callback) => {
      const timer = setTimeout(callback, Math.min(Math.max(ms, 0) / speed, 2 ** 31 - 1));
      timer.unref();
      return () => clearTimeout(timer);
    },
  };
};
