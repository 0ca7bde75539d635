/** Pages of Describe calls: by a key that orders the items, so that changes between two pages lose nothing else. */
import { invalid } from './invalid.ts';

type PageRequest = { readonly Marker?: string | undefined; readonly PageSize?: number | undefined };

/** The page after `Marker` in the order of `keyOf`; at most 400 items, ELBv2's default and maximum. */
export const page = <T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  request: PageRequest,
): { readonly items: readonly T[]; readonly NextMarker?: string } => {
  const size = request.PageSize ?? 400;
  const after = request.Marker === undefined ? undefined : decode(request.Marker);
  const keyed = items
    .map((item) => [keyOf(item), item] as const)
    .sort(([a], [b]) => (a < b ? -1 : Number(a > b)));
  const start = after === undefined ? 0 : keyed.findIndex(([key]) => key > after);
  const rest = start < 0 ? [] : keyed.slice(start);
  const last = rest[size - 1];
  const taken = rest.slice(0, size).map(([, item]) => item);
  return rest.length > size && last !== undefined
    ? { items: taken, NextMarker: encode(last[0]) }
    : { items: taken };
};

const encode = (key: string): string => Buffer.from(`v1:${key}`).toString('base64url');

const decode = (marker: string): string => {
  const text = Buffer.from(marker, 'base64url').toString();
  if (!text.startsWith('v1:')) throw invalid(`The marker '${marker}' is not one this API returned`);
  return text.slice(3);
};
