/**
 * Which targets of a target group this cluster registered, noted in tags of the group, where other clusters register
 * targets in it as well. What is not noted is theirs and stays.
 */
import { sha256Hex } from './digest.ts';
import { REGISTERED_TAG } from './names.ts';
import type { Target, TargetGroupSpec } from './resource.ts';
import type { Tags } from './tags.ts';

/** Tags hold 256 characters, and a resource has 50 of them: so many codes in a tag, and so many tags. */
const CODES = 28;
const TAGS = 30;

/** Long enough that another cluster's target is not taken for ours. */
const codeOf = ({ id, port }: Target): string => sha256Hex([`${id}:${port}`], 8);

const tagName = (index: number): string => (index === 0 ? REGISTERED_TAG : `${REGISTERED_TAG}-${index + 1}`);

export const isNoteTag = (name: string): boolean => name.startsWith(REGISTERED_TAG);

const codesIn = (tags: Tags): readonly string[] =>
  Object.entries(tags).flatMap(([name, value]) => (isNoteTag(name) ? value.split(' ').filter(Boolean) : []));

const noteOf = (codes: readonly string[]): Tags => {
  const sorted = [...new Set(codes)].sort();
  const count = Math.min(TAGS, Math.max(1, Math.ceil(sorted.length / CODES)));
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      tagName(index),
      sorted.slice(index * CODES, (index + 1) * CODES).join(' '),
    ]),
  );
};

const without = (tags: Tags): Tags =>
  Object.fromEntries(Object.entries(tags).filter(([name]) => !isNoteTag(name)));

/** Whether other clusters may have targets in the group. */
export const isShared = (tags: Tags): boolean => REGISTERED_TAG in tags;

/** A group with our targets as they should be, and those of others as they are. */
export const sharedWith = (
  want: TargetGroupSpec,
  have: Pick<TargetGroupSpec, 'targets' | 'tags'> | undefined,
): TargetGroupSpec => {
  const noted = new Set(codesIn(have?.tags ?? {}));
  const wanted = new Set(want.targets.map(codeOf));
  const others = (have?.targets ?? []).filter((it) => !noted.has(codeOf(it)) && !wanted.has(codeOf(it)));
  return {
    ...want,
    targets: [...want.targets, ...others],
    tags: { ...without(want.tags), ...noteOf([...wanted]) },
  };
};

/** The tags of one state with what is noted in that and in another. */
export const notedMeanwhile = (tags: Tags, other: Tags): Tags =>
  isShared(other) ? { ...without(tags), ...noteOf([...codesIn(tags), ...codesIn(other)]) } : tags;
