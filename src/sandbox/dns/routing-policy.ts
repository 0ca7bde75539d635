import type { ResourceRecordSet } from '@aws-sdk/client-route-53';

/**
 * Which of the record sets of one name and type answer now: the only one, one by weight, the primary of a failover
 * pair, or all of a multivalue answer. Location-based policies give an error text: the sandbox cannot know where a
 * client is. Health checks of Route 53 and EvaluateTargetHealth are not evaluated.
 */
export const chooseRecordSets = (
  sets: readonly ResourceRecordSet[],
): readonly ResourceRecordSet[] | string => {
  const [first] = sets;
  if (first === undefined || first.SetIdentifier === undefined) return sets;
  if (first.Weight !== undefined) return [byWeight(sets) ?? first];
  if (first.Failover !== undefined) return sets.filter((set) => set.Failover === 'PRIMARY');
  if (first.MultiValueAnswer === true) return sets.slice(0, 8);
  return 'latency, geographic and IP-based routing are not supported by the sandbox';
};

/** When every weight is zero, all sets have the same chance (AWS documentation). */
const byWeight = (sets: readonly ResourceRecordSet[]): ResourceRecordSet | undefined => {
  const total = sets.reduce((sum, set) => sum + (set.Weight ?? 0), 0);
  const weightOf = (set: ResourceRecordSet): number => (total === 0 ? 1 : (set.Weight ?? 0));
  let left = Math.random() * (total === 0 ? sets.length : total);
  return sets.find((set) => {
    left -= weightOf(set);
    return left < 0;
  });
};
