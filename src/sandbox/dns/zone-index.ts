import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import type { StoredZone } from '../aws/state.ts';
import { parentName } from './zone-name.ts';

/** A hosted zone laid out for look-ups by name. */
export type ZoneIndex = {
  readonly id: string;
  /** With trailing dot. */
  readonly apex: string;
  readonly private: boolean;
  /** Record sets that answer a name: its own, or those of the wildcard that covers it. Undefined: no such name. */
  find(name: string): ReadonlyMap<string, readonly ResourceRecordSet[]> | undefined;
};

/**
 * Indexes a zone. A wildcard answers only names for which nothing closer exists, "empty" names between two labels
 * included (RFC 4592, which Route 53 follows).
 */
export const zoneIndex = (stored: StoredZone): ZoneIndex => {
  const apex = stored.zone.Name.toLowerCase();
  const names = new Map<string, Map<string, ResourceRecordSet[]>>();
  for (const record of stored.records.values()) {
    const name = record.Name ?? '';
    addName(names, name, apex);
    const types = names.get(name);
    const type = record.Type ?? '';
    types?.set(type, [...(types.get(type) ?? []), record]);
  }
  return {
    id: stored.zone.Id.replace('/hostedzone/', ''),
    apex,
    private: stored.zone.Config?.PrivateZone === true,
    find: (name) => names.get(name) ?? names.get(`\\052.${closestEncloser(names, name, apex)}`),
  };
};

/** The name, and those between it and the apex: they exist as soon as something exists below them. */
const addName = (names: Map<string, Map<string, ResourceRecordSet[]>>, name: string, apex: string): void => {
  for (let at: string | undefined = name; at !== undefined && !names.has(at); at = parentName(at)) {
    names.set(at, new Map());
    if (at === apex) return;
  }
};

const closestEncloser = (names: ReadonlyMap<string, unknown>, name: string, apex: string): string => {
  let at = parentName(name);
  while (at !== undefined && at !== apex && !names.has(at)) at = parentName(at);
  return at ?? apex;
};
