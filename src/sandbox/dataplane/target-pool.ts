import type { ServingState, StoredTarget, StoredTargetGroup } from '../aws/state.ts';
import type { TargetAddress } from './target-address.ts';

/** A registered target that a request can be sent to. */
export type PickedTarget = {
  /** `id:port`, as in the state. */
  readonly key: string;
  readonly address: string;
  readonly port: number;
  /** Requests under way, for least_outstanding_requests; the sender counts. */
  outstanding: number;
};

/** How a target group wants to be talked to and which of its targets may get requests now. */
export type TargetGroupView = {
  readonly arn: string;
  readonly protocol: 'HTTP' | 'HTTPS';
  readonly version: 'HTTP1' | 'HTTP2' | 'GRPC';
  readonly targetType: string;
  readonly stickiness: Stickiness | undefined;
  readonly eligible: readonly PickedTarget[];
  /** A registered target as long as it may get requests: what a stickiness cookie asks for. */
  byKey(key: string): PickedTarget | undefined;
  /** The next target by the group's algorithm; undefined when none is registered. */
  pick(): PickedTarget | undefined;
};

type Stickiness =
  | { readonly type: 'lb_cookie'; readonly seconds: number }
  | { readonly type: 'app_cookie'; readonly seconds: number; readonly cookie: string };

export type TargetPools = {
  /** The group as it is now; undefined when it does not exist. Cheap: made anew only after `invalidate`. */
  view(arn: string): TargetGroupView | undefined;
  /** Forgets what was derived from one group, or from all. */
  invalidate(arn?: string): void;
};

/** Keeps per target group which targets serve. Reads the state only when something changed. */
export const targetPools = (state: ServingState, addressOf: TargetAddress): TargetPools => {
  const views = new Map<string, TargetGroupView>();
  const fresh = new Set<string>();
  return {
    view: (arn) => {
      if (fresh.has(arn)) return views.get(arn);
      fresh.add(arn);
      const group = state.targetGroups.get(arn);
      if (group === undefined) views.delete(arn);
      else views.set(arn, makeView(addressOf, group, views.get(arn)));
      return views.get(arn);
    },
    invalidate: (arn) => {
      if (arn === undefined) fresh.clear();
      else fresh.delete(arn);
    },
  };
};

/** `before` gives the counts of requests under way, which outlive a change of the group. */
const makeView = (
  addressOf: TargetAddress,
  group: StoredTargetGroup,
  before: TargetGroupView | undefined,
): TargetGroupView => {
  const eligible = eligibleTargets(group).map(([key, target]): PickedTarget => {
    const address = addressOf(group, target) ?? '';
    const known = before?.byKey(key);
    return known?.address === address ? known : { key, address, port: target.port, outstanding: 0 };
  });
  const byKey = new Map(eligible.map((target) => [target.key, target]));
  return {
    arn: group.TargetGroupArn,
    protocol: group.Protocol === 'HTTPS' ? 'HTTPS' : 'HTTP',
    version:
      group.ProtocolVersion === 'HTTP2' || group.ProtocolVersion === 'GRPC' ? group.ProtocolVersion : 'HTTP1',
    targetType: group.TargetType ?? 'instance',
    stickiness: stickinessOf(group.attributes),
    eligible,
    byKey: (key) => byKey.get(key),
    pick: picker(eligible, group.attributes['load_balancing.algorithm.type']),
  };
};

/**
 * Healthy targets; when fewer are healthy than `target_group_health.unhealthy_state_routing.*` asks for (by default
 * one), every registered target, because the load balancer then fails open (AWS documentation).
 */
const eligibleTargets = (group: StoredTargetGroup): readonly (readonly [string, StoredTarget])[] => {
  const registered = [...group.targets].filter(([, target]) => !OUT.has(target.health.State ?? 'initial'));
  const healthy = registered.filter(([, target]) => target.health.State === 'healthy');
  const wanted = (key: string): number => Number(group.attributes[`${UNHEALTHY_ROUTING}.${key}`]) || 0;
  const count = Math.max(1, wanted('minimum_healthy_targets.count'));
  const percentage = wanted('minimum_healthy_targets.percentage');
  const enough = healthy.length >= count && healthy.length * 100 >= percentage * registered.length;
  return enough ? healthy : registered;
};

const UNHEALTHY_ROUTING = 'target_group_health.unhealthy_state_routing';
const OUT: ReadonlySet<string> = new Set(['draining', 'unused']);

const stickinessOf = (attributes: Readonly<Record<string, string>>): Stickiness | undefined => {
  if (attributes['stickiness.enabled'] !== 'true') return undefined;
  const seconds = (type: string): number =>
    Number(attributes[`stickiness.${type}.duration_seconds`] ?? 86_400);
  if (attributes['stickiness.type'] === 'app_cookie') {
    const cookie = attributes['stickiness.app_cookie.cookie_name'] ?? '';
    return { type: 'app_cookie', seconds: seconds('app_cookie'), cookie };
  }
  return { type: 'lb_cookie', seconds: seconds('lb_cookie') };
};

const picker = (
  eligible: readonly PickedTarget[],
  algorithm: string | undefined,
): (() => PickedTarget | undefined) => {
  let turn = Math.floor(Math.random() * eligible.length);
  switch (algorithm) {
    case 'least_outstanding_requests':
      return () => eligible.reduce(fewer, eligible[turn++ % eligible.length]);
    case 'weighted_random':
      return () => eligible[Math.floor(Math.random() * eligible.length)];
    default:
      return () => eligible[turn++ % eligible.length];
  }
};

const fewer = (best: PickedTarget | undefined, candidate: PickedTarget): PickedTarget =>
  best === undefined || candidate.outstanding < best.outstanding ? candidate : best;
