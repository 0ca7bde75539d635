/** Hosted zones and records through the SDK: what is stored, in which order it is listed, how it propagates. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DescribeLoadBalancersCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  type Change,
  ChangeTagsForResourceCommand,
  CreateHostedZoneCommand,
  DeleteHostedZoneCommand,
  GetChangeCommand,
  GetHostedZoneCommand,
  ListHostedZonesByNameCommand,
  ListHostedZonesCommand,
  ListResourceRecordSetsCommand,
  ListTagsForResourcesCommand,
  type ResourceRecordSet,
} from '@aws-sdk/client-route-53';
import { makeWorld, refused, type World } from './sandbox-aws-world.ts';

const make = (
  Type: 'A' | 'TXT' | 'CNAME',
  Name: string,
  Value: string,
  more: Partial<ResourceRecordSet> = {},
): Change => ({
  Action: 'CREATE',
  ResourceRecordSet: { Name, Type, TTL: 60, ResourceRecords: [{ Value }], ...more },
});

/** `name type` of every record of a zone, fetched in pages. */
const listed = async ({ r53 }: World, zone: string, MaxItems: number): Promise<string[]> => {
  const names: string[] = [];
  let start = {};
  for (;;) {
    const page = await r53.send(
      new ListResourceRecordSetsCommand({ HostedZoneId: zone, MaxItems, ...start }),
    );
    names.push(
      ...(page.ResourceRecordSets ?? []).map(({ Name, Type, SetIdentifier }) =>
        [Name, Type, SetIdentifier].filter(Boolean).join(' '),
      ),
    );
    if (page.IsTruncated !== true) return names;
    start = {
      StartRecordName: page.NextRecordName,
      StartRecordType: page.NextRecordType,
      StartRecordIdentifier: page.NextRecordIdentifier,
    };
  }
};

