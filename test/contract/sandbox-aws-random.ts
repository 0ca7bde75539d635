/** Random values of a schema, the same for the same seed. */
import type { NormalizedSchema } from '@smithy/core/schema';

export type Random = { below(limit: number): number };

/** A small linear congruential generator: good enough to vary shapes, and repeatable. */
export const randomly = (seed: number): Random => {
  let state = seed >>> 0;
  return {
    below: (limit) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * limit);
    },
  };
};

const WORDS = [
  'a',
  'zone-b',
  '<tag> & "quote"',
  'ünï',
  'two words',
  "it's",
  '100%',
  'a=b&c=d',
  '{}',
  'line\nbreak',
  '0',
];

/** For headers, which carry no more than ASCII, and for path labels. */
const PLAIN = ['a', 'zone-b', '100%', 'a=b&c=d', 'two words'];

/**
 * A value for a schema. Optional members are left out now and then; lists have `least` to two elements: EC2's
 * requests cannot say "empty".
 */
export const randomValue = (schema: NormalizedSchema, random: Random, least: 0 | 1, depth = 0): unknown => {
  if (schema.isTimestampSchema()) return new Date(1_700_000_000_000 + random.below(100_000) * 1000);
  if (schema.isBlobSchema()) return new Uint8Array(Buffer.from(WORDS[random.below(WORDS.length)] ?? ''));
  if (schema.isBooleanSchema()) return random.below(2) === 0;
  if (schema.isNumericSchema()) return random.below(5) === 0 ? 0 : random.below(70_000);
  if (schema.isListSchema()) {
    const length = least + random.below(3 - least);
    return Array.from({ length }, () => randomValue(schema.getValueSchema(), random, least, depth + 1));
  }
  if (schema.isMapSchema())
    return { [`key${random.below(9)}`]: randomValue(schema.getValueSchema(), random, least, depth + 1) };
  if (schema.isStructSchema()) return randomStructure(schema, random, least, depth);
  if (schema.isUnitSchema()) return {};
  const { httpHeader, httpLabel } = schema.getMergedTraits();
  if (httpHeader !== undefined || httpLabel !== undefined) return PLAIN[random.below(PLAIN.length)];
  return WORDS[random.below(WORDS.length)];
};

const randomStructure = (schema: NormalizedSchema, random: Random, least: 0 | 1, depth: number): unknown => {
  const raw = schema.getSchema() as unknown as readonly unknown[];
  const required = typeof raw[6] === 'number' ? raw[6] : 0;
  const members = [...schema.structIterator()];
  const value: Record<string, unknown> = {};
  for (const [index, [name, member]] of members.entries()) {
    const wanted = index < required || (depth < 6 && random.below(3) > 0);
    if (wanted) value[name] = randomValue(member, random, least, depth + 1);
  }
  const [first] = members;
  /** A structure without any member cannot be told from none in a form. */
  if (depth > 0 && Object.keys(value).length === 0 && first !== undefined)
    value[first[0]] = randomValue(first[1], random, least, depth + 1);
  return value;
};
