/**
 * Cluster × facts × what AWS has → what a stack should be. Pure. What AWS has counts only where an Ingress that
 * already serves says something that cannot be used, and for what a balancer that stands keeps (its subnets).
 */
import { PREFIX } from '../annotations/table.ts';
import { type Actual, kindOf } from '../model/actual.ts';
import { isCertificateKey } from '../model/certificate.ts';
import type { Key } from '../model/key.ts';
import { USUAL_RECORD_RULES } from '../model/record-rules.ts';
import { references } from '../model/references.ts';
import type { Graph, Resource } from '../model/resource.ts';
import type { Problem, ProblemCode } from '../problems/table.ts';
import { NO_DEFAULTS } from './defaults.ts';
import { recordsOf } from './dns.ts';
import { withHostPolicy } from './host-policy.ts';
import { hasServed, type LastKnown, lastKnown } from './last-known.ts';
import { listenersOf } from './listeners.ts';
import { type FrontInput, loadBalancerOf } from './load-balancer.ts';
import { byAge, type Member } from './member.ts';
import { membersOf } from './members.ts';
import { networkFrontOf } from './network-front.ts';
import { ownCertificates } from './own-certificates.ts';
import { placeRules } from './place-rules.ts';
import type { Place } from './precedence.ts';
import { type MemberRules, rulesOf } from './rules.ts';
import { withSchemePolicy } from './scheme-policy.ts';
import { securityGroupOf } from './security-group.ts';
import { type StackSettings, stackSettings } from './settings.ts';
import { targetAccessOf } from './target-access.ts';
import type { BackendContext } from './target-group.ts';
import type { TranslateInput } from './translate-input.ts';

export type Desired = {
  readonly graph: Graph;
  /** Ingresses a resource is made for. */
  readonly origins: ReadonlyMap<Key, readonly string[]>;
  /** Which paths each rule is for. */
  readonly places: ReadonlyMap<Key, readonly Place[]>;
  readonly problems: readonly Problem[];
  /** Ingresses that may be programmed: these get a finalizer. */
  readonly accepted: readonly Member[];
};

export const translate = (input: TranslateInput): Desired => {
  const members = membersOf(input);
  const known = lastKnown(input.actual);
  const { accepted, settings, told } = settle(members, known, input);
  const problems = [...members.flatMap((member) => member.problems), ...told];
  const report = (code: ProblemCode, ingress: string, message: string): void =>
    void problems.push({ code, ingress, message });
  const speaker = accepted.find((member) => !member.frozen) ?? accepted[0];
  const { cluster, stack, facts } = input;
  const loadBalancer =
    speaker &&
    loadBalancerOf({
      ...{ cluster, stack, settings, known, facts },
      defaults: input.scope.defaults ?? NO_DEFAULTS,
      report: aboutSetting(accepted, report),
    });
  if (loadBalancer) {
    const made = build({ ...input, accepted, settings, known, loadBalancer, report });
    return { ...made, problems: unique(problems), accepted };
  }
  // Nothing can be made now. Somebody's mistake is no reason to take away what is left of their things.
  const waits = members.some((member) => hasStood(member, input) || input.unmarked?.has(member.id));
  const graph: Graph = waits ? input.actual.owned : new Map();
  return { graph, origins: new Map(), places: new Map(), problems: unique(problems), accepted: [] };
};

/** Tells whoever states a setting of the stack, or whoever speaks for it. */
const aboutSetting =
  (accepted: readonly Member[], report: BuildInput['report']): FrontInput['report'] =>
  (code, annotation, message) => {
    const owner =
      accepted.find(({ reading }) => reading.stated[annotation] !== undefined) ??
      accepted.find((member) => !member.frozen) ??
      accepted[0];
    if (owner) report(code, owner.id, `${PREFIX}${annotation}: ${message}`);
  };

const hasStood = (member: Member, { actual }: TranslateInput): boolean =>
  member.established || hasServed(member.id, actual);