describe('Route 53', () => {
  it('lists by reversed labels, then type, in pages of any size', async () => {
    await using world = await makeWorld();
    await world.change(
      'ZEX',
      make('A', 'b.a.example.com', '192.0.2.1'),
      make('TXT', 'Z.Example.COM', '"x"'),
      make('A', '*.example.com', '192.0.2.1'),
      make('A', 'a.example.com.', '192.0.2.1', { SetIdentifier: 'two', Weight: 1 }),
      make('A', 'a.example.com', '192.0.2.2', { SetIdentifier: 'one', Weight: 1 }),
      make('TXT', 'a.example.com', '"y"'),
      make('A', 'a-b.example.com', '192.0.2.1'),
    );
    const expected = [
      'example.com. NS',
      'example.com. SOA',
      '\\052.example.com. A',
      'a.example.com. A one',
      'a.example.com. A two',
      'a.example.com. TXT',
      'b.a.example.com. A',
      'a-b.example.com. A',
      'z.example.com. TXT',
    ];
    for (const size of [1, 2, 4, 300]) assert.deepEqual(await listed(world, 'ZEX', size), expected);
  });

  it('does all of a batch or nothing', async () => {
    await using world = await makeWorld();
    const before = await listed(world, 'ZEX', 100);
    await refused(
      world.change('ZEX', make('A', 'a.example.com', '192.0.2.1'), make('A', 'b.example.com', 'x')),
      'InvalidChangeBatch',
    );
    assert.deepEqual(await listed(world, 'ZEX', 100), before);
  });

  it('replaces a CNAME by an address in one batch, and takes values in any order for a delete', async () => {
    await using world = await makeWorld();
    await world.change('ZEX', make('CNAME', 'a.example.com', 'b.example.org'));
    const addresses = [{ Value: '192.0.2.1' }, { Value: '192.0.2.2' }];
    await world.change(
      'ZEX',
      { ...make('CNAME', 'a.example.com', 'b.example.org'), Action: 'DELETE' },
      make('A', 'a.example.com', '', { ResourceRecords: addresses }),
    );
    await world.change('ZEX', {
      ...make('A', 'A.example.com', '', { ResourceRecords: addresses.toReversed() }),
      Action: 'DELETE',
    });
    assert.equal((await listed(world, 'ZEX', 100)).length, 2);
  });

  it('takes an alias to a load balancer, with dualstack prefix too, and to a record of the zone', async () => {
    await using world = await makeWorld();
    await world.balancer();
    const { LoadBalancers } = await world.elb.send(new DescribeLoadBalancersCommand({}));
    const { DNSName = '', CanonicalHostedZoneId: HostedZoneId = '' } = LoadBalancers?.[0] ?? {};
    const alias = (Name: string, zone: string, target: string): Change => ({
      Action: 'UPSERT',
      ResourceRecordSet: {
        Name,
        Type: 'A',
        AliasTarget: { HostedZoneId: zone, DNSName: target, EvaluateTargetHealth: true },
      },
    });
    await world.change(
      'ZEX',
      alias('a.example.com', HostedZoneId, DNSName),
      alias('b.example.com', HostedZoneId, `dualstack.${DNSName}`),
      alias('c.example.com', 'ZEX', 'a.example.com'),
    );
    const { ResourceRecordSets } = await world.r53.send(
      new ListResourceRecordSetsCommand({
        HostedZoneId: 'ZEX',
        StartRecordName: 'b.example.com',
        MaxItems: 1,
      }),
    );
    assert.deepEqual(ResourceRecordSets?.[0]?.AliasTarget, {
      HostedZoneId,
      DNSName: `dualstack.${DNSName}.`,
      EvaluateTargetHealth: true,
    });
    assert.equal(world.aws.state.zones.get('ZEX')?.records.size, 5);
  });

  it('shows changes at once and says INSYNC when emulator time has come', async () => {
    await using world = await makeWorld({ speed: 1000 });
    const Id = await world.change('ZEX', make('A', 'a.example.com', '192.0.2.1'));
    assert.ok((await listed(world, 'ZEX', 100)).includes('a.example.com. A'));
    const status = async () => (await world.r53.send(new GetChangeCommand({ Id }))).ChangeInfo?.Status;
    const first = await status();
    while ((await status()) !== 'INSYNC') await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(first, 'PENDING');
  });

  it('makes, finds, tags and deletes zones', async () => {
    await using world = await makeWorld();
    const made = await world.r53.send(
      new CreateHostedZoneCommand({
        Name: 'New.org',
        CallerReference: 'once',
        HostedZoneConfig: { Comment: 'a & <b>' },
      }),
    );
    const { HostedZone, DelegationSet } = await world.r53.send(
      new GetHostedZoneCommand({ Id: made.HostedZone?.Id }),
    );
    assert.deepEqual(
      [HostedZone?.Name, HostedZone?.Config?.Comment, DelegationSet?.NameServers?.length],
      ['new.org.', 'a & <b>', 4],
    );
    assert.match(made.Location ?? '', /\/hostedzone\/Z0/);
    const twins = await world.r53.send(
      new ListHostedZonesByNameCommand({ DNSName: 'example.com', MaxItems: 2 }),
    );
    assert.deepEqual(
      twins.HostedZones?.map(({ Id, Config }) => [Id, Config?.PrivateZone]),
      [
        ['/hostedzone/ZEX', false],
        ['/hostedzone/ZEXP', true],
      ],
    );
    assert.equal(twins.IsTruncated, true);
    await world.r53.send(
      new ChangeTagsForResourceCommand({
        ResourceType: 'hostedzone',
        ResourceId: 'ZEX',
        AddTags: [
          { Key: 'a', Value: '1' },
          { Key: 'b', Value: '2' },
        ],
      }),
    );
    await world.r53.send(
      new ChangeTagsForResourceCommand({
        ResourceType: 'hostedzone',
        ResourceId: 'ZEX',
        RemoveTagKeys: ['a'],
      }),
    );
    const { ResourceTagSets } = await world.r53.send(
      new ListTagsForResourcesCommand({ ResourceType: 'hostedzone', ResourceIds: ['ZEX', 'ZMED'] }),
    );
    assert.deepEqual(
      ResourceTagSets?.map(({ Tags }) => Tags),
      [[{ Key: 'b', Value: '2' }], []],
    );
    await world.r53.send(new DeleteHostedZoneCommand({ Id: made.HostedZone?.Id }));
    const names: (string | undefined)[] = [];
    let Marker: string | undefined;
    do {
      const page: {
        HostedZones?: { Name: string | undefined }[] | undefined;
        NextMarker?: string | undefined;
      } = await world.r53.send(new ListHostedZonesCommand({ MaxItems: 2, Marker }));
      names.push(...(page.HostedZones ?? []).map(({ Name }) => Name));
      Marker = page.NextMarker;
    } while (Marker !== undefined);
    assert.deepEqual(names, ['dev.example.com.', 'edge.com.', 'example.com.', 'example.com.', 'media.com.']);
  });

  it('keeps the order of a zone that is changed again and again', async () => {
    await using world = await makeWorld();
    const name = (index: number) => `n${(index * 7919) % 500}.example.com`;
    await world.change('ZEX', ...Array.from({ length: 500 }, (_, i) => make('A', name(i), '192.0.2.1')));
    await world.change(
      'ZEX',
      ...Array.from(
        { length: 250 },
        (_, i): Change => ({ ...make('A', name(i * 2), '192.0.2.1'), Action: 'DELETE' }),
      ),
    );
    const names = await listed(world, 'ZEX', 60);
    assert.deepEqual(names.slice(2), names.slice(2).toSorted());
    assert.equal(names.length, 252);
  });
});
