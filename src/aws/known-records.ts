/**
 * Which names are whose. Route 53 has no search by owner, so every zone is read once, at the start; from then on
 * names are looked up one by one, until that has cost as much as reading the zone would: then it is read again.
 */
import type { RecordName } from '../core/ports.ts';
import type { Account } from './account.ts';
import { unlessDenied } from './errors.ts';
import { listZones } from './facts.ts';
import { type AtName, NOTHING_THERE, nameId, type ReadZone, readName, readZone } from './records.ts';

export type KnownRecords = {
  /** Stacks of this cluster that own a record. */
  readonly stacks: () => Promise<readonly string[]>;
  /** Names whose ownership record is, or was when last seen, this stack's, or that of Ingresses we adopt records of. */
  readonly namesOf: (stack: string, ingresses: readonly string[]) => Promise<readonly RecordName[]>;
  /** What stands at a name: from a reading of the zone when nobody asked since, else asked afresh. */
  readonly at: (name: RecordName, stack: string) => Promise<AtName>;
  /** A record of the stack was written at the name, or may have been. */
  readonly written: (name: RecordName, stack: string) => void;
  /** The record of the stack at the name was deleted. Once a look shows nothing of the stack there, it is forgotten. */
  readonly removed: (name: RecordName, stack: string) => void;
};

/** A reading of a zone answers first questions for this long, in milliseconds. */
const BELIEVED_FOR = 300_000;
/** After so many milliseconds, zones that could not be read for want of permission are tried again. */
const TRY_AGAIN_AFTER = 600_000;
/** Calls for single names are counted together over this time, in milliseconds. */
const COUNTED_FOR = 60_000;

type Zone = {
  readAt: number;
  pages: number;
  reading: Promise<ReadZone>;
  /** Names asked for or written since it was read. */
  asked: Set<string>;
  /** When single names were looked up since. */
  looks: number[];
};

export const knownRecords = (account: Account): KnownRecords => {
  const { zones: access } = account.dns;
  const zones = new Map<string, Zone>();
  const byStack = new Map<string, Map<string, RecordName>>();
  const byIngress = new Map<string, Map<string, RecordName>>();
  /** By stack, names whose delete was done after every write there: {@link KnownRecords.removed}. */
  const removed = new Map<string, Set<string>>();
  let start: { readonly at: number; readonly reading: Promise<'complete' | 'in part'> } | undefined;

  const read = (id: string): Zone => {
    const reading = readZone(access.of(id), id, account.dns.externalDns);
    const zone: Zone = { readAt: performance.now(), pages: 1, reading, asked: new Set(), looks: [] };
    zones.set(id, zone);
    reading.then(
      ({ pages, names }) => {
        zone.pages = pages;
        for (const [name, at] of names) index({ zone: id, name: name.slice(id.length + 1) }, at);
      },
      () => {
        if (zones.get(id) === zone) zones.delete(id);
      },
    );
    return zone;
  };
  const index = (name: RecordName, { marks, theirs }: AtName): void => {
    for (const { owner } of marks)
      if (owner.cluster === account.cluster) remember(byStack, owner.stack, name);
    for (const { owner } of theirs)
      if (owner.owner === account.dns.adoptOwner && owner.ingress !== undefined)
        remember(byIngress, owner.ingress, name);
  };
  /** Zones that we may not read hold nothing of ours that we know of. */
  const readAll = async (): Promise<'complete' | 'in part'> => {
    const ids = await unlessDenied(listZones(account).then((all) => all.map(({ id }) => id)));
    const found = await Promise.all(
      (ids ?? []).map((id) => access.unlessShut(id, unlessDenied(read(id).reading), () => undefined)),
    );
    return ids && found.every((zone) => zone !== undefined) ? 'complete' : 'in part';
  };
  const everything = async (): Promise<void> => {
    if (start && performance.now() - start.at > TRY_AGAIN_AFTER && (await start.reading) === 'in part')
      start = undefined;
    if (!start) {
      const begun = { at: performance.now(), reading: readAll() };
      start = begun;
      begun.reading.catch(() => {
        if (start === begun) start = undefined;
      });
    }
    await start.reading;
  };
  const look = async (name: RecordName): Promise<AtName> => {
    await everything();
    const now = performance.now();
    let zone = zones.get(name.zone);
    if (zone) {
      zone.looks = zone.looks.filter((look) => look > now - COUNTED_FOR);
      if (zone.looks.length >= zone.pages) zone = read(name.zone);
    }
    const id = nameId(name);
    if (zone && !zone.asked.has(id) && now - zone.readAt < BELIEVED_FOR) {
      zone.asked.add(id);
      return (await zone.reading).names.get(id) ?? NOTHING_THERE;
    }
    zone?.looks.push(now);
    zone?.asked.add(id);
    return readName(access.of(name.zone), name, account.dns.externalDns);
  };
  const at = async (name: RecordName, stack: string): Promise<AtName> => {
    const found = await look(name);
    const id = nameId(name);
    if (!removed.get(stack)?.has(id)) return found;
    const { marks, theirs } = found;
    if (marks.some(({ owner }) => owner.cluster === account.cluster && owner.stack === stack)) return found;
    dropFrom(removed, stack, id);
    dropFrom(byStack, stack, id);
    for (const ingress of name.ingresses ?? [])
      if (!theirs.some(({ owner }) => owner.ingress === ingress)) dropFrom(byIngress, ingress, id);
    return found;
  };
  const touched = (name: RecordName): void => void zones.get(name.zone)?.asked.add(nameId(name));
  return {
    stacks: async () => {
      await everything();
      return [...byStack.keys()];
    },
    namesOf: async (stack, ingresses) => {
      await everything();
      const names = [byStack.get(stack), ...ingresses.map((ingress) => byIngress.get(ingress))];
      return [...new Map(names.flatMap((of) => [...(of ?? [])])).values()].map((name) => ({
        ...name,
        ingresses,
        known: true,
      }));
    },
    at,
    written: (name, stack) => {
      touched(name);
      dropFrom(removed, stack, nameId(name));
      remember(byStack, stack, { zone: name.zone, name: name.name });
    },
    removed: (name, stack) => {
      touched(name);
      removed.set(stack, (removed.get(stack) ?? new Set()).add(nameId(name)));
    },
  };
};

/** What holds nothing any more goes with its last entry. */
const dropFrom = (
  index: Map<string, { readonly size: number; delete(id: string): boolean }>,
  of: string,
  id: string,
): void => {
  const entries = index.get(of);
  entries?.delete(id);
  if (entries?.size === 0) index.delete(of);
};

const remember = (index: Map<string, Map<string, RecordName>>, of: string, name: RecordName): void => {
  const names = index.get(of) ?? new Map<string, RecordName>();
  names.set(nameId(name), name);
  index.set(of, names);
};
