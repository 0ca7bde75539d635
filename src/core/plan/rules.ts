/**
 * Priorities of one listener's rules. What is wanted is an order; AWS wants numbers that are unique and that
 * change as little as possible. Rules already in order keep their numbers, new ones go into the gaps.
 */

/** Distance between rules that have room, so that a later insert is one CreateRule. */
const STEP = 100;
/** Highest priority AWS takes. */
const LAST = 50_000;

/** Keys of a longest subsequence whose current numbers already rise: these need not move. */
const keepInPlace = (order: readonly string[], current: ReadonlyMap<string, number>): Set<string> => {
  const known = order.filter((key) => current.has(key));
  const numbers = known.map((key) => current.get(key) ?? 0);
  const tails: number[] = [];
  const before: (number | undefined)[] = [];
  numbers.forEach((number, index) => {
    const found = tails.findIndex((tail) => (numbers[tail] ?? 0) >= number);
    const length = found < 0 ? tails.length : found;
    before[index] = length > 0 ? tails[length - 1] : undefined;
    tails[length] = index;
  });
  const kept = new Set<string>();
  for (let index = tails.at(-1); index !== undefined; index = before[index]) kept.add(known[index] ?? '');
  return kept;
};

/** `count` rising free numbers between two bounds (exclusive), spread out; undefined when there is no room. */
const between = (
  low: number,
  high: number,
  count: number,
  taken: ReadonlySet<number>,
): number[] | undefined => {
  const open = high > LAST && low + STEP * count <= LAST;
  const wanted = Array.from({ length: count }, (_, i) => low + STEP * (i + 1));
  if (open && wanted.every((number) => !taken.has(number))) return wanted;
  const free: number[] = [];
  for (let number = low + 1; number < high; number++) if (!taken.has(number)) free.push(number);
  if (free.length < count) return undefined;
  const stride = Math.floor(free.length / (count + 1));
  return Array.from({ length: count }, (_, i) => free[stride > 0 ? stride * (i + 1) : i] ?? 0);
};

const place = (
  order: readonly string[],
  current: ReadonlyMap<string, number>,
  kept: ReadonlySet<string>,
  taken: ReadonlySet<number>,
): ReadonlyMap<string, number> | { readonly crowdedAfter: number } => {
  const placed = new Map<string, number>();
  for (let start = 0, low = 0; start <= order.length; ) {
    let end = start;
    while (end < order.length && !kept.has(order[end] ?? '')) end++;
    const right = order[end];
    const high = right === undefined ? LAST + 1 : (current.get(right) ?? LAST + 1);
    const numbers = between(low, high, end - start, taken);
    if (!numbers) return { crowdedAfter: end };
    numbers.forEach((number, i) => {
      placed.set(order[start + i] ?? '', number);
    });
    if (right !== undefined) placed.set(right, high);
    low = high;
    start = end + 1;
  }
  return placed;
};

/**
 * A priority for every rule of a listener, rising in the wanted order.
 *
 * @param order keys of the wanted rules, first to match first
 * @param current priorities of rules that exist and are wanted
 * @param occupied priorities that nothing may take: rules of others, and rules that go away later in the plan
 */
export const assignPriorities = (
  order: readonly string[],
  current: ReadonlyMap<string, number>,
  occupied: ReadonlySet<number>,
): ReadonlyMap<string, number> => {
  const kept = keepInPlace(order, current);
  for (;;) {
    const still = [...kept].map((key) => current.get(key) ?? 0);
    const result = place(order, current, kept, new Set([...occupied, ...still]));
    if (!('crowdedAfter' in result)) return result;
    // No room before this rule: let the nearest fixed one move as well, to the right first, where numbers are free.
    const right = order.slice(result.crowdedAfter).find((key) => kept.has(key));
    const victim = right ?? order.slice(0, result.crowdedAfter).findLast((key) => kept.has(key));
    if (victim === undefined) throw new RangeError(`no room for ${order.length} rules in ${LAST} priorities`);
    kept.delete(victim);
  }
};
