import type { Store } from '../kubernetes/store.ts';
import type { StoreEvent } from '../kubernetes/store-event.ts';
import { textOf } from '../text-of.ts';

/** A controller: keys are queued once, reconciled soon, and tried again when that fails. */
export type Loop = {
  /** Queues `namespace/name`, now or after some milliseconds. */
  queue(key: string, afterMs?: number): void;
  stop(): void;
};

export type Reconcile = (namespace: string, name: string) => void;

/** Pause before a failed reconcile is tried again, in milliseconds. */
const RETRY = 200;

export const createLoop = (name: string, reconcile: Reconcile, onError: (message: string) => void): Loop => {
  const waiting = new Set<string>();
  const timers = new Map<string, NodeJS.Timeout>();
  let scheduled = false;
  let stopped = false;
  const loop: Loop = {
    queue: (key, afterMs = 0) => {
      if (stopped) return;
      if (afterMs > 0) {
        clearTimeout(timers.get(key));
        timers.set(
          key,
          setTimeout(() => loop.queue(key), afterMs),
        );
        return;
      }
      waiting.add(key);
      if (scheduled) return;
      scheduled = true;
      setImmediate(run);
    },
    stop: () => {
      stopped = true;
      for (const timer of timers.values()) clearTimeout(timer);
    },
  };
  const run = (): void => {
    scheduled = false;
    const keys = [...waiting];
    waiting.clear();
    for (const key of keys) {
      if (stopped) return;
      const slash = key.indexOf('/');
      try {
        reconcile(key.slice(0, slash), key.slice(slash + 1));
      } catch (error) {
        onError(`${name}: ${key}: ${textOf(error)}`);
        loop.queue(key, RETRY);
      }
    }
  };
  return loop;
};

export const keyOf = ({
  metadata,
}: {
  readonly metadata: { readonly namespace?: string; readonly name: string };
}): string => `${metadata.namespace ?? ''}/${metadata.name}`;

/** Queues an object's own key on every write, and on start for every object there is. */
export const follow = (
  store: Store,
  loop: Loop,
  storage: string,
  keys: (event: StoreEvent) => readonly string[],
): void => {
  store.onWrite((written, event) => {
    if (written === storage) for (const key of keys(event)) loop.queue(key);
  });
  for (const object of store.list(storage)) {
    for (const key of keys({ type: 'ADDED', version: 0, object, previous: undefined })) loop.queue(key);
  }
};

export const ownKey = ({ object }: StoreEvent): readonly string[] => [keyOf(object)];

/** Keys of the controllers of a kind that own the object. */
export const ownerKeys =
  (kind: string) =>
  ({ object }: StoreEvent): readonly string[] =>
    (object.metadata.ownerReferences ?? [])
      .filter((one) => one.kind === kind && one.controller === true)
      .map((one) => `${object.metadata.namespace ?? ''}/${one.name}`);
