/** One pass over one stack: look, decide, act, tell. Everything clever is in core; here is only the order. */
import { objectId } from '../core/kube/objects.ts';
import type { Snapshot } from '../core/kube/snapshot.ts';
import { type Actual, kindOf } from '../core/model/actual.ts';
import type { PlannedStack } from '../core/plan/plan-stack.ts';
import { namesToLookUp } from '../core/plan/record-names.ts';
import type { Aws, Clock, IngressNotice, Kube, Log } from '../core/ports.ts';
import { textOf } from '../core/text-of.ts';
import { applyPlan, type Outcome } from './apply.ts';
import { markMembers, releaseLeavers, type Write } from './finalizers.ts';
import { type LookInput, look, mayHeal, recall, type Settings } from './look.ts';
import { type Meter, NO_METER, type Stage } from './meter.ts';
import { arrivalsOf, type Moves } from './moves.ts';
import { mayLetGo, nextLook } from './next-look.ts';
import { noticesOf } from './notices.ts';
import { showStack } from './show-stack.ts';
import type { StackState } from './stack-state.ts';
import { addressesOf } from './status.ts';

export type ReconcilePorts = {
  readonly aws: Aws;
  readonly kube: Kube;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter?: Meter;
  readonly moves: Moves;
  readonly signal: AbortSignal;
};

export type PassResult = {
  /** Seconds until there is something to do again that no change will announce; undefined: nothing. */
  readonly again: number | undefined;
  /** Failures worth trying again. */
  readonly failures: readonly string[];
  /** Whether AWS holds nothing of the stack any more and no Ingress speaks of it. */
  readonly gone: boolean;
  /** Stacks that kept an Ingress which is served here now. */
  readonly relieved: ReadonlySet<string>;
};

export const reconcile = async (
  stack: string,
  ingresses: ReadonlySet<string>,
  state: StackState,
  settings: Settings,
  ports: ReconcilePorts,
): Promise<PassResult> => {
  const snapshot = ports.kube.snapshot();
  const { meter = NO_METER } = ports;
  const stage = stopwatch(meter, ports.clock);
  const staying = ports.moves.staying(stack, ingresses, snapshot);
  // Who is served elsewhere has taken its records along.
  if ([...state.stayed].some((id) => !staying.ingresses.has(id))) state.actual = state.sure = undefined;
  state.stayed = staying.ingresses;
  meter.remembered(state.actual !== undefined);
  const isFresh = state.actual === undefined;
  // Who cannot be marked is planned without, so that the others of the group go on.
  const unmarked = new Map<string, string>();
  const input = { stack, ingresses, snapshot, settings, staying: staying.ingresses, aws: ports.aws };
  let { actual, planned, silence } = await lookOrRecall(input, state, ports);
  state.actual = actual;
  stage('look');
  while (await markMembers(stack, planned, unmarked, ports.kube)) {
    ({ actual, planned, silence } = await lookOrRecall({ ...input, unmarked }, state, ports));
    state.actual = actual;
  }
  state.sure = undefined;
  state.planned = planned;
  meter.planned(planned.plan.operations.length);
  stage('accept');
  const { actual: after, outcomes } = await applyPlan(planned.plan, actual, {
    aws: ports.aws,
    clock: ports.clock,
    retirements: state.retirements,
    takeOvers: state.takeOvers,
    onDone: (now) => {
      state.actual = now;
    },
    signal: ports.signal,
  });
  const failed = outcomes.filter((outcome) => outcome.result.status === 'failed');
  // After a failure what AWS holds is a guess: the reply may be lost, or somebody else may be at work.
  state.actual = failed.length > 0 || silence !== undefined ? undefined : after;
  state.sure = failed.every(isRepeatable) ? after : undefined;
  state.seen = after;
  report(stack, outcomes, ports.log, meter);
  stage('apply');
  tellNews(noticesOf(planned, outcomes, ingresses, snapshot), state, ports);
  const arrivals = await arrivalsOf(stack, planned, after, outcomes, ports);
  const unwritten = [...unmarked.values()];
  const write = (what: Promise<void>): Promise<void> =>
    what.catch((error: unknown) => void unwritten.push(textOf(error)));
  await tellAddresses(stack, planned, after, outcomes, snapshot, ports, write);
  const settled = mayLetGo(outcomes) && !holdsDeletes(planned, after);
  if (settled)
    await releaseLeavers(stack, ingresses, staying.ingresses, settings.scope, snapshot, ports.kube, write);
  for (const error of unwritten) ports.log('warn', 'Ingress not written', { stack, error });
  const shown = await showStack(
    stack,
    state,
    { ingresses, snapshot, planned, after, outcomes, isFresh: isFresh && silence === undefined },
    ports.kube,
  );
  stage('report');
  return {
    again: nextLook(
      outcomes,
      [staying.again, arrivals.again, shown],
      failed.length > 0 || mayHeal(planned) || namesToLookUp(planned.desired, after).length > 0,
    ),
    failures: [
      ...failed.flatMap(({ operation, result }) =>
        result.status === 'failed' && result.retry
          ? [`${operation.verb} ${operation.key}: ${result.code}`]
          : [],
      ),
      ...unwritten,
      ...(silence === undefined ? [] : [silence]),
    ],
    gone: after.owned.size === 0 && planned.desired.accepted.length === 0,
    relieved: arrivals.relieved,
  };
};

