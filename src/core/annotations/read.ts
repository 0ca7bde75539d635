import { NEVER_READ, NOT_SUPPORTED_YET } from './known-elsewhere.ts';
import { nearest } from './nearest.ts';
import { cut, problemOf, type Reason, type SettingProblem } from './problem.ts';
import type { Place, Row } from './row.ts';
import {
  ANNOTATIONS,
  type AnnotationKey,
  type AnnotationName,
  PREFIX,
  type Settings,
  type Stated,
} from './table.ts';

/** What the annotations of one object say. */
export type Reading = {
  /** Only what is written, valid values only. */
  readonly stated: Stated;
  /** The same with the defaults. For a name in `invalid` the default here is NOT the setting: the setting is unknown. */
  readonly settings: Settings;
  /** Settings that are stated but unusable. Nothing may be changed by them, least of all to a default. */
  readonly invalid: ReadonlySet<AnnotationKey>;
  /** Sorted by annotation. */
  readonly problems: readonly SettingProblem[];
  /** What the class of an Ingress says; it is among `stated`, and wins over Services too. */
  readonly imposed?: Stated;
  /** Subnets chosen by tags, which only a class can do: one of the values for every key. */
  readonly subnetTags?: Readonly<Record<string, readonly string[]>>;
};

/** Reads all annotations of an object under our prefix; every one of them is either read or reported. */
export const readSettings = (
  annotations: Readonly<Record<string, string>> | undefined,
  on: Place,
): Reading => {
  const draft: Draft = { plain: {}, families: new Map(), invalid: new Set(), problems: [] };
  for (const key of Object.keys(annotations ?? {}).sort()) {
    if (key.startsWith(PREFIX)) readOne(key, annotations?.[key] ?? '', on, annotations ?? {}, draft);
  }
  // A value also goes when an old spelling of the same setting contradicts it, whichever was read first.
  const valid = Object.entries(draft.plain).filter(([name]) => !draft.invalid.has(asKey(name)));
  const stated = asStated(Object.fromEntries([...valid, ...draft.families]));
  return { stated, settings: { ...DEFAULTS, ...stated }, invalid: draft.invalid, problems: draft.problems };
};

type Draft = {
  readonly plain: Record<string, unknown>;
  readonly families: Map<AnnotationName, Map<string, unknown>>;
  readonly invalid: Set<AnnotationKey>;
  readonly problems: SettingProblem[];
};

/** A key on an object, found in the table: `canonical` differs from what is written for an old spelling. */
type Found = {
  readonly name: AnnotationName;
  readonly row: Row;
  readonly canonical: AnnotationKey;
  readonly member?: string;
};

const ROWS: Readonly<Record<AnnotationName, Row>> = ANNOTATIONS;
const NAMES = Object.keys(ANNOTATIONS) as readonly AnnotationName[];

const readOne = (
  key: string,
  raw: string,
  on: Place,
  all: Readonly<Record<string, string>>,
  draft: Draft,
): void => {
  const suffix = key.slice(PREFIX.length);
  const found = find(suffix);
  if (!found) {
    const problem = unread(key, suffix, raw);
    if (problem) draft.problems.push(problem);
    return;
  }
  if (!found.row.on.includes(on)) {
    draft.problems.push(remark(key, raw, 'has no effect on a Service, only on an Ingress', 'misplaced'));
    return;
  }
  if (suffix !== found.canonical && !oldSpelling(key, raw, found, all, draft)) return;
  const parsed = found.row.parser.parse(raw);
  if (parsed.ok) {
    store(found, parsed.value, draft);
    draft.problems.push(
      ...(parsed.remarks ?? []).map((fault) => problemOf(key, raw, fault, 'notice', 'remark')),
    );
  } else {
    draft.invalid.add(found.canonical);
    draft.problems.push(...parsed.faults.map((fault) => problemOf(key, raw, fault, 'error', 'invalid')));
  }
};

/** Notes the new name. Both spellings with different values contradict each other; then there is no value at all. */
const oldSpelling = (
  key: string,
  raw: string,
  { canonical }: Found,
  all: Readonly<Record<string, string>>,
  draft: Draft,
): boolean => {
  const current = `${PREFIX}${canonical}`;
  const other = Object.hasOwn(all, current) ? all[current] : undefined;
  if (other === undefined || other === raw) {
    draft.problems.push(
      remark(key, raw, `is an old name, still read; the present one is ${current}`, 'old-spelling'),
    );
    return other === undefined;
  }
  draft.invalid.add(canonical);
  draft.problems.push({
    ...remark(
      key,
      raw,
      `the same value as ${current}, which says "${cut(other)}"; remove the old name`,
      'combination',
    ),
    severity: 'error',
  });
  return false;
};

