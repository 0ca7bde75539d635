/** The rules an Ingress wants, before they have a listener. */
import type { ForwardTarget } from '../annotations/action.ts';
import { type Reading, readSettings } from '../annotations/read.ts';
import { PREFIX } from '../annotations/table.ts';
import type { IngressBackend } from '../kube/objects.ts';
import type { Guard } from '../model/guard.ts';
import type { Resource } from '../model/resource.ts';
import type { Condition, LastAction, Transform } from '../model/rule.ts';
import type { Problem, ProblemCode } from '../problems/table.ts';
import { actionName } from './backends.ts';
import { bareConditions, conditionsOf } from './conditions.ts';
import { withFlags } from './defaults.ts';
import { guardsOf } from './guards.ts';
import type { Member } from './member.ts';
import { type OutsideTarget, outsideGroup } from './outside-groups.ts';
import { fieldOf, pathsOf } from './places.ts';
import type { Place } from './precedence.ts';
import { LONGEST_HOST } from './record-name.ts';
import { type BackendContext, targetGroupFor } from './target-group.ts';

export type RuleDraft = {
  readonly member: Member;
  readonly place: Place;
  readonly conditions: readonly Condition[];
  /** What a request has to pass first. */
  readonly guards: readonly Guard[];
  readonly actions: readonly LastAction[];
  readonly transforms?: readonly Transform[];
  readonly targetGroups: readonly Resource<'target-group'>[];
};

export type Backend = Pick<RuleDraft, 'guards' | 'actions' | 'targetGroups'>;

/** The same before anybody asked who gets in. */
type Open = Omit<Backend, 'guards'>;

export type MemberRules = {
  readonly rules: readonly RuleDraft[];
  readonly fallback: Backend | undefined;
  readonly problems: readonly Problem[];
  /** Something written here could not be used: what the Ingress already has stays. */
  readonly incomplete: boolean;
  /** Paths that could not be used. Their conditions are taken all the same. */
  readonly broken: readonly Pick<RuleDraft, 'place' | 'conditions'>[];
  /** Hosts that the Ingress may not have: its class or another namespace says so. */
  readonly refusedHosts?: readonly string[];
};

/** Messages of these begin with an annotation. */
const NAMES_ITS_FIELD: ReadonlySet<ProblemCode> = new Set(['InvalidAnnotation', 'SecretUnusable']);

/**
 * Far more than any load balancer has (AWS gives it 100 unless asked for more): an object of the size that Kubernetes takes
 * can ask for a million, and must not use up the memory that serves everybody.
 */
const MOST_RULES = 2000;

/** What an Ingress asks for, path by path; a path that is wrong is left out and reported. */
export const rulesOf = (member: Member, context: BackendContext): MemberRules => {
  const problems: Problem[] = [];
  const rules: RuleDraft[] = [];
  const broken: { place: Place; conditions: readonly Condition[] }[] = [];
  let incomplete = false;
  const report = (code: ProblemCode, where: string, what: string): undefined => {
    if (code !== 'ServiceMissing') incomplete = true;
    const message = NAMES_ITS_FIELD.has(code) ? what : `${where}: ${what}`;
    if (what !== '') problems.push({ code, ingress: member.id, message });
  };
  for (const { host, path, place } of pathsOf(member)) {
    const where = fieldOf(place);
    if (rules.length >= MOST_RULES) {
      report('QuotaReached', where, `no load balancer has room for more than ${MOST_RULES} rules`);
      break;
    }
    if (host.length > LONGEST_HOST) {
      report('InvalidHost', where, `${host} is too long: a load balancer takes ${LONGEST_HOST} characters`);
      continue;
    }
    const conditions = conditionsOf(member, host, path);
    if ('wrong' in conditions) {
      report('InvalidPath', where, conditions.wrong);
      const bare = bareConditions(member, host, path);
      if ('rules' in bare) broken.push(...bare.rules.map((it) => ({ place, conditions: it })));
      continue;
    }
    const transforms = transformsFor(member, path.backend) ?? report('InvalidAnnotation', where, '');
    const backend = guardedBackend(member, path.backend, context, (code, what) =>
      report(code, `${where}.backend`, what),
    );
    if (backend && transforms)
      rules.push(
        ...conditions.rules.map((it) => ({ member, place, conditions: it, ...backend, ...transforms })),
      );
    else broken.push(...conditions.rules.map((it) => ({ place, conditions: it })));
  }
  const stated = member.ingress.spec?.defaultBackend;
  const fallback =
    stated &&
    guardedBackend(member, stated, context, (code, what) => report(code, 'spec.defaultBackend', what));
  return { rules, fallback, problems, incomplete, broken };
};

/** Undefined where the annotation cannot be used, which has been said already. */
const transformsFor = (
  member: Member,
  { service }: IngressBackend,
): Pick<RuleDraft, 'transforms'> | undefined => {
  const name = service?.name ?? '';
  if (member.reading.invalid.has(`transforms.${name}`)) return undefined;
  const transforms = member.reading.settings['transforms.*'].get(name) ?? [];
  return transforms.length > 0 ? { transforms } : {};
};

type Report = (code: ProblemCode, what: string) => undefined;

