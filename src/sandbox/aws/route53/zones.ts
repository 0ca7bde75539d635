/** Hosted zones. */

import type * as Sdk from '@aws-sdk/client-route-53';
import type { HostedZone } from '@aws-sdk/client-route-53';
import {
  CreateHostedZone$,
  DeleteHostedZone$,
  GetHostedZone$,
  HostedZoneAlreadyExists$,
  HostedZoneNotEmpty$,
  InvalidDomainName$,
  InvalidInput$,
  InvalidVPCId$,
  ListHostedZones$,
  ListHostedZonesByName$,
  TooManyHostedZones$,
} from '@aws-sdk/client-route-53';
import type { Account } from '../account.ts';
import { nextId } from '../account.ts';
import type { StoredZone } from '../state.ts';
import type { InputOf, Operations } from '../wire/operation.ts';
import { notServed, refuse } from '../wire/refusal.ts';
import { describeChange, newChange } from './changes.ts';
import { zoneAt } from './find-zone.ts';
import { nameProblem, sortKey, storedName } from './names.ts';

export const zoneOperations = (account: Account): Operations<typeof Sdk> => ({
  CreateHostedZone: { schema: CreateHostedZone$, handle: (input) => create(account, input) },
  GetHostedZone: {
    schema: GetHostedZone$,
    handle: ({ Id }) => {
      const { zone } = zoneAt(account, Id);
      const vpcs = zone.vpcs.map((VPCId) => ({ VPCRegion: account.region as 'us-west-1', VPCId }));
      return {
        HostedZone: zone.zone,
        ...(zone.zone.Config?.PrivateZone === true
          ? { VPCs: vpcs }
          : { DelegationSet: { NameServers: nameServers(zone) } }),
      };
    },
  },
  DeleteHostedZone: {
    schema: DeleteHostedZone$,
    handle: ({ Id }) => {
      const { id, zone } = zoneAt(account, Id);
      if (zone.records.size > 2) {
        throw refuse(
          HostedZoneNotEmpty$,
          'The specified hosted zone contains non-required resource record sets and so cannot be deleted.',
        );
      }
      account.serving.zones.delete(id);
      account.zoneDetails.delete(id);
      return { ChangeInfo: describeChange(newChange(account)) };
    },
  },
  ListHostedZones: { schema: ListHostedZones$, handle: (input) => list(account, input) },
  ListHostedZonesByName: { schema: ListHostedZonesByName$, handle: (input) => listByName(account, input) },
});

const bareId = ({ Id = '' }: HostedZone): string => Id.replace('/hostedzone/', '');

/** Puts a zone with its NS and SOA records into the account. */
export const addZone = (
  account: Account,
  given: {
    readonly id: string;
    readonly name: string;
    readonly reference: string;
    readonly comment?: string;
    readonly vpcs: readonly string[];
  },
): StoredZone => {
  const name = storedName(given.name);
  const shard = Number.parseInt(nextId(account, `name servers of ${given.id}`, 3), 16) % 512;
  const servers = ['com', 'net', 'org', 'co.uk'].map(
    (end, i) => `ns-${shard + i * 512}.awsdns-${String(shard % 64).padStart(2, '0')}.${end}.`,
  );
  const zone: StoredZone = {
    zone: {
      Id: `/hostedzone/${given.id}`,
      Name: name,
      CallerReference: given.reference,
      Config: {
        ...(given.comment === undefined ? {} : { Comment: given.comment }),
        PrivateZone: given.vpcs.length > 0,
      },
      ResourceRecordSetCount: 2,
    },
    vpcs: [...given.vpcs],
    records: new Map([
      [
        `${name}|NS|`,
        { Name: name, Type: 'NS', TTL: 172_800, ResourceRecords: servers.map((Value) => ({ Value })) },
      ],
      [
        `${name}|SOA|`,
        {
          Name: name,
          Type: 'SOA',
          TTL: 900,
          ResourceRecords: [
            { Value: `${servers[0] ?? ''} awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400` },
          ],
        },
      ],
    ]),
  };
  account.serving.zones.set(given.id, zone);
  account.zoneDetails.set(given.id, { tags: {} });
  return zone;
};

const nameServers = ({ zone, records }: StoredZone): string[] =>
  (records.get(`${zone.Name}|NS|`)?.ResourceRecords ?? []).map(({ Value }) =>
    (Value ?? '').replace(/\.$/, ''),
  );

