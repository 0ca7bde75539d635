import { acceptUnless, type Fault, type Parsed, type Parser } from './parser.ts';

export type StringMap = Readonly<Record<string, string>>;

/** Checks one pair; gives the value in canonical spelling or what is wrong with the pair. */
export type PairCheck = (
  key: string,
  value: string,
) => { readonly value: string } | { readonly fault: Fault };

/**
 * `key=value` pairs separated by commas. `\,` is a comma that belongs to the value; so is a comma that no `=`
 * follows. A value may be empty and may contain `=`. Checked by `check`, then as a whole by `together`.
 */
export const stringMap = (
  plural: string,
  check: PairCheck,
  together: (map: StringMap) => readonly Fault[] = () => [],
): Parser<StringMap> => ({
  type: `comma-separated ${plural} as \`key=value\``,
  parse: (raw) => {
    const pairs = splitPairs(raw);
    if (!pairs.ok) return pairs;
    const faults: Fault[] = [];
    const entries: (readonly [string, string])[] = [];
    for (const [key, value] of pairs.value) {
      const checked = check(key, value);
      if ('fault' in checked) faults.push(checked.fault);
      else entries.push([key, checked.value]);
    }
    const map: StringMap = Object.fromEntries(entries);
    return acceptUnless(faults.length === 0 ? together(map) : faults, () => map);
  },
});

/** The pairs of a map text in the order written. A pair without `=`, an empty key or a key given twice is a fault. */
export const splitPairs = (raw: string): Parsed<readonly (readonly [string, string])[]> => {
  const faults: Fault[] = [];
  const pairs = new Map<string, string>();
  for (const part of splitAtCommas(raw)) {
    const equals = part.indexOf('=');
    const key = part.slice(0, Math.max(equals, 0)).trim();
    const value = part.slice(equals + 1).trim();
    if (key === '') faults.push({ expected: 'pairs like key=value, separated by commas', value: part });
    else if (pairs.has(key) && pairs.get(key) !== value)
      faults.push({ expected: `one value for ${key}, not both "${pairs.get(key)}" and "${value}"`, at: key });
    else pairs.set(key, value);
  }
  return acceptUnless(faults, () => [...pairs]);
};

const splitAtCommas = (raw: string): readonly string[] => {
  const lastEquals = raw.lastIndexOf('=');
  const parts: string[] = [];
  let part = '';
  for (let index = 0; index < raw.length; index++) {
    if (raw[index] === '\\' && raw[index + 1] === ',') {
      part += ',';
      index++;
    } else if (raw[index] === ',' && index < lastEquals) {
      parts.push(part);
      part = '';
    } else part += raw[index];
  }
  parts.push(withoutEnd(part));
  return parts.map((written) => written.trim()).filter((written) => written !== '');
};

/** Without the commas and blanks at its end. A regular expression would take hours over a long run of them elsewhere. */
const withoutEnd = (part: string): string => {
  let end = part.length;
  while (end > 0 && (part[end - 1] === ',' || part[end - 1]?.trim() === '')) end--;
  return part.slice(0, end);
};
