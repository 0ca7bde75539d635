/** How many worlds a law is tried on, and which. */
export type Runs = { readonly numRuns: number; readonly seed?: number };

/**
 * `npm test` tries the same `short` worlds each time, so that a change is judged and not chance. The long form,
 * `LAW_RUNS=20000`, tries others each time and prints the seed of what it finds; `LAW_SEED` tries one again.
 */
export const runs = (short: number): Runs => {
  const { LAW_RUNS, LAW_SEED } = process.env;
  const numRuns = Number(LAW_RUNS ?? short);
  if (LAW_SEED) return { numRuns, seed: Number(LAW_SEED) };
  return LAW_RUNS ? { numRuns } : { numRuns, seed: 2017 };
};
