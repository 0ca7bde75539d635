/** The settings of a class above what an Ingress states. */
import { cut, type SettingProblem } from '../annotations/problem.ts';
import type { Reading } from '../annotations/read.ts';
import { type AnnotationName, PREFIX, type Stated } from '../annotations/table.ts';
import type { ClassSettings } from './read-params.ts';

/**
 * What holds for the Ingress. Where the class says something the annotation has no effect, right or wrong, and its
 * owner is told; maps are joined key by key. What the class may say and cannot be read is unknown.
 */
export const impose = (reading: Reading, own: ClassSettings): Reading => {
  const taken = takenBy(own);
  const problems: SettingProblem[] = reading.problems.filter(
    ({ annotation }) => !taken.has(annotation.slice(PREFIX.length)),
  );
  const kept = Object.entries(reading.stated).filter(([name]) => !taken.has(name));
  const dropped = Object.entries(reading.stated).filter(([name]) => taken.has(name));
  const stated = joined(Object.fromEntries(kept), own.stated);
  const invalid = new Set([...reading.invalid].filter((name) => !taken.has(name)));
  for (const name of own.invalid) invalid.add(name);
  for (const [name, value] of dropped)
    if (says(own, name) && text(value) !== text(stated[name as AnnotationName]))
      problems.push(overruled(name, value, own));
  for (const name of JOINED)
    for (const [key, value] of Object.entries(reading.stated[name] ?? {}))
      if (own.stated[name]?.[key] !== undefined && own.stated[name]?.[key] !== value)
        problems.push({ ...overruled(name, value, own), at: key });
  return {
    ...reading,
    stated,
    settings: { ...reading.settings, ...stated },
    invalid,
    problems,
    imposed: own.stated,
    ...(own.subnetTags && { subnetTags: own.subnetTags }),
  };
};

/** Not where it is only unknown what it says. */
const says = ({ stated, subnetTags }: ClassSettings, name: string): boolean =>
  name in stated || (name === 'subnets' && subnetTags !== undefined);

/** Maps whose keys are settings of their own. */
const JOINED = ['tags', 'load-balancer-attributes'] as const;

/** Annotations that say nothing any more. */
const takenBy = ({ stated, invalid, subnetTags }: ClassSettings): ReadonlySet<string> => {
  const names = new Set<string>([...Object.keys(stated), ...invalid]);
  if (subnetTags) names.add('subnets');
  // A web ACL is one setting under two names.
  if (names.has('wafv2-acl-arn') || names.has('wafv2-acl-name'))
    for (const name of ['wafv2-acl-arn', 'wafv2-acl-name']) names.add(name);
  for (const name of [...JOINED, 'listener-attributes.*']) names.delete(name);
  return names;
};

const joined = (below: Stated, above: Stated): Stated => {
  const listeners = new Map(below['listener-attributes.*']);
  for (const [place, map] of above['listener-attributes.*'] ?? [])
    listeners.set(place, { ...listeners.get(place), ...map });
  return {
    ...below,
    ...above,
    ...((below.tags || above.tags) && { tags: { ...below.tags, ...above.tags } }),
    ...((below['load-balancer-attributes'] || above['load-balancer-attributes']) && {
      'load-balancer-attributes': {
        ...below['load-balancer-attributes'],
        ...above['load-balancer-attributes'],
      },
    }),
    ...(listeners.size > 0 && { 'listener-attributes.*': listeners }),
  };
};

const overruled = (name: string, value: unknown, { source }: ClassSettings): SettingProblem => ({
  annotation: `${PREFIX}${name}`,
  value: cut(text(value)),
  expected: `has no effect, because ${source} sets it`,
  severity: 'notice',
  reason: 'overruled',
});

const text = (value: unknown): string => {
  if (Array.isArray(value)) return value.join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};
