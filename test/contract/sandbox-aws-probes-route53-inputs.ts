/** One probe for each rule of Route 53 about zones, tags and the form of requests. */
import {
  ChangeTagsForResourceCommand,
  CreateHostedZoneCommand,
  DeleteHostedZoneCommand,
  GetChangeCommand,
  GetHostedZoneCommand,
  ListResourceRecordSetsCommand,
  ListTagsForResourceCommand,
  ListTagsForResourcesCommand,
} from '@aws-sdk/client-route-53';
import { A, creating, make, set } from './sandbox-aws-record-sets.ts';
import type { Probe, World } from './sandbox-aws-world.ts';

const zone = (w: World, Name: string, more = {}) =>
  w.r53.send(new CreateHostedZoneCommand({ Name, CallerReference: 'r', ...more }));
const many = (count: number) => Array.from({ length: count }, (_, index) => index);

export const INPUTS: readonly Probe[] = [
  [
    'alias and values together',
    'InvalidInput',
    creating({
      ...A,
      AliasTarget: { HostedZoneId: 'ZEX', DNSName: 'b.example.com', EvaluateTargetHealth: false },
    }),
    /exactly one of/,
  ],
  [
    'values without TTL',
    'InvalidInput',
    creating({ Name: 'a.example.com', Type: 'A', ResourceRecords: [{ Value: '192.0.2.1' }] }),
    /exactly one of/,
  ],
  [
    'alias without EvaluateTargetHealth',
    'InvalidInput',
    creating({
      Name: 'a.example.com',
      Type: 'A',
      AliasTarget: { HostedZoneId: 'ZEX', DNSName: 'b.example.com' } as never,
    }),
    /evaluateTargetHealth/,
  ],
  ['weight without identifier', 'InvalidInput', creating({ ...A, Weight: 1 }), /SetIdentifier/],
  [
    'weight 256',
    'InvalidInput',
    creating({ ...A, SetIdentifier: 'x', Weight: 256 }),
    /less than or equal to 255/,
  ],
  [
    'an identifier of 129 characters',
    'InvalidInput',
    creating({ ...A, SetIdentifier: 'x'.repeat(129), Weight: 1 }),
    /128/,
  ],
  [
    'a value of 4001 characters',
    'InvalidInput',
    creating(set('TXT', 'a.example.com', 'x'.repeat(4001))),
    /4000/,
  ],
  ['a type that does not exist', 'InvalidInput', creating(set('B', 'a.example.com', 'x')), /record type/],
  ['no change at all', 'InvalidInput', (w) => w.change('ZEX'), /greater than or equal to 1/],
  ['a health check', 'NoSuchHealthCheck', creating({ ...A, HealthCheckId: 'x' })],
  ['an unknown zone', 'NoSuchHostedZone', (w) => w.change('ZNONE', make(A)), /ZNONE/],
  [
    'a page of records from a type without name',
    'InvalidInput',
    (w) => w.r53.send(new ListResourceRecordSetsCommand({ HostedZoneId: 'ZEX', StartRecordType: 'A' })),
    /StartRecordName/,
  ],
  ['an unknown change', 'NoSuchChange', (w) => w.r53.send(new GetChangeCommand({ Id: 'C0' }))],
  [
    'an unknown zone to get',
    'NoSuchHostedZone',
    (w) => w.r53.send(new GetHostedZoneCommand({ Id: 'ZNONE' })),
  ],
  [
    'a zone that is not empty',
    'HostedZoneNotEmpty',
    async (w) => {
      await w.change('ZEX', make(A));
      return w.r53.send(new DeleteHostedZoneCommand({ Id: 'ZEX' }));
    },
  ],
  [
    'a caller reference twice',
    'HostedZoneAlreadyExists',
    async (w) => {
      await zone(w, 'one.org');
      return zone(w, 'two.org');
    },
  ],
  ['a zone without a name', 'InvalidDomainName', (w) => zone(w, 'a..org')],
  [
    'a private zone in an unknown VPC',
    'InvalidVPCId',
    (w) => zone(w, 'one.org', { VPC: { VPCRegion: 'us-west-1', VPCId: 'vpc-none' } }),
  ],
  [
    'more zones than the quota',
    'TooManyHostedZones',
    (w) => zone(w, 'one.org'),
    /5/,
    { facts: { zonesPerAccount: 5 } },
  ],
  ['a delegation set', 'NotImplemented', (w) => zone(w, 'one.org', { DelegationSetId: 'N1' })],
  [
    'tags of 11 zones',
    'InvalidInput',
    (w) =>
      w.r53.send(
        new ListTagsForResourcesCommand({
          ResourceType: 'hostedzone',
          ResourceIds: many(11).map(() => 'ZEX'),
        }),
      ),
    /10/,
  ],
  [
    'tags of an unknown zone',
    'NoSuchHostedZone',
    (w) => w.r53.send(new ListTagsForResourceCommand({ ResourceType: 'hostedzone', ResourceId: 'ZNONE' })),
  ],
  [
    'a tag of AWS',
    'InvalidInput',
    (w) =>
      w.r53.send(
        new ChangeTagsForResourceCommand({
          ResourceType: 'hostedzone',
          ResourceId: 'ZEX',
          AddTags: [{ Key: 'aws:x' }],
        }),
      ),
    /aws:/,
  ],
];
