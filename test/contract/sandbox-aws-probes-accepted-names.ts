/** What EC2 and Route 53 do without refusing: one probe for each, which asserts by itself. */
import assert from 'node:assert/strict';
import {
  AuthorizeSecurityGroupIngressCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
} from '@aws-sdk/client-ec2';
import { DescribeLoadBalancersCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  type Change,
  CreateHostedZoneCommand,
  GetChangeCommand,
  ListResourceRecordSetsCommand,
} from '@aws-sdk/client-route-53';
import { create } from './sandbox-aws-security-groups.ts';
import { ACCEPTED, type Probe, type World } from './sandbox-aws-world.ts';

const groupAt = async ({ ec2 }: World, id: string) =>
  (await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [id] }))).SecurityGroups?.[0];

const zone = async ({ r53 }: World) =>
  (
    await r53.send(new CreateHostedZoneCommand({ Name: 'probe.example.com', CallerReference: 'probe' }))
  ).HostedZone?.Id?.replace('/hostedzone/', '') ?? '';
const record = (Name: string, Action: 'CREATE' | 'UPSERT' = 'CREATE', Value = '192.0.2.1'): Change => ({
  Action,
  ResourceRecordSet: { Name: `${Name}probe.example.com`, Type: 'A', TTL: 60, ResourceRecords: [{ Value }] },
});
const records = async ({ r53 }: World, HostedZoneId: string) =>
  (await r53.send(new ListResourceRecordSetsCommand({ HostedZoneId }))).ResourceRecordSets ?? [];
const names = async (world: World, id: string) =>
  (await records(world, id)).filter(({ Type }) => Type === 'A').map(({ Name }) => Name);

export const EC2_BEHAVIOUR: readonly Probe[] = [
  [
    'a new group lets everything out',
    ACCEPTED,
    async (w) => {
      const found = await groupAt(w, await create(w));
      assert.deepEqual(found?.IpPermissions, []);
      assert.equal(found?.IpPermissionsEgress?.[0]?.IpProtocol, '-1');
      assert.equal(found?.IpPermissionsEgress?.[0]?.IpRanges?.[0]?.CidrIp, '0.0.0.0/0');
    },
  ],
  [
    'rules of the same ports are listed as one permission, each with an id of its own',
    ACCEPTED,
    async (w) => {
      const GroupId = await create(w);
      const ids = [];
      for (const CidrIp of ['192.0.2.0/24', '198.51.100.0/24']) {
        const { SecurityGroupRules } = await w.ec2.send(
          new AuthorizeSecurityGroupIngressCommand({
            GroupId,
            IpPermissions: [{ IpProtocol: 'tcp', FromPort: 80, ToPort: 80, IpRanges: [{ CidrIp }] }],
          }),
        );
        ids.push(SecurityGroupRules?.[0]?.SecurityGroupRuleId);
      }
      assert.equal(new Set(ids).size, 2);
      const permissions = (await groupAt(w, GroupId))?.IpPermissions;
      assert.deepEqual([permissions?.length, permissions?.[0]?.IpRanges?.length], [1, 2]);
    },
  ],
  [
    'blocks are kept with their host bits cleared, and in their shortest spelling',
    ACCEPTED,
    async (w) => {
      const GroupId = await create(w);
      await w.ec2.send(
        new AuthorizeSecurityGroupIngressCommand({
          GroupId,
          IpPermissions: [
            {
              IpProtocol: 'tcp',
              FromPort: 80,
              ToPort: 80,
              IpRanges: [{ CidrIp: '100.68.0.18/18' }],
              Ipv6Ranges: [{ CidrIpv6: '2001:0DB8:0:0:1:0:0:1/64' }, { CidrIpv6: '2001:db8:ffff::1/33' }],
            },
          ],
        }),
      );
      const [permission] = (await groupAt(w, GroupId))?.IpPermissions ?? [];
      assert.deepEqual(
        [
          ...(permission?.IpRanges ?? []).map(({ CidrIp }) => CidrIp),
          ...(permission?.Ipv6Ranges ?? []).map(({ CidrIpv6 }) => CidrIpv6),
        ],
        ['100.68.0.0/18', '2001:db8::/64', '2001:db8:8000::/33'],
      );
    },
  ],
  [
    'a load balancer has a network interface in each of its subnets',
    ACCEPTED,
    async (w) => {
      const arn = await w.balancer({ Name: 'nics' });
      const { NetworkInterfaces } = await w.ec2.send(
        new DescribeNetworkInterfacesCommand({
          Filters: [{ Name: 'description', Values: [`ELB ${arn.slice(arn.indexOf('/') + 1)}`] }],
        }),
      );
      assert.equal(NetworkInterfaces?.length, 2);
      assert.equal(NetworkInterfaces?.[0]?.Groups?.length, 1);
    },
  ],
];

