/**
 * How often one certificate may be imported: AWS counts imports of an account over 365 days, and a Secret that something
 * rewrites all the time would use them up for everybody.
 */
export type ImportBreaker = {
  /** Whether one more import may be done now; counts it if so. */
  readonly take: (key: string) => boolean;
  readonly most: number;
};

const WINDOW = 86_400_000;

/** `now` in milliseconds, monotonic. */
export const importBreaker = (most: number, now: () => number): ImportBreaker => {
  const taken = new Map<string, readonly number[]>();
  return {
    most,
    take: (key) => {
      const lately = (taken.get(key) ?? []).filter((at) => at > now() - WINDOW);
      const may = lately.length < most;
      taken.set(key, may ? [...lately, now()] : lately);
      return may;
    },
  };
};
