/** Does one decoded call: settles time, throttles, applies faults, keeps the journal, runs the handler, tells who listens. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './faults.ts';
import { faultRefusal, shortPage, throttled } from './faults.ts';
import type { JournalEntry } from './journal.ts';
import type { makeLag } from './lag.ts';
import { publishCall } from './published-calls.ts';
import type { Realm, Realms } from './realm.ts';
import type { makeThrottling } from './throttling.ts';
import type { Call } from './wire/endpoint.ts';
import { HANG_UP } from './wire/endpoint.ts';
import { writes } from './wire/operation.ts';
import { errorCode } from './wire/protocol.ts';

export type Desk = {
  readonly realms: Realms;
  readonly throttling: Pick<ReturnType<typeof makeThrottling>, 'admit'>;
  readonly lag: Pick<ReturnType<typeof makeLag>, 'run'>;
  readonly takeFault: (service: string, operation: string) => Fault | undefined;
  readonly note: (entry: JournalEntry, size: number) => void;
  readonly changed: () => void;
  readonly afterWrite: () => ((entry: JournalEntry) => Promise<void> | void) | undefined;
};

/** The endpoint's `perform`. */
export const makePerform =
  (desk: Desk) =>
  async (call: Call, check: () => void): Promise<unknown> => {
    const { service, operation } = call;
    const realm = desk.realms.of(service.signingName, call.caller);
    if (realm.tasks.settle()) desk.changed();
    const entry = entryOf(call, realm);
    desk.note(entry, call.size);
    publishCall(entry, realm.account);
    const fault = desk.takeFault(entry.service, operation);
    try {
      if (!desk.throttling.admit({ ...entry, owner: `${entry.account} ${entry.region}` }))
        throw throttled(service.protocol);
      if (fault?.latency !== undefined) await sleep(fault.latency);
      const output = desk.lag.run(realm.account, entry.writes, () => run(call, check, fault));
      if (entry.writes) {
        settle(desk, realm, entry);
        await desk.afterWrite()?.(entry);
      }
      if (fault?.kind === 'lost-reply') throw HANG_UP;
      return output;
    } catch (thrown) {
      entry.code = thrown === HANG_UP ? 'connection destroyed' : errorCode(service.protocol, thrown);
      throw thrown;
    }
  };

const entryOf = ({ service, operation, input, caller }: Call, { account }: Realm): JournalEntry => ({
  account: account.id,
  region: account.region,
  service: service.signingName,
  operation,
  userAgent: caller.userAgent,
  input: copyOf(input) as JournalEntry['input'],
  time: account.clock.now(),
  writes: writes(operation),
});

/** Inputs are plain data; the handlers keep and change parts of theirs. Credentials of clients are nobody's to read again. */
const copyOf = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(copyOf);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, key === 'ClientSecret' ? '(hidden)' : copyOf(item)]),
  );
};

/** What a write may have brought about besides its own effect. */
const settle = ({ realms, changed }: Desk, realm: Realm, { service }: JournalEntry): void => {
  if (service === 'route53' || service === 'acm') realms.validateCertificates(realm);
  realm.tasks.arm();
  changed();
};

const run = (
  { service, operation, input, caller }: Call,
  check: () => void,
  fault: Fault | undefined,
): unknown => {
  if (fault?.kind === 'lost-request') throw HANG_UP;
  const refusal = fault === undefined ? undefined : faultRefusal(fault, service.protocol, operation);
  if (refusal !== undefined) throw refusal;
  check();
  const served = service.operations[operation];
  const asked = fault?.kind === 'partial-page' ? shortPage(served?.schema, input) : input;
  return served?.handle(asked as never, caller);
};
