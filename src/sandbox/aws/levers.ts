/** What a test or a person can do to the AWS API from outside: faults, journal, hook after each write. */

import type { Protocol } from './wire/operation.ts';
import { refuse } from './wire/refusal.ts';

/** One call as the API saw it. Entries are added on arrival; `code` is set when the call was refused. */
export type JournalEntry = {
  /** Signing name, such as `elasticloadbalancing`. */
  readonly service: string;
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** Emulator time. */
  readonly time: number;
  /** Whether the operation can change anything, by its name. */
  readonly writes: boolean;
  /** Error code, or `connection destroyed` for the two timeouts. */
  code?: string;
};

/**
 * `throttle`, `unavailable` (503), `internal` (500) and `denied` answer with the error AWS uses there, without effect.
 * `lost-request` destroys the connection before anything is done, `lost-reply` after everything was done.
 */
export type FaultKind = 'throttle' | 'internal' | 'unavailable' | 'denied' | 'lost-request' | 'lost-reply';

type Fault = {
  readonly kind: FaultKind;
  /** Signing name; any service when absent. */
  readonly service?: string;
  /** Any operation when absent. */
  readonly operation?: string;
  /** How many calls it hits; every one when absent. */
  readonly count?: number;
  /** How many matching calls pass before it starts. */
  readonly skip?: number;
};

export type Faults = {
  /** Adds a fault; the function returned takes it away. The first one that matches a call is used. */
  add(fault: Fault): () => void;
  clear(): void;
};

type Armed = { readonly fault: Fault; skip: number; left: number };

/** The faults and the way the server takes the one for a call. */
export const makeFaults = (): Faults & {
  take(service: string, operation: string): FaultKind | undefined;
} => {
  let armed: Armed[] = [];
  return {
    add: (fault) => {
      const entry: Armed = { fault, skip: fault.skip ?? 0, left: fault.count ?? Number.POSITIVE_INFINITY };
      armed.push(entry);
      return () => {
        armed = armed.filter((other) => other !== entry);
      };
    },
    clear: () => {
      armed = [];
    },
    take: (service, operation) => {
      for (const entry of armed) {
        const { fault } = entry;
        if (fault.service !== undefined && fault.service !== service) continue;
        if (fault.operation !== undefined && fault.operation !== operation) continue;
        if (entry.skip > 0) {
          entry.skip -= 1;
          continue;
        }
        if (entry.left <= 0) continue;
        entry.left -= 1;
        return fault.kind;
      }
      return undefined;
    },
  };
};

/** The refusal AWS gives for a fault that answers; undefined for those that destroy the connection. */
export const faultRefusal = (kind: FaultKind, protocol: Protocol, operation: string) => {
  if (kind === 'throttle') {
    if (protocol === 'ec2') return refuse('RequestLimitExceeded', 'Request limit exceeded.', 503);
    return refuse(protocol === 'json' ? 'ThrottlingException' : 'Throttling', 'Rate exceeded');
  }
  if (kind === 'internal')
    return refuse(
      protocol === 'ec2' ? 'InternalError' : 'InternalFailure',
      'An internal error has occurred',
      500,
    );
  if (kind === 'unavailable') {
    return refuse(
      protocol === 'ec2' ? 'Unavailable' : 'ServiceUnavailable',
      'The service is unavailable. Please try again shortly.',
      503,
    );
  }
  if (kind !== 'denied') return undefined;
  if (protocol === 'ec2')
    return refuse('UnauthorizedOperation', 'You are not authorized to perform this operation.', 403);
  const code = protocol === 'json' ? 'AccessDeniedException' : 'AccessDenied';
  return refuse(code, `User is not authorized to perform: ${operation}`, 403);
};
