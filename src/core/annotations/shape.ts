/**
 * Reading JSON values with exact paths. Field names match without regard to case, as the decoder that LBC uses does:
 * `TargetGroupArn` and `targetGroupARN` are the same field. `null` is the same as an absent field.
 */
import type { Fault } from './parser.ts';
import { suggestion } from './scalar-parsers.ts';

/** Collects what is wrong (`faults`: the value is refused) and what is only odd (`remarks`). */
export type Findings = { readonly faults: Fault[]; readonly remarks: Fault[] };

/** Reads a JSON value at a path; undefined means that a fault was noted. */
export type Shape<T> = (value: unknown, at: string, findings: Findings) => T | undefined;

type Fields = Readonly<Record<string, Shape<unknown>>>;
type Read<F extends Fields> = { readonly [K in keyof F]?: Exclude<ReturnType<F[K]>, undefined> };

/** An object with these fields, all optional. Unknown fields have no effect and are remarked. */
export const record =
  <F extends Fields>(fields: F): Shape<Read<F>> =>
  (value, at, findings) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return fault(findings, at, 'a JSON object', value);
    const names = new Map(Object.keys(fields).map((name) => [name.toLowerCase(), name]));
    const read: Record<string, unknown> = {};
    let whole = true;
    for (const [written, content] of Object.entries(value)) {
      const name = names.get(written.toLowerCase());
      const shape = name === undefined ? undefined : fields[name];
      if (name === undefined || shape === undefined) {
        const expected = `is an unknown field and has no effect; known are ${Object.keys(fields).join(', ')}`;
        findings.remarks.push({
          at: join(at, written),
          expected,
          value: show(content),
          ...suggestion(written, Object.keys(fields)),
        });
      } else if (name in read) {
        whole = fault(findings, join(at, written), `${name} once, in one spelling`, content) !== undefined;
      } else if (content !== null) {
        read[name] = shape(content, join(at, name), findings);
        whole &&= read[name] !== undefined;
      }
    }
    // Every field was read by the shape of its own name, which is what Read<F> says.
    return whole ? (read as Read<F>) : undefined;
  };

/** A list of `least` to `most` items. */
export const listOf =
  <T>(item: Shape<T>, least: number, most: number): Shape<readonly T[]> =>
  (value, at, findings) => {
    if (!Array.isArray(value)) return fault(findings, at, 'a JSON list', value);
    if (value.length < least || value.length > most)
      return fault(findings, at, `${least} to ${most} items, got ${value.length}`);
    const items = value.map((content: unknown, index) => item(content, `${at}[${index}]`, findings));
    const read = items.filter((content) => content !== undefined);
    return read.length === items.length ? read : undefined;
  };

/** A JSON string that satisfies `fits`. */
export const string =
  (expected: string, fits: (value: string) => boolean): Shape<string> =>
  (value, at, findings) =>
    typeof value === 'string' && fits(value) ? value : fault(findings, at, expected, value);

/** One of a few JSON strings. */
export const word =
  <const W extends readonly string[]>(...words: W): Shape<W[number]> =>
  (value, at, findings) =>
    words.find((candidate) => candidate === value) ??
    fault(findings, at, `one of ${words.join(', ')}`, value);

/** A JSON number without a fraction, in a range. */
export const whole =
  (from: number, to: number): Shape<number> =>
  (value, at, findings) =>
    typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to
      ? value
      : fault(findings, at, `a whole number from ${from} to ${to}`, value);

export const truth: Shape<boolean> = (value, at, findings) =>
  typeof value === 'boolean' ? value : fault(findings, at, 'true or false, without quotes', value);

/** Notes a fault and gives undefined, so that a shape can end with it. */
export const fault = (findings: Findings, at: string, expected: string, value?: unknown): undefined => {
  findings.faults.push({
    expected,
    ...(at === '' ? {} : { at }),
    ...(value === undefined ? {} : { value: show(value) }),
  });
};

export const join = (at: string, name: string): string => (at === '' ? name : `${at}.${name}`);

const show = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** JSON as unknown, or undefined for text that is not JSON, or nested deeper than anything we read. */
export const parseJson = (raw: string): unknown => {
  try {
    const json: unknown = JSON.parse(raw);
    return isShallow(json, DEEPEST) ? json : undefined;
  } catch {
    return undefined;
  }
};

/** What cannot be walked through by functions that call themselves must not get to them. */
const DEEPEST = 32;

const isShallow = (json: unknown, left: number): boolean =>
  typeof json !== 'object' ||
  json === null ||
  (left > 0 && Object.values(json).every((it) => isShallow(it, left - 1)));
