/**
 * The candidate that `word` was probably meant to be: the closest by edits, else the only one that begins with it.
 * Undefined when there is nothing to suggest.
 */
export const nearest = (word: string, candidates: readonly string[]): string | undefined => {
  const wanted = word.toLowerCase();
  let best: string | undefined;
  let least = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    const steps = distance(wanted, candidate.toLowerCase(), least);
    if (steps < least) {
      best = candidate;
      least = steps;
    }
  }
  if (best !== undefined || wanted.length < 4) return best;
  const longer = candidates.filter((candidate) => candidate.toLowerCase().startsWith(wanted));
  return longer.length === 1 ? longer[0] : undefined;
};

/** Edits (insert, delete, replace, swap of neighbours) from one word to the other; `limit` when not fewer. */
const distance = (from: string, to: string, limit: number): number => {
  if (Math.abs(from.length - to.length) >= limit) return limit;
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current[column] = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (same ? 0 : 1),
        swapped ? at(beforeLast, column - 2) + 1 : limit,
      );
    }
    beforeLast = last;
    last = current;
  }
  return Math.min(at(last, to.length), limit);
};

const at = (row: readonly number[], column: number): number => row[column] ?? Number.POSITIVE_INFINITY;
