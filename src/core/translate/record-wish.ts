/**
 * What an Ingress says about its records, in the annotations that people have for external-dns already. A mistake
 * there stops new records of this Ingress, never its load balancer, and takes no record away.
 */

import type { CutoverWish } from '../annotations/cutover.ts';
import type { Ingress } from '../kube/objects.ts';
import type { Routing } from '../model/dns-record.ts';
import { toAscii } from '../model/punycode.ts';
import type { Member } from './member.ts';
import { hostFault } from './record-name.ts';
import { DNS_PREFIX, readRouting } from './record-routing.ts';

export type RecordWish = {
  /** Seconds; a CNAME is wanted instead of an alias. */
  readonly cnameTtl: number | undefined;
  /** Undefined: it does not say. */
  readonly evaluateTargetHealth: boolean | undefined;
  readonly routing: Routing | undefined;
  /** Id of the hosted zone. */
  readonly zone: string | undefined;
  readonly takeover: boolean;
  /** Undefined: names are not shared. */
  readonly cutover: CutoverWish | undefined;
  /** Seconds between its steps. */
  readonly stepInterval: number;
};

export type WishReading = {
  /** Undefined: something is wrong, and nothing new may be read from it. */
  readonly wish: RecordWish | undefined;
  /** Names besides the hosts of its rules; only those that can be names. */
  readonly names: readonly string[];
  /** False: some name is misspelt, and nobody knows which was meant. */
  readonly namesAreSure: boolean;
  /** Sentences that begin with the annotation. */
  readonly faults: readonly string[];
};

/** TTL of a CNAME whose Ingress does not say, in seconds. */
const USUAL_TTL = 300;

export const readRecordWish = ({ ingress, reading }: Member): WishReading => {
  const faults: string[] = [];
  const annotations = ingress.metadata.annotations ?? {};
  const read = <T>(name: string, expected: string, parse: (text: string) => T | undefined): T | undefined => {
    const raw = annotations[`${DNS_PREFIX}${name}`]?.trim();
    if (raw === undefined || raw === '') return undefined;
    const value = parse(raw);
    if (value === undefined) faults.push(`${DNS_PREFIX}${name}: expected ${expected}, got "${raw}"`);
    return value;
  };
  for (const [name, why] of Object.entries(NOT_POSSIBLE))
    read(name, `no such annotation: ${why}`, () => undefined);
  const alias = read('alias', 'true or false', truth);
  const ttl = read('ttl', 'seconds from 1 to 2147483647, or a duration such as 5m', seconds);
  const misspelt: string[] = [];
  const names = namesBeside(ingress, misspelt);
  const wish: RecordWish = {
    cnameTtl: alias === false ? (ttl ?? USUAL_TTL) : undefined,
    evaluateTargetHealth: read('aws-evaluate-target-health', 'true or false', truth),
    routing: readRouting(read, annotations, faults),
    zone: read('aws-hosted-zone-id', 'the id of a hosted zone, such as Z0123456789ABC', (text) =>
      /^(\/hostedzone\/)?[A-Z0-9]{1,32}$/.test(text) ? text.replace('/hostedzone/', '') : undefined,
    ),
    takeover: reading.settings['dns-takeover'] === 'true',
    cutover: reading.stated['dns-cutover'],
    stepInterval: reading.settings['dns-cutover-interval'],
  };
  if (wish.routing?.policy === 'failover' && wish.evaluateTargetHealth === false)
    faults.push(
      `${DNS_PREFIX}aws-evaluate-target-health: expected true, or no such annotation, with aws-failover: Route 53 fails over by the health of the load balancer`,
    );
  if (wish.cutover && wish.routing)
    faults.push(
      `${DNS_PREFIX}set-identifier: expected none with alb.ingress.kubernetes.io/dns-cutover, which sets the weights itself; share the name by hand, or let it move`,
    );
  return {
    wish: faults.length > 0 ? undefined : wish,
    names,
    namesAreSure: misspelt.length === 0,
    faults: [...faults, ...misspelt],
  };
};

const NO_GEOPROXIMITY = 'geoproximity is not supported; use aws-geolocation-* or aws-region';

/** Route 53 documentation: multivalue answers are for records with values, and an alias is the name of one target. */
const NOT_POSSIBLE: Readonly<Record<string, string>> = {
  'aws-multi-value-answer':
    'Route 53 takes no alias as a multivalue answer; use set-identifier with aws-weight, which several clusters can share',
  'aws-health-check-id':
    'health checks of Route 53 are not supported; aws-evaluate-target-health asks the load balancer',
  'aws-geoproximity-region': NO_GEOPROXIMITY,
  'aws-geoproximity-bias': NO_GEOPROXIMITY,
  'aws-geoproximity-coordinates': NO_GEOPROXIMITY,
  'aws-geoproximity-local-zone-group': NO_GEOPROXIMITY,
};

const truth = (text: string): boolean | undefined =>
  text === 'true' ? true : text === 'false' ? false : undefined;

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

const seconds = (text: string): number | undefined => {
  const value = /^\d+$/.test(text)
    ? Number(text)
    : /^(\d+[smh])+$/.test(text)
      ? [...text.matchAll(/(\d+)([smh])/g)].reduce(
          (sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? 's'] ?? 1),
          0,
        )
      : 0;
  return value >= 1 && value <= 2_147_483_647 ? value : undefined;
};

/** Names an Ingress wants besides the hosts of its rules; what can be none is among the faults. */
export const namesBeside = ({ metadata }: Ingress, faults: string[] = []): readonly string[] =>
  (metadata.annotations?.[`${DNS_PREFIX}hostname`] ?? '')
    .split(',')
    .map((host) => toAscii(host.trim().replace(/\.$/, '')))
    .filter((host) => host !== '')
    .filter((host) => {
      const fault = hostFault(host);
      if (fault) faults.push(`${DNS_PREFIX}hostname: ${fault}`);
      return !fault;
    });