const store = ({ name, member }: Found, value: unknown, draft: Draft): void => {
  if (member === undefined) draft.plain[name] = value;
  else draft.families.set(name, new Map(draft.families.get(name)).set(member, value));
};

const find = (suffix: string): Found | undefined => {
  const name = NAMES.find((candidate) => candidate === suffix || ROWS[candidate].aliases?.includes(suffix));
  if (name !== undefined && !name.endsWith('*')) return { name, row: ROWS[name], canonical: asKey(name) };
  const family = NAMES.find((candidate) => inFamily(suffix, candidate));
  if (family === undefined) return undefined;
  return {
    name: family,
    row: ROWS[family],
    canonical: asKey(suffix),
    member: suffix.slice(family.length - 1),
  };
};

const inFamily = (suffix: string, family: string): boolean =>
  family.endsWith('*') && suffix.length >= family.length && suffix.startsWith(family.slice(0, -1));

/** A key that no row reads: known to LBC, never read by anyone, or nobody's. */
const unread = (key: string, suffix: string, raw: string): SettingProblem | undefined => {
  const never = Object.hasOwn(NEVER_READ, suffix) ? NEVER_READ[suffix] : undefined;
  if (never) {
    const suggestion = never.didYouMean === undefined ? {} : { didYouMean: `${PREFIX}${never.didYouMean}` };
    return { ...remark(key, raw, never.words, 'unknown'), ...suggestion };
  }
  const later = Object.keys(NOT_SUPPORTED_YET).find((name) => name === suffix || inFamily(suffix, name));
  if (later !== undefined) {
    const { guards, never: words, idle } = NOT_SUPPORTED_YET[later] ?? {};
    if (idle !== undefined && raw.trim() === idle) return undefined;
    const missing = guards === true || (guards === 'unless none' && raw.trim() !== 'none');
    const problem = remark(key, raw, words ?? 'is not supported yet and has no effect', 'unsupported');
    return missing ? { ...problem, guards: true } : problem;
  }
  const meant = suggest(suffix);
  const problem = remark(key, raw, 'is not a known annotation and has no effect', 'unknown');
  if (meant === undefined) return problem;
  const guards = NAMES.some((name) => name === meant && ROWS[name].guards);
  return { ...problem, didYouMean: `${PREFIX}${meant}`, ...(guards && { guards }) };
};

/** The nearest known name; of a family the part before the dot is compared and the user's part kept. */
const suggest = (suffix: string): string | undefined => {
  const dot = suffix.indexOf('.');
  const families = [...NAMES, ...Object.keys(NOT_SUPPORTED_YET)].filter((name) => name.endsWith('*'));
  const family =
    dot < 0
      ? undefined
      : nearest(
          suffix.slice(0, dot),
          families.map((name) => name.slice(0, -2)),
        );
  if (family !== undefined) return `${family}${suffix.slice(dot)}`;
  return nearest(
    suffix,
    [...NAMES, ...Object.keys(NOT_SUPPORTED_YET)].filter((name) => !name.endsWith('*')),
  );
};

const remark = (key: string, raw: string, expected: string, reason: Reason): SettingProblem =>
  problemOf(key, raw, { expected }, 'notice', reason);

// Three places where the compiler cannot follow the table: names and values were paired by the row they came from.
const asKey = (suffix: string): AnnotationKey => suffix as AnnotationKey;
const asStated = (values: Readonly<Record<string, unknown>>): Stated => values as Stated;

const initialValue = (name: AnnotationName, { initial, parser }: Row): readonly [string, unknown][] => {
  if (name.endsWith('*')) return [[name, new Map()]];
  const parsed = initial === undefined ? undefined : parser.parse(initial);
  return parsed?.ok ? [[name, parsed.value]] : [];
};

/** The defaults of the table, families empty. A test sees that every `initial` can be read. */
export const DEFAULTS = Object.fromEntries(
  NAMES.flatMap((name) => initialValue(name, ROWS[name])),
) as Settings;
