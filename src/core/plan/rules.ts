/**
 * Priorities of one listener's rules. What is wanted is an order; AWS wants numbers that are unique and that
 * change as little as possible. Rules already in order keep their numbers, new ones go into the gaps.
 */

/** Distance between rules that have room, so that a later insert is one CreateRule. */
const STEP = 100;
/** Highest priority AWS takes. */
const LAST = 50_000;

/** Keys of a longest subsequence whose current numbers already rise: these need not move. */
const keepInPlace = <K extends string>(order: readonly K[], current: ReadonlyMap<K, number>): Set<K> => {
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
  const kept = new Set<K>();
  for (let index = tails.at(-1); index !== undefined; index = before[index]) {
    const key = known[index];
    if (key !== undefined) kept.add(key);
  }
  return kept;
};

/** `count` rising free numbers between two bounds (exclusive), spread out; undefined when there is no room. */
const between = (
  low: number,
  high: number,
  count: number,
  taken: ReadonlySet<number>,
): readonly number[] | undefined => {
  if (count === 0) return [];
  if (high > LAST) {
    const steps: number[] = [];
    for (let number = low + STEP; steps.length < count && number <= LAST; number += STEP) {
      while (taken.has(number)) number++;
      steps.push(number);
    }
    if (steps.length === count && (steps.at(-1) ?? 0) <= LAST) return steps;
  }
  const free: number[] = [];
  for (let number = low + 1; number < high; number++) if (!taken.has(number)) free.push(number);
  if (free.length < count) return undefined;
  const stride = Math.floor(free.length / (count + 1));
  return Array.from({ length: count }, (_, i) => free[stride > 0 ? stride * (i + 1) : i] ?? 0);
};

/** Either every rule has its number, or a stretch of the order (`start` up to, not including, `end`) has no room. */
type Placing<K> = ReadonlyMap<K, number> | Crowd;
type Crowd = { readonly start: number; readonly end: number };

const isCrowd = <K>(placing: Placing<K>): placing is Crowd => 'start' in placing;

const place = <K extends string>(
  order: readonly K[],
  current: ReadonlyMap<K, number>,
  kept: ReadonlySet<K>,
  occupied: ReadonlySet<number>,
): Placing<K> => {
  const taken = new Set([...occupied, ...[...kept].map((key) => current.get(key) ?? 0)]);
  const placed = new Map<K, number>();
  for (let start = 0, low = 0; start <= order.length; ) {
    let end = start;
    for (let key = order[end]; key !== undefined && !kept.has(key); key = order[end]) end++;
    const right = order[end];
    const high = right === undefined ? LAST + 1 : (current.get(right) ?? LAST + 1);
    const numbers = between(low, high, end - start, taken);
    if (!numbers) return { start, end };
    for (const [i, key] of order.slice(start, end).entries()) placed.set(key, numbers[i] ?? 0);
    if (right !== undefined) placed.set(right, high);
    low = high;
    start = end + 1;
  }
  return placed;
};

/** What stays in place when neighbours on one side of a crowd move until it has room; undefined: they do not suffice. */
const loosened = <K extends string>(
  side: 'left' | 'right',
  crowd: Crowd,
  order: readonly K[],
  kept: ReadonlySet<K>,
  placed: (kept: ReadonlySet<K>) => Placing<K>,
): ReadonlySet<K> | undefined => {
  const still = new Set(kept);
  for (let now: Placing<K> = crowd; isCrowd(now) && now.start <= crowd.end; now = placed(still)) {
    const victim = order[side === 'right' ? now.end : now.start - 1];
    if (victim === undefined) return undefined;
    still.delete(victim);
  }
  return still;
};

/**
 * A priority for every rule of a listener, rising in the given order; as few rules as possible move.
 *
 * @param order keys of the rules, first to match first
 * @param current priorities of the rules among them that exist
 * @param occupied priorities that nothing may take: rules of others
 */
export const assignPriorities = <K extends string>(
  order: readonly K[],
  current: ReadonlyMap<K, number>,
  occupied: ReadonlySet<number>,
): ReadonlyMap<K, number> => {
  const placed = (kept: ReadonlySet<K>): Placing<K> => place(order, current, kept, occupied);
  let kept: ReadonlySet<K> = keepInPlace(order, current);
  for (;;) {
    const result = placed(kept);
    if (!isCrowd(result)) return result;
    if (kept.size === 0) throw new RangeError(`no room for ${order.length} rules in ${LAST} priorities`);
    const right = loosened('right', result, order, kept, placed);
    const left = loosened('left', result, order, kept, placed);
    kept = right && right.size >= (left?.size ?? 0) ? right : (left ?? new Set());
  }
};
