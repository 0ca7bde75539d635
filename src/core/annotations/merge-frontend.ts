import type { HealthCheck } from '../model/resource.ts';
import type { Conflict, GroupMember, Told } from './group-member.ts';
import { knownPorts } from './merge-listeners.ts';
import { problemOf } from './problem.ts';
import { DEFAULTS } from './read.ts';
import { PREFIX, type Stated } from './table.ts';

/** One port of the Network Load Balancer of a group. */
export type FrontendPort = {
  readonly port: number;
  /** Of the load balancer. */
  readonly target: number;
  readonly healthCheck: HealthCheck;
  /** Ids of the members that want it, in group order. */
  readonly members: readonly string[];
};

/**
 * The ports of the Network Load Balancer: those a member maps, or else each of its own. A port leads to one place;
 * whoever comes first says which, and how it is checked.
 */
export const mergeFrontend = (
  members: readonly GroupMember[],
): {
  readonly ports: readonly FrontendPort[];
  readonly conflicts: readonly Conflict[];
  readonly remarks: Told;
} => {
  const conflicts: Conflict[] = [];
  const drafts = new Map<number, { readonly target: number; readonly members: GroupMember[] }>();
  for (const member of members)
    for (const [port, target] of wantedBy(member)) {
      const earlier = drafts.get(port);
      const winner = earlier?.members[0]?.id;
      if (!earlier || winner === undefined) drafts.set(port, { target, members: [member] });
      else if (earlier.target === target) earlier.members.push(member);
      else
        conflicts.push({
          annotation: MAPPING,
          at: String(port),
          winner,
          loser: member.id,
          values: { winner: String(earlier.target), loser: String(target) },
        });
    }
  const ports = [...drafts].map(([port, draft]) => ({
    port,
    target: draft.target,
    healthCheck: checkOf(port, draft.members, conflicts),
    members: draft.members.map(({ id }) => id),
  }));
  return { ports: ports.sort((a, b) => a.port - b.port), conflicts, remarks: members.flatMap(strayed) };
};

const MAPPING = 'frontend-nlb-listener-port-mapping';

const wantedBy = (member: GroupMember): readonly (readonly [port: number, target: number])[] => {
  if (member.invalid.has(MAPPING)) return [];
  const own = knownPorts(member).map(({ port }) => port);
  const mapping = member.stated[MAPPING];
  if (!mapping) return own.map((port) => [port, port]);
  return [...mapping].filter(([, target]) => own.includes(target));
};

const strayed = (member: GroupMember): Told => {
  const own = knownPorts(member).map(({ port }) => port);
  if (member.stated['enable-frontend-nlb'] === false || own.length === 0) return [];
  return [...(member.stated[MAPPING] ?? [])]
    .filter(([, target]) => !own.includes(target))
    .map(([port, target]) => {
      const expected = `has no effect: this Ingress does not listen on ${target}; it listens on ${own.join(', ')}`;
      const problem = problemOf(`${PREFIX}${MAPPING}`, `${port}=${target}`, { expected }, 'notice', 'remark');
      return { member: member.id, problem };
    });
};

const FIELDS = {
  port: 'frontend-nlb-healthcheck-port',
  protocol: 'frontend-nlb-healthcheck-protocol',
  path: 'frontend-nlb-healthcheck-path',
  interval: 'frontend-nlb-healthcheck-interval-seconds',
  timeout: 'frontend-nlb-healthcheck-timeout-seconds',
  healthyThreshold: 'frontend-nlb-healthcheck-healthy-threshold-count',
  unhealthyThreshold: 'frontend-nlb-healthcheck-unhealthy-threshold-count',
  codes: 'frontend-nlb-healthcheck-success-codes',
} as const satisfies { readonly [F in keyof HealthCheck]: keyof Stated };

/** Names of the annotations about health checks of the load balancer. */
export const FRONTEND_CHECKS = Object.values(FIELDS);

const checkOf = (port: number, members: readonly GroupMember[], conflicts: Conflict[]): HealthCheck => {
  const agreed = <N extends (typeof FIELDS)[keyof HealthCheck]>(name: N) => {
    const [first, ...others] = members.filter(({ stated }) => stated[name] !== undefined);
    const value = first?.stated[name];
    for (const { id, stated } of others)
      if (first && stated[name] !== value)
        conflicts.push({
          annotation: name,
          at: String(port),
          winner: first.id,
          loser: id,
          values: { winner: String(value), loser: String(stated[name]) },
        });
    return value ?? DEFAULTS[name];
  };
  return {
    port: agreed(FIELDS.port),
    protocol: agreed(FIELDS.protocol),
    path: agreed(FIELDS.path),
    interval: agreed(FIELDS.interval),
    timeout: agreed(FIELDS.timeout),
    healthyThreshold: agreed(FIELDS.healthyThreshold),
    unhealthyThreshold: agreed(FIELDS.unhealthyThreshold),
    codes: agreed(FIELDS.codes),
  };
};
