/** Pages of EC2's Describe calls. */
import { refuse } from '../wire/refusal.ts';
import { invalidValue } from './errors.ts';

type PageRequest = { readonly NextToken?: string | undefined; readonly MaxResults?: number | undefined };

/** The page after NextToken in the order of ids. `ids` are those the request names: they exclude MaxResults. */
export const page = <T>(
  items: readonly T[],
  idOf: (item: T) => string,
  request: PageRequest,
  ids?: readonly string[],
): { readonly items: T[]; readonly NextToken?: string } => {
  const { MaxResults: most, NextToken: token } = request;
  if (most !== undefined && (most < 5 || most > 1000)) {
    throw invalidValue(
      `Value ( ${most} ) for parameter maxResults is invalid. Expecting a value between 5 and 1000.`,
    );
  }
  if (most !== undefined && ids !== undefined && ids.length > 0) {
    throw refuse('InvalidParameterCombination', 'The parameter maxResults cannot be used with a list of ids');
  }
  const after = token === undefined ? undefined : decode(token);
  const sorted = [...items]
    .sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1))
    .filter((item) => after === undefined || idOf(item) > after);
  const last = sorted[(most ?? sorted.length) - 1];
  if (most === undefined || sorted.length <= most || last === undefined) return { items: sorted };
  return { items: sorted.slice(0, most), NextToken: Buffer.from(`v1:${idOf(last)}`).toString('base64') };
};

const decode = (token: string): string => {
  const text = Buffer.from(token, 'base64').toString();
  if (!text.startsWith('v1:')) throw invalidValue(`Invalid value '${token}' for parameter nextToken`);
  return text.slice(3);
};

/** The things of these ids; throws AWS's error for the first that is not there. */
export const named = <T>(
  all: ReadonlyMap<string, T>,
  ids: readonly string[] | undefined,
  absent: (id: string) => Error,
): T[] => {
  if (ids === undefined || ids.length === 0) return [...all.values()];
  return ids.map((id) => {
    const found = all.get(id);
    if (found === undefined) throw absent(id);
    return found;
  });
};
