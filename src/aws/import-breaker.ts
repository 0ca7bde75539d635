/**
 * How often the content of one Secret may be imported: AWS counts imports of an account over 365 days, and a Secret that
 * something rewrites all the time would use them up for everybody. What AWS refuses it does not count, nor do we: a
 * permission that was missing for a while, or an hour of trouble in ACM, must not keep a renewed certificate out for a day.
 */
export type ImportBreaker = {
  /** Whether one more import may be done now. `of`: stack and Secret. */
  readonly may: (of: string) => boolean;
  /** An import was done; `inDoubt`: its answer was lost, so it counts, but once only for each content. */
  readonly count: (of: string, inDoubt?: string) => void;
  readonly most: number;
};

const WINDOW = 86_400_000;

type Import = { readonly at: number; readonly inDoubt: string | undefined };

/** `now` in milliseconds, monotonic. */
export const importBreaker = (most: number, now: () => number): ImportBreaker => {
  const done = new Map<string, readonly Import[]>();
  const lately = (of: string): readonly Import[] =>
    (done.get(of) ?? []).filter(({ at }) => at > now() - WINDOW);
  return {
    most,
    may: (of) => lately(of).length < most,
    count: (of, inDoubt) => {
      const before = lately(of);
      const known = inDoubt !== undefined && before.some((it) => it.inDoubt === inDoubt);
      done.set(of, known ? before : [...before, { at: now(), inDoubt }]);
    },
  };
};
