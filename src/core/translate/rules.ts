/** The rules an Ingress wants, before they have a listener. */
import type { ForwardTarget } from '../annotations/action.ts';
import type { IngressBackend } from '../kube/objects.ts';
import type { Resource } from '../model/resource.ts';
import type { Action, Condition } from '../model/rule.ts';
import type { Problem, ProblemCode } from '../problems/table.ts';
import { actionName } from './backends.ts';
import type { Member } from './member.ts';
import { pathPatterns } from './paths.ts';
import type { Place } from './precedence.ts';
import { type BackendContext, targetGroupFor } from './target-group.ts';

export type RuleDraft = {
  readonly member: Member;
  readonly place: Place;
  readonly conditions: readonly Condition[];
  readonly actions: readonly Action[];
  readonly targetGroups: readonly Resource<'target-group'>[];
};

export type Backend = Pick<RuleDraft, 'actions' | 'targetGroups'>;

export type MemberRules = {
  readonly rules: readonly RuleDraft[];
  readonly fallback: Backend | undefined;
  readonly problems: readonly Problem[];
  /** Something written here could not be used: what the Ingress already has stays. */
  readonly incomplete: boolean;
};

/** ELBv2 quota: values in all conditions of one rule. */
const MOST_VALUES = 5;

/** What an Ingress asks for, path by path; a path that is wrong is left out and reported. */
export const rulesOf = (member: Member, context: BackendContext): MemberRules => {
  const problems: Problem[] = [];
  const rules: RuleDraft[] = [];
  let incomplete = false;
  const report = (code: ProblemCode, where: string, what: string): undefined => {
    problems.push({ code, ingress: member.id, message: `${where}: ${what}` });
    if (code !== 'ServiceMissing') incomplete = true;
  };
  (member.ingress.spec?.rules ?? []).forEach((rule, ruleIndex) => {
    (rule.http?.paths ?? []).forEach((path, pathIndex) => {
      const where = `spec.rules[${ruleIndex}].http.paths[${pathIndex}]`;
      const conditions = conditionsOf(member, rule.host ?? '', path.path, path.pathType, path.backend);
      if ('wrong' in conditions) return report('InvalidPath', where, conditions.wrong);
      const backend = backendFor(member, path.backend, context, (code, what) =>
        report(code, `${where}.backend`, what),
      );
      if (!backend) return;
      const place = {
        order: member.order,
        ingress: member.id,
        rule: ruleIndex,
        path: pathIndex,
        host: rule.host ?? '',
        pathValue: path.path ?? '',
        pathType: path.pathType ?? 'ImplementationSpecific',
      };
      rules.push({ member, place, conditions: conditions.conditions, ...backend });
    });
  });
  const stated = member.ingress.spec?.defaultBackend;
  const fallback =
    stated && backendFor(member, stated, context, (code, what) => report(code, 'spec.defaultBackend', what));
  return { rules, fallback, problems, incomplete };
};

const conditionsOf = (
  member: Member,
  host: string,
  path: string | undefined,
  pathType: string | undefined,
  backend: IngressBackend,
): { readonly conditions: readonly Condition[] } | { readonly wrong: string } => {
  const patterns = pathPatterns(path, pathType);
  if ('wrong' in patterns) return patterns;
  const name = backend.service?.name ?? '';
  if (member.reading.invalid.has(`conditions.${name}`))
    return { wrong: `the annotation conditions.${name} is invalid` };
  const extra = member.reading.settings['conditions.*'].get(name) ?? [];
  const conditions: Condition[] = extra.filter(
    (it) => it.field !== 'host-header' && it.field !== 'path-pattern',
  );
  for (const [field, values] of [
    ['host-header', host === '' ? [] : [host]],
    ['path-pattern', patterns.patterns],
  ] as const) {
    const more = extra.find(
      (it): it is Extract<Condition, { field: 'host-header' | 'path-pattern' }> => it.field === field,
    );
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

type Report = (code: ProblemCode, what: string) => undefined;

const backendFor = (
  member: Member,
  backend: IngressBackend,
  context: BackendContext,
  report: Report,
): Backend | undefined => {
  const name = actionName(backend);
  if (name !== undefined) return actionFor(member, name, context, report);
  const { service } = backend;
  if (!service)
    return report(
      'InvalidBackend',
      'a resource backend cannot receive requests from a load balancer; expected service',
    );
  const port = service.port?.number ?? service.port?.name;
  if (port === undefined)
    return report('InvalidBackend', `service ${service.name} has no port; expected port.number or port.name`);
  return forwardTo(member, [{ service: service.name, port, weight: 1 }], undefined, context, report);
};

const actionFor = (
  member: Member,
  name: string,
  context: BackendContext,
  report: Report,
): Backend | undefined => {
  if (member.reading.invalid.has(`actions.${name}`))
    return report('InvalidBackend', `the annotation actions.${name} is invalid`);
  const setting = member.reading.settings['actions.*'].get(name);
  if (!setting)
    return report(
      'InvalidBackend',
      `port use-annotation asks for the annotation alb.ingress.kubernetes.io/actions.${name}, which is missing`,
    );
  if (setting.type === 'forward')
    return forwardTo(member, setting.targets, setting.stickinessSeconds, context, report);
  return { actions: [setting], targetGroups: [] };
};

const forwardTo = (
  member: Member,
  targets: readonly ForwardTarget[],
  stickinessSeconds: number | undefined,
  context: BackendContext,
  report: Report,
): Backend | undefined => {
  const groups: { key: Resource<'target-group'>['key'] | `arn:${string}`; weight: number }[] = [];
  const made: Resource<'target-group'>[] = [];
  for (const target of targets) {
    if ('arn' in target) {
      groups.push({ key: target.arn, weight: target.weight });
      continue;
    }
    const choice = targetGroupFor(member, target.service, target.port, context);
    if ('missing' in choice) {
      report('ServiceMissing', `${choice.missing}; requests get 503 until it does`);
      return {
        actions: [
          {
            type: 'fixed-response',
            statusCode: '503',
            contentType: 'text/plain',
            messageBody: 'Backend service does not exist',
          },
        ],
        targetGroups: [],
      };
    }
    if ('wrong' in choice) return report('InvalidBackend', choice.wrong);
    groups.push({ key: choice.made.key, weight: target.weight });
    made.push(choice.made);
  }
  const forward: Action = {
    type: 'forward',
    targetGroups: groups.map(({ key, weight }) => ({
      targetGroup: key,
      weight: groups.length === 1 ? 1 : weight,
    })),
    ...(stickinessSeconds !== undefined && { stickinessSeconds }),
  };
  return { actions: [forward], targetGroups: made };
};
