/** A fixed number of workers and three queues before them: what a user waits for never stands behind routine work. */

/** `user`: somebody changed something. `retry`: finish what was begun. `resync`: look whether all is still well. */
export type Lane = 'user' | 'retry' | 'resync';

const ORDER: readonly Lane[] = ['user', 'retry', 'resync'];

export type Lanes = {
  /** Runs the task when a worker is free; higher lanes first, then in order of arrival. */
  run<T>(lane: Lane, task: () => Promise<T>): Promise<T>;
  /** Tasks waiting for a worker, by lane. */
  depth(): Readonly<Record<Lane, number>>;
};

export const makeLanes = (workers: number): Lanes => {
  const queues: Record<Lane, (() => void)[]> = { user: [], retry: [], resync: [] };
  let free = workers;

  const next = (): void => {
    for (const lane of ORDER) {
      const start = queues[lane].shift();
      if (!start) continue;
      start();
      return;
    }
    free++;
  };

  return {
    run: async (lane, task) => {
      if (free > 0) free--;
      else await new Promise<void>((resolve) => void queues[lane].push(resolve));
      try {
        return await task();
      } finally {
        next();
      }
    },
    depth: () => ({ user: queues.user.length, retry: queues.retry.length, resync: queues.resync.length }),
  };
};
