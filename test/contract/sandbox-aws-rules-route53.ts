/** AWS's rules about Route 53. */
import type { Section } from './sandbox-aws-rule.ts';

const BATCH = 'InvalidChangeBatch';

export const ROUTE53: Section = {
  title: 'Route 53',
  areas: ['Route 53 inputs', 'Route 53 batches', 'Route 53 aliases', 'Route 53 does'],
  rules: [
    [
      'A batch is all or nothing; all its problems are told at once.',
      BATCH,
      'seen',
      ['all problems of a batch', 'a batch that is refused changes nothing', 'no change at all'],
    ],
    [
      'CREATE needs that nothing is there, DELETE the same values.',
      BATCH,
      'seen',
      [
        'create what exists',
        'delete what does not exist',
        'delete with other values',
        'delete the same twice in a batch',
        'an upsert replaces',
      ],
    ],
    [
      'Names lie in the zone and are well formed.',
      BATCH,
      'seen',
      ['a name outside the zone', 'a name that only ends like the zone', 'a label of 64 characters'],
    ],
    [
      'CNAME stands alone, not at the apex, with one value.',
      BATCH,
      'seen',
      [
        'CNAME beside another record',
        'another record beside CNAME',
        'CNAME at the apex',
        'CNAME with two values',
      ],
    ],
    [
      'Values of each type.',
      BATCH,
      'seen',
      [
        'an A that is no address',
        'an AAAA that is no address',
        'TXT without quotes',
        'TXT with a string of 256 characters',
        'an empty CNAME',
        'MX without preference',
        'a value twice',
      ],
    ],
    [
      'The zone keeps its NS and SOA.',
      BATCH,
      'docs',
      ['a zone without NS', 'a zone starts with an NS and an SOA record'],
    ],
    ['One routing policy for each name and type.', BATCH, 'docs', ['a simple set beside a weighted one']],
    [
      'Limits: records of a zone, values of a record, elements and characters of a request.',
      BATCH,
      'memory',
      [
        'more records than the zone takes',
        '401 values',
        '501 upserts, which count twice',
        '32,001 characters',
      ],
    ],
    [
      'A change while another one is under way (fact `zoneBusySeconds`, 0 unless set).',
      'PriorRequestNotComplete',
      'docs',
      ['a change while another one is under way'],
    ],
    [
      'Aliases: the target exists and lies in the zone named.',
      BATCH,
      'seen',
      [
        'a load balancer that is not there',
        'a load balancer that was deleted',
        'a load balancer of another Region in this zone',
        'a load balancer as TXT',
        'a record of the zone that is not there',
        'a name outside the target zone',
        'a record of another zone',
        'an unknown zone',
        'an alias may name a load balancer with the prefix dualstack',
      ],
    ],
    [
      'Aliases to CloudFront, S3 and others.',
      BATCH,
      'docs',
      'The sandbox has none of them; such aliases are refused.',
    ],
    [
      'Members of a record set go together.',
      'InvalidInput',
      'model',
      [
        'alias and values together',
        'values without TTL',
        'alias without EvaluateTargetHealth',
        'weight without identifier',
        'weight 256',
        'an identifier of 129 characters',
        'a value of 4001 characters',
        'a type that does not exist',
      ],
    ],
    ['Health checks.', 'NoSuchHealthCheck', 'docs', ['a health check']],
    [
      'Zones: references once, names, VPCs, quota, empty when deleted.',
      'HostedZoneAlreadyExists, InvalidDomainName, InvalidVPCId, TooManyHostedZones, HostedZoneNotEmpty, NoSuchHostedZone',
      'model',
      [
        'a caller reference twice',
        'a zone without a name',
        'a private zone in an unknown VPC',
        'more zones than the quota',
        'a zone that is not empty',
        'an unknown zone',
        'an unknown zone to get',
      ],
    ],
    ['Delegation sets.', 'NotImplemented', 'model', ['a delegation set']],
    [
      'Lists: pages, tags of ten zones.',
      'InvalidInput, NoSuchHostedZone',
      'model',
      [
        'a page of records from a type without name',
        'tags of 11 zones',
        'tags of an unknown zone',
        'a tag of AWS',
      ],
    ],
    [
      'Changes are PENDING, then INSYNC (fact `recordPendingSeconds`); lists show them at once.',
      'NoSuchChange',
      'model',
      ['a change is pending at first', 'a pending change is listed at once', 'an unknown change'],
    ],
    [
      'Names: lower case, `*` as `\\052`, listed by labels from the right.',
      'none',
      'model',
      [
        'a star is told as \\052',
        'records are listed by their labels from the right',
        'names are kept in lower case',
      ],
    ],
  ],
};
