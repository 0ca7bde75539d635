/** Quotas of a load balancer. What fits is made; what does not is left out and named, and nobody else's is touched. */
import type { ProblemCode } from '../problems/table.ts';

export type QuotaInput<T> = {
  /** In the order in which they are wanted. */
  readonly wanted: readonly T[];
  readonly most: number | undefined;
  /** What AWS has already goes first: a newcomer never drives it out. */
  readonly exists: (one: T) => boolean;
  /** About the one that is left out. */
  readonly leftOut: (one: T) => void;
};

/** What fits, in the same order. */
export const withinQuota = <T>({ wanted, most, exists, leftOut }: QuotaInput<T>): readonly T[] => {
  if (most === undefined || wanted.length <= most) return wanted;
  const fits = new Set([...wanted.filter(exists), ...wanted.filter((it) => !exists(it))].slice(0, most));
  for (const one of wanted) if (!fits.has(one)) leftOut(one);
  return wanted.filter((one) => fits.has(one));
};

/** Says of each Ingress once how much of it found no room. */
export const quotaReport = (
  /** What finds no room, and what there are too many of. */
  [what, counted = what]: readonly [what: string, counted?: string],
  most: number | undefined,
  report: (code: ProblemCode, ingress: string, message: string) => void,
) => {
  const left = new Map<string, string[]>();
  return {
    leftOut: (ingress: string, one: string): void => {
      left.set(ingress, [...(left.get(ingress) ?? []), one]);
    },
    tell: (): void => {
      for (const [ingress, all] of left)
        report(
          'QuotaReached',
          ingress,
          `${all.length} ${what} of this Ingress found no room: a load balancer of this account has at most ${most} ${counted}. Left out: ${[...new Set(all)].slice(0, 5).join('; ')}${all.length > 5 ? '; …' : ''}`,
        );
    },
  };
};