/** Nothing at all where who gets in cannot be told: a backend is never reached without its guard. */
const guardedBackend = (
  member: Member,
  backend: IngressBackend,
  context: BackendContext,
  report: Report,
): Backend | undefined => {
  const open = backendFor(member, backend, context, report);
  if (!open) return undefined;
  const targets = servicesBehind(member, backend, context);
  const [service, ...others] = targets;
  const sole = others.length === 0 ? service : undefined;
  const stated = guardsOf(member, sole, context);
  if ('waits' in stated) return report('InvalidAnnotation', '');
  if ('wrong' in stated) return report(stated.code, stated.wrong);
  const passedOver = targets.find(
    (it) => it !== sole && (it.reading.stated['auth-type'] ?? 'none') !== 'none',
  );
  if (passedOver && stated.guards.length === 0)
    return report(
      'InvalidBackend',
      `Service ${passedOver.id}: ${PREFIX}auth-type counts only where the Service is the only target; expected it on the Ingress`,
    );
  return { ...open, guards: stated.guards };
};

type ServiceBehind = { readonly id: string; readonly reading: Reading };

/** Services a backend forwards to, with what they state; undefined in the place of a target that is none. */
const servicesBehind = (
  member: Member,
  backend: IngressBackend,
  { snapshot, defaults }: BackendContext,
): readonly ServiceBehind[] => {
  const action = actionName(backend);
  const setting = action === undefined ? undefined : member.reading.settings['actions.*'].get(action);
  const targets = setting?.type === 'forward' ? setting.targets : [];
  const names =
    action === undefined
      ? [backend.service?.name]
      : targets.map((target) => ('service' in target ? target.service : undefined));
  return names.flatMap((name) => {
    const id = `${member.ingress.metadata.namespace ?? 'default'}/${name}`;
    const service = name === undefined ? undefined : snapshot.services.get(id);
    const annotations = service?.metadata.annotations;
    return [{ id, reading: withFlags(readSettings(annotations, 'service'), defaults) }];
  });
};

const backendFor = (
  member: Member,
  backend: IngressBackend,
  context: BackendContext,
  report: Report,
): Open | undefined => {
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
): Open | undefined => {
  // What is wrong with the annotation has been said already.
  if (member.reading.invalid.has(`actions.${name}`)) return report('InvalidAnnotation', '');
  const setting = member.reading.settings['actions.*'].get(name);
  if (!setting && context.defaults.tolerateMissingAction) {
    report(
      'ServiceMissing',
      `annotation ${PREFIX}actions.${name} does not exist; requests get 503 until it does`,
    );
    return { actions: [unavailable('Backend action does not exist')], targetGroups: [] };
  }
  if (!setting)
    return report(
      'InvalidBackend',
      `port use-annotation asks for the annotation alb.ingress.kubernetes.io/actions.${name}, which is missing`,
    );
  if (setting.type === 'forward')
    return forwardTo(member, setting.targets, setting.stickinessSeconds, context, report);
  return { actions: [setting], targetGroups: [] };
};

/** What LBC answers as well while something is missing. */
const unavailable = (messageBody: string): LastAction => ({
  type: 'fixed-response',
  statusCode: '503',
  contentType: 'text/plain',
  messageBody,
});

type Group = {
  readonly key: Resource<'target-group'>['key'] | `arn:${string}`;
  readonly made?: Resource<'target-group'>;
};

const forwardTo = (
  member: Member,
  targets: readonly ForwardTarget[],
  stickinessSeconds: number | undefined,
  context: BackendContext,
  report: Report,
): Open | undefined => {
  const groups: (Group & { weight: number })[] = [];
  for (const target of targets) {
    const group =
      'service' in target
        ? groupOfService(member, target, targets.length > 1, context, report)
        : groupOfOthers(target, context, report);
    if (!group || 'actions' in group) return group;
    if (groups.some(({ key }) => key === group.key))
      return report('InvalidBackend', `${group.key} is there twice; expected every target group once`);
    groups.push({ ...group, weight: target.weight });
  }
  const forward: LastAction = {
    type: 'forward',
    targetGroups: groups.map(({ key, weight }) => ({
      targetGroup: key,
      weight: groups.length === 1 ? 1 : weight,
    })),
    ...(stickinessSeconds !== undefined && { stickinessSeconds }),
  };
  return { actions: [forward], targetGroups: groups.flatMap(({ made }) => (made ? [made] : [])) };
};

const groupOfOthers = (target: OutsideTarget, context: BackendContext, report: Report): Group | undefined => {
  const outside = outsideGroup(target, context);
  if ('missing' in outside) return report('TargetGroupMissing', outside.missing);
  if ('wrong' in outside) return report('InvalidBackend', outside.wrong);
  return { key: outside.arn };
};

/** The target group made for a Service, or what answers while there is none. */
const groupOfService = (
  member: Member,
  target: Extract<ForwardTarget, { readonly service: string }>,
  weighted: boolean,
  context: BackendContext,
  report: Report,
): Group | Open | undefined => {
  const choice = targetGroupFor(member, target.service, target.port, context);
  if ('made' in choice) return { key: choice.made.key, made: choice.made };
  if ('misstated' in choice) return report('InvalidAnnotation', choice.misstated);
  if ('wrong' in choice) return report('InvalidBackend', choice.wrong);
  if (weighted)
    return report('InvalidBackend', `${choice.missing}; expected all Services of a weighted forward`);
  if (!context.defaults.tolerateMissingService) return report('InvalidBackend', choice.missing);
  report('ServiceMissing', `${choice.missing}; requests get 503 until it does`);
  return { actions: [unavailable('Backend service does not exist')], targetGroups: [] };
};
