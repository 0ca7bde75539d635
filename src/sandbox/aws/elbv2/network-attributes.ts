/** Attributes of Network Load Balancers, their listeners and their target groups (API reference). */
import { type AttributeTable, choice, flag, GROUP_HEALTH, logs, range } from './attribute-rule.ts';

export const NETWORK_LOAD_BALANCER_ATTRIBUTES: AttributeTable = {
  ...logs('access_logs'),
  'deletion_protection.enabled': flag(false),
  'dns_record.client_routing_policy': choice(
    'any_availability_zone',
    'availability_zone_affinity',
    'partial_availability_zone_affinity',
  ),
  'ipv6.deny_all_igw_traffic': flag(false),
  'load_balancing.cross_zone.enabled': flag(false),
  'secondary_ips.auto_assigned.per_subnet': range(0, 0, 7),
  'zonal_shift.config.enabled': flag(false),
};

export const NETWORK_LISTENER_ATTRIBUTES: AttributeTable = {
  'tcp.idle_timeout.seconds': range(350, 60, 6000),
};

/** Addresses of clients reach targets as they are, unless these are registered by address. */
export const networkTargetGroupAttributes = (targetType: string | undefined): AttributeTable => ({
  'deregistration_delay.connection_termination.enabled': flag(false),
  'deregistration_delay.timeout_seconds': range(300, 0, 3600),
  'load_balancing.cross_zone.enabled': choice('use_load_balancer_configuration', 'true', 'false'),
  'preserve_client_ip.enabled': flag(targetType !== 'ip'),
  'proxy_protocol_v2.enabled': flag(false),
  'stickiness.enabled': flag(false),
  'stickiness.type': choice('source_ip'),
  'target_health_state.unhealthy.connection_termination.enabled': flag(true),
  'target_health_state.unhealthy.draining_interval_seconds': range(0, 0, 360_000),
  ...GROUP_HEALTH,
});
