import { request as send } from 'undici';
import { type Access, type Connection, openConnection } from './connection.ts';
import { type Answer, asRecord, type Failure, readStatus } from './failure.ts';
import { unlessAborted } from './unless-aborted.ts';

/** One request to the Kubernetes API. */
type Call = {
  readonly verb: 'list' | 'watch' | 'get' | 'create' | 'patch' | 'delete';
  /** Plural name of the resource, for counting. */
  readonly resource: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** How a patch treats lists: `strategic` merges them by key where the kind has one; default: they are replaced. */
  readonly merge?: 'strategic';
  /** Gives the request up early. */
  readonly signal?: AbortSignal;
};

/** What was asked and how it went, for metrics; `code` is 200 for every success and 0 without an answer. */
export type CallRecord = {
  readonly verb: Call['verb'];
  readonly resource: string;
  readonly code: number;
  /** Until the answer's headers for a watch, until its end for everything else. */
  readonly seconds: number;
};

export type Transport = {
  /** Never rejects. The value is the parsed JSON body. */
  json(call: Call): Promise<Answer<unknown>>;
  /** Never rejects; the body may, while it is read. Leaving the loop over it ends the request. */
  stream(call: Call): Promise<Answer<AsyncIterable<Uint8Array>>>;
  /** Ends every connection. */
  close(): Promise<void>;
};

export type TransportOptions = {
  readonly kubeconfig: string | undefined;
  readonly userAgent: string;
  readonly connections: number;
  readonly now: () => number;
  readonly onCall: ((call: CallRecord) => void) | undefined;
};

/** JSON over the connection that the kubeconfig describes. Throws when there is no usable configuration. */
export const openTransport = (options: TransportOptions): Transport => {
  const connection = openConnection(options.kubeconfig, options.connections);

  const counted = async <T>(call: Call, run: () => Promise<Answer<T>>): Promise<Answer<T>> => {
    const began = options.now();
    const answer = await run();
    const code = answer.ok ? 200 : answer.failure.code;
    const seconds = (options.now() - began) / 1000;
    options.onCall?.({ verb: call.verb, resource: call.resource, code, seconds });
    return answer;
  };

  return {
    json: (call) =>
      counted(call, async () => {
        const deadline = AbortSignal.timeout(call.verb === 'list' ? LIST_MS : REQUEST_MS);
        const signal = call.signal ? AbortSignal.any([call.signal, deadline]) : deadline;
        const reply = await exchange(connection, options.userAgent, call, signal);
        return reply.ok ? readJson(call, reply.value) : reply;
      }),
    stream: (call) => counted(call, () => exchange(connection, options.userAgent, call, call.signal)),
    close: () => connection.close(),
  };
};

/** Kubernetes itself gives up a request after 60 s; writes are small and must not hold up a shutdown. */
const LIST_MS = 60_000;
const REQUEST_MS = 15_000;

const METHODS = {
  list: 'GET',
  watch: 'GET',
  get: 'GET',
  create: 'POST',
  patch: 'PATCH',
  delete: 'DELETE',
} as const;

const describe = (call: Call): string => `${call.verb} ${call.path}`;

type Body = Awaited<ReturnType<typeof send>>['body'];

/** Refused credentials are read anew and tried once more: tokens and certificates rotate under a long-lived process. */
const exchange = async (
  connection: Connection,
  userAgent: string,
  call: Call,
  signal: AbortSignal | undefined,
): Promise<Answer<Body>> => {
  const first = await attempt(connection, userAgent, call, signal);
  if (first.ok || first.failure.code !== 401) return first;
  try {
    connection.reload();
  } catch {
    // A configuration being rewritten this moment: the refusal stands, the next request tries again.
    return first;
  }
  return attempt(connection, userAgent, call, signal);
};

const attempt = async (
  connection: Connection,
  userAgent: string,
  call: Call,
  signal: AbortSignal | undefined,
): Promise<Answer<Body>> => {
  let access: Access;
  try {
    access = await unlessAborted(connection.access(), signal);
  } catch (error) {
    return fail(call, signal, 'Credentials', error);
  }
  try {
    const query = call.query ? `?${new URLSearchParams(call.query)}` : '';
    const reply = await send(access.server + call.path + query, {
      dispatcher: access.dispatcher,
      method: METHODS[call.verb],
      headers: {
        accept: 'application/json',
        'user-agent': userAgent,
        ...contentType(call),
        ...access.headers,
      },
      ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
      ...(signal && { signal }),
    });
    // A body that is given up reports so through its reader; without a reader it must not end the process.
    reply.body.on('error', () => {});
    if (reply.statusCode >= 200 && reply.statusCode < 300) return { ok: true, value: reply.body };
    return {
      ok: false,
      failure: await readFailure(call, reply.statusCode, reply.headers['retry-after'], reply.body),
    };
  } catch (error) {
    return fail(call, signal, 'Unreachable', error);
  }
};

const contentType = (call: Call): Record<string, string> => {
  if (call.body === undefined) return {};
  if (call.verb !== 'patch') return { 'content-type': 'application/json' };
  return {
    'content-type': `application/${call.merge === 'strategic' ? 'strategic-merge' : 'merge'}-patch+json`,
  };
};

const readJson = async (call: Call, body: Body): Promise<Answer<unknown>> => {
  let read: string;
  try {
    read = await body.text();
  } catch (error) {
    return fail(call, undefined, 'Unreachable', error);
  }
  try {
    return { ok: true, value: JSON.parse(read) };
  } catch {
    const message = `${describe(call)}: the answer is not JSON (${read.length} characters)`;
    return { ok: false, failure: { code: 0, reason: 'Garbled', message } };
  }
};

const readFailure = async (call: Call, code: number, retryAfter: unknown, body: Body): Promise<Failure> => {
  const read = await body.text();
  const seconds = Number(retryAfter);
  const wish = retryAfter !== undefined && Number.isFinite(seconds) ? { retryAfterSeconds: seconds } : {};
  try {
    return { ...readStatus(code, asRecord(JSON.parse(read)), describe(call)), code, ...wish };
  } catch {
    // A proxy in between answers in its own words.
    return {
      code,
      reason: '',
      message: `${describe(call)}: HTTP ${code} ${read.slice(0, 200)}`.trim(),
      ...wish,
    };
  }
};

const fail = (call: Call, signal: AbortSignal | undefined, reason: string, error: unknown): Answer<never> => {
  const timedOut = isTimeout(error) || (signal?.aborted === true && isTimeout(signal.reason));
  const stopped = signal?.aborted === true && !timedOut;
  const said = timedOut ? 'no answer in time' : stopped ? 'given up' : describeError(error);
  const told = timedOut ? 'Timeout' : stopped ? 'Stopped' : reason;
  return { ok: false, failure: { code: 0, reason: told, message: `${describe(call)}: ${said}` } };
};

const isTimeout = (error: unknown): boolean => asRecord(error).name === 'TimeoutError';

/** The innermost reason: undici and node wrap `connect ECONNREFUSED` and TLS errors. */
const describeError = (error: unknown): string => {
  const { message, cause, code, errors } = asRecord(error);
  if (cause !== undefined) return describeError(cause);
  if (Array.isArray(errors) && errors.length > 0) return describeError(errors[0]);
  const said = String(message ?? error).trim();
  return said || String(code ?? 'unknown error');
};
