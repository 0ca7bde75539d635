import { ApiError, conflict } from '../api/errors.ts';
import type { Store } from '../store.ts';
import { type Exchange, flag } from './answer.ts';
import type { Target } from './target.ts';
import type { Watches } from './watch.ts';

/** What can be made to go wrong, as it does in real clusters. */
export type Faults = {
  /** Ends every open watch. */
  dropWatches(): void;
  /** Open watches stay open and say nothing; what happens meanwhile is never told on them. */
  stallWatches(stalled: boolean): void;
  /** Forgets history: watches from older versions are answered with 410. */
  compact(): void;
  /** Delays every list by this many milliseconds; 0 ends it. */
  slowLists(milliseconds: number): void;
  /** The next `times` updates and patches are refused with 409. */
  refuseUpdates(times: number): void;
  /** The next `times` requests are refused with this HTTP status (429 or 5xx). */
  fail(status: number, times: number): void;
  /** Called before a request for objects is answered. */
  before(exchange: Exchange, target: Target): Promise<void>;
};

export const createFaults = (store: Store, watches: Watches): Faults => {
  let delay = 0;
  let conflicts = 0;
  let failure = { status: 0, left: 0 };
  return {
    dropWatches: () => watches.drop(),
    stallWatches: (stalled) => watches.stall(stalled),
    compact: () => store.compact(),
    slowLists: (milliseconds) => {
      delay = milliseconds;
    },
    refuseUpdates: (times) => {
      conflicts = times;
    },
    fail: (status, times) => {
      failure = { status, left: times };
    },
    before: async (exchange, target) => {
      const { method } = exchange.request;
      if (failure.left > 0) {
        failure = { ...failure, left: failure.left - 1 };
        throw failed(failure.status);
      }
      if (conflicts > 0 && (method === 'PUT' || method === 'PATCH')) {
        conflicts -= 1;
        throw conflict(target.kind, target.name ?? '');
      }
      const listing = method === 'GET' && target.name === undefined && !flag(exchange, 'watch');
      if (delay > 0 && listing) await new Promise((resolve) => setTimeout(resolve, delay));
    },
  };
};

const failed = (status: number): ApiError => {
  if (status !== 429)
    return new ApiError(
      status,
      'InternalError',
      `Internal error occurred: fault injected into the sandbox (${status})`,
    );
  return new ApiError(
    429,
    'TooManyRequests',
    'the server has received too many requests and has asked us to try again later',
    { retryAfterSeconds: 1 },
  );
};
