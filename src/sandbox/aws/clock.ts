/** Emulator time on top of the machine's clock. */
import type { EmulatorClock } from './state.ts';

/** The longest delay a timer of the platform takes. */
const LONGEST = 2 ** 31 - 1;

/** A clock whose hands can be moved: forwards only, as what has happened stays. */
export type MovableClock = EmulatorClock & {
  /** Lets `ms` of emulator time pass at once; what was due in them happens now. */
  advance(ms: number): void;
  setSpeed(speed: number): void;
};

/** A clock that starts at the present and runs `speed` times as fast. */
export const makeClock = (initialSpeed: number): MovableClock => {
  let speed = initialSpeed;
  let base = Date.now();
  let since = performance.now();
  const waiting = new Set<() => void>();
  const now = (): number => base + Math.round((performance.now() - since) * speed);
  const move = (by: number, nextSpeed: number): void => {
    base = now() + by;
    since = performance.now();
    speed = nextSpeed;
    for (const rearm of [...waiting]) rearm();
  };
  return {
    get speed() {
      return speed;
    },
    now,
    after: (ms, callback) => {
      const due = now() + ms;
      let timer: NodeJS.Timeout | undefined;
      /** Timers may fire early by up to a millisecond, which is long in emulator time, and cannot be set for months. */
      const wait = (): void => {
        clearTimeout(timer);
        timer = setTimeout(
          () => {
            if (now() < due) return wait();
            waiting.delete(wait);
            callback();
          },
          Math.min(Math.ceil(Math.max(due - now(), 0) / speed), LONGEST),
        );
        timer.unref();
      };
      waiting.add(wait);
      wait();
      return () => {
        waiting.delete(wait);
        clearTimeout(timer);
      };
    },
    advance: (ms) => {
      if (!(ms >= 0)) throw new Error(`The clock can only go forwards: ${ms} ms is not possible.`);
      move(ms, speed);
    },
    setSpeed: (next) => {
      if (!(next > 0 && Number.isFinite(next)))
        throw new Error(`A clock's speed must be a number above 0; ${next} is not.`);
      move(0, next);
    },
  };
};
