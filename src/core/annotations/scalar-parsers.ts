import { nearest } from './nearest.ts';
import { accept, type Parser, refuse } from './parser.ts';

/** One of a few words, exactly as spelt. */
export const oneOf = <const W extends readonly [string, ...string[]]>(...words: W): Parser<W[number]> => ({
  type: words.map((word) => `\`${word}\``).join(' or '),
  schema: { enum: words },
  parse: (raw) => {
    const word = words.find((candidate) => candidate === raw.trim());
    return word === undefined ? refuse(`one of ${words.join(', ')}`, suggestion(raw, words)) : accept(word);
  },
});

/** A whole number within a range, both ends included. */
export const integer = (from: number, to: number, unit = ''): Parser<number> => ({
  type: `integer ${from}..${to}${unit && ` (${unit})`}`,
  schema: { pattern: '^\\s*[+-]?[0-9]+\\s*$' },
  parse: (raw) => {
    const value = wholeNumber(raw);
    const within = value !== undefined && value >= from && value <= to;
    return within ? accept(value) : refuse(`a whole number from ${from} to ${to}${unit && ` (${unit})`}`);
  },
});

/** The spellings of Go, which LBC reads: true, false, 1, 0, t, f, and their capitals. */
export const boolean: Parser<boolean> = {
  type: '`true` or `false`',
  schema: { pattern: '^\\s*(true|false|True|False|TRUE|FALSE|[tfTF01])\\s*$' },
  parse: (raw) => {
    const value = raw.trim();
    if (['1', 't', 'T', 'true', 'True', 'TRUE'].includes(value)) return accept(true);
    if (['0', 'f', 'F', 'false', 'False', 'FALSE'].includes(value)) return accept(false);
    return refuse('true or false');
  },
};

/** Text of 1 to `max` characters that matches `pattern`; `rule` says in words what that means. */
export const text = (pattern: RegExp, max: number, rule: string): Parser<string> => ({
  type: rule,
  schema: { pattern: pattern.source },
  parse: (raw) => {
    const value = raw.trim();
    return value.length > 0 && value.length <= max && pattern.test(value) ? accept(value) : refuse(rule);
  },
});

/** The number a text stands for, or undefined when it is not a whole number that JavaScript holds exactly. */
export const wholeNumber = (raw: string): number | undefined => {
  const trimmed = raw.trim();
  const value = /^[+-]?\d+$/.test(trimmed) ? Number(trimmed) : Number.NaN;
  return Number.isSafeInteger(value) ? value + 0 : undefined;
};

/** `{ didYouMean }` when a candidate is close to what was written. */
export const suggestion = (raw: string, candidates: readonly string[]): { didYouMean?: string } => {
  const candidate = nearest(raw.trim(), candidates);
  return candidate === undefined ? {} : { didYouMean: candidate };
};
