/** What an attribute of a load balancer, target group or listener is at first, and what it may be. */

export type AttributeRule = {
  readonly initial: string;
  readonly allowed: RegExp | readonly [min: number, max: number, ...also: number[]];
};
export type AttributeTable = Readonly<Record<string, AttributeRule>>;

export const flag = (initial: boolean): AttributeRule => ({
  initial: String(initial),
  allowed: /^(true|false)$/,
});

/** One of some words; the first is what it is at first. */
export const choice = (initial: string, ...others: string[]): AttributeRule => ({
  initial,
  allowed: new RegExp(`^(${[initial, ...others].join('|')})$`),
});

export const text = (initial = ''): AttributeRule => ({ initial, allowed: /^[\s\S]*$/ });

/** A whole number between two, or one of some others. */
export const range = (initial: number, min: number, max: number, ...also: number[]): AttributeRule => ({
  initial: String(initial),
  allowed: [min, max, ...also],
});

/** Where logs of a kind go. */
export const logs = (kind: string): AttributeTable => ({
  [`${kind}.s3.enabled`]: flag(false),
  [`${kind}.s3.bucket`]: text(),
  [`${kind}.s3.prefix`]: text(),
});

const MINIMUM = 'minimum_healthy_targets';

/** How many targets of a group must be healthy, for load balancers of every kind. */
export const GROUP_HEALTH: AttributeTable = {
  [`target_group_health.dns_failover.${MINIMUM}.count`]: { initial: '1', allowed: /^(off|[1-9]\d{0,3})$/ },
  [`target_group_health.dns_failover.${MINIMUM}.percentage`]: {
    initial: 'off',
    allowed: /^(off|[1-9]\d?|100)$/,
  },
  [`target_group_health.unhealthy_state_routing.${MINIMUM}.count`]: {
    initial: '1',
    allowed: /^[1-9]\d{0,3}$/,
  },
  [`target_group_health.unhealthy_state_routing.${MINIMUM}.percentage`]: {
    initial: 'off',
    allowed: /^(off|[1-9]\d?|100)$/,
  },
};
