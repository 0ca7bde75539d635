/** Filters of Describe calls: names each resource knows, values with `*` and `?`. */
import type { Filter } from '@aws-sdk/client-ec2';
import type { Tags } from '../account.ts';
import { invalidValue } from './errors.ts';

/** Values a resource has under a filter's name. */
export type FilterTable<T> = Readonly<Record<string, (item: T) => readonly (string | undefined)[]>>;

/** Items that match every filter. `tagsOf` is absent for resources that have no tags. */
export const applyFilters = <T>(
  items: readonly T[],
  filters: readonly Filter[] | undefined,
  table: FilterTable<T>,
  tagsOf?: (item: T) => Tags,
): T[] => {
  const tests = (filters ?? []).map((filter) => testOf(filter, table, tagsOf));
  return items.filter((item) => tests.every((test) => test(item)));
};

const testOf = <T>(
  { Name: name = '', Values: values }: Filter,
  table: FilterTable<T>,
  tagsOf: ((item: T) => Tags) | undefined,
): ((item: T) => boolean) => {
  const read = readerOf(name, table, tagsOf);
  if (read === undefined) {
    const known = [
      ...Object.keys(table),
      ...(tagsOf === undefined ? [] : ['tag:KEY', 'tag-key', 'tag-value']),
    ];
    throw invalidValue(`The filter '${name}' is invalid (the sandbox knows ${known.join(', ')})`);
  }
  if (values === undefined || values.length === 0)
    throw invalidValue(`The filter '${name}' must have at least one value`);
  const patterns = values.map(globOf);
  return (item) =>
    read(item).some((value) => value !== undefined && patterns.some((pattern) => pattern.test(value)));
};

const readerOf = <T>(
  name: string,
  table: FilterTable<T>,
  tagsOf: ((item: T) => Tags) | undefined,
): ((item: T) => readonly (string | undefined)[]) | undefined => {
  if (Object.hasOwn(table, name)) return table[name];
  if (tagsOf === undefined) return undefined;
  if (name === 'tag-key') return (item) => Object.keys(tagsOf(item));
  if (name === 'tag-value') return (item) => Object.values(tagsOf(item));
  if (name.startsWith('tag:')) return (item) => [tagsOf(item)[name.slice(4)]];
  return undefined;
};

const globOf = (value: string): RegExp => {
  const source = value.replace(/\\[*?\\]|[*?]|[.+^${}()|[\]\\]/g, (found) => {
    if (found === '*') return '[\\s\\S]*';
    if (found === '?') return '[\\s\\S]';
    return found.length === 2 ? found : `\\${found}`;
  });
  return new RegExp(`^${source}$`);
};
