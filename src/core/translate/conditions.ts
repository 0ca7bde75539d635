/** The conditions of a path: its host, its patterns, and what `conditions.*` adds for its backend. */
import type { IngressPath } from '../kube/objects.ts';
import type { Condition } from '../model/rule.ts';
import type { Member } from './member.ts';
import { pathPatterns } from './paths.ts';

/** ELBv2 quota: values in all conditions of one rule. */
const MOST_VALUES = 5;

/** `wrong` is empty where the reason is known already. */
export type Conditions = { readonly conditions: readonly Condition[] } | { readonly wrong: string };

/** `host` is empty where the rule has none. */
export const conditionsOf = (member: Member, host: string, path: IngressPath): Conditions => {
  const name = path.backend.service?.name ?? '';
  // What is wrong with the annotation has been said already.
  if (member.reading.invalid.has(`conditions.${name}`)) return { wrong: '' };
  return joined(host, path, member.reading.settings['conditions.*'].get(name) ?? []);
};

/** The conditions without what `conditions.*` may add. */
export const bareConditions = (host: string, path: IngressPath): Conditions => joined(host, path, []);

const joined = (host: string, path: IngressPath, extra: readonly Condition[]): Conditions => {
  const patterns = pathPatterns(path.path, path.pathType);
  if ('wrong' in patterns) return patterns;
  const name = path.backend.service?.name;
  const conditions: Condition[] = extra.filter((it) => !onHostOrPath(it));
  for (const [field, values] of [
    // Host names are the same in upper and lower case; one spelling makes one rule.
    ['host-header', host === '' ? [] : [host.toLowerCase()]],
    ['path-pattern', patterns.patterns],
  ] as const) {
    const more = extra.filter(onHostOrPath).find((it) => it.field === field);
    if (more?.regexValues && values.length > 0)
      return {
        wrong: `conditions.${name} has regular expressions for ${field}, and the rule has ${values.join(', ')}; an ALB takes one kind or the other`,
      };
    if (more?.regexValues) conditions.push({ field, regexValues: more.regexValues });
    else {
      const all = [...values, ...(more?.values ?? [])];
      if (all.length > 0) conditions.push({ field, values: all });
    }
  }
  if (conditions.length === 0) conditions.push({ field: 'path-pattern', values: ['/*'] });
  return withinQuota(conditions);
};

type OnHostOrPath = Extract<Condition, { field: 'host-header' | 'path-pattern' }>;

const onHostOrPath = (it: Condition): it is OnHostOrPath =>
  it.field === 'host-header' || it.field === 'path-pattern';

const withinQuota = (conditions: readonly Condition[]): Conditions => {
  const count = conditions.reduce(
    (sum, it) => sum + (it.field === 'query-string' ? it.pairs.length : valuesOf(it).length),
    0,
  );
  return count > MOST_VALUES
    ? {
        wrong: `${count} condition values in one rule; an ALB takes at most ${MOST_VALUES}, and a Prefix path counts twice`,
      }
    : { conditions };
};

const valuesOf = (condition: Exclude<Condition, { field: 'query-string' }>): readonly string[] =>
  condition.values ?? ('regexValues' in condition ? (condition.regexValues ?? []) : []);
