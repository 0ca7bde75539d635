import { STATED_TAGS_TAG } from '../model/names.ts';
import type { Tags } from '../model/tags.ts';

/** Longest value AWS takes for a tag. */
const LONGEST = 256;

/**
 * Tags a user asked for, and the note of which they are, so that a tag removed from the manifest is removed from
 * AWS and a tag that somebody else put there is not. Names that do not fit into the note are never removed.
 */
export const userTags = (stated: Tags): Tags => {
  const names = Object.keys(stated).sort();
  if (names.length === 0) return {};
  let note = '';
  for (const name of names) {
    const longer = note ? `${note} ${name}` : name;
    if (!name.includes(' ') && longer.length <= LONGEST) note = longer;
  }
  return note ? { ...stated, [STATED_TAGS_TAG]: note } : stated;
};
