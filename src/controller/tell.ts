/** What people get to know of a pass: events, addresses, lines in the log. */
import { objectId } from '../core/kube/objects.ts';
import { type Actual, kindOf } from '../core/model/actual.ts';
import type { PlannedStack } from '../core/plan/plan-stack.ts';
import type { IngressNotice } from '../core/ports.ts';
import { textOf } from '../core/text-of.ts';
import type { Outcome } from './apply.ts';
import type { Write } from './finalizers.ts';
import { NO_METER } from './meter.ts';
import type { Pass } from './pass.ts';
import { addressesOf } from './status.ts';

/** What was planned, and what became of it. */
export type Acted = {
  readonly planned: PlannedStack;
  readonly after: Actual;
  readonly outcomes: readonly Outcome[];
};

/**
 * Events for what was done, and for problems that were not there in the last pass; these are logged, too, because a
 * cluster forgets events after an hour. Nobody waits for them: an object may say two things a second, and one with a
 * hundred mistakes must not keep its neighbours waiting for their addresses.
 */
export const tellNews = (
  notices: readonly IngressNotice[],
  { stack, state, ports: { kube, log } }: Pass,
): void => {
  const idOf = ({ ingress, reason, message }: IngressNotice): string =>
    `${objectId(ingress.metadata)} ${reason} ${message}`;
  const warnings = notices.filter((notice) => notice.type === 'Warning');
  for (const notice of notices) {
    if (notice.type === 'Warning' && state.told.has(idOf(notice))) continue;
    if (notice.type === 'Warning') {
      const { reason, message } = notice;
      log('info', 'told', { stack, ingress: objectId(notice.ingress.metadata), reason, text: message });
    }
    kube.notify(notice).catch((error: unknown) => log('warn', 'event not told', { error: textOf(error) }));
  }
  state.told = new Set(warnings.map(idOf));
};

/** Of an Ingress that moves, the old stack tells the address until the new one serves it, and then that one. */
export const tellAddresses = async (
  { planned, after, outcomes }: Acted,
  { stack, snapshot, ports }: Pass,
  write: Write,
): Promise<void> => {
  for (const member of planned.desired.accepted) {
    if (!ports.moves.speaksFor(member.id, stack, snapshot)) continue;
    const addresses = addressesOf(member, planned, after, outcomes);
    const ingress = snapshot.ingresses.get(member.id);
    if (addresses.length > 0 && ingress) await write(ports.kube.setStatus(ingress, addresses));
  }
};

/** In the log and in the metrics. */
export const logOutcomes = (
  outcomes: readonly Outcome[],
  { stack, ports: { log, meter = NO_METER } }: Pass,
): void => {
  for (const { operation, result } of outcomes) {
    meter.outcome(operation.verb, kindOf(operation.key), result.status);
    const fields = { stack, key: operation.key };
    if (result.status === 'done') log('info', `${operation.verb} done`, fields);
    else if (result.status === 'failed')
      log('warn', `${operation.verb} failed`, { ...fields, code: result.code, error: result.message });
    else log('debug', `${operation.verb} ${result.status}`, { ...fields, why: result.why });
  }
};