type Settled = {
  readonly accepted: readonly Member[];
  readonly settings: StackSettings;
  readonly told: readonly Problem[];
};

/** Who has a say, and what they say together; what shows only then may freeze somebody after all. */
const settle = (members: readonly Member[], known: LastKnown, input: TranslateInput): Settled => {
  const order = known.ruleOrder === 'lbc' ? byName : byAge;
  const accept = (of: readonly Member[]): readonly Member[] =>
    of
      .filter((member) => !member.frozen || (known.loadBalancer && hasStood(member, input)))
      .toSorted((a, b) => a.order - b.order || order(a, b));
  const defaults = input.scope.defaults ?? NO_DEFAULTS;
  const round = (accepted: readonly Member[], before: readonly Problem[] | undefined): Settled => {
    const have = known.loadBalancer?.spec.scheme;
    const merged = stackSettings(accepted, defaults);
    const { settings, refused } = withSchemePolicy(merged, accepted, have);
    // What is said of settings counts with everybody; who is left out later has had a say.
    const told = [...(before ?? settings.told), ...refused];
    const wrong = new Set([
      ...settings.problems.map(({ member }) => member),
      ...accepted.filter((member) => redirectsNowhere(member, settings, known)).map(({ id }) => id),
      ...refused.map(({ ingress }) => ingress),
    ]);
    if (!accepted.some(({ id, frozen }) => wrong.has(id) && !frozen)) return { accepted, settings, told };
    const frozen = accepted.map((it) => (wrong.has(it.id) ? { ...it, frozen: true } : it));
    return round(accept(frozen), told);
  };
  return round(accept(members), undefined);
};

/** Its requests must not go over HTTP, and there is no telling yet whether HTTPS will be there. */
const redirectsNowhere = ({ reading }: Member, settings: StackSettings, known: LastKnown): boolean => {
  const port = reading.stated['ssl-redirect'];
  if (port === undefined || known.listeners.get(port)?.protocol === 'HTTPS') return false;
  return !settings.listeners.some((it) => it.port === port && it.protocol === 'HTTPS');
};

type BuildInput = TranslateInput & {
  readonly accepted: readonly Member[];
  readonly settings: StackSettings;
  readonly known: LastKnown;
  readonly loadBalancer: Resource<'load-balancer'>;
  readonly report: (code: ProblemCode, ingress: string, message: string) => void;
};

