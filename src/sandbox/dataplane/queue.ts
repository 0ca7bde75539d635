/** Runs a job as soon as fewer than the allowed number are under way; resolves or rejects as the job does. */
export type Queue = <T>(job: () => Promise<T>) => Promise<T>;

export const queue = (atOnce: number): Queue => {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (job) => {
    if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
    running++;
    try {
      return await job();
    } finally {
      running--;
      waiting.shift()?.();
    }
  };
};
