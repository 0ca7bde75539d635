import { accept, acceptUnless, type Fault, type Parser, refuse } from './parser.ts';
import { wholeNumber } from './scalar-parsers.ts';

/** What a user wants of a cut-over: shares in percent, rising; or to stay where it is, or to go back. */
export type CutoverWish = readonly [number, ...number[]] | 'pause' | 'return';

const EXPECTED =
  'rising percentages from 1 to 100 separated by commas, such as 10,50,100, or pause, or return';

export const cutover: Parser<CutoverWish> = {
  type: 'rising percentages, or `pause` or `return`',
  details: [
    '`10,50,100`: the shares of the answers that lead here, one after the other; after the last one the name is ours alone',
    '`pause`: stay at the present share; `return`: everything to what was there before, and stay so',
  ],
  schema: { pattern: '^\\s*(pause|return|[0-9]+(\\s*,\\s*[0-9]+)*)\\s*$' },
  parse: (raw) => {
    const word = raw.trim();
    if (word === 'pause' || word === 'return') return accept(word);
    const parts = word.split(',');
    const shares = parts.map((part) => wholeNumber(part) ?? Number.NaN);
    const faults = shares.flatMap((share, i): Fault[] =>
      share >= 1 && share <= 100 && (i === 0 || share > (shares[i - 1] ?? 0))
        ? []
        : [{ expected: EXPECTED, value: parts[i]?.trim() ?? '' }],
    );
    const [first = 0, ...rest] = shares;
    return acceptUnless(faults.slice(0, 1), () => [first, ...rest]);
  },
};

const UNITS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600 };

/** Seconds, written as a number or with one unit: `90`, `5m`, `2h`. */
export const duration = (from: number, to: number): Parser<number> => ({
  type: `seconds, or a number with \`s\`, \`m\` or \`h\` (${from} to ${to} seconds)`,
  schema: { pattern: '^\\s*[0-9]+[smh]?\\s*$' },
  parse: (raw) => {
    const [, count, unit = ''] = /^(\d{1,9})([smh]?)$/.exec(raw.trim()) ?? [];
    const value = count === undefined ? Number.NaN : Number(count) * (UNITS[unit] ?? 1);
    return value >= from && value <= to
      ? accept(value)
      : refuse(`${from} to ${to} seconds, such as 90, 5m or 2h`);
  },
});
