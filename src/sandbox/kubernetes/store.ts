import { openJournal } from './journal.ts';
import type { KubeObject } from './object.ts';
import type { StoreEvent } from './store-event.ts';

export type Listener = (event: StoreEvent) => void;

/**
 * Every object of the cluster, in memory, with one version counter and a bounded history for watches.
 * Stored objects are never changed in place. `dir` keeps them on disk over restarts.
 */
export type Store = {
  version(): number;
  get(storage: string, namespace: string | undefined, name: string): KubeObject | undefined;
  /** Sorted by namespace and name. */
  list(storage: string, namespace?: string): readonly KubeObject[];
  /** Adds or replaces; gives the object its new resourceVersion. */
  put(storage: string, object: KubeObject): KubeObject;
  remove(storage: string, object: KubeObject): KubeObject;
  /** Events after `since`, then all that follow. `undefined` when history does not reach that far. */
  watch(storage: string, since: number, listener: Listener): (() => void) | undefined;
  /** Every write to every kind, after it happened. */
  onWrite(listener: (storage: string, event: StoreEvent) => void): void;
  /** Forgets history, so that every older version is answered with 410. */
  compact(): void;
  /** Oldest version a watch can still start from. */
  oldest(storage: string): number;
  close(): Promise<void>;
};

/** Events kept for each kind: more than an informer misses while it reconnects, little enough for memory. */
const HISTORY = 2_000;

type Table = {
  readonly objects: Map<string, KubeObject>;
  sorted: KubeObject[] | undefined;
  history: StoreEvent[];
  /** Version below which history was forgotten. */
  compacted: number;
  readonly listeners: Set<Listener>;
};

const keyOf = (namespace: string | undefined, name: string): string => `${namespace ?? ''}/${name}`;

export const openStore = async (dir: string | undefined): Promise<Store> => {
  const tables = new Map<string, Table>();
  const observers: ((storage: string, event: StoreEvent) => void)[] = [];
  const journal = await openJournal(dir);
  let version = journal.version;
  const tableOf = (storage: string): Table => {
    let table = tables.get(storage);
    if (table === undefined) {
      table = {
        objects: new Map(),
        sorted: undefined,
        history: [],
        compacted: journal.version,
        listeners: new Set(),
      };
      tables.set(storage, table);
    }
    return table;
  };
  for (const { storage, object } of journal.objects) {
    tableOf(storage).objects.set(keyOf(object.metadata.namespace, object.metadata.name), object);
  }

  const record = (storage: string, table: Table, event: StoreEvent): KubeObject => {
    table.history.push(event);
    if (table.history.length > HISTORY * 2) {
      table.compacted = table.history[HISTORY - 1]?.version ?? table.compacted;
      table.history = table.history.slice(HISTORY);
    }
    journal.append(storage, event);
    for (const listener of [...table.listeners]) listener(event);
    for (const observer of observers) observer(storage, event);
    return event.object;
  };

  return {
    version: () => version,
    get: (storage, namespace, name) => tables.get(storage)?.objects.get(keyOf(namespace, name)),
    list: (storage, namespace) => {
      const table = tableOf(storage);
      table.sorted ??= [...table.objects]
        .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
        .map(([, object]) => object);
      if (namespace === undefined) return table.sorted;
      return table.sorted.filter((object) => object.metadata.namespace === namespace);
    },
    put: (storage, object) => {
      const table = tableOf(storage);
      const key = keyOf(object.metadata.namespace, object.metadata.name);
      const previous = table.objects.get(key);
      version += 1;
      const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
      table.objects.set(key, stored);
      table.sorted = undefined;
      return record(storage, table, {
        type: previous ? 'MODIFIED' : 'ADDED',
        version,
        object: stored,
        previous,
      });
    },
    remove: (storage, object) => {
      const table = tableOf(storage);
      const key = keyOf(object.metadata.namespace, object.metadata.name);
      const previous = table.objects.get(key);
      version += 1;
      const last = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
      table.objects.delete(key);
      table.sorted = undefined;
      return record(storage, table, { type: 'DELETED', version, object: last, previous });
    },
    watch: (storage, since, listener) => {
      const table = tableOf(storage);
      if (since < table.compacted || since > version) return undefined;
      for (const event of table.history) if (event.version > since) listener(event);
      table.listeners.add(listener);
      return () => table.listeners.delete(listener);
    },
    onWrite: (observer) => void observers.push(observer),
    compact: () => {
      for (const table of tables.values()) {
        table.history = [];
        table.compacted = version;
      }
    },
    oldest: (storage) => tableOf(storage).compacted,
    close: () =>
      journal.close(
        [...tables].flatMap(([storage, table]) =>
          [...table.objects.values()].map((object) => ({ storage, object })),
        ),
        version,
      ),
  };
};