export const ROUTE53_BEHAVIOUR: readonly Probe[] = [
  [
    'a star is told as \\052',
    ACCEPTED,
    async (w) => {
      const id = await zone(w);
      await w.change(id, record('*.'));
      assert.deepEqual(await names(w, id), ['\\052.probe.example.com.']);
    },
  ],
  [
    'records are listed by their labels from the right',
    ACCEPTED,
    async (w) => {
      const id = await zone(w);
      await w.change(id, ...['b.', 'a.z.', 'a.b.'].map((name) => record(name)));
      assert.deepEqual(
        (await names(w, id)).map((name) => name?.replace('.probe.example.com.', '')),
        ['b', 'a.b', 'a.z'],
      );
    },
  ],
  [
    'names are kept in lower case',
    ACCEPTED,
    async (w) => {
      const id = await zone(w);
      await w.change(id, record('WWW.'));
      assert.deepEqual(await names(w, id), ['www.probe.example.com.']);
    },
  ],
  [
    'a change is pending at first',
    ACCEPTED,
    async (w) => {
      const Id = await w.change(await zone(w), record('a.'));
      assert.equal((await w.r53.send(new GetChangeCommand({ Id }))).ChangeInfo?.Status, 'PENDING');
    },
  ],
  [
    'a pending change is listed at once',
    ACCEPTED,
    async (w) => {
      const id = await zone(w);
      await w.change(id, record('a.'));
      assert.equal((await names(w, id)).length, 1);
    },
  ],
  [
    'an upsert replaces',
    ACCEPTED,
    async (w) => {
      const id = await zone(w);
      await w.change(id, record('a.'));
      await w.change(id, record('a.', 'UPSERT', '192.0.2.2'));
      const found = (await records(w, id)).find(({ Type }) => Type === 'A');
      assert.deepEqual(found?.ResourceRecords, [{ Value: '192.0.2.2' }]);
    },
  ],
  [
    'a batch that is refused changes nothing',
    ACCEPTED,
    async (w) => {
      const id = await zone(w);
      await w.change(id, record('a.'));
      await assert.rejects(w.change(id, record('b.'), record('a.')), { name: 'InvalidChangeBatch' });
      assert.deepEqual(await names(w, id), ['a.probe.example.com.']);
    },
  ],
  [
    'an alias may name a load balancer with the prefix dualstack',
    ACCEPTED,
    async (w) => {
      const [id, arn] = [await zone(w), await w.balancer()];
      const { LoadBalancers } = await w.elb.send(
        new DescribeLoadBalancersCommand({ LoadBalancerArns: [arn] }),
      );
      const { DNSName, CanonicalHostedZoneId: HostedZoneId } = LoadBalancers?.[0] ?? {};
      await w.change(id, {
        Action: 'CREATE',
        ResourceRecordSet: {
          Name: 'a.probe.example.com',
          Type: 'A',
          AliasTarget: { DNSName: `dualstack.${DNSName}`, HostedZoneId, EvaluateTargetHealth: true },
        },
      });
      const found = (await records(w, id)).find(({ Type }) => Type === 'A');
      assert.equal(found?.AliasTarget?.DNSName, `dualstack.${DNSName}.`.toLowerCase());
    },
  ],
  [
    'a zone starts with an NS and an SOA record',
    ACCEPTED,
    async (w) =>
      assert.deepEqual(
        (await records(w, await zone(w))).map(({ Type }) => Type),
        ['NS', 'SOA'],
      ),
  ],
];
