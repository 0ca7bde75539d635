/** What AWS sets attributes to that nobody states (AWS documentation). */

import type { Kind } from './key.ts';
import type { Attributes } from './resource.ts';

const logs = (of: string): Attributes => ({
  [`${of}.s3.enabled`]: 'false',
  [`${of}.s3.bucket`]: '',
  [`${of}.s3.prefix`]: '',
});

const HEALTHY = 'minimum_healthy_targets';

const RESPONSE_HEADERS = [
  'strict_transport_security',
  'access_control_allow_origin',
  'access_control_allow_methods',
  'access_control_allow_headers',
  'access_control_allow_credentials',
  'access_control_expose_headers',
  'access_control_max_age',
  'content_security_policy',
  'x_content_type_options',
  'x_frame_options',
];

const REQUEST_HEADERS: Attributes = {
  x_amzn_mtls_clientcert_serial_number: 'X-Amzn-Mtls-Clientcert-Serial-Number',
  x_amzn_mtls_clientcert_issuer: 'X-Amzn-Mtls-Clientcert-Issuer',
  x_amzn_mtls_clientcert_subject: 'X-Amzn-Mtls-Clientcert-Subject',
  x_amzn_mtls_clientcert_validity: 'X-Amzn-Mtls-Clientcert-Validity',
  x_amzn_mtls_clientcert_leaf: 'X-Amzn-Mtls-Clientcert-Leaf',
  x_amzn_mtls_clientcert: 'X-Amzn-Mtls-Clientcert',
  x_amzn_tls_version: 'X-Amzn-Tls-Version',
  x_amzn_tls_cipher_suite: 'X-Amzn-Tls-Cipher-Suite',
};

export const DEFAULT_ATTRIBUTES: { readonly [K in Kind]?: Attributes } = {
  'load-balancer': {
    ...logs('access_logs'),
    ...logs('connection_logs'),
    ...logs('health_check_logs'),
    'deletion_protection.enabled': 'false',
    'load_balancing.cross_zone.enabled': 'true',
    'ipv6.deny_all_igw_traffic': 'false',
    'zonal_shift.config.enabled': 'false',
    'idle_timeout.timeout_seconds': '60',
    'client_keep_alive.seconds': '3600',
    'routing.http.desync_mitigation_mode': 'defensive',
    'routing.http.drop_invalid_header_fields.enabled': 'false',
    'routing.http.preserve_host_header.enabled': 'false',
    'routing.http.x_amzn_tls_version_and_cipher_suite.enabled': 'false',
    'routing.http.xff_client_port.enabled': 'false',
    'routing.http.xff_header_processing.mode': 'append',
    'routing.http2.enabled': 'true',
    'waf.fail_open.enabled': 'false',
  },
  // Without secondary_ips.auto_assigned.per_subnet, which AWS never lowers.
  'network-load-balancer': {
    ...logs('access_logs'),
    'deletion_protection.enabled': 'false',
    'dns_record.client_routing_policy': 'any_availability_zone',
    'ipv6.deny_all_igw_traffic': 'false',
    'load_balancing.cross_zone.enabled': 'false',
    'zonal_shift.config.enabled': 'false',
  },
  'target-group': {
    'deregistration_delay.timeout_seconds': '300',
    'slow_start.duration_seconds': '0',
    'stickiness.enabled': 'false',
    'stickiness.type': 'lb_cookie',
    'stickiness.lb_cookie.duration_seconds': '86400',
    'stickiness.app_cookie.duration_seconds': '86400',
    'stickiness.app_cookie.cookie_name': '',
    'load_balancing.algorithm.type': 'round_robin',
    'load_balancing.algorithm.anomaly_mitigation': 'off',
    'load_balancing.cross_zone.enabled': 'use_load_balancer_configuration',
    [`target_group_health.dns_failover.${HEALTHY}.count`]: '1',
    [`target_group_health.dns_failover.${HEALTHY}.percentage`]: 'off',
    [`target_group_health.unhealthy_state_routing.${HEALTHY}.count`]: '1',
    [`target_group_health.unhealthy_state_routing.${HEALTHY}.percentage`]: 'off',
  },
  listener: {
    'routing.http.response.server.enabled': 'true',
    ...Object.fromEntries(RESPONSE_HEADERS.map((name) => [`routing.http.response.${name}.header_value`, ''])),
    ...Object.fromEntries(
      Object.entries(REQUEST_HEADERS).map(([name, header]) => [
        `routing.http.request.${name}.header_name`,
        header,
      ]),
    ),
  },
};
