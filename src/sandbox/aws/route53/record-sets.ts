/** Listing and changing the record sets of a zone. */

import type * as Sdk from '@aws-sdk/client-route-53';
import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import {
  ChangeResourceRecordSets$,
  InvalidInput$,
  ListResourceRecordSets$,
  PriorRequestNotComplete$,
} from '@aws-sdk/client-route-53';
import type { Account } from '../account.ts';
import type { InputOf, Operations } from '../wire/operation.ts';
import { refuse } from '../wire/refusal.ts';
import { planBatch } from './change-batch.ts';
import { describeChange, newChange } from './changes.ts';
import { zoneAt } from './find-zone.ts';
import { storedName } from './names.ts';
import { firstFrom, inOrder, positionOf, putRecord, removeRecord } from './record-order.ts';

export const recordOperations = (account: Account): Operations<typeof Sdk> => ({
  ListResourceRecordSets: { schema: ListResourceRecordSets$, handle: (input) => list(account, input) },
  ChangeResourceRecordSets: { schema: ChangeResourceRecordSets$, handle: (input) => change(account, input) },
});

const list = (account: Account, input: InputOf<typeof Sdk, 'ListResourceRecordSets'>) => {
  const { zone } = zoneAt(account, input.HostedZoneId);
  const { StartRecordName: name, StartRecordType: type, StartRecordIdentifier: identifier } = input;
  if (type !== undefined && name === undefined)
    throw refuse(InvalidInput$, 'Invalid request: StartRecordType needs StartRecordName');
  if (identifier !== undefined && type === undefined)
    throw refuse(InvalidInput$, 'Invalid request: StartRecordIdentifier needs StartRecordType');
  const order = inOrder(zone);
  const { records } = order;
  const start = name === undefined ? 0 : firstFrom(order, startOf(storedName(name), type, identifier));
  const size = pageSize(input.MaxItems, account.facts.recordsPerPage);
  const next = records[start + size];
  return {
    ResourceRecordSets: records.slice(start, start + size),
    IsTruncated: next !== undefined,
    MaxItems: size,
    ...(next === undefined
      ? {}
      : {
          NextRecordName: next.Name,
          NextRecordType: next.Type,
          ...(next.SetIdentifier === undefined ? {} : { NextRecordIdentifier: next.SetIdentifier }),
        }),
  };
};

const startOf = (Name: string, Type: ResourceRecordSet['Type'], SetIdentifier: string | undefined): string =>
  positionOf({ Name, ...(Type && { Type }), ...(SetIdentifier && { SetIdentifier }) });

const pageSize = (asked: number | undefined, usual: number): number => {
  if (asked !== undefined && asked < 1)
    throw refuse(InvalidInput$, 'Invalid request: MaxItems must be at least 1');
  return Math.min(asked ?? usual, 300);
};

const change = (account: Account, input: InputOf<typeof Sdk, 'ChangeResourceRecordSets'>) => {
  const { id, zone } = zoneAt(account, input.HostedZoneId);
  const now = account.clock.now();
  if ((account.busyZones.get(id) ?? 0) > now) {
    throw refuse(
      PriorRequestNotComplete$,
      'The request was rejected because Route 53 was still processing a prior request.',
    );
  }
  const { put, remove } = planBatch(account, zone, id, input.ChangeBatch.Changes);
  for (const record of remove) removeRecord(zone, record);
  for (const record of put) putRecord(zone, record);
  zone.zone.ResourceRecordSetCount = zone.records.size;
  if (account.facts.zoneBusySeconds > 0)
    account.busyZones.set(id, now + account.facts.zoneBusySeconds * 1000);
  return { ChangeInfo: describeChange(newChange(account, input.ChangeBatch.Comment)) };
};
