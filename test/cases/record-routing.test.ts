/** Which records of Route 53 the annotations of external-dns ask for, and what is said where they ask for none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Routing } from '../../src/core/model/dns-record.ts';
import { DNS_PREFIX, type Read, readRouting } from '../../src/core/translate/record-routing.ts';

const reading = (stated: Readonly<Record<string, string>>): Routing | undefined | readonly string[] => {
  const faults: string[] = [];
  const read: Read = (name, expected, parse) => {
    const text = stated[name];
    const value = text === undefined ? undefined : parse(text);
    if (text !== undefined && value === undefined) faults.push(`${name}: expected ${expected}`);
    return value;
  };
  const annotations = Object.entries(stated).map(([name, text]) => [`${DNS_PREFIX}${name}`, text]);
  const routing = readRouting(read, Object.fromEntries(annotations), faults);
  return faults.length > 0 ? faults : routing;
};

const NONE = 'external-dns.alpha.kubernetes.io/set-identifier: expected it together with exactly one of';
const id = { 'set-identifier': 'a' };
const set = { setIdentifier: 'a' };

const ROWS: readonly (readonly [Readonly<Record<string, string>>, Routing | undefined | RegExp])[] = [
  [{}, undefined],
  [{ ttl: '60' }, undefined],
  [
    { ...id, 'aws-weight': '0' },
    { ...set, policy: 'weighted', weight: 0 },
  ],
  [
    { ...id, 'aws-weight': '255' },
    { ...set, policy: 'weighted', weight: 255 },
  ],
  [
    { ...id, 'aws-region': 'us-gov-west-1' },
    { ...set, policy: 'latency', region: 'us-gov-west-1' },
  ],
  [
    { ...id, 'aws-failover': 'PRIMARY' },
    { ...set, policy: 'failover', role: 'PRIMARY' },
  ],
  [
    { ...id, 'aws-failover': 'SECONDARY' },
    { ...set, policy: 'failover', role: 'SECONDARY' },
  ],
  [
    { ...id, 'aws-geolocation-continent-code': 'EU' },
    { ...set, policy: 'geolocation', continent: 'EU' },
  ],
  [
    { ...id, 'aws-geolocation-country-code': 'DE' },
    { ...set, policy: 'geolocation', country: 'DE' },
  ],
  [
    { ...id, 'aws-geolocation-country-code': '*' },
    { ...set, policy: 'geolocation', country: '*' },
  ],
  [
    { ...id, 'aws-geolocation-country-code': 'US', 'aws-geolocation-subdivision-code': 'CA' },
    { ...set, policy: 'geolocation', country: 'US', subdivision: 'CA' },
  ],
  [id, new RegExp(`^${NONE}.*, got set-identifier$`)],
  [{ 'aws-weight': '1' }, new RegExp(`^${NONE}.*, got weighted$`)],
  [{ ...id, 'aws-weight': '1', 'aws-region': 'eu-west-1' }, /, got set-identifier, weighted, latency$/],
  [{ ...id, 'aws-weight': '256' }, /^aws-weight: expected a whole number from 0 to 255$/],
  [{ ...id, 'aws-region': 'Europe' }, /^aws-region: expected an AWS Region/],
  [{ ...id, 'aws-failover': 'primary' }, /^aws-failover: expected PRIMARY or SECONDARY$/],
  [
    { 'set-identifier': 'a'.repeat(129), 'aws-weight': '1' },
    /^set-identifier: expected 1 to 128 characters$/,
  ],
  [{ ...id, 'aws-geolocation-country-code': 'de' }, /^aws-geolocation-country-code: expected two capital/],
  [
    { ...id, 'aws-geolocation-subdivision-code': 'CA' },
    /aws-geolocation-subdivision-code: expected the country/,
  ],
  [
    { ...id, 'aws-geolocation-continent-code': 'EU', 'aws-geolocation-country-code': 'DE' },
    /aws-geolocation-continent-code: expected no country or subdivision with it$/,
  ],
];

for (const [stated, wanted] of ROWS)
  test(`routing of ${JSON.stringify(stated).slice(0, 120)}`, () => {
    const got = reading(stated);
    if (!(wanted instanceof RegExp)) return assert.deepEqual(got, wanted);
    assert.ok(Array.isArray(got) && got.length === 1, JSON.stringify(got));
    assert.match(String(got[0]), wanted);
  });
