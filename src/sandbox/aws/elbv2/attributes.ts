/** Attributes of load balancers, target groups and listeners: their defaults and what each may be. */
import { InvalidConfigurationRequestException$ } from '@aws-sdk/client-elastic-load-balancing-v2';
import { refuse } from '../wire/refusal.ts';
import {
  type AttributeRule,
  type AttributeTable,
  choice,
  flag,
  GROUP_HEALTH,
  logs,
  range,
  text,
} from './attribute-rule.ts';
import { isHttp } from './balancer-kind.ts';
import { invalid } from './invalid.ts';
import {
  NETWORK_LISTENER_ATTRIBUTES,
  NETWORK_LOAD_BALANCER_ATTRIBUTES,
  networkTargetGroupAttributes,
} from './network-attributes.ts';

type Given = readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[];

const LOAD_BALANCER_ATTRIBUTES: AttributeTable = {
  ...logs('access_logs'),
  ...logs('connection_logs'),
  ...logs('health_check_logs'),
  'client_keep_alive.seconds': range(3600, 60, 604_800),
  'deletion_protection.enabled': flag(false),
  'idle_timeout.timeout_seconds': range(60, 1, 4000),
  'ipv6.deny_all_igw_traffic': flag(false),
  'load_balancing.cross_zone.enabled': { initial: 'true', allowed: /^true$/ },
  'routing.http.desync_mitigation_mode': choice('defensive', 'monitor', 'strictest'),
  'routing.http.drop_invalid_header_fields.enabled': flag(false),
  'routing.http.preserve_host_header.enabled': flag(false),
  'routing.http.x_amzn_tls_version_and_cipher_suite.enabled': flag(false),
  'routing.http.xff_client_port.enabled': flag(false),
  'routing.http.xff_header_processing.mode': choice('append', 'preserve', 'remove'),
  'routing.http2.enabled': flag(true),
  'waf.fail_open.enabled': flag(false),
  'zonal_shift.config.enabled': flag(false),
};

const TARGET_GROUP_ATTRIBUTES: AttributeTable = {
  'deregistration_delay.timeout_seconds': range(300, 0, 3600),
  'load_balancing.algorithm.anomaly_mitigation': choice('off', 'on'),
  'load_balancing.algorithm.type': choice('round_robin', 'least_outstanding_requests', 'weighted_random'),
  'load_balancing.cross_zone.enabled': choice('use_load_balancer_configuration', 'true', 'false'),
  'slow_start.duration_seconds': range(0, 30, 900, 0),
  'stickiness.app_cookie.cookie_name': text(),
  'stickiness.app_cookie.duration_seconds': range(86_400, 1, 604_800),
  'stickiness.enabled': flag(false),
  'stickiness.lb_cookie.duration_seconds': range(86_400, 1, 604_800),
  'stickiness.type': choice('lb_cookie', 'app_cookie', 'source_ip'),
  ...GROUP_HEALTH,
};

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

const REQUEST_HEADERS = {
  x_amzn_mtls_clientcert_serial_number: 'X-Amzn-Mtls-Clientcert-Serial-Number',
  x_amzn_mtls_clientcert_issuer: 'X-Amzn-Mtls-Clientcert-Issuer',
  x_amzn_mtls_clientcert_subject: 'X-Amzn-Mtls-Clientcert-Subject',
  x_amzn_mtls_clientcert_validity: 'X-Amzn-Mtls-Clientcert-Validity',
  x_amzn_mtls_clientcert_leaf: 'X-Amzn-Mtls-Clientcert-Leaf',
  x_amzn_mtls_clientcert: 'X-Amzn-Mtls-Clientcert',
  x_amzn_tls_version: 'X-Amzn-Tls-Version',
  x_amzn_tls_cipher_suite: 'X-Amzn-Tls-Cipher-Suite',
};

const HTTP_LISTENER: AttributeTable = {
  'routing.http.response.server.enabled': flag(true),
  ...Object.fromEntries(
    RESPONSE_HEADERS.map((name) => [`routing.http.response.${name}.header_value`, text()]),
  ),
};

/** Attributes of a load balancer of a type, `application` or `network`. */
export const loadBalancerAttributes = (type: string | undefined): AttributeTable =>
  type === 'network' ? NETWORK_LOAD_BALANCER_ATTRIBUTES : LOAD_BALANCER_ATTRIBUTES;

/** Attributes of a target group, by what it forwards and to what. */
export const targetGroupAttributes = (
  protocol: string | undefined,
  targetType: string | undefined,
): AttributeTable => (isHttp(protocol) ? TARGET_GROUP_ATTRIBUTES : networkTargetGroupAttributes(targetType));

/** Attributes of a listener; those about TLS exist on HTTPS listeners only. */
export const listenerAttributes = (protocol: string | undefined): AttributeTable => {
  if (!isHttp(protocol)) return NETWORK_LISTENER_ATTRIBUTES;
  return protocol === 'HTTPS'
    ? {
        ...HTTP_LISTENER,
        ...Object.fromEntries(
          Object.entries(REQUEST_HEADERS).map(([name, header]) => [
            `routing.http.request.${name}.header_name`,
            text(header),
          ]),
        ),
      }
    : HTTP_LISTENER;
};

export const initialAttributes = (table: AttributeTable): Record<string, string> =>
  Object.fromEntries(Object.entries(table).map(([key, { initial }]) => [key, initial]));

/** The attributes with the given ones set; throws for a key or value AWS does not take. `owner` as in error texts. */
export const withAttributes = (
  owner: 'Load balancer' | 'Target group' | 'Listener',
  table: AttributeTable,
  present: Readonly<Record<string, string>>,
  given: Given,
): Record<string, string> => {
  const next: Record<string, string> = { ...present };
  const seen = new Set<string>();
  for (const { Key: key = '', Value: value = '' } of given) {
    const rule = table[key];
    if (rule === undefined) throw unknownKey(owner, key);
    if (seen.has(key)) throw invalid(`${owner} attribute key '${key}' is given more than once`);
    seen.add(key);
    if (!fits(rule, value)) {
      throw invalid(
        `'${value}' is not a valid value for the ${owner.toLowerCase()} attribute '${key}': ${expected(rule)}`,
      );
    }
    next[key] = value;
  }
  return next;
};

const unknownKey = (owner: string, key: string) =>
  owner === 'Load balancer'
    ? refuse(InvalidConfigurationRequestException$, `Key ${key} not valid`)
    : invalid(`${owner} attribute key '${key}' is not recognized`);

const fits = ({ allowed }: AttributeRule, value: string): boolean => {
  if (allowed instanceof RegExp) return allowed.test(value);
  const [min, max, ...also] = allowed;
  const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
  return (number >= min && number <= max) || also.includes(number);
};

const expected = ({ allowed }: AttributeRule): string =>
  allowed instanceof RegExp
    ? `it must match ${allowed.source}`
    : `it must be ${allowed
        .slice(2)
        .map((n) => `${n} or `)
        .join('')}between ${allowed[0]} and ${allowed[1]}`;

/** Attributes as the API lists them. */
export const attributeList = (attributes: Readonly<Record<string, string>>) =>
  Object.entries(attributes).map(([Key, Value]) => ({ Key, Value }));
