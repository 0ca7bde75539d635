/** The rules that find room: a load balancer may have so many, and so many target groups. */

import type { Key } from '../model/key.ts';
import type { Resource } from '../model/resource.ts';
import type { ProblemCode } from '../problems/table.ts';
import type { LastKnown } from './last-known.ts';
import type { PlannedListener } from './listeners.ts';
import { digestOf, type PackedRule } from './pack-rules.ts';
import { fieldOf } from './places.ts';
import type { Place } from './precedence.ts';
import { quotaReport, withinQuota } from './quota.ts';
import type { BackendContext } from './target-group.ts';

export type AddInput = {
  readonly listeners: readonly PlannedListener[];
  readonly known: LastKnown;
  readonly context: BackendContext;
  readonly add: (resource: Resource, owners: readonly string[]) => void;
  /** Which paths a rule is for. */
  readonly tellPlaces: (rule: Key, places: readonly Place[]) => void;
  readonly report: (code: ProblemCode, ingress: string, message: string) => void;
};

/** Adds what fits, in order; what AWS has already comes before what is new, and what is left out is named. */
export const addRules = (rows: readonly (readonly PackedRule[])[], input: AddInput): void => {
  const { known, context, add } = input;
  const { limits } = context.facts;
  const existing = new Set(known.rules.map(({ key }) => digestOf(key)));
  const { leftOut, tell } = tellOf(input, ['rules'], limits?.rules);
  const fitting = withinQuota({
    wanted: rows.flatMap((row) => row.map((rule, index) => ({ rule, priority: index + 1 }))),
    most: limits?.rules,
    exists: ({ rule }) => existing.has(digestOf(rule.resource.key)),
    leftOut: ({ rule }) => leftOut(rule),
  });
  tell();
  for (const { rule, priority } of withTargetGroups(fitting, input)) {
    const { resource, place, also = [], targetGroups } = rule;
    input.tellPlaces(resource.key, [place, ...also]);
    add({ ...resource, spec: { ...resource.spec, priority } }, [place.ingress]);
    for (const group of targetGroups) add(group, [place.ingress]);
  }
};

type Ordered = { readonly rule: PackedRule; readonly priority: number };

/** Those whose target groups find room beside the ones of default actions. */
const withTargetGroups = (fitting: readonly Ordered[], input: AddInput): readonly Ordered[] => {
  const { listeners, known, context } = input;
  const most = context.facts.limits?.targetGroups;
  const groupsOf = (of: Pick<Resource<'rule'>['spec'], 'actions'>): readonly string[] =>
    of.actions.flatMap((it) => (it.type === 'forward' ? it.targetGroups.map((one) => one.targetGroup) : []));
  const defaults = listeners.flatMap(({ resource }) => groupsOf({ actions: resource.spec.defaultActions }));
  const wanted = new Set([...defaults, ...fitting.flatMap(({ rule }) => groupsOf(rule.resource.spec))]);
  const fits = new Set(
    withinQuota({
      wanted: [...wanted],
      most,
      exists: (group) => defaults.includes(group) || known.targetGroups.has(group as Key),
      leftOut: () => undefined,
    }),
  );
  const { leftOut, tell } = tellOf(input, ['rules', 'target groups'], most);
  const isIn = ({ rule }: Ordered): boolean => groupsOf(rule.resource.spec).every((it) => fits.has(it));
  for (const one of fitting) if (!isIn(one)) leftOut(one.rule);
  tell();
  return fitting.filter(isIn);
};

const tellOf = ({ report }: AddInput, what: readonly [string, string?], most: number | undefined) => {
  const quota = quotaReport(what, most, report);
  const leftOut = ({ place, also = [] }: PackedRule): void => {
    for (const it of [place, ...also])
      quota.leftOut(it.ingress, `${fieldOf(it)} (${it.host || 'any host'}${it.pathValue})`);
  };
  return { leftOut, tell: quota.tell };
};
