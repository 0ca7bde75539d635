import type { Secret } from '../core/kube/objects.ts';
import type { SeenSecret, Snapshot } from '../core/kube/snapshot.ts';
import type { Kube } from '../core/ports.ts';
import { textOf } from '../core/text-of.ts';
import { type FollowContext, follow } from './follow.ts';
import { openShelf } from './shelf.ts';

/** The Secrets that somebody names, and no others. */
export type Secrets = {
  readonly look: Kube['lookAtSecrets'];
  /** What is known now; the map handed out never changes. */
  view(): Snapshot['secrets'];
  /** Seconds since the one that was silent longest was answered, or was asked for first; 0 when none is watched. */
  age(now: number): number;
  /** Resolves when nothing runs any more; to be waited for once the signal has aborted. */
  ended(): Promise<unknown>;
  close(): Promise<void>;
};

/**
 * Watches each Secret on its own: a role may be limited to names, and a cluster full of Secrets never comes near
 * this process. Watches have sockets of their own, opened with the first Secret: `connect` is called then, once.
 */
export const openSecrets = (
  connect: () => FollowContext,
  tell: (before: Secret | undefined, after: Secret | undefined) => void,
): Secrets => {
  const watched = new Map<string, Watched>();
  let context: FollowContext | undefined;
  let view: Snapshot['secrets'] | undefined;
  const told: typeof tell = (before, after) => {
    view = undefined;
    tell(before, after);
  };
  return {
    async look(ids) {
      for (const [id, { stop }] of watched) {
        if (ids.has(id)) continue;
        stop();
        watched.delete(id);
        view = undefined;
      }
      for (const id of ids) {
        if (watched.has(id)) continue;
        context ??= connect();
        watched.set(id, watch(id, context, told));
      }
      await Promise.all([...watched.values()].map(({ known }) => known));
    },
    view() {
      view ??= new Map(
        [...watched].flatMap(([id, { seen }]) => {
          const now = seen();
          return now ? [[id, now] as const] : [];
        }),
      );
      return view;
    },
    age: (now) => Math.max(0, ...[...watched.values()].map(({ answeredAt }) => (now - answeredAt()) / 1000)),
    ended: () => Promise.allSettled([...watched.values()].map(({ ended }) => ended)),
    close: async () => context?.transport.close(),
  };
};

type Watched = {
  /** Undefined until the API server has answered. */
  seen(): SeenSecret | undefined;
  /** Before the first answer: when the watch began. */
  answeredAt(): number;
  /** Resolves when `seen` knows, or the watch was stopped. */
  readonly known: Promise<void>;
  readonly ended: Promise<void>;
  readonly stop: () => void;
};

const watch = (
  id: string,
  context: FollowContext,
  tell: (before: Secret | undefined, after: Secret | undefined) => void,
): Watched => {
  const [namespace = '', name = ''] = id.split('/');
  const stopping = new AbortController();
  const signal = AbortSignal.any([context.signal, stopping.signal]);
  const began = context.clock.now();
  let refusal: string | undefined;
  const shelf = openShelf<Secret>((before, after) => {
    if (!signal.aborted) tell(before, after);
  });
  const { listed, ended, heardAt, answeredAt } = follow('secrets', { namespace, name }, shelf, {
    ...context,
    signal,
  });
  const known = listed
    .catch((error: unknown) => {
      refusal = textOf(error);
    })
    .then(() => {
      if (!signal.aborted && shelf.get(id) === undefined) tell({ metadata: { namespace, name } }, undefined);
    });
  return {
    seen() {
      const secret = shelf.get(id);
      if (secret) return { is: 'here', secret };
      if (heardAt() !== undefined) return { is: 'absent' };
      return refusal === undefined ? undefined : { is: 'refused', why: refusal };
    },
    answeredAt: () => answeredAt() ?? began,
    known,
    ended,
    stop: () => stopping.abort(),
  };
};
