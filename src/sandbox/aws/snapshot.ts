/** All accounts as JSON-able data and back. */
import type { Account } from './account.ts';
import type { Realms } from './realm.ts';

/**
 * Maps, dates and bytes as tagged objects, maps sorted by key: two accounts with the same content give the same text.
 */
const freeze = (value: unknown): unknown => {
  if (value instanceof Map)
    return {
      $map: [...value].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, freeze(item)]),
    };
  if (value instanceof Date) return { $date: value.toISOString() };
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) return value.map(freeze);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => (item === undefined ? [] : [[key, freeze(item)]])),
  );
};

const thaw = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(thaw);
  if (typeof value !== 'object' || value === null) return value;
  const tagged = value as { $map?: [unknown, unknown][]; $date?: string; $bytes?: string };
  if (tagged.$map !== undefined) return new Map(tagged.$map.map(([key, item]) => [key, thaw(item)]));
  if (tagged.$date !== undefined) return new Date(tagged.$date);
  if (tagged.$bytes !== undefined) return new Uint8Array(Buffer.from(tagged.$bytes, 'base64'));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, thaw(item)]));
};

/**
 * What `snapshot()` returns. `resources` is what AWS holds and is the part to compare between two runs (times of
 * creation differ); `progress` is what is under way and what is needed to go on.
 */
export type Snapshot = {
  readonly version: 1;
  readonly region: string;
  readonly account: string;
  readonly resources: Readonly<Record<string, unknown>>;
  readonly progress: { readonly now: number } & Readonly<Record<string, unknown>>;
  /** Other accounts and Regions that were used. */
  readonly others?: readonly Snapshot[];
};

/** Everything, the main account first. */
export const takeRealms = (realms: Realms): Snapshot => {
  const others = realms
    .all()
    .filter((realm) => realm !== realms.main)
    .map(({ account }) => takeSnapshot(account));
  return { ...takeSnapshot(realms.main.account), ...(others.length === 0 ? {} : { others }) };
};

/** Replaces everything; throws, without having changed anything, when the main part does not fit. */
export const restoreRealms = (realms: Realms, data: unknown): void => {
  const snapshot = checked(realms.main.account, data);
  realms.dropOthers();
  for (const part of [snapshot, ...(snapshot.others ?? [])]) {
    const realm = part === snapshot ? realms.main : realms.at(part.account, part.region);
    restoreSnapshot(realm.account, part);
    realm.links.rebuild();
    realm.tasks.arm();
  }
};

/** The maps of an account by the name they have in a snapshot. */
const mapsOf = (account: Account) => {
  const { region: _, ...serving } = account.serving;
  const { availabilityZones: __, ...network } = account.network;
  const {
    id: _id,
    region: _region,
    facts: _facts,
    clock: _clock,
    hasBalancerElsewhere: _hasBalancerElsewhere,
    serving: _serving,
    network: _network,
    changes,
    busyZones,
    tasks,
    serials,
    certificateImports,
    ...maps
  } = account;
  return {
    resources: { ...serving, ...network, ...maps },
    progress: { changes, busyZones, tasks, serials, certificateImports },
  };
};

const takeSnapshot = (account: Account): Snapshot => {
  const { resources, progress } = mapsOf(account);
  return {
    version: 1,
    region: account.region,
    account: account.id,
    resources: freeze(resources) as Snapshot['resources'],
    progress: { now: account.clock.now(), ...(freeze(progress) as Record<string, unknown>) },
  };
};

/** Replaces the content of every map, so that who holds one of them sees the restored state. */
const restoreSnapshot = (account: Account, snapshot: Snapshot): void => {
  const maps = mapsOf(account);
  for (const part of ['resources', 'progress'] as const) {
    for (const [name, map] of Object.entries<Map<string, unknown>>(maps[part])) {
      const saved = thaw(snapshot[part][name]);
      map.clear();
      for (const [key, value] of saved instanceof Map ? saved : []) map.set(String(key), value);
    }
  }
  shiftTimes(account, account.clock.now() - snapshot.progress.now);
};

const checked = (account: Account, data: unknown): Snapshot => {
  const snapshot = data as Partial<Snapshot> | null;
  if (
    typeof snapshot !== 'object' ||
    snapshot?.version !== 1 ||
    snapshot.resources === undefined ||
    snapshot.progress === undefined
  ) {
    throw new Error(
      'This is not a snapshot of the sandbox AWS account (version 1 with resources and progress is expected).',
    );
  }
  if (snapshot.region !== account.region) {
    throw new Error(
      `The snapshot is of Region ${snapshot.region}, this sandbox is ${account.region}: start it with that Region.`,
    );
  }
  return snapshot as Snapshot;
};

/** What was due in a minute is due in a minute again, however long the sandbox was off. */
const shiftTimes = (account: Account, by: number): void => {
  for (const [key, task] of account.tasks) account.tasks.set(key, { ...task, at: task.at + by });
  for (const [zone, until] of account.busyZones) account.busyZones.set(zone, until + by);
  for (const group of account.serving.targetGroups.values()) {
    for (const target of group.targets.values()) if (target.drainedAt !== undefined) target.drainedAt += by;
  }
};