const create = (account: Account, input: InputOf<typeof Sdk, 'CreateHostedZone'>) => {
  if (input.DelegationSetId !== undefined) throw notServed('reusable delegation sets');
  const name = storedName(input.Name);
  const problem = nameProblem(name);
  if (problem !== undefined)
    throw refuse(InvalidDomainName$, `${input.Name} is not a valid domain name: ${problem}`);
  const vpc = input.VPC?.VPCId;
  if (vpc !== undefined && !account.network.vpcs.has(vpc))
    throw refuse(
      InvalidVPCId$,
      `The VPC: ${vpc} that you provided is not authorized to make the association.`,
    );
  if (input.HostedZoneConfig?.PrivateZone === true && vpc === undefined)
    throw refuse(InvalidInput$, 'Invalid request: a private zone needs a VPC');
  for (const { zone } of account.serving.zones.values()) {
    if (zone.CallerReference === input.CallerReference) {
      throw refuse(
        HostedZoneAlreadyExists$,
        `A hosted zone has already been created with the specified caller reference: ${input.CallerReference}`,
        409,
      );
    }
  }
  const most = account.facts.zonesPerAccount;
  if (account.serving.zones.size >= most)
    throw refuse(TooManyHostedZones$, `Limits Exceeded: HostedZone - You have reached the limit of ${most}.`);
  const id = `Z0${nextId(account, `zone/${name}`, 18).toUpperCase()}`;
  const comment = input.HostedZoneConfig?.Comment;
  const stored = addZone(account, {
    id,
    name,
    reference: input.CallerReference,
    ...(comment === undefined ? {} : { comment }),
    vpcs: vpc === undefined ? [] : [vpc],
  });
  return {
    HostedZone: stored.zone,
    ChangeInfo: describeChange(newChange(account)),
    DelegationSet: { NameServers: nameServers(stored) },
    ...(vpc === undefined ? {} : { VPC: input.VPC }),
    Location: `https://route53.amazonaws.com/2013-04-01/hostedzone/${id}`,
  };
};

const pageSize = (asked: number | undefined): number => {
  if (asked !== undefined && asked < 1)
    throw refuse(InvalidInput$, 'Invalid request: MaxItems must be at least 1');
  return Math.min(asked ?? 100, 100);
};

const list = (account: Account, input: InputOf<typeof Sdk, 'ListHostedZones'>) => {
  if (input.DelegationSetId !== undefined) throw notServed('reusable delegation sets');
  const zones = [...account.serving.zones.values()]
    .map(({ zone }) => zone)
    .filter(({ Config }) => input.HostedZoneType === undefined || Config?.PrivateZone === true)
    .sort((a, b) => (a.Id < b.Id ? -1 : 1));
  const start =
    input.Marker === undefined ? 0 : zones.findIndex((zone) => bareId(zone) >= (input.Marker ?? ''));
  const rest = start < 0 ? [] : zones.slice(start);
  const size = pageSize(input.MaxItems);
  const next = rest[size];
  return {
    HostedZones: rest.slice(0, size),
    Marker: input.Marker ?? '',
    IsTruncated: next !== undefined,
    MaxItems: size,
    ...(next === undefined ? {} : { NextMarker: bareId(next) }),
  };
};

const listByName = (account: Account, input: InputOf<typeof Sdk, 'ListHostedZonesByName'>) => {
  if (input.HostedZoneId !== undefined && input.DNSName === undefined)
    throw refuse(InvalidInput$, 'Invalid request: HostedZoneId needs DNSName');
  const position = (name: string, id: string) => `${sortKey(name)}\u0000${id}`;
  const zones = [...account.serving.zones.values()]
    .map(({ zone }) => ({ zone, at: position(zone.Name, bareId(zone)) }))
    .sort((a, b) => (a.at < b.at ? -1 : 1));
  const start =
    input.DNSName === undefined
      ? ''
      : position(storedName(input.DNSName), (input.HostedZoneId ?? '').replace('/hostedzone/', ''));
  const rest = zones.filter(({ at }) => at >= start).map(({ zone }) => zone);
  const size = pageSize(input.MaxItems);
  const next = rest[size];
  return {
    HostedZones: rest.slice(0, size),
    ...(input.DNSName === undefined ? {} : { DNSName: input.DNSName }),
    ...(input.HostedZoneId === undefined ? {} : { HostedZoneId: input.HostedZoneId }),
    IsTruncated: next !== undefined,
    MaxItems: size,
    ...(next === undefined ? {} : { NextDNSName: next.Name, NextHostedZoneId: bareId(next) }),
  };
};
