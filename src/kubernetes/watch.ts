import type { Meta, WatchedKinds } from '../core/kube/objects.ts';
import type { Clock } from '../core/ports.ts';
import { asRecord, type Failure, isExpired, readStatus } from './failure.ts';
import { KINDS } from './kinds.ts';
import { lines } from './lines.ts';
import type { Transport } from './transport.ts';
import { trim } from './trim.ts';

/** What a watch tells while it runs. */
export type WatchSink<K extends keyof WatchedKinds> = {
  put(item: WatchedKinds[K]): void;
  drop(meta: Meta): void;
  /** Something came that proves the server up to date: an event or a bookmark. */
  heard(): void;
};

export type WatchPlace<K extends keyof WatchedKinds> = {
  readonly kind: K;
  readonly path: string;
  /** A field selector; all objects when it is absent. */
  readonly selector?: string;
  /** Where to go on from. */
  readonly version: string;
};

/** How one watch request ended. */
export type WatchEnd = {
  /** Where the next watch goes on from; undefined when the server no longer knows and a list is needed. */
  readonly version: string | undefined;
  /** Whether the server said anything. */
  readonly progress: boolean;
  /** Undefined when the server ended the watch in order, as it does every few minutes. */
  readonly failure?: Failure;
};

export type WatchContext = {
  readonly transport: Transport;
  readonly clock: Clock;
  /** Longest silence; API servers send a bookmark about every minute. */
  readonly stallMs: number;
  readonly signal: AbortSignal;
};

/** Watches until the stream ends for whatever reason; never rejects. */
export const watchOnce = async <K extends keyof WatchedKinds>(
  place: WatchPlace<K>,
  sink: WatchSink<K>,
  context: WatchContext,
): Promise<WatchEnd> => {
  const watchdog = guard(context);
  const state: { version: string; progress: boolean } = { version: place.version, progress: false };
  try {
    const failure = await readStream(place, sink, state, context, watchdog);
    if (failure === undefined) return state;
    return isExpired(failure) ? { ...state, version: undefined, failure } : { ...state, failure };
  } finally {
    watchdog.end();
  }
};

const readStream = async <K extends keyof WatchedKinds>(
  place: WatchPlace<K>,
  sink: WatchSink<K>,
  state: { version: string; progress: boolean },
  context: WatchContext,
  watchdog: Watchdog,
): Promise<Failure | undefined> => {
  const { kind, path, selector, version } = place;
  const query = {
    ...(selector !== undefined && { fieldSelector: selector }),
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion: version,
    timeoutSeconds: String(timeoutSeconds()),
  };
  const answer = await context.transport.stream({
    verb: 'watch',
    resource: kind,
    path,
    query,
    signal: watchdog.signal,
  });
  if (!answer.ok) return watchdog.stalled() ? stall(path, context.stallMs) : answer.failure;
  try {
    for await (const line of lines(answer.value, watchdog.feed)) {
      const event = readEvent(kind, path, line);
      if (event.type === 'FAILURE') return event.failure;
      if (event.type === 'PUT') sink.put(event.item);
      if (event.type === 'DROP') sink.drop(event.item.metadata);
      state.version = event.version;
      state.progress = true;
      sink.heard();
    }
    return undefined;
  } catch (error) {
    if (watchdog.stalled()) return stall(path, context.stallMs);
    return {
      code: 0,
      reason: 'Unreachable',
      message: `watch ${path}: ${String(asRecord(error).message ?? error)}`,
    };
  }
};

/** Spread over minutes, so that watches begun together do not end together (as client-go does). */
const timeoutSeconds = (): number => Math.round(240 + Math.random() * 240);

const stall = (path: string, stallMs: number): Failure => ({
  code: 0,
  reason: 'Timeout',
  message: `watch ${path}: nothing heard for ${Math.round(stallMs / 1000)} s`,
});

type WatchEvent<K extends keyof WatchedKinds> =
  | { readonly type: 'PUT' | 'DROP'; readonly item: WatchedKinds[K]; readonly version: string }
  | { readonly type: 'BOOKMARK'; readonly version: string }
  | { readonly type: 'FAILURE'; readonly failure: Failure };

const readEvent = <K extends keyof WatchedKinds>(kind: K, path: string, line: string): WatchEvent<K> => {
  const { type, object } = parse(line);
  if (type === 'ERROR') {
    return { type: 'FAILURE', failure: readStatus(0, object, `watch ${path}`) };
  }
  const version = asRecord(asRecord(object).metadata).resourceVersion;
  if (typeof version === 'string' && version !== '') {
    if (type === 'BOOKMARK') return { type, version };
    const item = trim(kind, object);
    if (item && (type === 'ADDED' || type === 'MODIFIED')) return { type: 'PUT', item, version };
    if (item && type === 'DELETED') return { type: 'DROP', item, version };
  }
  // The watch is begun anew from the last whole event, so that nothing is passed over.
  const quoted = kind === 'secrets' ? `${line.length} characters` : line.slice(0, 80);
  const message = `watch ${path}: not an event of a ${KINDS[kind].kind}: ${quoted}`;
  return { type: 'FAILURE', failure: { code: 0, reason: 'Garbled', message } };
};

const parse = (line: string): Readonly<Record<string, unknown>> => {
  try {
    return asRecord(JSON.parse(line));
  } catch {
    return {};
  }
};

type Watchdog = {
  /** Aborts when the context stops or the silence was too long. */
  readonly signal: AbortSignal;
  readonly feed: () => void;
  stalled(): boolean;
  end(): void;
};

/** Cuts a watch that says nothing: a half-open connection otherwise stays silent for good. */
const guard = (context: WatchContext): Watchdog => {
  const cut = new AbortController();
  const ended = new AbortController();
  let last = context.clock.now();
  let stalled = false;
  const keep = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      const left = last + context.stallMs - context.clock.now();
      if (left <= 0) {
        stalled = true;
        cut.abort();
        return;
      }
      await context.clock.sleep(left, ended.signal);
    }
  };
  void keep();
  return {
    signal: AbortSignal.any([context.signal, cut.signal]),
    feed: () => {
      last = context.clock.now();
    },
    stalled: () => stalled,
    end: () => ended.abort(),
  };
};
