/** One pass over one stack: look, decide, act, tell. Everything clever is in core; here is only the order. */
import { type Actual, kindOf } from '../core/model/actual.ts';
import type { PlannedStack } from '../core/plan/plan-stack.ts';
import { namesToLookUp } from '../core/plan/record-names.ts';
import type { Clock } from '../core/ports.ts';
import { textOf } from '../core/text-of.ts';
import { applyPlan, type Outcome } from './apply.ts';
import { markMembers, releaseLeavers } from './finalizers.ts';
import { mayHeal, type Settings } from './look.ts';
import { type Look, lookOrRecall } from './look-or-recall.ts';
import { type Meter, NO_METER, type Stage } from './meter.ts';
import { arrivalsOf } from './moves.ts';
import { mayLetGo, nextLook } from './next-look.ts';
import { noticesOf } from './notices.ts';
import type { Pass, ReconcilePorts } from './pass.ts';
import { showStack } from './show-stack.ts';
import type { StackState } from './stack-state.ts';
import { type Acted, logOutcomes, tellAddresses, tellNews } from './tell.ts';

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
  const { meter = NO_METER } = ports;
  const stage = stopwatch(meter, ports.clock);
  const snapshot = ports.kube.snapshot();
  const staying = ports.moves.staying(stack, ingresses, snapshot);
  // Who is served elsewhere has taken its records along.
  if ([...state.stayed].some((id) => !staying.ingresses.has(id))) state.actual = state.sure = undefined;
  state.stayed = staying.ingresses;
  meter.remembered(state.actual !== undefined);
  const isFresh = state.actual === undefined;
  const pass: Pass = { stack, ingresses, snapshot, staying, state, settings, ports };
  const { unmarked, ...looked } = await lookAndMark(pass, stage);
  const { planned, silence } = looked;
  state.planned = planned;
  meter.planned(planned.plan.operations.length);
  stage('accept');
  const acted = await act(looked, pass);
  stage('apply');
  tellNews(noticesOf(planned, acted.outcomes, ingresses, snapshot), pass);
  const arrivals = await arrivalsOf(stack, planned, acted.after, acted.outcomes, ports);
  const unwritten = [...unmarked.values(), ...(await writeIngresses(acted, pass))];
  for (const error of unwritten) ports.log('warn', 'Ingress not written', { stack, error });
  const shownPass = { ingresses, snapshot, ...acted, isFresh: isFresh && silence === undefined };
  const shown = await showStack(stack, state, shownPass, ports.kube);
  stage('report');
  const waits = [staying.again, arrivals.again, shown];
  return {
    again: nextLook(acted.outcomes, waits, mayChangeUnseen(acted)),
    failures: [...worthAnotherTry(acted.outcomes), ...unwritten, ...(silence === undefined ? [] : [silence])],
    gone: acted.after.owned.size === 0 && planned.desired.accepted.length === 0,
    relieved: arrivals.relieved,
  };
};

/** Resolves also with those Ingresses to which Kubernetes permits no finalizer, and why. */
const lookAndMark = async (
  pass: Pass,
  stage: (stage: Stage) => void,
): Promise<Look & { readonly unmarked: ReadonlyMap<string, string> }> => {
  const { stack, state, ports } = pass;
  const unmarked = new Map<string, string>();
  let looked = await lookOrRecall(pass, unmarked);
  state.actual = looked.actual;
  stage('look');
  while (await markMembers(stack, looked.planned, unmarked, ports.kube)) {
    looked = await lookOrRecall(pass, unmarked);
    state.actual = looked.actual;
  }
  return { ...looked, unmarked };
};

const act = async ({ planned, actual, silence }: Look, pass: Pass): Promise<Acted> => {
  const { state, ports } = pass;
  state.sure = undefined;
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
  logOutcomes(outcomes, pass);
  return { planned, after, outcomes };
};

/** Addresses, and finalizers of those that leave. Resolves with what Kubernetes said to those it would not write. */
const writeIngresses = async (acted: Acted, pass: Pass): Promise<readonly string[]> => {
  const unwritten: string[] = [];
  const write = (what: Promise<void>): Promise<void> =>
    what.catch((error: unknown) => void unwritten.push(textOf(error)));
  await tellAddresses(acted, pass, write);
  if (mayLetGo(acted.outcomes) && !holdsDeletes(acted.planned, acted.after))
    await releaseLeavers(pass, write);
  return unwritten;
};

/** Whether something may become possible, or other, without any change in the cluster. */
const mayChangeUnseen = ({ planned, after, outcomes }: Acted): boolean =>
  outcomes.some(({ result }) => result.status === 'failed') ||
  mayHeal(planned) ||
  namesToLookUp(planned.desired, after).length > 0;

const worthAnotherTry = (outcomes: readonly Outcome[]): readonly string[] =>
  outcomes.flatMap(({ operation, result }) =>
    result.status === 'failed' && result.retry ? [`${operation.verb} ${operation.key}: ${result.code}`] : [],
  );

/** Done again on a picture without it, it does no harm: Route 53 refuses what does not fit, targets are told by address. */
const isRepeatable = ({ operation: { key } }: Outcome): boolean =>
  ['dns-record', 'target-group'].includes(kindOf(key));

/** Deletes that are held back keep the Ingress they belong to: somebody still has to decide. */
const holdsDeletes = (planned: PlannedStack, after: Actual): boolean =>
  planned.plan.holds.some((hold) => after.owned.has(hold.key) && !planned.desired.graph.has(hold.key));

/** Each call tells the seconds since the one before. */
const stopwatch = (meter: Meter, clock: Pick<Clock, 'now'>): ((stage: Stage) => void) => {
  let since = clock.now();
  return (stage) => {
    const now = clock.now();
    meter.stage(stage, (now - since) / 1000);
    since = now;
  };
};
