/** One pass over one TargetGroupBinding: look, decide, fill, tell. */
import {
  type BindingDecision,
  type BindingProblem,
  decideBinding,
  movedAway,
  targetsToLeave,
} from '../core/bindings/decide.ts';
import { type BoundGroup, targetId } from '../core/bindings/group.ts';
import { BINDING_FINALIZER, madeByLbcFor } from '../core/bindings/labels.ts';
import { type BindingSpec, type ReadBinding, readBinding } from '../core/bindings/read-binding.ts';
import { names } from '../core/bindings/rivals.ts';
import { objectId, type TargetGroupBinding } from '../core/kube/objects.ts';
import type { Target } from '../core/model/resource.ts';
import type { AbortSignalLike, Aws, Clock, Kube, Log } from '../core/ports.ts';
import {
  type BindingNotes,
  filledBy,
  isShared,
  note,
  noteOf,
  withNotes,
  writeNote,
} from './binding-notes.ts';
import { bindingStatus } from './binding-status.ts';
import type { Settings } from './look.ts';

export type BindingPorts = {
  readonly aws: Aws;
  readonly kube: Kube;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal & AbortSignalLike;
};

/** What is remembered of a binding between passes; lost without harm. */
export type BindingState = BindingNotes & {
  /** Its target group as the last pass left it; undefined: look again. */
  group: BoundGroup | undefined;
  /** Problems its owner has been told of. */
  told: ReadonlySet<string>;
};

/** Seconds between looks whether somebody has made what is missing, or permits what was refused. */
const HEAL_POLL = 60;

/** Resolves with the seconds after which to look again although nothing changes here; rejects to be tried again. */
export const bindingPass = async (
  binding: TargetGroupBinding,
  state: BindingState,
  settings: Settings,
  ports: BindingPorts,
): Promise<number | undefined> => {
  const { metadata } = binding;
  const leaving = metadata.deletionTimestamp !== undefined;
  const held = metadata.finalizers?.includes(BINDING_FINALIZER) ?? false;
  const maker = madeByLbcFor(binding);
  if (maker === 'other' || (leaving && !held) || (maker && !leaving)) return undefined;
  const read = leaving ? whatToLeave(binding, state) : readBinding(binding);
  if (maker || ('wrong' in read && leaving)) {
    // Targets of an Ingress are its own business, and of what cannot be read nothing was ever registered by it.
    await ports.kube.changeBinding(binding, { finalizer: false });
    return undefined;
  }
  if ('wrong' in read) {
    await tell(binding, state, { problems: [{ code: 'InvalidBinding', message: read.wrong }] }, ports);
    return undefined;
  }
  const found = await groupOf(read.spec, state, ports);
  if ('problem' in found) {
    if (leaving && found.problem.code === 'TargetGroupMissing') {
      await ports.kube.changeBinding(binding, { finalizer: false });
      return undefined;
    }
    await tell(binding, state, { problems: [found.problem] }, ports);
    return HEAL_POLL;
  }
  return leaving
    ? leave({ binding, spec: read.spec, group: found.group }, state, settings, ports)
    : keep({ binding, spec: read.spec, group: found.group }, state, settings, ports);
};

/** A binding that goes empties the group it has filled, whatever it says by now. */
const whatToLeave = (binding: TargetGroupBinding, state: BindingState): ReadBinding => {
  const read = readBinding(binding);
  const arn = filledBy(binding, state);
  if (arn === undefined) return read;
  const nothing = { service: { name: '', port: 0 }, shared: isShared(binding, state), networking: false };
  return { spec: { ...('spec' in read ? read.spec : nothing), group: { arn } } };
};

const groupOf = async (
  spec: BindingSpec,
  state: BindingState,
  { aws }: BindingPorts,
): Promise<{ readonly group: BoundGroup } | { readonly problem: BindingProblem }> => {
  const { group: ref, role } = spec;
  if (state.group && names(spec, state.group)) return { group: state.group };
  const found = await aws.groups.find(ref, role);
  if (found.is === 'here') {
    state.group = found.group;
    return found;
  }
  const said = 'arn' in ref ? ref.arn : ref.name;
  if (found.is === 'unreachable') return { problem: { code: 'RoleUnusable', message: found.why } };
  const hint = role
    ? `in the account of ${role.arn}`
    : 'in this account and Region; one of another account needs spec.iamRoleArnToAssume';
  if (found.is === 'absent')
    return {
      problem: { code: 'TargetGroupMissing', message: `target group ${said} does not exist ${hint}` },
    };
  return { problem: { code: 'AwsRefused', message: `looking at target group ${said}: ${found.why}` } };
};

type Bound = {
  readonly binding: TargetGroupBinding;
  readonly spec: BindingSpec;
  readonly group: BoundGroup;
};

