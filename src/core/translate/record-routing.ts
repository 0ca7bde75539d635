/** Routing policies of Route 53, by the annotations of external-dns. */
import type { Routing } from '../model/dns-record.ts';

export const DNS_PREFIX = 'external-dns.alpha.kubernetes.io/';

/** The value of an annotation; undefined also when it is wrong, which has been noted then. */
export type Read = <T>(
  name: string,
  expected: string,
  parse: (text: string) => T | undefined,
) => T | undefined;

/** Every routing annotation makes one policy; two of them, or one without an identifier, make none. */
export const readRouting = (
  read: Read,
  annotations: Readonly<Record<string, string>>,
  faults: string[],
): Routing | undefined => {
  const setIdentifier = read('set-identifier', '1 to 128 characters', (text) =>
    text.length <= 128 ? text : undefined,
  );
  const weight = read('aws-weight', 'a whole number from 0 to 255', (text) =>
    /^\d{1,3}$/.test(text) && Number(text) <= 255 ? Number(text) : undefined,
  );
  const region = read('aws-region', 'an AWS Region such as eu-west-1', (text) =>
    /^[a-z]{2}(-[a-z]+)+-\d$/.test(text) ? text : undefined,
  );
  const role = read('aws-failover', 'PRIMARY or SECONDARY', (text): 'PRIMARY' | 'SECONDARY' | undefined =>
    text === 'PRIMARY' || text === 'SECONDARY' ? text : undefined,
  );
  const place = placeOf(read, faults);
  if (faults.length > 0 || !Object.keys(annotations).some((name) => ROUTING.test(name))) return undefined;
  const id = setIdentifier ?? '';
  const policies: readonly (Routing | undefined)[] = [
    weight === undefined ? undefined : { policy: 'weighted', setIdentifier: id, weight },
    region === undefined ? undefined : { policy: 'latency', setIdentifier: id, region },
    role === undefined ? undefined : { policy: 'failover', setIdentifier: id, role },
    place && { policy: 'geolocation', setIdentifier: id, ...place },
  ];
  return theOne(
    policies.flatMap((policy) => policy ?? []),
    setIdentifier,
    faults,
  );
};

const ROUTING =
  /^external-dns\.alpha\.kubernetes\.io\/(set-identifier|aws-weight|aws-region|aws-failover|aws-geolocation-.*)$/;

const theOne = (
  policies: readonly Routing[],
  setIdentifier: string | undefined,
  faults: string[],
): Routing | undefined => {
  const [policy, second] = policies;
  if (policy && !second && setIdentifier !== undefined) return policy;
  const got = [
    ...(setIdentifier === undefined ? [] : ['set-identifier']),
    ...policies.map((it) => it.policy),
  ].join(', ');
  faults.push(
    `${DNS_PREFIX}set-identifier: expected it together with exactly one of aws-weight, aws-region, aws-failover and aws-geolocation-*, got ${got}`,
  );
  return undefined;
};

type Place = { readonly continent?: string; readonly country?: string; readonly subdivision?: string };

/** A continent, or a country, or a part of one. */
const placeOf = (read: Read, faults: string[]): Place | undefined => {
  const continent = read('aws-geolocation-continent-code', 'AF, AN, AS, EU, OC, NA or SA', (text) =>
    /^(AF|AN|AS|EU|OC|NA|SA)$/.test(text) ? text : undefined,
  );
  const country = read('aws-geolocation-country-code', 'two capital letters, or *', (text) =>
    /^([A-Z]{2}|\*)$/.test(text) ? text : undefined,
  );
  const subdivision = read('aws-geolocation-subdivision-code', '1 to 3 capital letters or digits', (text) =>
    /^[A-Z0-9]{1,3}$/.test(text) ? text : undefined,
  );
  if (continent !== undefined && (country !== undefined || subdivision !== undefined))
    faults.push(`${DNS_PREFIX}aws-geolocation-continent-code: expected no country or subdivision with it`);
  else if (subdivision !== undefined && country === undefined)
    faults.push(`${DNS_PREFIX}aws-geolocation-subdivision-code: expected the country code with it`);
  if (continent === undefined && country === undefined) return undefined;
  return {
    ...(continent !== undefined && { continent }),
    ...(country !== undefined && { country }),
    ...(subdivision !== undefined && { subdivision }),
  };
};
