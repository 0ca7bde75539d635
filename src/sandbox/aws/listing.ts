/** Pages of the JSON and IAM lists: by a key that orders the items. */

/**
 * Up to `size` items after the one whose key the token holds. `bad` makes the error for a token of somebody else.
 * Keys are compared as text, so that changes between two pages lose nothing else.
 */
export const listing = <T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  size: number,
  token: string | undefined,
  bad: () => Error,
): { readonly items: readonly T[]; readonly next: string | undefined } => {
  const after = token === undefined ? undefined : decode(token, bad);
  const keyed = items
    .map((item) => [keyOf(item), item] as const)
    .sort(([a], [b]) => (a < b ? -1 : Number(a > b)))
    .filter(([key]) => after === undefined || key > after);
  const last = keyed[size - 1];
  return {
    items: keyed.slice(0, size).map(([, item]) => item),
    next:
      keyed.length > size && last !== undefined
        ? Buffer.from(`v1:${last[0]}`).toString('base64url')
        : undefined,
  };
};

const decode = (token: string, bad: () => Error): string => {
  const text = Buffer.from(token, 'base64url').toString();
  if (!text.startsWith('v1:')) throw bad();
  return text.slice(3);
};
