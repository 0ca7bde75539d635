import { objectId } from '../core/kube/objects.ts';
import type { Clock, Kube, Log, Notice } from '../core/ports.ts';
import { backoff } from './backoff.ts';
import { eventName, newEvent, noticeKey, subjectOf } from './event-object.ts';
import { type Answer, asRecord, isPassing } from './failure.ts';
import { collectionPath } from './kinds.ts';
import type { Transport } from './transport.ts';

export type Events = {
  /** Resolves when the Event is written, or could not be (which is logged). Never rejects. */
  readonly notify: Kube['notify'];
  /** Resolves when nothing waits to be written. */
  flush(): Promise<void>;
};

export type EventsContext = {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Log;
  /** Once aborted, what waits is written without regard to pace. */
  readonly signal: AbortSignal;
  /** Who says it: shown as the source of the Event. */
  readonly controllerName: string;
};

/**
 * Events on Ingresses and TargetGroupBindings. The same thing said again within an hour raises the count of the Event there is. Each object
 * may say a few things at once and then two per second; what comes faster waits, and is counted where it repeats.
 */
export const openEvents = (context: EventsContext): Events => {
  const { clock, log } = context;
  const queues = new Map<string, Queue>();
  const counts = openCounts(clock);

  const drain = async (queue: Queue): Promise<void> => {
    // Notices that come meanwhile join the map and are visited too.
    for (const [key, entry] of queue.waiting) {
      await pace(queue, context);
      queue.waiting.delete(key);
      await write(key, entry, counts, context);
      entry.written.resolve();
    }
    queue.running = undefined;
  };

  const queueOf = (notice: Notice): Queue => {
    const { metadata, plural } = subjectOf(notice);
    const object = `${plural} ${objectId(metadata)}`;
    const queue = queues.get(object) ?? newQueue(clock.now());
    queues.set(object, queue);
    if (queues.size > MANY_QUEUES) forgetIdle(queues, clock.now());
    return queue;
  };

  return {
    notify(notice) {
      const queue = queueOf(notice);
      const key = noticeKey(notice);
      const waiting = queue.waiting.get(key);
      if (waiting !== undefined) {
        waiting.times += 1;
        return waiting.written.promise;
      }
      if (queue.waiting.size >= LONGEST_QUEUE) {
        tellLost(log, notice, `${LONGEST_QUEUE} others about this object are waiting`);
        return Promise.resolve();
      }
      const entry: Entry = { notice, times: 1, written: Promise.withResolvers<void>() };
      queue.waiting.set(key, entry);
      queue.running ??= drain(queue);
      return entry.written.promise;
    },
    async flush() {
      await Promise.all([...queues.values()].map((queue) => queue.running));
    },
  };
};

type Entry = { readonly notice: Notice; times: number; readonly written: PromiseWithResolvers<void> };

/** What one object has to say, and how much it may say at once. */
type Queue = {
  readonly waiting: Map<string, Entry>;
  allowance: number;
  /** When the allowance was last counted. */
  at: number;
  running: Promise<void> | undefined;
};

const BURST = 4;
const PER_SECOND = 2;
const LONGEST_QUEUE = 50;
const MANY_QUEUES = 1000;

const newQueue = (now: number): Queue => ({
  waiting: new Map(),
  allowance: BURST,
  at: now,
  running: undefined,
});

/** A queue that was quiet until its allowance was full again is as good as a new one. */
const forgetIdle = (queues: Map<string, Queue>, now: number): void => {
  const fullAfter = (BURST / PER_SECOND) * 1000;
  for (const [object, queue] of queues) {
    if (queue.running === undefined && queue.waiting.size === 0 && now - queue.at > fullAfter)
      queues.delete(object);
  }
};

const pace = async (queue: Queue, { clock, signal }: EventsContext): Promise<void> => {
  const refill = (): void => {
    const now = clock.now();
    queue.allowance = Math.min(BURST, queue.allowance + ((now - queue.at) / 1000) * PER_SECOND);
    queue.at = now;
  };
  refill();
  if (queue.allowance < 1) {
    await clock.sleep(((1 - queue.allowance) / PER_SECOND) * 1000, signal);
    refill();
  }
  queue.allowance -= 1;
};

type Counts = { get(key: string): number | undefined; set(key: string, count: number): void };

/** Counts of what was said within the hour after which API servers forget Events. */
const openCounts = (clock: Clock): Counts => {
  const entries = new Map<string, { readonly count: number; readonly at: number }>();
  const isFresh = (at: number): boolean => clock.now() - at < HOUR_MS;
  return {
    get(key) {
      const entry = entries.get(key);
      return entry !== undefined && isFresh(entry.at) ? entry.count : undefined;
    },
    set(key, count) {
      // Set anew, the key moves to the end: the front is the oldest.
      entries.delete(key);
      entries.set(key, { count, at: clock.now() });
      for (const [old, { at }] of entries) {
        if (isFresh(at)) break;
        entries.delete(old);
      }
    },
  };
};

const HOUR_MS = 3_600_000;
const ATTEMPTS = 3;

const write = async (key: string, entry: Entry, counts: Counts, context: EventsContext): Promise<void> => {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await writeOnce(entry, counts.get(key), context);
    if (answer.ok) return counts.set(key, answer.value);
    if (attempt >= ATTEMPTS || !isPassing(answer.failure) || context.signal.aborted) {
      return tellLost(context.log, entry.notice, answer.failure.message);
    }
    await context.clock.sleep(backoff(attempt, answer.failure.retryAfterSeconds), context.signal);
  }
};

/** The answer is the count the Event has now. */
const writeOnce = async (
  { notice, times }: Entry,
  known: number | undefined,
  context: EventsContext,
): Promise<Answer<number>> => {
  if (known !== undefined) {
    const raised = await raise(notice, known + times, context);
    // Forgotten by the server before the hour was over: begun anew below.
    if (raised.ok || raised.failure.code !== 404) return raised;
  }
  const { namespace } = subjectOf(notice).metadata;
  const path = collectionPath('v1', 'events', namespace);
  const body = newEvent(notice, context.controllerName, times, now(context.clock));
  const created = await context.transport.json({ verb: 'create', resource: 'events', path, body });
  if (created.ok) return { ok: true, value: times };
  if (created.failure.code !== 409) return created;
  // Written before this process began (names come from what is said): its count goes on.
  const found = await context.transport.json({ verb: 'get', resource: 'events', path: eventPath(notice) });
  if (!found.ok) return found;
  const { count } = asRecord(found.value);
  return raise(notice, (typeof count === 'number' ? count : 1) + times, context);
};

const raise = async (
  notice: Notice,
  count: number,
  { transport, clock }: EventsContext,
): Promise<Answer<number>> => {
  const body = { count, lastTimestamp: now(clock) };
  const answer = await transport.json({ verb: 'patch', resource: 'events', path: eventPath(notice), body });
  return answer.ok ? { ok: true, value: count } : answer;
};

const eventPath = (notice: Notice): string =>
  `${collectionPath('v1', 'events', subjectOf(notice).metadata.namespace)}/${encodeURIComponent(eventName(notice))}`;

/** Kubernetes timestamps have whole seconds. */
const now = (clock: Clock): string => new Date(clock.now()).toISOString().replace(/\.\d+Z$/, 'Z');

const tellLost = (log: Log, notice: Notice, error: string): void => {
  const { metadata } = subjectOf(notice);
  const about = 'ingress' in notice ? 'ingress' : 'binding';
  const { type, reason, message } = notice;
  log('warn', 'event not written', { [about]: objectId(metadata), type, reason, message, error });
};
