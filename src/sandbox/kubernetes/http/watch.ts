import type { Cluster } from '../api/cluster.ts';
import { badRequest, expired, invalid, required, type Status, tooLargeVersion } from '../api/errors.ts';
import { selection } from '../api/read.ts';
import { apiVersionOf, type Kind } from '../kinds.ts';
import type { KubeObject } from '../object.ts';
import type { StoreEvent } from '../store-event.ts';
import { type Exchange, flag, query } from './answer.ts';
import type { Render } from './render.ts';

/** The watches that are open, so that a stop or a fault can reach them. */
export type Watches = {
  open(
    cluster: Cluster,
    exchange: Exchange,
    kind: Kind,
    namespace: string | undefined,
    name: string | undefined,
    render: Render,
  ): void;
  /** Ends every watch, as an API server that goes away does. */
  drop(): void;
  /** While stalled, open watches stay open and say nothing; what they missed is lost. */
  stall(stalled: boolean): void;
};

/** Milliseconds between bookmarks; a real API server sends one about every minute. */
const BOOKMARK_EVERY = 15_000;

type Open = { readonly exchange: Exchange; readonly end: () => void };

export const createWatches = (): Watches => {
  const all = new Set<Open>();
  let stalled = false;
  return {
    open: (cluster, exchange, kind, namespace, name, render) => {
      const fieldSelector = [
        query(exchange, 'fieldSelector'),
        name === undefined ? undefined : `metadata.name=${name}`,
      ]
        .filter((one) => one)
        .join(',');
      const matches = selection(cluster, kind, {
        labelSelector: query(exchange, 'labelSelector'),
        fieldSelector,
      });
      const selected = (object: KubeObject | undefined): boolean =>
        object !== undefined &&
        (namespace === undefined || object.metadata.namespace === namespace) &&
        matches(object);
      const { response } = exchange;
      const { initial, since } = startOf(cluster, exchange, kind);
      const write = (line: unknown): void => {
        if (!stalled) response.write(`${JSON.stringify(line)}\n`);
      };
      const send = (type: string, object: KubeObject): void =>
        write({ type, object: render(cluster.convert(object, kind), true) });
      const onEvent = (event: StoreEvent): void => {
        const type = eventType(event, selected);
        if (type !== undefined)
          send(type, type === 'DELETED' && event.type !== 'DELETED' ? departed(event) : event.object);
      };
      response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-cache, private' });
      response.flushHeaders();
      if (initial && since <= cluster.store.version())
        for (const object of cluster.store.list(kind.storage, namespace))
          if (selected(object)) send('ADDED', object);
      const bookmark = (end: boolean): void =>
        write({ type: 'BOOKMARK', object: bookmarkOf(kind, cluster.store.version(), end) });
      if (initial && since <= cluster.store.version() && flag(exchange, 'sendInitialEvents')) bookmark(true);
      const stop = cluster.store.watch(kind.storage, since, onEvent);
      if (stop === undefined) {
        write({ type: 'ERROR', object: unknownVersion(cluster, kind, since) });
        response.end();
        return;
      }
      const ticking = flag(exchange, 'allowWatchBookmarks')
        ? setInterval(() => bookmark(false), BOOKMARK_EVERY)
        : undefined;
      const ending = setTimeout(() => response.end(), secondsOf(exchange) * 1000);
      const open: Open = { exchange, end: () => response.destroy() };
      all.add(open);
      response.on('close', () => {
        stop();
        clearInterval(ticking);
        clearTimeout(ending);
        all.delete(open);
      });
    },
    drop: () => {
      for (const one of [...all]) one.end();
    },
    stall: (value) => {
      stalled = value;
    },
  };
};

/** Where a watch begins: with all objects as they are, or after a version. */
const startOf = (cluster: Cluster, exchange: Exchange, kind: Kind): { initial: boolean; since: number } => {
  const asked = query(exchange, 'resourceVersion') ?? '';
  const streaming = flag(exchange, 'sendInitialEvents');
  if (
    query(exchange, 'sendInitialEvents') !== undefined &&
    query(exchange, 'resourceVersionMatch') !== 'NotOlderThan'
  ) {
    const options = { ...kind, kind: 'ListOptions', group: 'meta.k8s.io' };
    throw invalid(options, '', [
      {
        ...required('resourceVersionMatch'),
        reason: 'FieldValueForbidden',
        message: 'Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
      },
    ]);
  }
  const version = Number(asked);
  if (!Number.isInteger(version) || version < 0)
    throw badRequest(
      `resourceVersion: Invalid value: "${asked}": must be a version that the server returned`,
    );
  if (streaming || ((asked === '' || asked === '0') && query(exchange, 'sendInitialEvents') === undefined)) {
    return { initial: true, since: Math.max(version, cluster.store.version()) };
  }
  return { initial: false, since: asked === '' || asked === '0' ? cluster.store.version() : version };
};

/** What a write means to a watch that sees only part of the objects. */
const eventType = (
  { type, object, previous }: StoreEvent,
  selected: (object: KubeObject | undefined) => boolean,
): string | undefined => {
  const was = selected(previous);
  if (type === 'DELETED') return was || selected(object) ? 'DELETED' : undefined;
  if (selected(object)) return was ? 'MODIFIED' : 'ADDED';
  return was ? 'DELETED' : undefined;
};

/** An object that left the selection: as it was, with the version of the write that took it out. */
const departed = ({ object, previous }: StoreEvent): KubeObject => ({
  ...(previous ?? object),
  metadata: { ...(previous ?? object).metadata, resourceVersion: object.metadata.resourceVersion ?? '' },
});

const bookmarkOf = (kind: Kind, version: number, end: boolean): unknown => ({
  kind: kind.kind,
  apiVersion: apiVersionOf(kind),
  metadata: {
    resourceVersion: String(version),
    creationTimestamp: null,
    ...(end ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
  },
});

/** A version that history no longer reaches back to, or that has not come yet. */
const unknownVersion = ({ store }: Cluster, kind: Kind, since: number): Status =>
  since > store.version()
    ? tooLargeVersion(since, store.version(), 1).status
    : expired(`too old resource version: ${since} (${store.oldest(kind.storage)})`).status;

/** Between half an hour and an hour when the client does not say, so that clients do not all come back at once. */
const secondsOf = (exchange: Exchange): number => {
  const asked = Number(query(exchange, 'timeoutSeconds') ?? 0);
  return asked > 0 ? Math.min(asked, 86_400) : 1800 + Math.floor(Math.random() * 1800);
};
