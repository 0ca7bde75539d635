/**
 * One leader among several controllers, by a lease that all of them can see. A leader trusts only its own monotonic
 * clock: it stops writing a while before anybody else may begin, whether it can reach the lease or not.
 */

import type { Clock, Log } from '../core/ports.ts';
import { textOf } from '../core/text-of.ts';
import { decide, type LeaseState, type Seen, see } from './lease-decision.ts';

/** Where the lease is kept. */
export type LeaseStore = {
  /**
   * Undefined when there is no lease yet. Rejects when there is no answer; an error with `refused: true` means that
   * asking again is useless.
   */
  read(): Promise<LeaseState | undefined>;
  /**
   * Replaces exactly the lease `over`, or makes one. Undefined when somebody else was faster. Rejects when there is no
   * answer: it may or may not have been written.
   */
  write(next: Omit<LeaseState, 'version'>, over: LeaseState | undefined): Promise<LeaseState | undefined>;
  /** Calls `onChange` whenever the lease may have changed; resolves when it can no longer tell. Never rejects. */
  follow(onChange: () => void, signal: AbortSignal): Promise<void>;
};

/** Milliseconds. `lease` > `renew` > `retry`; the difference of the first two is for calls that are under way. */
export type LeaseTerms = {
  /** How long others wait for a leader they hear nothing from. */
  readonly lease: number;
  /** How long after its last renewal a leader still writes. */
  readonly renew: number;
  /** Between two renewals. */
  readonly retry: number;
};

export type Leadership = {
  /** Resolves when this one leads. */
  readonly elected: Promise<void>;
  /** Resolves, with the reason, when it does not lead any more, or never may. A process does not come back from that. */
  readonly lost: Promise<string>;
  /** Whether a write may begin this moment. */
  mayWrite(): boolean;
  /** Milliseconds until somebody else may lead; 0 when that is now, Infinity when this one never led. */
  msLeft(): number;
  /** Writes no more and gives the lease back at once; call it when the last write has ended. */
  release(): Promise<void>;
};

export type LeadershipParts = {
  readonly store: LeaseStore;
  readonly terms: LeaseTerms;
  /** Unlike any other's, also that of an earlier life of this one. */
  readonly identity: string;
  /** Milliseconds that never go backwards and never stand still. */
  readonly monotonic: () => number;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly log: Log;
};

const isRefusal = (error: unknown): boolean =>
  error instanceof Error && 'refused' in error && error.refused === true;

/** Stands for election until elected, then renews until `release` or the loss. */
export const standForElection = (parts: LeadershipParts): Leadership => {
  const { store, terms, identity, monotonic, clock, log } = parts;
  const elected = Promise.withResolvers<void>();
  const lost = Promise.withResolvers<string>();
  const ending = new AbortController();
  let wake = new AbortController();
  let seen: Seen | undefined;
  let mine: LeaseState | undefined;
  /** When the request was sent that last renewed the lease. */
  let renewedAt = 0;
  let over = false;
  /** The leader that was last spoken of. */
  let told = '';

  const mayWrite = (): boolean => mine !== undefined && !over && monotonic() < renewedAt + terms.renew;

  const lose = (reason: string): void => {
    if (over) return;
    over = true;
    ending.abort();
    lost.resolve(reason);
  };

  const take = async (): Promise<void> => {
    const before = seen?.lease;
    const sent = monotonic();
    const written = await store.write(
      {
        holder: identity,
        durationSeconds: Math.ceil(terms.lease / 1000),
        transitions: (before?.transitions ?? 0) + (before && before.holder !== identity ? 1 : 0),
      },
      before,
    );
    if (!written) {
      seen = undefined;
      return;
    }
    if (over) return;
    // Late is not lost while nobody else has it, but what was done meanwhile nobody vouches for.
    if (mine && monotonic() >= renewedAt + terms.renew) return lose('the lease was not renewed in time');
    seen = { lease: written, at: monotonic() };
    renewedAt = sent;
    const first = mine === undefined;
    mine = written;
    if (!first) return;
    log('info', 'leading', { identity, transitions: written.transitions });
    void watchDeadline();
    elected.resolve();
  };

  const round = async (): Promise<void> => {
    if (!mine || !seen) seen = see(seen, await store.read(), monotonic());
    const decision = decide(identity, seen, monotonic());
    if (decision.do !== 'wait') return take();
    if (mine) return lose(`the lease is held by ${decision.holder}`);
    if (decision.holder !== told) log('info', 'standing by', { identity, leader: decision.holder });
    told = decision.holder;
    await pause(Math.min(decision.ms, terms.retry));
  };

  const pause = async (ms: number): Promise<void> => {
    await clock.sleep(ms, AbortSignal.any([wake.signal, ending.signal]));
    // Only now: what was told while nobody slept must cut the next sleep short.
    wake = new AbortController();
  };

  const watchDeadline = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      const left = renewedAt + terms.renew - monotonic();
      if (left <= 0) return lose('the lease was not renewed in time');
      await clock.sleep(left, ending.signal);
    }
  };

  const tryRound = async (): Promise<void> => {
    try {
      await round();
    } catch (error) {
      if (mine) seen = undefined;
      const message = textOf(error);
      // Whoever stands by for ever looks well and never works: better to end, and say why.
      if (!mine && isRefusal(error)) return lose(message);
      log('warn', 'the lease could not be read or written', { error: message });
      if (!mine) await pause(terms.retry);
    }
  };

  const run = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      await tryRound();
      if (mine) await pause(seen ? terms.retry : terms.retry / 4);
      else if (!seen) await pause(terms.retry);
    }
  };

  const keepFollowing = async (): Promise<void> => {
    while (!ending.signal.aborted && !mine) {
      await store.follow(() => !mine && wake.abort(), ending.signal);
      await clock.sleep(terms.retry, ending.signal);
    }
  };

  const running = run();
  void keepFollowing();
  return {
    elected: elected.promise,
    lost: lost.promise,
    mayWrite,
    msLeft: () => (mine ? Math.max(0, renewedAt + terms.lease - monotonic()) : Infinity),
    release: async () => {
      const wasLeading = mine !== undefined && !over;
      over = true;
      ending.abort();
      await running;
      if (!wasLeading || !mine) return;
      await store
        .write({ holder: '', durationSeconds: 1, transitions: mine.transitions }, mine)
        .catch((error: unknown) =>
          log('warn', 'the lease could not be given back; it ends by itself', { error: String(error) }),
        );
    },
  };
};
