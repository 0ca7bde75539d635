/** Values about the Network Load Balancer in front of a load balancer. */
import { attributes, between, flag, matching, words } from './attribute.ts';
import type { Item } from './list-parsers.ts';
import { accept, acceptUnless, type Fault, type Parser, refuse } from './parser.ts';
import { wholeNumber } from './scalar-parsers.ts';
import { splitPairs } from './string-map.ts';

const portIn = (raw: string): number | undefined => {
  const port = wholeNumber(raw);
  return port !== undefined && port >= 1 && port <= 65_535 ? port : undefined;
};

/** Ports of the Network Load Balancer, and the port of the load balancer that each leads to. */
export const portMapping: Parser<ReadonlyMap<number, number>> = {
  type: 'comma-separated ports as `networkPort=port`',
  schema: { pattern: '^\\s*[0-9]+\\s*=\\s*[0-9]+\\s*(,\\s*[0-9]+\\s*=\\s*[0-9]+\\s*)*$' },
  parse: (raw) => {
    const pairs = splitPairs(raw);
    if (!pairs.ok) return pairs;
    const faults: Fault[] = [];
    const mapping = new Map<number, number>();
    for (const [from, to] of pairs.value) {
      const [port, target] = [portIn(from), portIn(to)];
      if (port === undefined || target === undefined)
        faults.push({ expected: 'two ports from 1 to 65535, like 80=8080', value: `${from}=${to}` });
      else mapping.set(port, target);
    }
    if (faults.length === 0 && mapping.size === 0) return refuse('at least one pair like 80=8080');
    return acceptUnless(faults, () => mapping);
  },
};

/** The port that health checks go to. */
export const frontendHealthCheckPort: Parser<string> = {
  type: 'port 1..65535, or `traffic-port`',
  parse: (raw) => {
    const value = raw.trim();
    if (value === 'traffic-port') return accept(value);
    const port = portIn(value);
    return port === undefined ? refuse('a port from 1 to 65535, or traffic-port') : accept(String(port));
  },
};

const CODES = 'HTTP codes from 200 to 599 like 200, 200,302 or 200-399';

/** A Network Load Balancer takes 200..599 (API reference). */
export const frontendSuccessCodes: Parser<string> = {
  type: 'codes and ranges, `200`, `200,302`, `200-399`',
  schema: { pattern: '^[0-9, -]+$' },
  parse: (raw) => {
    const compact = raw.replaceAll(/\s/g, '');
    if (!/^\d{3}(-\d{3})?(,\d{3}(-\d{3})?)*$/.test(compact)) return refuse(CODES);
    const ranges = compact.split(',').map((part) => part.split('-').map(Number));
    if (ranges.some(([from = 0, to = from]) => from > to)) return refuse('ranges that go up, like 200-399');
    return ranges.flat().every((code) => code >= 200 && code <= 599) ? accept(compact) : refuse(CODES);
  },
};

/** Elastic IP addresses. */
export const allocations: Item = {
  plural: 'allocation ids of Elastic IP addresses',
  expected: 'the allocation id of an Elastic IP address, eipalloc-0123456789abcdef0',
  read: (item) => (/^eipalloc-[0-9a-z]+$/.test(item) ? item : undefined),
};

/** Attributes of a Network Load Balancer, with the ranges of AWS documentation. */
export const frontendAttributes = attributes('network load balancer', {
  'access_logs.s3.bucket': matching(/^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?$/, 'the name of an S3 bucket'),
  'access_logs.s3.enabled': flag,
  'access_logs.s3.prefix': matching(/^[^\s]{0,1024}$/, 'a key prefix in the bucket, without spaces'),
  'deletion_protection.enabled': flag,
  'dns_record.client_routing_policy': words(
    'any_availability_zone',
    'availability_zone_affinity',
    'partial_availability_zone_affinity',
  ),
  'ipv6.deny_all_igw_traffic': flag,
  'load_balancing.cross_zone.enabled': flag,
  'secondary_ips.auto_assigned.per_subnet': between(0, 7),
  'zonal_shift.config.enabled': flag,
});
