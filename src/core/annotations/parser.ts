/** What reading one annotation value gives: a typed value, or every reason why it has none. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T; readonly remarks?: readonly Fault[] }
  | { readonly ok: false; readonly faults: readonly [Fault, ...Fault[]] };

/** One thing wrong with a value (or, as a remark, odd about it). */
export type Fault = {
  /** Completes the sentence "expected …"; of a remark it is the sentence. */
  readonly expected: string;
  /** Place inside the value, e.g. `forwardConfig.targetGroups[1].weight`; absent: the value as a whole. */
  readonly at?: string;
  /** The offending part as written; absent: the value as a whole. */
  readonly value?: string;
  readonly didYouMean?: string;
};

/** Reads the text of one annotation. Pure; never throws, whatever the text. */
export type Parser<T> = {
  /** For the reference page: `integer 5..300`. */
  readonly type: string;
  readonly parse: (raw: string) => Parsed<T>;
  /** Further lines for the reference page: what may stand in the value. */
  readonly details?: readonly string[];
  /** Part of a JSON schema that editors can check the text with; stricter than `parse` about white space only. */
  readonly schema?: { readonly enum: readonly string[] } | { readonly pattern: string };
};

/** The value that a parser reads. */
export type ValueOf<P> = P extends Parser<infer T> ? T : never;

export const accept = <T>(value: T, remarks: readonly Fault[] = []): Parsed<T> =>
  remarks.length === 0 ? { ok: true, value } : { ok: true, value, remarks };

export const refuse = (expected: string, more: Omit<Fault, 'expected'> = {}): Parsed<never> => ({
  ok: false,
  faults: [{ expected, ...more }],
});

/** Refuses when there are faults, accepts what `value` makes otherwise. */
export const acceptUnless = <T>(
  faults: readonly Fault[],
  value: () => T,
  remarks: readonly Fault[] = [],
): Parsed<T> => {
  const [first, ...rest] = faults;
  return first === undefined ? accept(value(), remarks) : { ok: false, faults: [first, ...rest] };
};