const build = (input: BuildInput): Pick<Desired, 'graph' | 'origins' | 'places'> => {
  const { accepted, loadBalancer, known, cluster, stack, snapshot, facts, report, settings } = input;
  const { defaults = NO_DEFAULTS } = input.scope;
  const context: BackendContext = {
    cluster,
    stack,
    loadBalancer: loadBalancer.key,
    dualstack: loadBalancer.spec.ipAddressType !== 'ipv4',
    snapshot,
    facts,
    defaults,
    ownGroups: ownGroupsOf(input.actual),
    targetGroups: known.targetGroups,
  };
  const drafts = draftsOf(accepted, known, context, report);
  const troubled = accepted.filter((member) => member.frozen || drafts.get(member.id)?.incomplete);
  const everybody = accepted.map((member) => member.id);
  const { graph, origins, add } = collector(drafts);
  const places = new Map<Key, readonly Place[]>();

  const { actual, dns, recordRules = USUAL_RECORD_RULES } = input;
  const own = ownCertificates({ accepted, context, settings, actual, recordRules, dns, report });
  const parts = { accepted, drafts, troubled, known, context, settings, report, own, actual };
  const listeners = listenersOf(parts);
  for (const { resource, owners } of own.wanted.values()) add(resource, owners);
  const front = networkFrontOf({
    ...{ cluster, stack, settings, known, facts, defaults, loadBalancer },
    ports: new Set(listeners.map(({ resource }) => resource.spec.port)),
    report: aboutSetting(accepted, report),
  });
  add(loadBalancer, everybody);
  const securityGroup = securityGroupOf(loadBalancer.spec, listeners, front, parts);
  if (securityGroup) add(securityGroup, everybody);
  for (const { resource, fallback, members } of listeners) {
    add(resource, members.length > 0 ? members : everybody);
    for (const group of fallback.targetGroups) add(group, fallback.owner ? [fallback.owner] : everybody);
    for (const kept of keptCertificates(resource, graph, actual)) add(kept, members);
  }
  placeRules({ ...parts, listeners, add, tellPlaces: (rule, of) => void places.set(rule, of) });
  for (const resource of front ? [front.balancer, ...front.parts] : []) add(resource, everybody);
  const access = targetAccessOf({
    ...{ cluster, stack, graph, actual, facts, isOn: defaults.reachTargets, balancer: loadBalancer.spec },
    stated: settings.settings['manage-backend-security-group-rules'],
    isUnknown: settings.isUnknown('manage-backend-security-group-rules'),
    report: (message) => {
      const name = 'manage-backend-security-group-rules';
      const owner = accepted.find(({ reading }) => reading.stated[name] !== undefined);
      if (owner) report('HeldBack', owner.id, `${PREFIX}${name}: ${message}`);
    },
  });
  for (const resource of access) add(resource, everybody);
  if (!dns) return { graph, origins, places };
  const records = recordsOf({
    ...{
      members: accepted,
      drafts,
      troubled,
      known,
      front: front?.balancer ?? loadBalancer,
      graph,
      facts,
      report,
    },
    actual,
    rules: recordRules,
    ...{ snapshot, scope: input.scope },
  });
  for (const { resource, owners } of records) add(resource, owners);
  return { graph, origins, places };
};

/** What a listener keeps has to stay, whoever it was made for. */
const keptCertificates = (
  listener: Resource<'listener'>,
  graph: Graph,
  { owned }: Actual,
): readonly Resource[] =>
  references(listener)
    .filter(isCertificateKey)
    .flatMap((key) => (graph.has(key) ? [] : (owned.get(key) ?? [])));

const ownGroupsOf = ({ ids }: Actual): ReadonlySet<string> =>
  new Set([...ids].flatMap(([key, id]) => (kindOf(key) === 'target-group' ? [id] : [])));

const draftsOf = (
  accepted: readonly Member[],
  known: LastKnown,
  context: BackendContext,
  report: BuildInput['report'],
): ReadonlyMap<string, MemberRules> => {
  const stated = accepted
    .filter((member) => !member.frozen)
    .map((member) => [member.id, rulesOf(member, context)] as const);
  const drafts = withHostPolicy(accepted, new Map(stated), known, context.defaults.shareHosts);
  for (const [, draft] of drafts)
    for (const { code, ingress, message } of draft.problems) report(code, ingress, message);
  return drafts;
};

/** A graph under construction. What an Ingress wants of a target group now counts before what it had. */
const collector = (drafts: ReadonlyMap<string, MemberRules>) => {
  const graph = new Map<Key, Resource>();
  const origins = new Map<Key, readonly string[]>();
  const fresh = new Map<Key, Resource>();
  for (const [, { rules, fallback }] of [...drafts].sort(([a], [b]) => (a < b ? -1 : 1)))
    for (const { targetGroups } of [...rules, ...(fallback ? [fallback] : [])])
      for (const group of targetGroups) if (!fresh.has(group.key)) fresh.set(group.key, group);
  const add = (resource: Resource, owners: readonly string[]): void => {
    graph.set(resource.key, fresh.get(resource.key) ?? resource);
    origins.set(resource.key, [...new Set([...(origins.get(resource.key) ?? []), ...owners])].sort());
  };
  return { graph, origins, add };
};

const byName = (a: Member, b: Member): number => (a.id < b.id ? -1 : 1);

const unique = (problems: readonly Problem[]): readonly Problem[] => [
  ...new Map(
    problems.map((problem) => [`${problem.code} ${problem.ingress} ${problem.message}`, problem]),
  ).values(),
];