const keep = async (
  bound: Bound,
  state: BindingState,
  settings: Settings,
  ports: BindingPorts,
): Promise<number | undefined> => {
  const { binding, spec, group } = bound;
  const moved = await movedFrom(bound, state, ports);
  if (moved) {
    await tell(binding, state, { problems: [moved] }, ports);
    return HEAL_POLL;
  }
  const decision = decideBinding({
    ...bound,
    binding: withNotes(binding, state),
    snapshot: ports.kube.snapshot(),
    facts: await ports.aws.facts(settings.auditSeconds),
    cluster: settings.cluster,
  });
  if (decision.frozen) {
    await tell(binding, state, decision, ports);
    return HEAL_POLL;
  }
  await note(bound, state, decision, ports.kube);
  const filled = await fill(bound, state, decision.register, decision.deregister, ports);
  if (filled.problem) {
    await tell(binding, state, { ...decision, problems: [...decision.problems, filled.problem] }, ports);
    if (filled.retry) throw new Error(filled.problem.message);
    return filled.seconds ?? HEAL_POLL;
  }
  if (spec.shared && decision.note !== undefined && decision.note !== noteOf(binding, state))
    await writeNote(binding, decision.note, state, ports.kube);
  if (decision.register.length + decision.deregister.length > 0)
    ports.log('info', 'targets settled', {
      binding: objectId(binding.metadata),
      group: group.name,
      registered: decision.register.length,
      deregistered: decision.deregister.length,
    });
  await tell(binding, state, decision, ports);
  return undefined;
};

/** Why another target group is left alone: the one filled until now still has targets. */
const movedFrom = async (
  { binding, spec, group }: Bound,
  state: BindingState,
  ports: BindingPorts,
): Promise<BindingProblem | undefined> => {
  const arn = filledBy(binding, state);
  if (arn === undefined || arn === group.arn) return undefined;
  const before = await ports.aws.groups.find({ arn }, spec.role);
  if (before.is === 'absent' || (before.is === 'here' && before.group.targets.length === 0)) return undefined;
  // Who does not get to see the old group cannot know that nothing stays behind.
  state.group = undefined;
  return movedAway(arn, group);
};

const leave = async (
  bound: Bound,
  state: BindingState,
  { cluster }: Settings,
  ports: BindingPorts,
): Promise<number | undefined> => {
  const { binding } = bound;
  const targets = targetsToLeave({
    ...bound,
    binding: withNotes(binding, state),
    snapshot: ports.kube.snapshot(),
    cluster,
  });
  const filled = await fill(bound, state, [], targets, ports);
  if (filled.problem) {
    await tell(binding, state, { problems: [filled.problem] }, ports);
    if (filled.retry) throw new Error(filled.problem.message);
    return filled.seconds ?? HEAL_POLL;
  }
  await ports.kube.changeBinding(binding, { finalizer: false });
  return undefined;
};

type Filled = {
  readonly problem?: BindingProblem;
  readonly retry?: boolean;
  readonly seconds?: number;
};

const fill = async (
  { spec, group }: Bound,
  state: BindingState,
  register: readonly Target[],
  deregister: readonly Target[],
  { aws }: BindingPorts,
): Promise<Filled> => {
  if (register.length + deregister.length === 0) return {};
  // Until the answer is there, what the group holds is a guess.
  state.group = undefined;
  const attempt = await aws.groups.fill(group, register, deregister, spec.role);
  if (attempt.status === 'wait')
    return { problem: { code: 'AwsRefused', message: attempt.why }, seconds: attempt.seconds };
  if (attempt.status === 'failed') {
    const code = attempt.code === 'RoleUnusable' ? attempt.code : 'AwsRefused';
    const message = `filling target group ${group.name}: ${attempt.code}: ${attempt.message}`;
    return { problem: { code, message }, retry: attempt.retry };
  }
  const gone = new Set([...deregister, ...register].map(targetId));
  const stay = group.targets.filter((it) => !gone.has(targetId(it)));
  state.group = { ...group, targets: [...stay, ...register] };
  return {};
};

type Said = Pick<BindingDecision, 'problems'> & Partial<BindingDecision>;

/** Events for what is new, and the condition. */
const tell = async (
  binding: TargetGroupBinding,
  state: BindingState,
  said: Said,
  { kube, clock }: BindingPorts,
): Promise<void> => {
  const texts = new Set(said.problems.map(({ code, message }) => `${code} ${message}`));
  for (const { code, message } of said.problems)
    if (!state.told.has(`${code} ${message}`))
      await kube.notify({ binding, type: 'Warning', reason: code, message });
  state.told = texts;
  const status = bindingStatus(binding, said, new Date(clock.now()).toISOString());
  if (status) await kube.setBindingStatus(binding, status);
};
