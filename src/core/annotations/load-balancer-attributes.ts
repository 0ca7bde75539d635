import { attributes, between, flag, matching, words } from './attribute.ts';

const bucket = matching(/^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?$/, 'the name of an S3 bucket');
const prefix = matching(/^[^\s]{0,1024}$/, 'a key prefix in the bucket, without spaces');

/** Attributes of an Application Load Balancer, with the ranges of AWS documentation. */
const KNOWN = {
  'deletion_protection.enabled': flag,
  'load_balancing.cross_zone.enabled': words('true'),
  'access_logs.s3.enabled': flag,
  'access_logs.s3.bucket': bucket,
  'access_logs.s3.prefix': prefix,
  'connection_logs.s3.enabled': flag,
  'connection_logs.s3.bucket': bucket,
  'connection_logs.s3.prefix': prefix,
  'health_check_logs.s3.enabled': flag,
  'health_check_logs.s3.bucket': bucket,
  'health_check_logs.s3.prefix': prefix,
  'ipv6.deny_all_igw_traffic': flag,
  'zonal_shift.config.enabled': flag,
  'idle_timeout.timeout_seconds': between(1, 4000),
  'client_keep_alive.seconds': between(60, 604_800),
  'routing.http.desync_mitigation_mode': words('monitor', 'defensive', 'strictest'),
  'routing.http.drop_invalid_header_fields.enabled': flag,
  'routing.http.preserve_host_header.enabled': flag,
  'routing.http.x_amzn_tls_version_and_cipher_suite.enabled': flag,
  'routing.http.xff_client_port.enabled': flag,
  'routing.http.xff_header_processing.mode': words('append', 'preserve', 'remove'),
  'routing.http2.enabled': flag,
  'waf.fail_open.enabled': flag,
};

/** What goes together (a log and its bucket) is not checked here: another member of the group may state the rest. */
export const loadBalancerAttributes = attributes('load balancer', KNOWN);
