/** A fixed number of workers and three queues before them: what a user waits for never stands behind routine work. */

/** `user`: somebody changed something. `retry`: finish what was begun. `resync`: look whether all is still well. */
export type Lane = 'user' | 'retry' | 'resync';

const ORDER: readonly Lane[] = ['user', 'retry', 'resync'];

export type Lanes = {
  /** Runs the task when a worker is free; higher lanes first, then in order of arrival. */
  run<T>(lane: Lane, task: () => Promise<T>): Promise<T>;
  /** Tasks waiting for a worker, by lane. */
  depth(): Readonly<Record<Lane, number>>;
  /** Milliseconds the task that waited longest has waited, by lane; 0 when none waits. */
  age(): Readonly<Record<Lane, number>>;
};

export const makeLanes = (workers: number, now: () => number): Lanes => {
  const queues: Record<Lane, { readonly since: number; readonly start: () => void }[]> = {
    user: [],
    retry: [],
    resync: [],
  };
  let free = workers;

  const next = (): void => {
    for (const lane of ORDER) {
      const first = queues[lane].shift();
      if (!first) continue;
      first.start();
      return;
    }
    free++;
  };

  const age = (lane: Lane): number => {
    const first = queues[lane][0];
    return first ? now() - first.since : 0;
  };

  return {
    run: async (lane, task) => {
      if (free > 0) free--;
      else await new Promise<void>((start) => void queues[lane].push({ since: now(), start }));
      try {
        return await task();
      } finally {
        next();
      }
    },
    depth: () => ({ user: queues.user.length, retry: queues.retry.length, resync: queues.resync.length }),
    age: () => ({ user: age('user'), retry: age('retry'), resync: age('resync') }),
  };
};
