/** Filters of Describe calls: names each resource knows, values with `*` and `?`. */
import type { Filter } from '@aws-sdk/client-ec2';
import type { Tags } from '../details.ts';
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
  return (item) => read(item).some((value) => value !== undefined && patterns.some((fits) => fits(value)));
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

/** Longer values are refused: nothing in EC2 is longer. */
const LONGEST = 255;

/** A value with `*` for any text and `?` for one character; a backslash takes either by its word. */
const globOf = (value: string): ((text: string) => boolean) => {
  if (value.length > LONGEST)
    throw invalidValue(`A filter value can have at most ${LONGEST} characters; one has ${value.length}`);
  const steps = value.match(/\\[*?\\]|[\s\S]/g) ?? [];
  const pattern = steps.map((step) => (step.length === 2 ? { literal: step.slice(1) } : step));
  return (text) => matches(pattern, text);
};

type Step = string | { readonly literal: string };

/** Tries each `*` with as little as possible and goes back to the last one only, which keeps the time short. */
const matches = (pattern: readonly Step[], text: string): boolean => {
  let [at, star, resume] = [0, -1, 0];
  for (let i = 0; i < text.length; ) {
    const step = pattern[at];
    const literal = typeof step === 'object' ? step.literal : step === '*' || step === '?' ? undefined : step;
    if (step === '*') {
      star = at;
      resume = i;
      at += 1;
    } else if (step !== undefined && (literal === undefined || literal === text[i])) {
      at += 1;
      i += 1;
    } else if (star >= 0) {
      at = star + 1;
      resume += 1;
      i = resume;
    } else return false;
  }
  return pattern.slice(at).every((step) => step === '*');
};
