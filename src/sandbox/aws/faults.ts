/** Faults that are made on purpose: refusals, lost requests and replies, slowness and short pages. */
import { NormalizedSchema } from '@smithy/core/schema';
import type { OperationSchema, Protocol } from './wire/operation.ts';
import type { Refusal } from './wire/refusal.ts';
import { refuse } from './wire/refusal.ts';

/**
 * `throttle`, `unavailable` (503), `internal` (500) and `denied` answer with the error AWS uses there, `error` with
 * the code and status given, all without effect. `lost-request` destroys the connection before anything is done,
 * `lost-reply` after everything was done. `partial-page` makes a list's pages as short as they can be, which AWS may do
 * at any time; other calls pass. `slow` does nothing but wait.
 */
export const FAULT_KINDS = [
  'throttle',
  'internal',
  'unavailable',
  'denied',
  'error',
  'lost-request',
  'lost-reply',
  'partial-page',
  'slow',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

export type Fault = {
  readonly kind: FaultKind;
  /** Signing name; any service when absent. */
  readonly service?: string;
  /** Any operation when absent. */
  readonly operation?: string;
  /** How many calls it hits; every one when absent. */
  readonly count?: number;
  /** How many matching calls pass before it starts. */
  readonly skip?: number;
  /** Share of the matching calls that it hits, 0 to 1; all when absent. */
  readonly probability?: number;
  /** Start of the chance for `probability`: the same seed hits the same calls. */
  readonly seed?: number;
  /** Milliseconds of real time that pass before the answer. */
  readonly latency?: number;
  /** Of kind `error`. */
  readonly code?: string;
  readonly status?: number;
  readonly message?: string;
};

export type Faults = {
  /** Adds a fault; the function returned takes it away. The first one that matches a call is used. */
  add(fault: Fault): () => void;
  clear(): void;
  /** The faults that are there, with how many calls each has hit. */
  list(): readonly { readonly id: string; readonly fault: Fault; readonly hits: number }[];
  remove(id: string): boolean;
};

type Armed = {
  readonly id: string;
  readonly fault: Fault;
  readonly chance: () => number;
  skip: number;
  hits: number;
};

/** The faults and the way the server takes the one for a call. */
export const makeFaults = (): Faults & {
  take(service: string, operation: string): Fault | undefined;
} => {
  let armed: Armed[] = [];
  let made = 0;
  const remove = (id: string): boolean => {
    const before = armed.length;
    armed = armed.filter((entry) => entry.id !== id);
    return armed.length < before;
  };
  return {
    add: (fault) => {
      made += 1;
      const id = String(made);
      armed.push({ id, fault, chance: chanceOf(fault.seed ?? 1), skip: fault.skip ?? 0, hits: 0 });
      return () => void remove(id);
    },
    clear: () => {
      armed = [];
    },
    list: () => armed.map(({ id, fault, hits }) => ({ id, fault, hits })),
    remove,
    take: (service, operation) => armed.find((entry) => strikes(entry, service, operation))?.fault,
  };
};

/** Whether a fault hits this call; it counts down as it is asked. */
const strikes = (entry: Armed, service: string, operation: string): boolean => {
  const { fault } = entry;
  if (fault.service !== undefined && fault.service !== service) return false;
  if (fault.operation !== undefined && fault.operation !== operation) return false;
  if (entry.skip > 0) {
    entry.skip -= 1;
    return false;
  }
  if (entry.hits >= (fault.count ?? Number.POSITIVE_INFINITY)) return false;
  if (fault.probability !== undefined && entry.chance() >= fault.probability) return false;
  entry.hits += 1;
  return true;
};

/** Numbers from 0 to 1, the same for the same seed. */
const chanceOf = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

/** The refusal AWS gives for a fault that answers; undefined for the others. */
export const faultRefusal = (fault: Fault, protocol: Protocol, operation: string): Refusal | undefined => {
  const isEc2 = protocol === 'ec2';
  switch (fault.kind) {
    case 'throttle':
      return throttled(protocol);
    case 'internal':
      return refuse(isEc2 ? 'InternalError' : 'InternalFailure', 'An internal error has occurred', 500);
    case 'unavailable':
      return refuse(
        isEc2 ? 'Unavailable' : 'ServiceUnavailable',
        'The service is unavailable. Please try again shortly.',
        503,
      );
    case 'denied':
      if (isEc2)
        return refuse('UnauthorizedOperation', 'You are not authorized to perform this operation.', 403);
      return refuse(
        protocol === 'json' ? 'AccessDeniedException' : 'AccessDenied',
        `User is not authorized to perform: ${operation}`,
        403,
      );
    case 'error':
      return refuse(
        fault.code ?? 'InternalFailure',
        fault.message ?? 'A fault of the sandbox',
        fault.status ?? 400,
      );
    default:
      return undefined;
  }
};

/** The error of a call that comes too soon, in each protocol's own form. */
export const throttled = (protocol: Protocol): Refusal => {
  if (protocol === 'ec2') return refuse('RequestLimitExceeded', 'Request limit exceeded.', 503);
  return refuse(protocol === 'json' ? 'ThrottlingException' : 'Throttling', 'Rate exceeded');
};

/** The members that set the size of a page, and the least that each takes. */
const PAGE_SIZES = { PageSize: 1, MaxItems: 1, MaxResults: 5, Limit: 1, ResourcesPerPage: 1 } as const;

/** An input that asks for the shortest page; as it is for operations without pages and for lists of ids. */
export const shortPage = (
  schema: OperationSchema | undefined,
  input: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> => {
  const shape = NormalizedSchema.of(schema?.[4] ?? 'unit');
  if (!shape.isStructSchema()) return input;
  const named = Object.keys(input).some((member) => /(Ids|Arns|Names)$/.test(member));
  for (const [name] of shape.structIterator()) {
    const least = (PAGE_SIZES as Readonly<Record<string, number>>)[name];
    if (least !== undefined && !named) return { ...input, [name]: least };
  }
  return input;
};
