import type { Fault, Parser } from './parser.ts';
import { suggestion, wholeNumber } from './scalar-parsers.ts';
import { type PairCheck, type StringMap, stringMap } from './string-map.ts';

/** What one AWS attribute may hold. `read` gives the canonical text, or undefined for a value AWS would refuse. */
export type Attribute = { readonly expected: string; readonly read: (value: string) => string | undefined };

export const flag: Attribute = {
  expected: 'true or false',
  read: (value) => (/^(true|false)$/i.test(value) ? value.toLowerCase() : undefined),
};

export const words = (...allowed: readonly string[]): Attribute => ({
  expected: `one of ${allowed.join(', ')}`,
  read: (value) => allowed.find((word) => word === value),
});

/** A whole number in a range, or one of the extra words. */
export const between = (from: number, to: number, ...extra: readonly string[]): Attribute => ({
  expected: `a whole number from ${from} to ${to}${extra.map((word) => ` or ${word}`).join('')}`,
  read: (value) => {
    const number = wholeNumber(value);
    if (number === undefined || number < from || number > to) return extra.find((word) => word === value);
    return String(number);
  },
});

export const matching = (pattern: RegExp, expected: string): Attribute => ({
  expected,
  read: (value) => (pattern.test(value) ? value : undefined),
});

/** A map of AWS attributes from a table of the known keys. Unknown keys are refused with the nearest known one. */
export const attributes = (
  of: string,
  known: Readonly<Record<string, Attribute>>,
  together: (map: StringMap) => readonly Fault[] = () => [],
): Parser<StringMap> => ({
  ...stringMap(`${of} attributes`, (key, value) => readAttribute(of, known, key, value), together),
  details: Object.entries(known).map(([key, { expected }]) => `\`${key}\`: ${expected}`),
});

const readAttribute = (
  of: string,
  known: Readonly<Record<string, Attribute>>,
  key: string,
  value: string,
): ReturnType<PairCheck> => {
  const attribute = Object.hasOwn(known, key) ? known[key] : undefined;
  if (!attribute)
    return { fault: { expected: `a ${of} attribute`, value: key, ...suggestion(key, Object.keys(known)) } };
  const canonical = attribute.read(value);
  return canonical === undefined
    ? { fault: { at: key, expected: attribute.expected, value } }
    : { value: canonical };
};
