/** One probe for each rule of Route 53 about change batches and aliases. */
import {
  DeleteLoadBalancerCommand,
  DescribeLoadBalancersCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { type Change, ListResourceRecordSetsCommand, type ResourceRecordSet } from '@aws-sdk/client-route-53';
import { A, creating, make, set } from './sandbox-aws-record-sets.ts';
import type { Probe } from './sandbox-aws-world.ts';

const ELB_ZONE = 'Z368ELLRRE2KJ0';

const alias = (
  Name: string,
  HostedZoneId: string,
  DNSName: string,
  Type: 'A' | 'AAAA' | 'TXT' = 'A',
): ResourceRecordSet => ({
  Name,
  Type,
  AliasTarget: { HostedZoneId, DNSName, EvaluateTargetHealth: false },
});
const drop = (record: ResourceRecordSet): Change => ({ Action: 'DELETE', ResourceRecordSet: record });
const upsert = (record: ResourceRecordSet): Change => ({ Action: 'UPSERT', ResourceRecordSet: record });
const many = (count: number) => Array.from({ length: count }, (_, index) => index);

export const BATCHES: readonly Probe[] = [
  [
    'create what exists',
    'InvalidChangeBatch',
    async (w) => {
      await w.change('ZEX', make(A));
      return w.change('ZEX', make(A));
    },
    /^\[Tried to create resource record set \[name='a\.example\.com\.', type='A'\] but it already exists\]$/,
  ],
  [
    'delete what does not exist',
    'InvalidChangeBatch',
    (w) => w.change('ZEX', drop(A)),
    /but it was not found/,
  ],
  [
    'delete with other values',
    'InvalidChangeBatch',
    async (w) => {
      await w.change('ZEX', make(A));
      return w.change('ZEX', drop(set('A', 'a.example.com', '192.0.2.2')));
    },
    /values provided do not match the current values/,
  ],
  [
    'delete the same twice in a batch',
    'InvalidChangeBatch',
    async (w) => {
      await w.change('ZEX', make(A));
      return w.change('ZEX', drop(A), drop(A));
    },
    /^\[The request contains an invalid set of changes for a resource record set 'A a\.example\.com\.'\]$/,
  ],
  [
    'upsert the same twice in a batch',
    'InvalidChangeBatch',
    (w) => w.change('ZEX', upsert(A), upsert(A)),
    /invalid set of changes/,
  ],
  [
    'all problems of a batch',
    'InvalidChangeBatch',
    (w) => w.change('ZEX', drop(A), make(set('A', 'b.example.com', 'x'))),
    /^\[Tried to delete .*, Invalid Resource Record/,
  ],
  [
    'a name outside the zone',
    'InvalidChangeBatch',
    creating(set('A', 'a.example.org', '192.0.2.1')),
    /a\.example\.org\. is not permitted in zone example\.com\./,
  ],
  [
    'a name that only ends like the zone',
    'InvalidChangeBatch',
    creating(set('A', 'badexample.com', '192.0.2.1')),
    /not permitted in zone/,
  ],
  [
    'CNAME beside another record',
    'InvalidChangeBatch',
    (w) => w.change('ZEX', make(A), make(set('CNAME', 'a.example.com', 'b.example.com'))),
    /conflicts with other records/,
  ],
  [
    'another record beside CNAME',
    'InvalidChangeBatch',
    async (w) => {
      await w.change('ZEX', make(set('CNAME', 'a.example.com', 'b.example.com')));
      return w.change('ZEX', make(A));
    },
    /conflicts with the CNAME/,
  ],
  [
    'CNAME at the apex',
    'InvalidChangeBatch',
    creating(set('CNAME', 'example.com', 'b.example.org')),
    /not permitted at apex in zone/,
  ],
  [
    'CNAME with two values',
    'InvalidChangeBatch',
    creating(set('CNAME', 'c.example.com', 'a.b', 'c.d')),
    /exactly one value/,
  ],
  [
    'an A that is no address',
    'InvalidChangeBatch',
    creating(set('A', 'a.example.com', '1.2.3')),
    /FATAL problem: ARRDATAIllegalIPv4Address/,
  ],
  [
    'an AAAA that is no address',
    'InvalidChangeBatch',
    creating(set('AAAA', 'a.example.com', '1.2.3.4')),
    /AAAARRDATAIllegalIPv6Address/,
  ],
  [
    'TXT without quotes',
    'InvalidChangeBatch',
    creating(set('TXT', 'a.example.com', 'x')),
    /InvalidCharacterString \(Value should be enclosed in quotation marks\) encountered with 'x'/,
  ],
  [
    'TXT with a string of 256 characters',
    'InvalidChangeBatch',
    creating(set('TXT', 'a.example.com', `"${'x'.repeat(256)}"`)),
    /CharacterStringTooLong/,
  ],
  [
    'an empty CNAME',
    'InvalidChangeBatch',
    creating(set('CNAME', 'a.example.com', '')),
    /FATAL problem: DomainNameEmpty/,
  ],
  [
    'MX without preference',
    'InvalidChangeBatch',
    creating(set('MX', 'a.example.com', 'mail.example.com')),
    /MX/,
  ],
  [
    'a value twice',
    'InvalidChangeBatch',
    creating(set('A', 'a.example.com', '192.0.2.1', '192.0.2.1')),
    /Duplicate/,
  ],
  [
    'a label of 64 characters',
    'InvalidChangeBatch',
    creating(set('A', `${'x'.repeat(64)}.example.com`, '192.0.2.1')),
    /DomainLabelTooLong/,
  ],
  [
    'a zone without NS',
    'InvalidChangeBatch',
    async (w) => {
      const { ResourceRecordSets } = await w.r53.send(
        new ListResourceRecordSetsCommand({ HostedZoneId: 'ZEX' }),
      );
      const ns = ResourceRecordSets?.find(({ Type }) => Type === 'NS');
      return w.change('ZEX', drop(ns ?? A));
    },
    /at least one NS/,
  ],
  [
    'a simple set beside a weighted one',
    'InvalidChangeBatch',
    (w) => w.change('ZEX', make(A), make({ ...A, SetIdentifier: 'x', Weight: 1 })),
    /another routing policy/,
  ],
  [
    'more records than the zone takes',
    'InvalidChangeBatch',
    creating(A),
    /more than 2/,
    { facts: { recordsPerZone: 2 } },
  ],
  [
    '401 values',
    'InvalidChangeBatch',
    creating(set('A', 'a.example.com', ...many(401).map((i) => `10.0.${i >> 8}.${i & 255}`))),
    /at most 400/,
  ],
  [
    '501 upserts, which count twice',
    'InvalidChangeBatch',
    (w) => w.change('ZEX', ...many(501).map((i) => upsert(set('A', `a${i}.example.com`, '192.0.2.1')))),
    /limit of 1000 exceeded/,
  ],
  [
    '32,001 characters',
    'InvalidChangeBatch',
    (w) =>
      w.change(
        'ZEX',
        ...many(11).map((i) =>
          make(set('TXT', `a${i}.example.com`, ...many(13).map((j) => `"${`${j}`.padStart(240, 'x')}"`))),
        ),
      ),
    /characters limit of 32000/,
  ],
  [
    'a change while another one is under way',
    'PriorRequestNotComplete',
    async (w) => {
      await w.change('ZEX', make(A));
      return w.change('ZEX', drop(A));
    },
    /prior request/,
    { facts: { zoneBusySeconds: 30 } },
  ],
];

export const ALIASES: readonly Probe[] = [
  [
    'a load balancer that is not there',
    'InvalidChangeBatch',
    creating(alias('a.example.com', ELB_ZONE, 'web-1.us-west-1.elb.amazonaws.com')),
    /^\[Tried to create an alias that targets web-1\.us-west-1\.elb\.amazonaws\.com\., type A in zone Z368ELLRRE2KJ0, but that target was not found\]$/,
  ],
  [
    'a load balancer that was deleted',
    'InvalidChangeBatch',
    async (w) => {
      const LoadBalancerArn = await w.balancer();
      const { LoadBalancers } = await w.elb.send(new DescribeLoadBalancersCommand({}));
      await w.elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn }));
      return w.change('ZEX', make(alias('a.example.com', ELB_ZONE, LoadBalancers?.[0]?.DNSName ?? '')));
    },
    /not found/,
  ],
  [
    'a load balancer of another Region in this zone',
    'InvalidChangeBatch',
    creating(alias('a.example.com', ELB_ZONE, 'web-1.eu-west-1.elb.amazonaws.com')),
    /does not lie within the target zone/,
  ],
  [
    'a load balancer as TXT',
    'InvalidChangeBatch',
    creating(alias('a.example.com', ELB_ZONE, 'web-1.us-west-1.elb.amazonaws.com', 'TXT')),
    /A and AAAA/,
  ],
  [
    'a record of the zone that is not there',
    'InvalidChangeBatch',
    creating(alias('a.example.com', 'ZEX', 'b.example.com')),
    /not found/,
  ],
  [
    'a name outside the target zone',
    'InvalidChangeBatch',
    creating(alias('a.example.com', 'ZEX', 'b.example.org')),
    /does not lie within/,
  ],
  [
    'a record of another zone',
    'InvalidChangeBatch',
    creating(alias('a.example.com', 'ZMED', 'media.com')),
    /zone of the record/,
  ],
  [
    'an unknown zone',
    'InvalidChangeBatch',
    creating(alias('a.example.com', 'Z2FDTNDATAQYW2', 'x.cloudfront.net')),
    /does not know/,
  ],
];
