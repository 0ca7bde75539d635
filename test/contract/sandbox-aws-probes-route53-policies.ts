/** Probes of Route 53's routing policies: what they ask of a record set and of those beside it. */
import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import { creating, make, set } from './sandbox-aws-record-sets.ts';
import { ACCEPTED, type Probe, type World } from './sandbox-aws-world.ts';

const BATCH = 'InvalidChangeBatch';

const address = (SetIdentifier: string, more: Partial<ResourceRecordSet>): ResourceRecordSet => ({
  ...set('A', 'a.example.com', '192.0.2.1'),
  SetIdentifier,
  ...more,
});
const both =
  (...records: readonly ResourceRecordSet[]) =>
  (w: World) =>
    w.change('ZEX', ...records.map(make));

/** An alias of the name to another record of the zone, by a policy. */
const alias = (more: Partial<ResourceRecordSet>, EvaluateTargetHealth = false) =>
  both(set('A', 'b.example.com', '192.0.2.1'), {
    Name: 'a.example.com',
    Type: 'A',
    SetIdentifier: 'one',
    AliasTarget: { HostedZoneId: 'ZEX', DNSName: 'b.example.com', EvaluateTargetHealth },
    ...more,
  });

export const POLICIES: readonly Probe[] = [
  [
    'weighted records of two TTLs',
    BATCH,
    both(address('one', { Weight: 1 }), address('two', { Weight: 1, TTL: 300 })),
    /same TTL/,
  ],
  [
    'more weighted records than a name takes',
    BATCH,
    both(address('one', { Weight: 1 }), address('two', { Weight: 1 })),
    /more than 1 weighted/,
    { facts: { weightedRecordsPerName: 1 } },
  ],
  [
    'a weighted NS',
    BATCH,
    creating({ ...set('NS', 'a.example.com', 'ns.example.net'), SetIdentifier: 'one', Weight: 1 }),
    /no routing policy/,
  ],
  ['an NS of a wildcard', BATCH, creating(set('NS', '*.example.com', 'ns.example.net')), /wildcard/],
  [
    'a multivalue CNAME',
    BATCH,
    creating({
      ...set('CNAME', 'a.example.com', 'b.example.net'),
      SetIdentifier: 'one',
      MultiValueAnswer: true,
    }),
    /CNAME/,
  ],
  ['a multivalue alias', BATCH, alias({ MultiValueAnswer: true }), /alias/],
  ['a failover alias without health', BATCH, alias({ Failover: 'PRIMARY' }), /EvaluateTargetHealth/],
  ['a failover alias with health', ACCEPTED, alias({ Failover: 'PRIMARY' }, true)],
  [
    'two primary records',
    BATCH,
    both(address('one', { Failover: 'PRIMARY' }), address('two', { Failover: 'PRIMARY' })),
    /same role PRIMARY/,
  ],
  [
    'two records of a Region',
    BATCH,
    both(address('one', { Region: 'eu-west-1' }), address('two', { Region: 'eu-west-1' })),
    /same Region/,
  ],
  [
    'two records of a country',
    BATCH,
    both(
      address('one', { GeoLocation: { CountryCode: 'FR' } }),
      address('two', { GeoLocation: { CountryCode: 'FR' } }),
    ),
    /same location FR/,
  ],
  [
    'records of a country and of its continent',
    ACCEPTED,
    both(
      address('one', { GeoLocation: { CountryCode: 'FR' } }),
      address('two', { GeoLocation: { ContinentCode: 'EU' } }),
    ),
  ],
];
