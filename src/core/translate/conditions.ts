/** The conditions of a path: its host, its patterns, and what `conditions.*` adds for its backend. */
import type { IngressPath } from '../kube/objects.ts';
import type { Condition, Values } from '../model/rule.ts';
import type { Member } from './member.ts';
import { pathPatterns } from './paths.ts';
import { type Conditions, splitConditions } from './split-conditions.ts';

/** `host` is empty where the rule has none. */
export const conditionsOf = (member: Member, host: string, path: IngressPath): Conditions => {
  const name = path.backend.service?.name ?? '';
  // What is wrong with the annotation has been said already.
  if (member.reading.invalid.has(`conditions.${name}`)) return { wrong: '' };
  return joined(member, host, path, member.reading.settings['conditions.*'].get(name) ?? []);
};

/** The conditions without what `conditions.*` may add. */
export const bareConditions = (member: Member, host: string, path: IngressPath): Conditions =>
  joined(member, host, path, []);

const joined = (member: Member, host: string, path: IngressPath, extra: readonly Condition[]): Conditions => {
  const regex = member.reading.settings['use-regex-path-match'];
  const patterns = pathPatterns(path.path, path.pathType, regex);
  if ('wrong' in patterns) return patterns;
  const name = path.backend.service?.name;
  const conditions: Condition[] = extra.filter((it) => !onHostOrPath(it));
  for (const [field, stated] of [
    // Host names are the same in upper and lower case; one spelling makes one rule.
    ['host-header', { values: host === '' ? [] : [host.toLowerCase()] }],
    ['path-pattern', patterns],
  ] as const) {
    const more = extra.filter(onHostOrPath).find((it) => it.field === field);
    const both = more ? union(stated, more) : stated;
    if (!both)
      return {
        wrong: `conditions.${name} has ${more?.regexValues ? 'regular expressions' : 'patterns'} for ${field}, and the rule has ${valuesOf(stated).join(', ')}; an ALB takes one kind or the other`,
      };
    if (valuesOf(both).length > 0)
      conditions.push(field === 'host-header' ? { field, ...both } : { field, ...both });
  }
  if (conditions.length === 0) conditions.push({ field: 'path-pattern', values: ['/*'] });
  return splitConditions(conditions);
};

type OnHostOrPath = Extract<Condition, { field: 'host-header' | 'path-pattern' }>;

const onHostOrPath = (it: Condition): it is OnHostOrPath =>
  it.field === 'host-header' || it.field === 'path-pattern';

const valuesOf = (values: Values): readonly string[] => values.values ?? values.regexValues;

/** Both, OR-ed; undefined where one has patterns and the other expressions. */
const union = (one: Values, other: Values): Values | undefined => {
  const all = [...new Set([...valuesOf(one), ...valuesOf(other)])];
  if (valuesOf(one).length === 0) return other.values ? { values: all } : { regexValues: all };
  if (one.values && other.values) return { values: all };
  return one.regexValues && other.regexValues ? { regexValues: all } : undefined;
};
