import type { Fault } from './parser.ts';

/** Something about one annotation that its owner must know. */
export type SettingProblem = {
  /** Full key, with the prefix. */
  readonly annotation: string;
  /** Place inside the value, when the fault is there. */
  readonly at?: string;
  /** What is wrong as written, at most 80 characters. */
  readonly value: string;
  /** Of an error: completes the sentence "expected …". Of a notice: says what there is to know. */
  readonly expected: string;
  readonly didYouMean?: string;
  /** `error`: the setting has no usable value. `notice`: everything goes on. */
  readonly severity: 'error' | 'notice';
  readonly reason: Reason;
  /** The annotation would restrict who gets in, and does not, because it is not supported or misspelt. */
  readonly guards?: true;
};

/**
 * `invalid`: cannot be read. `combination`: contradicts another setting. `unsupported`: LBC has it, this controller
 * not yet. `unknown`: nobody has it. `misplaced`: on the wrong kind of object. `old-spelling`: read, but renamed.
 * `remark`: read, but something in it is odd. `overruled`: the class of the Ingress says it.
 */
export type Reason =
  | 'invalid'
  | 'combination'
  | 'unsupported'
  | 'unknown'
  | 'misplaced'
  | 'old-spelling'
  | 'remark'
  | 'overruled';

/** The problem as one sentence: key, place, expectation, value, suggestion. */
export const problemText = ({
  annotation,
  at,
  value,
  expected,
  didYouMean,
  severity,
}: SettingProblem): string => {
  const place = at === undefined ? annotation : `${annotation}: ${at}`;
  const suggestion = didYouMean === undefined ? '' : ` Did you mean ${didYouMean}?`;
  const words =
    severity === 'error' ? `expected ${expected}, got "${value}"` : `${expected} (value "${value}")`;
  return `${place}: ${words}.${suggestion}`;
};

/** A problem from a fault of the parser; `raw` is the whole value. */
export const problemOf = (
  annotation: string,
  raw: string,
  { value = raw, ...fault }: Fault,
  severity: SettingProblem['severity'],
  reason: Reason,
): SettingProblem => ({ annotation, ...fault, value: cut(value), severity, reason });

const LONGEST = 80;

/** One line of at most 80 characters. */
export const cut = (value: string): string => {
  const line = value.replaceAll(/[\r\n\t]+/g, ' ');
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
};
