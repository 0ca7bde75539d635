/** Emulator time on top of the machine's clock. */
import type { EmulatorClock } from './state.ts';

/** The longest delay a timer of the platform takes. */
const LONGEST = 2 ** 31 - 1;

/** A clock that starts at the present and runs `speed` times as fast. */
export const makeClock = (speed: number): EmulatorClock => {
  const startedAt = Date.now();
  const origin = performance.now();
  const now = (): number => startedAt + Math.round((performance.now() - origin) * speed);
  return {
    speed,
    now,
    after: (ms, callback) => {
      const due = now() + ms;
      let timer: NodeJS.Timeout;
      /** Timers may fire early by up to a millisecond, which is long in emulator time, and cannot be set for months. */
      const wait = (): void => {
        timer = setTimeout(
          () => {
            if (now() >= due) callback();
            else wait();
          },
          Math.min(Math.ceil(Math.max(due - now(), 0) / speed), LONGEST),
        );
        timer.unref();
      };
      wait();
      return () => clearTimeout(timer);
    },
  };
};
