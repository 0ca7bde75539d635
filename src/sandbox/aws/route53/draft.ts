/** A zone as it would be after the changes of a batch, without touching the zone. */
import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import type { StoredZone } from '../state.ts';
import { recordKey } from './record.ts';
import { ofName } from './record-order.ts';

export type Draft = {
  get(key: string): ResourceRecordSet | undefined;
  put(record: ResourceRecordSet): void;
  remove(key: string): void;
  /** Records of a name. */
  named(name: string): ResourceRecordSet[];
  size(): number;
};

export const draftOf = (zone: StoredZone): Draft => {
  const changed = new Map<string, ResourceRecordSet | undefined>();
  const keysOfName = new Map<string, Set<string>>();
  const get = (key: string) => (changed.has(key) ? changed.get(key) : zone.records.get(key));
  return {
    get,
    put: (record) => {
      const [key, name] = [recordKey(record), record.Name ?? ''];
      changed.set(key, record);
      const keys = keysOfName.get(name);
      if (keys === undefined) keysOfName.set(name, new Set([key]));
      else keys.add(key);
    },
    remove: (key) => changed.set(key, undefined),
    named: (name) => [
      ...ofName(zone, name).filter((record) => !changed.has(recordKey(record))),
      ...[...(keysOfName.get(name) ?? [])].flatMap((key) => changed.get(key) ?? []),
    ],
    size: () => {
      let size = zone.records.size;
      for (const [key, record] of changed)
        size += Number(record !== undefined) - Number(zone.records.has(key));
      return size;
    },
  };
};
