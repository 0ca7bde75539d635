import type { Clock, Kube, Log } from '../core/ports.ts';
import type { StackStatus } from '../core/status/stack-status.ts';
import {
  nextStatus,
  STATUS_API,
  STATUS_KIND,
  STATUS_PLURAL,
  statusName,
  type WrittenStatus,
} from '../core/status/status-object.ts';
import { type Answer, asRecord, type Failure } from './failure.ts';
import { collectionPath } from './kinds.ts';
import type { Transport } from './transport.ts';

export type StackStatusContext = {
  /** Told in each object; objects of others are left alone. */
  readonly owner: string;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Log;
};

/**
 * Writes the objects that show how load balancers stand. A cluster without the kind is asked again now and then;
 * until it has one, nothing is shown and nothing is lost.
 */
export const openStackStatuses = (
  context: StackStatusContext,
): Pick<Kube, 'setStackStatus' | 'pruneStackStatuses'> => {
  const { clock, log, owner, transport } = context;
  /** What was written last, by name. */
  const known = new Map<string, WrittenStatus>();
  let silentUntil = 0;
  /** Whether the silence is one after which it is worth while to say again what was not said. */
  let mayHelp = true;

  /** The seconds after which to try again. One object that has changed keeps nobody from writing the others. */
  const giveUp = (name: string, failure: Failure): number | undefined => {
    known.delete(name);
    if (failure.reason === 'Stopped') return undefined;
    const isMissing = failure.code === 404;
    const isRefused = isMissing || failure.code === 403;
    if (failure.code !== 409) silentUntil = clock.now() + (isRefused ? LATER : SOON);
    mayHelp = !isRefused;
    log(isMissing ? 'debug' : 'warn', `${STATUS_KIND} cannot be written`, { name, error: failure.message });
    return isRefused ? undefined : SOON / 1000;
  };

  /** The seconds of silence that are left; undefined where only a person ends it. */
  const silence = (): number | undefined =>
    mayHelp ? Math.max(1, (silentUntil - clock.now()) / 1000) : undefined;

  /** Undefined: it was taken away meanwhile, by somebody who may want it made anew. */
  const write = async (
    name: string,
    stack: string,
    status: StackStatus,
  ): Promise<Answer<unknown> | undefined> => {
    const found = known.get(name) ?? (await readOrCreate(name, stack, context));
    if ('ok' in found && !found.ok) return found;
    const before = 'ok' in found ? found.value : found;
    const next = nextStatus(before, status, {
      time: timestamp(clock.now()),
      observedGeneration: ONLY_GENERATION,
    });
    const answer = next && (await patch(name, next, context));
    if (answer?.ok === false) return answer.failure.code === 404 ? undefined : answer;
    const now = next ?? before;
    if (now) known.set(name, now);
    return { ok: true, value: now };
  };

  const remove = async (name: string): Promise<number | undefined> => {
    known.delete(name);
    const answer = await transport.json({ verb: 'delete', resource: 'ingressstacks', path: pathOf(name) });
    return !answer.ok && answer.failure.code !== 404 ? giveUp(name, answer.failure) : undefined;
  };

  return {
    async setStackStatus(stack, status) {
      const name = statusName(stack);
      if (clock.now() < silentUntil) return silence();
      if (!status) return remove(name);
      const first = await write(name, stack, status);
      if (!first) known.delete(name);
      const answer = first ?? (await write(name, stack, status));
      return answer?.ok === false ? giveUp(name, answer.failure) : undefined;
    },
    async pruneStackStatuses(isKnown) {
      const path = collectionPath(STATUS_API, STATUS_PLURAL);
      const found = await transport.json({ verb: 'list', resource: 'ingressstacks', path });
      if (!found.ok) return giveUp('(all)', found.failure);
      let again: number | undefined;
      const { items } = asRecord(found.value);
      for (const item of Array.isArray(items) ? items : []) {
        const { stack, owner: theirs } = asRecord(asRecord(item).spec);
        if (theirs === owner && typeof stack === 'string' && !isKnown(stack))
          again = (await remove(statusName(stack))) ?? again;
      }
      return again;
    },
  };
};

/** Nobody changes the spec of these objects, so that their generation stays what it was when they were made. */
const ONLY_GENERATION = 1;

/** Milliseconds until a kind that is missing, or refused, is tried again. */
const LATER = 300_000;
/** The same after an answer that may be better the next time. */
const SOON = 10_000;

const pathOf = (name: string): string =>
  `${collectionPath(STATUS_API, STATUS_PLURAL)}/${encodeURIComponent(name)}`;

const timestamp = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

/** The status that stands there; undefined for one that was only made. */
const readOrCreate = async (
  name: string,
  stack: string,
  { transport, owner }: StackStatusContext,
): Promise<Answer<WrittenStatus | undefined>> => {
  const found = await transport.json({ verb: 'get', resource: 'ingressstacks', path: pathOf(name) });
  if (found.ok) return { ok: true, value: asRecord(found.value).status as WrittenStatus | undefined };
  if (found.failure.code !== 404) return found;
  const body = { apiVersion: STATUS_API, kind: STATUS_KIND, metadata: { name }, spec: { stack, owner } };
  const path = collectionPath(STATUS_API, STATUS_PLURAL);
  const made = await transport.json({ verb: 'create', resource: 'ingressstacks', path, body });
  return made.ok ? { ok: true, value: undefined } : made;
};

/** What is no longer said is taken away: a merge patch drops a member by null. */
const patch = (
  name: string,
  status: WrittenStatus,
  { transport }: StackStatusContext,
): Promise<Answer<unknown>> =>
  transport.json({
    verb: 'patch',
    resource: 'ingressstacks/status',
    path: `${pathOf(name)}/status`,
    body: { status: { ...status, hostname: status.hostname ?? null, arn: status.arn ?? null } },
  });
