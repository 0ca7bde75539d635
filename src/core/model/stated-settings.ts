/**
 * Which settings of a resource somebody stated last time, noted in a tag of it. A setting that is stated no more goes
 * back to AWS's default once; one that nobody here ever stated is left alone.
 */
import { DEFAULT_ATTRIBUTES } from './attribute-defaults.ts';
import { sha256Hex } from './digest.ts';
import { STATED_SETTINGS_TAG } from './names.ts';
import type { Resource } from './resource.ts';
import type { Tags } from './tags.ts';

/** Short, because a tag holds 256 characters and attribute keys are long: this way all of them fit. */
const codeOf = (name: string): string => sha256Hex([name], 5);

/** The note; no tag at all where nothing is stated. */
export const settingsNote = (names: readonly string[]): Tags =>
  names.length === 0 ? {} : { [STATED_SETTINGS_TAG]: names.map(codeOf).sort().join(' ') };

const codesIn = (tags: Tags): readonly string[] => (tags[STATED_SETTINGS_TAG] ?? '').split(' ');

/** Whether the note on a resource says that a setting was stated. */
export const wasStated = (name: ReadIfStated, tags: Tags): boolean => codesIn(tags).includes(codeOf(name));

/** Whether a setting leaves the note: then the note goes last, or a failure in between would lose the default. */
export const forgets = (want: Tags, have: Tags): boolean => {
  const still = codesIn(want);
  return codesIn(have).some((code) => code !== '' && !still.includes(code));
};

/** The tags of a resource with the note exchanged. */
export const withNote = (tags: Tags, names: readonly string[]): Tags => {
  const { [STATED_SETTINGS_TAG]: _, ...others } = tags;
  return { ...others, ...settingsNote(names) };
};

/** Settings that are no attributes, and what stands for "as if never stated". */
const PLAIN = {
  'load-balancer': {
    capacityUnits: 0,
    ipv4IpamPool: '',
    webAcl: '',
    shield: false,
  },
  listener: { mutualAuthentication: { mode: 'off' } },
} as const;

/** Fields of a load balancer that cost a call of their own to read, so they are read where somebody stated them. */
export type ReadIfStated = 'capacityUnits' | 'webAcl' | 'shield';

/** What is wanted, completed by the defaults of settings that were stated and are no more. */
export const withDefaults = <R extends Resource>(want: R, have: R['spec']): R => {
  if (!('tags' in want.spec) || !('tags' in have) || !(STATED_SETTINGS_TAG in have.tags)) return want;
  const still = new Set(codesIn(want.spec.tags));
  const left = new Set(codesIn(have.tags).filter((code) => !still.has(code)));
  const forgotten = (of: Readonly<Record<string, unknown>>): Record<string, unknown> =>
    Object.fromEntries(Object.entries(of).filter(([name]) => left.has(codeOf(name))));
  const attributes = forgotten(DEFAULT_ATTRIBUTES[want.kind] ?? {});
  const isPlain = want.kind === 'load-balancer' || want.kind === 'listener';
  const plain = isPlain ? forgotten(PLAIN[want.kind]) : {};
  if (Object.keys(attributes).length + Object.keys(plain).length === 0) return want;
  const stated = 'attributes' in want.spec ? want.spec.attributes : {};
  return { ...want, spec: { ...want.spec, attributes: { ...attributes, ...stated }, ...plain } };
};
