/**
 * Cluster × facts × what AWS has → what a stack should be. Pure. What AWS has counts only where an Ingress that
 * already serves says something that cannot be used, and for what a balancer that stands keeps (its subnets).
 */
import type { Snapshot } from '../kube/snapshot.ts';
import type { Actual } from '../model/actual.ts';
import type { Facts } from '../model/facts.ts';
import type { Graph, Key, Resource } from '../model/resource.ts';
import type { Problem, ProblemCode } from '../problems/table.ts';
import { recordsOf } from './dns.ts';
import { addFallbacks, fallbackFor } from './fallback.ts';
import { lastKnown } from './last-known.ts';
import { listenersOf } from './listeners.ts';
import { frontOf } from './load-balancer.ts';
import { byAge, type Member } from './member.ts';
import { membersOf } from './members.ts';
import type { Scope } from './membership.ts';
import { placeRules } from './place-rules.ts';
import { rulesOf } from './rules.ts';
import { stackSettings } from './settings.ts';
import type { BackendContext } from './target-group.ts';

export type TranslateInput = {
  readonly stack: string;
  readonly snapshot: Snapshot;
  /** Ingresses to look at, by `namespace/name`; others cannot be part of the stack. */
  readonly ingresses: Iterable<string>;
  readonly facts: Facts;
  readonly actual: Actual;
  readonly cluster: string;
  readonly scope: Scope;
  /** False: DNS is somebody else's business. */
  readonly dns: boolean;
};

export type Desired = {
  readonly graph: Graph;
  /** Ingresses a resource is made for. */
  readonly origins: ReadonlyMap<Key, readonly string[]>;
  readonly problems: readonly Problem[];
  /** Ingresses that may be programmed: these get a finalizer. */
  readonly accepted: readonly Member[];
};

export const translate = (input: TranslateInput): Desired => {
  const { stack, cluster, facts, snapshot } = input;
  const members = membersOf(input);
  const problems: Problem[] = members.flatMap((member) => member.problems);
  const known = lastKnown(input.actual);
  const order = known.ruleOrder === 'lbc' ? byName : byAge;
  const accepted = members
    .filter((member) => !member.frozen || (member.established && known.loadBalancer))
    .sort((a, b) => a.order - b.order || order(a, b));
  const [first] = accepted;
  const nothing: Desired = { graph: new Map(), origins: new Map(), problems, accepted: [] };
  if (!first) return nothing;

  const settings = stackSettings(accepted);
  problems.push(...settings.told);
  const report = (code: ProblemCode, ingress: string, message: string): void =>
    void problems.push({ code, ingress, message });
  const speaker = accepted.find((member) => !member.frozen) ?? first;
  const front = frontOf({
    cluster,
    stack,
    settings,
    known,
    facts,
    report: (code, message) => report(code, whoSays(code, accepted)?.id ?? speaker.id, message),
  });
  if (!front) return { ...nothing, problems: unique(problems) };

  const context: BackendContext = { cluster, stack, loadBalancer: front.loadBalancer.key, snapshot, facts };
  const drafts = new Map(
    accepted.filter((member) => !member.frozen).map((member) => [member.id, rulesOf(member, context)]),
  );
  for (const draft of drafts.values()) problems.push(...draft.problems);

  const graph = new Map<Key, Resource>();
  const origins = new Map<Key, readonly string[]>();
  const add = (resource: Resource, owners: readonly string[]): void => {
    graph.set(resource.key, resource);
    origins.set(resource.key, [...new Set([...(origins.get(resource.key) ?? []), ...owners])].sort());
  };
  const everybody = accepted.map((member) => member.id);
  add(front.loadBalancer, everybody);
  if (front.securityGroup) add(front.securityGroup, everybody);

  const fallbacks = fallbackFor({ accepted, drafts, known, context, report });
  const listeners = listenersOf({
    cluster,
    stack,
    loadBalancer: front.loadBalancer.key,
    settings,
    known,
    facts,
    fallback: fallbacks.actions,
    report,
  });
  for (const { resource, members: ids } of listeners) add(resource, ids.length > 0 ? ids : everybody);
  addFallbacks(listeners, fallbacks, add);
  placeRules({ accepted, drafts, listeners, known, context, cluster, stack, add, report });
  if (input.dns) {
    const records = recordsOf({
      members: accepted,
      loadBalancer: front.loadBalancer.key,
      ipAddressType: front.loadBalancer.spec.ipAddressType,
      graph,
      facts,
      report: (ingress, message) => report('HostedZoneMissing', ingress, message),
    });
    for (const record of records)
      add(
        record,
        everybody.filter((id) =>
          accepted.some(
            (member) =>
              member.id === id &&
              member.ingress.spec?.rules?.some((rule) => rule.host?.toLowerCase() === record.spec.name),
          ),
        ),
      );
  }
  return { graph, origins, problems: unique(problems), accepted };
};

const byName = (a: Member, b: Member): number => (a.id < b.id ? -1 : 1);

/** The member whose annotation is at fault, so that the right owner is told. */
const whoSays = (code: ProblemCode, members: readonly Member[]): Member | undefined => {
  if (code === 'SubnetsUnusable')
    return members.find((member) => member.reading.stated.subnets !== undefined);
  return code === 'SecurityGroupMissing'
    ? members.find((member) => member.reading.stated['security-groups'] !== undefined)
    : undefined;
};

const unique = (problems: readonly Problem[]): readonly Problem[] => [
  ...new Map(
    problems.map((problem) => [`${problem.code} ${problem.ingress} ${problem.message}`, problem]),
  ).values(),
];
