/** How a request to the Kubernetes API went wrong, as data: nothing here is told apart by the text of a message. */
export type Failure = {
  /** HTTP status code; 0 when the server gave no usable answer. */
  readonly code: number;
  /**
   * Kubernetes' own reason (`Conflict`, `Expired`, `Forbidden`…), or one of ours when code is 0:
   * `Unreachable`, `Timeout`, `Stopped`, `Credentials`, `Garbled`.
   */
  readonly reason: string;
  /** What the server or the network said, with the request it was said to. */
  readonly message: string;
  /** How long the server asks to be left alone. */
  readonly retryAfterSeconds?: number;
  /** The resourceVersion asked for is larger than any the server knows. */
  readonly ahead?: true;
};

/** Either the answer or what went wrong. */
export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: Failure };

/** A Failure for callers that expect a rejection; `cause` holds the Failure. */
export const failureError = (doing: string, failure: Failure): Error =>
  new Error(`${doing}: ${failure.message}`, { cause: failure });

/** Whether the same request may succeed later without anybody changing anything. */
export const isPassing = (failure: Failure): boolean =>
  (failure.code === 0 && failure.reason !== 'Stopped') || failure.code === 429 || failure.code >= 500;

/**
 * Whether only a new list helps: Kubernetes answers 410 (reason `Expired` or `Gone`) when a resourceVersion is older than
 * what it remembers, and 504 with a cause of its own when it has not come yet, as after etcd was restored from a backup.
 */
export const isExpired = (failure: Failure): boolean =>
  failure.code === 410 || failure.reason === 'Expired' || failure.reason === 'Gone' || failure.ahead === true;

/** Reads a Kubernetes `Status` object, as error bodies and watch ERROR events carry it. */
export const readStatus = (code: number, body: unknown, request: string): Failure => {
  const status = asRecord(body);
  const details = asRecord(status.details);
  const said = typeof status.message === 'string' && status.message !== '' ? status.message : `HTTP ${code}`;
  return {
    code: typeof status.code === 'number' ? status.code : code,
    reason: typeof status.reason === 'string' ? status.reason : '',
    message: `${request}: ${said}`,
    ...(typeof details.retryAfterSeconds === 'number' && { retryAfterSeconds: details.retryAfterSeconds }),
    ...(isAhead(details.causes) && { ahead: true as const }),
  };
};

const isAhead = (causes: unknown): boolean =>
  Array.isArray(causes) && causes.some((one) => asRecord(one).reason === 'ResourceVersionTooLarge');

/** An object read from outside whose fields are not known; anything else reads as an object without fields. */
export const asRecord = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
