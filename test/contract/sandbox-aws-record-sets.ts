/** Record sets of Route 53 and changes of them, in short, for the probes. */
import type { Change, ResourceRecordSet } from '@aws-sdk/client-route-53';
import type { World } from './sandbox-aws-world.ts';

export const set = (Type: string, Name: string, ...values: string[]): ResourceRecordSet => ({
  Name,
  Type: Type as 'A',
  TTL: 60,
  ResourceRecords: values.map((Value) => ({ Value })),
});

export const make = (record: ResourceRecordSet): Change => ({ Action: 'CREATE', ResourceRecordSet: record });

/** An attempt to make the record in the zone example.com. */
export const creating = (record: ResourceRecordSet) => (w: World) => w.change('ZEX', make(record));

export const A = set('A', 'a.example.com', '192.0.2.1');
