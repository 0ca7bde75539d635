/** Does one decoded call: settles time, applies faults, keeps the journal, runs the handler, tells who listens. */
import type { Account } from './account.ts';
import type { FaultKind, JournalEntry } from './levers.ts';
import { faultRefusal } from './levers.ts';
import type { Tasks } from './tasks.ts';
import type { Call } from './wire/endpoint.ts';
import { HANG_UP } from './wire/endpoint.ts';
import { writes } from './wire/operation.ts';
import { errorCode } from './wire/protocol.ts';

export type Desk = {
  readonly account: Account;
  readonly tasks: Tasks;
  readonly takeFault: (service: string, operation: string) => FaultKind | undefined;
  readonly note: (entry: JournalEntry) => void;
  readonly changed: () => void;
  readonly afterWrite: () => ((entry: JournalEntry) => Promise<void> | void) | undefined;
};

/** The endpoint's `perform`. */
export const makePerform =
  (desk: Desk) =>
  async (call: Call, check: () => void): Promise<unknown> => {
    const { service, operation, input } = call;
    if (desk.tasks.settle()) desk.changed();
    const entry: JournalEntry = {
      service: service.signingName,
      operation,
      input: structuredClone(input),
      time: desk.account.clock.now(),
      writes: writes(operation),
    };
    desk.note(entry);
    const fault = desk.takeFault(entry.service, operation);
    try {
      const output = run(call, check, fault);
      if (entry.writes) {
        desk.tasks.arm();
        desk.changed();
        await desk.afterWrite()?.(entry);
      }
      if (fault === 'lost-reply') throw HANG_UP;
      return output;
    } catch (thrown) {
      entry.code = thrown === HANG_UP ? 'connection destroyed' : errorCode(service.protocol, thrown);
      throw thrown;
    }
  };

const run = (
  { service, operation, input, caller }: Call,
  check: () => void,
  fault: FaultKind | undefined,
): unknown => {
  if (fault === 'lost-request') throw HANG_UP;
  const refusal = fault === undefined ? undefined : faultRefusal(fault, service.protocol, operation);
  if (refusal !== undefined) throw refusal;
  check();
  return service.operations[operation]?.handle(input as never, caller);
};
