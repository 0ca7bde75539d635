/** Runs a job after changes: once for many at a time, never twice at once, and again when something changed meanwhile. */
export type Reconciler = {
  schedule(): void;
  /** Resolves when no run is due. */
  settled(): Promise<void>;
  /** Lets the current run end and ignores everything after. */
  stop(): Promise<void>;
};

/** `onError` is told why a run failed; the next change tries again. */
export const reconciler = (job: () => Promise<void>, onError: (error: unknown) => void): Reconciler => {
  let due = false;
  let stopped = false;
  let current: Promise<void> | undefined;
  const run = async (): Promise<void> => {
    // Writes of one API call come together; this lets them all arrive.
    await new Promise((resolve) => setImmediate(resolve));
    while (due && !stopped) {
      due = false;
      await job().catch(onError);
    }
    current = undefined;
  };
  return {
    schedule: () => {
      due = true;
      if (!stopped) current ??= run();
    },
    settled: () => current ?? Promise.resolve(),
    stop: async () => {
      stopped = true;
      await current;
    },
  };
};
