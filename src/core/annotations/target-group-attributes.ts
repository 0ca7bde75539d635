import { attributes, between, flag, matching, words } from './attribute.ts';
import type { Fault } from './parser.ts';
import type { StringMap } from './string-map.ts';

const WEEK = 604_800;
const MOST_TARGETS = 1000;

/** Attributes of target groups behind an ALB (instances and addresses), with the ranges of AWS documentation. */
const KNOWN = {
  'deregistration_delay.timeout_seconds': between(0, 3600),
  'slow_start.duration_seconds': between(30, 900, '0'),
  'stickiness.enabled': flag,
  'stickiness.type': words('lb_cookie', 'app_cookie'),
  'stickiness.lb_cookie.duration_seconds': between(1, WEEK),
  'stickiness.app_cookie.duration_seconds': between(1, WEEK),
  'stickiness.app_cookie.cookie_name': matching(
    /^(?!AWSALB)[^\s;,="]{1,512}$/,
    'a cookie name that does not begin with AWSALB',
  ),
  'load_balancing.algorithm.type': words('round_robin', 'least_outstanding_requests', 'weighted_random'),
  'load_balancing.algorithm.anomaly_mitigation': words('on', 'off'),
  'load_balancing.cross_zone.enabled': words('true', 'false', 'use_load_balancer_configuration'),
  'target_group_health.dns_failover.minimum_healthy_targets.count': between(1, MOST_TARGETS, 'off'),
  'target_group_health.dns_failover.minimum_healthy_targets.percentage': between(1, 100, 'off'),
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.count': between(1, MOST_TARGETS),
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage': between(1, 100, 'off'),
};

/** Combinations that AWS refuses on a target group that has no other settings yet. */
const together = (map: StringMap): readonly Fault[] => {
  const algorithm = map['load_balancing.algorithm.type'] ?? 'round_robin';
  const faults: Fault[] = [];
  if (
    map['stickiness.type'] === 'app_cookie' &&
    map['stickiness.enabled'] === 'true' &&
    !map['stickiness.app_cookie.cookie_name']
  )
    faults.push({
      at: 'stickiness.app_cookie.cookie_name',
      expected: 'a cookie name, because stickiness.type is app_cookie',
    });
  if (map['load_balancing.algorithm.anomaly_mitigation'] === 'on' && algorithm !== 'weighted_random')
    faults.push({
      at: 'load_balancing.algorithm.anomaly_mitigation',
      expected: `off unless the algorithm is weighted_random, got ${algorithm}`,
    });
  if ((map['slow_start.duration_seconds'] ?? '0') !== '0' && algorithm !== 'round_robin')
    faults.push({
      at: 'slow_start.duration_seconds',
      expected: `0 unless the algorithm is round_robin, got ${algorithm}`,
    });
  return faults;
};

export const targetGroupAttributes = attributes('target group', KNOWN, together);
