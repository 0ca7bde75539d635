/** How often the containers of a Pod were restarted, and which of them wait for it. */
export type Restarts = {
  count(container: string): number;
  /** When the container last ended, in milliseconds since the epoch; undefined when it never did. */
  endedAt(container: string): number | undefined;
  isDown(container: string): boolean;
  /** The container has ended: `again` is called when it is to start anew, at once the first time, later each further time. */
  ended(container: string, again: () => void): void;
  stop(): void;
};

/** The kubelet's pauses, in milliseconds. */
const FIRST_PAUSE = 10_000;
const LONGEST_PAUSE = 300_000;

export const createRestarts = (): Restarts => {
  const counts = new Map<string, number>();
  const ends = new Map<string, number>();
  const waiting = new Map<string, NodeJS.Timeout>();
  const count = (container: string): number => counts.get(container) ?? 0;
  return {
    count,
    endedAt: (container) => ends.get(container),
    isDown: (container) => waiting.has(container),
    ended: (container, again) => {
      const before = count(container);
      const pause = before === 0 ? 0 : Math.min(FIRST_PAUSE * 2 ** (before - 1), LONGEST_PAUSE);
      ends.set(container, Date.now());
      const start = (): void => {
        waiting.delete(container);
        counts.set(container, before + 1);
        again();
      };
      waiting.set(container, setTimeout(start, pause));
    },
    stop: () => {
      for (const timer of waiting.values()) clearTimeout(timer);
    },
  };
};
