/** What IngressClassParams say, read with the parsers of the annotations they stand above. */
import { cut } from '../annotations/problem.ts';
import { readSettings } from '../annotations/read.ts';
import { type AnnotationKey, PREFIX, type Stated } from '../annotations/table.ts';
import type { IngressClassParams } from '../kube/objects.ts';
import { type ParamsRow, paramsRows } from './params-rows.ts';
import { type SubnetTags, subnetTagsOf } from './params-texts.ts';

/** What a class says for its Ingresses. It wins over their annotations. */
export type ClassSettings = {
  /** Who says it, for messages: `IngressClassParams front`. */
  readonly source: string;
  readonly stated: Stated;
  readonly subnetTags?: SubnetTags;
  /** What it says in a way that cannot be used, or may say where it cannot be read. */
  readonly invalid: ReadonlySet<AnnotationKey>;
  /** One sentence for each mistake. */
  readonly faults: readonly string[];
};

/** Nothing is said: Ingresses without parameters. */
export const NO_CLASS_SETTINGS: ClassSettings = {
  source: '',
  stated: {},
  invalid: new Set(),
  faults: [],
};

/** The parameters exist, or did, and nobody can tell what they say: every setting they could make is open. */
export const UNKNOWN_CLASS_SETTINGS: ClassSettings = {
  ...NO_CLASS_SETTINGS,
  source: 'the class',
  invalid: new Set(paramsRows.flatMap(([, { overrides }]) => overrides)),
};

/** `externalTags` are keys that somebody else looks after (`--external-managed-tags`). */
export const readParams = (params: IngressClassParams, externalTags: readonly string[]): ClassSettings => {
  const source = `IngressClassParams ${params.metadata.name}`;
  const spec = params.spec ?? {};
  const draft: Draft = { stated: {}, invalid: new Set(), faults: [] };
  const say = (place: string, expected: string, value: unknown): void =>
    void draft.faults.push(`${source}: ${place}: expected ${expected}, got ${shown(value)}`);
  for (const [field, row] of paramsRows) {
    const value = spec[field];
    const isOld = field === 'PrefixListsIDs' && spec.prefixListsIDs !== undefined;
    if (value !== undefined && value !== null && row.texts && !isOld)
      readField(`spec.${field}`, value, row, draft, say);
  }
  const taken = Object.keys(draft.stated.tags ?? {}).find((key) => externalTags.includes(key));
  if (taken !== undefined) {
    say('spec.tags', 'another key: --external-managed-tags leaves this one to somebody else', taken);
    draft.invalid.add('tags');
    draft.stated = { ...draft.stated, tags: {} };
  }
  const subnetTags = draft.invalid.has('subnets') ? undefined : subnetTagsOf(spec.subnets);
  return { source, ...draft, ...(subnetTags && { subnetTags }) };
};

type Draft = { stated: Stated; readonly invalid: Set<AnnotationKey>; readonly faults: string[] };

const readField = (
  place: string,
  value: unknown,
  row: ParamsRow,
  draft: Draft,
  say: (place: string, expected: string, value: unknown) => void,
): void => {
  const written = row.texts?.(value);
  if (!written) return;
  if ('misfit' in written) {
    const { at, expected, value: bad } = written.misfit;
    say(`${place}${at}`, expected, bad);
    for (const name of row.overrides) draft.invalid.add(name);
    return;
  }
  const annotations = Object.fromEntries(
    Object.entries(written.texts).map(([name, text]) => [`${PREFIX}${name}`, text]),
  );
  const reading = readSettings(annotations, 'ingress');
  draft.stated = { ...draft.stated, ...reading.stated };
  for (const name of reading.invalid) draft.invalid.add(name);
  for (const problem of reading.problems.filter(({ severity }) => severity === 'error'))
    say(problem.at === undefined ? place : `${place} (${problem.at})`, problem.expected, problem.value);
};

const shown = (value: unknown): string => (value === undefined ? 'nothing' : cut(JSON.stringify(value)));
