/** What a whole stack wants: its members' statements merged, and what AWS has where a statement is unusable. */
import { type MergedGroup, mergeGroup } from '../annotations/merge.ts';
import { problemOf, problemText } from '../annotations/problem.ts';
import { type AnnotationName, PREFIX, type Stated } from '../annotations/table.ts';
import { MOST_TAGS } from '../annotations/tags.ts';
import type { SubnetTags } from '../ingress-class/params-texts.ts';
import type { Problem } from '../problems/table.ts';
import type { Defaults } from './defaults.ts';
import type { Member } from './member.ts';
import { subnetsByTags } from './subnets-by-tags.ts';

export type StackSettings = MergedGroup & {
  /** Whether what AWS has must go on counting for this setting. */
  readonly isUnknown: (name: AnnotationName) => boolean;
  readonly told: readonly Problem[];
  /** Subnets that a class chooses by tags, in place of `settings.subnets`. */
  readonly subnetTags?: SubnetTags;
};

/** Merges members (earliest first). Members that are new and broken have no say and must not be among them. */
export const stackSettings = (members: readonly Member[], defaults: Defaults): StackSettings => {
  const { 'target-type': _, ...ofGroup } = defaults.settings;
  const chosen = subnetsByTags(members);
  const merged = mergeGroup(
    members.map(({ id, reading }) => ({
      id,
      stated: chosen.tags ? without(reading.stated, 'subnets') : reading.stated,
      invalid: reading.invalid,
    })),
    ofGroup,
  );
  const conflicts = merged.conflicts.map((conflict): Problem => {
    const at = conflict.at === undefined ? '' : ` (${conflict.at})`;
    return {
      code: 'ConflictingSetting',
      ingress: conflict.loser,
      message: `${PREFIX}${conflict.annotation}${at}: this Ingress says "${conflict.values.loser}", but ${conflict.winner} of the same group says "${conflict.values.winner}" and comes first; make them equal or remove one`,
    };
  });
  const problems = [...merged.problems, ...tooManyTags(members, defaults)];
  const wrong = problems.map(
    ({ member, problem }): Problem => ({
      code: 'InvalidAnnotation',
      ingress: member,
      message: problemText(problem),
    }),
  );
  const remarks = merged.remarks.map(
    ({ member, problem }): Problem => ({
      code: 'UnknownAnnotation',
      ingress: member,
      message: problemText(problem),
    }),
  );
  // Of several statements the first counts. Without somebody's place there is no telling which that is.
  const orderIsUnknown = members.some(({ reading }) => reading.invalid.has('group.order'));
  return {
    ...merged,
    settings: { ...merged.settings, tags: { ...merged.settings.tags, ...defaults.tags } },
    problems,
    isUnknown: (name) =>
      orderIsUnknown ||
      merged.unknown.has(name) ||
      (name === 'tags' && problems.length > merged.problems.length),
    ...(chosen.tags && { subnetTags: chosen.tags }),
    told: [...(orderIsUnknown ? [] : [...conflicts, ...chosen.told]), ...wrong, ...remarks],
  };
};

/** Whose tags do not fit on the load balancer beside those of the members before; AWS would take none of them. */
const tooManyTags = (members: readonly Member[], defaults: Defaults): MergedGroup['problems'] => {
  const keys = new Set(Object.keys(defaults.tags));
  return members.flatMap(({ id, reading }) => {
    const own = Object.keys(reading.stated.tags ?? {});
    const all = new Set([...keys, ...own]);
    if (all.size <= MOST_TAGS || own.length === 0) {
      for (const key of own) keys.add(key);
      return [];
    }
    const expected = `at most ${MOST_TAGS} tags on the load balancer of the group; with those of its other Ingresses and of --default-tags there would be ${all.size}`;
    const value = `${own.length} tags`;
    return [{ member: id, problem: problemOf(`${PREFIX}tags`, value, { expected }, 'error', 'combination') }];
  });
};

const without = (stated: Stated, name: 'subnets'): Stated => {
  const { [name]: _, ...rest } = stated;
  return rest;
};
