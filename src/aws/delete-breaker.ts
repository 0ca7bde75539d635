/** The last thing between a mistake and the names of a whole account: how many records may go in a minute. */

export type DeleteBreaker = {
  /** Whether one more record may be deleted now; counts it if so. */
  readonly take: () => boolean;
  readonly most: number;
};

const WINDOW = 60_000;

/** `now` in milliseconds, monotonic. */
export const deleteBreaker = (most: number, now: () => number): DeleteBreaker => {
  let taken: number[] = [];
  return {
    most,
    take: () => {
      taken = taken.filter((at) => at > now() - WINDOW);
      if (taken.length >= most) return false;
      taken.push(now());
      return true;
    },
  };
};