/**
 * Events for what was done, and for problems that were not there in the last pass. Nobody waits for them: an object may
 * say two things a second, and one with a hundred mistakes must not keep its neighbours waiting for their addresses.
 */
const tellNews = (
  notices: readonly IngressNotice[],
  state: StackState,
  { kube, log }: Pick<ReconcilePorts, 'kube' | 'log'>,
): void => {
  const idOf = ({ ingress, reason, message }: IngressNotice): string =>
    `${objectId(ingress.metadata)} ${reason} ${message}`;
  const warnings = notices.filter((notice) => notice.type === 'Warning');
  for (const notice of notices)
    if (notice.type === 'Normal' || !state.told.has(idOf(notice)))
      kube.notify(notice).catch((error: unknown) => log('warn', 'event not told', { error: textOf(error) }));
  state.told = new Set(warnings.map(idOf));
};

type Look = Awaited<ReturnType<typeof recall>> & {
  /** What AWS said instead of an answer; the pass is tried again. */
  readonly silence?: string;
};

/** Milliseconds. A service that is down may take a minute to say so, and Pods do not wait for it each time. */
const SILENCE = 15_000;

const lookOrRecall = async (
  input: Omit<LookInput, 'known'>,
  state: StackState,
  { clock, log }: Pick<ReconcilePorts, 'clock' | 'log'>,
): Promise<Look> => {
  const known = state.actual ?? state.sure;
  if (known && clock.now() < state.silentUntil)
    return { ...(await recall({ ...input, known })), silence: 'AWS did not answer a moment ago' };
  try {
    return await look({ ...input, known: state.actual });
  } catch (error) {
    if (!known) throw error;
    const silence = textOf(error);
    log('warn', 'AWS does not tell what it holds; going on from what it held', {
      ...{ stack: input.stack, error: silence },
    });
    state.silentUntil = clock.now() + SILENCE;
    return { ...(await recall({ ...input, known })), silence };
  }
};

/** Done again on a picture without it, it does no harm: Route 53 refuses what does not fit, targets are told by address. */
const isRepeatable = ({ operation: { key } }: Outcome): boolean =>
  ['dns-record', 'target-group'].includes(kindOf(key));

/** Deletes that are held back keep the Ingress they belong to: somebody still has to decide. */
const holdsDeletes = (planned: PlannedStack, after: Actual): boolean =>
  planned.plan.holds.some((hold) => after.owned.has(hold.key) && !planned.desired.graph.has(hold.key));

/** Of an Ingress that moves, the old stack tells the address until the new one serves it, and then that one. */
const tellAddresses = async (
  stack: string,
  planned: PlannedStack,
  after: Actual,
  outcomes: readonly Outcome[],
  snapshot: Snapshot,
  ports: ReconcilePorts,
  write: Write,
): Promise<void> => {
  for (const member of planned.desired.accepted) {
    if (!ports.moves.speaksFor(member.id, stack, snapshot)) continue;
    const addresses = addressesOf(member, planned, after, outcomes);
    const ingress = snapshot.ingresses.get(member.id);
    if (addresses.length > 0 && ingress) await write(ports.kube.setStatus(ingress, addresses));
  }
};

/** Each call tells the seconds since the one before. */
const stopwatch = (meter: Meter, clock: Pick<Clock, 'now'>): ((stage: Stage) => void) => {
  let since = clock.now();
  return (stage) => {
    const now = clock.now();
    meter.stage(stage, (now - since) / 1000);
    since = now;
  };
};

const report = (stack: string, outcomes: readonly Outcome[], log: Log, meter: Meter): void => {
  for (const { operation, result } of outcomes) {
    meter.outcome(operation.verb, kindOf(operation.key), result.status);
    const fields = { stack, key: operation.key };
    if (result.status === 'done') log('info', `${operation.verb} done`, fields);
    else if (result.status === 'failed')
      log('warn', `${operation.verb} failed`, { ...fields, code: result.code, error: result.message });
    else log('debug', `${operation.verb} ${result.status}`, { ...fields, why: result.why });
  }
};
