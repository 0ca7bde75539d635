/** One pass over one TargetGroupBinding: look, decide, fill, tell. */
import {
  type BindingDecision,
  type BindingProblem,
  decideBinding,
  targetsToLeave,
} from '../core/bindings/decide.ts';
import { type BoundGroup, parseTargets, targetId, targetsNote } from '../core/bindings/group.ts';
import { BINDING_FINALIZER, madeByLbcFor, REGISTERED } from '../core/bindings/labels.ts';
import { type BindingSpec, readBinding } from '../core/bindings/read-binding.ts';
import { objectId, type TargetGroupBinding } from '../core/kube/objects.ts';
import type { Target } from '../core/model/resource.ts';
import type { AbortSignalLike, Aws, Clock, Kube, Log } from '../core/ports.ts';
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
export type BindingState = {
  /** Its target group as the last pass left it; undefined: look again. */
  group: BoundGroup | undefined;
  /** Problems its owner has been told of. */
  told: ReadonlySet<string>;
  /** The note as it was written last: the watch may not have brought it yet. */
  note: string | undefined;
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
  const read = readBinding(binding);
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

const groupOf = async (
  { group: ref, role }: BindingSpec,
  state: BindingState,
  { aws }: BindingPorts,
): Promise<{ readonly group: BoundGroup } | { readonly problem: BindingProblem }> => {
  if (state.group) return { group: state.group };
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
  const decision = decideBinding({
    ...bound,
    binding: withNote(binding, state),
    snapshot: ports.kube.snapshot(),
    facts: await ports.aws.facts(settings.auditSeconds),
    cluster: settings.cluster,
  });
  if (decision.frozen) {
    await tell(binding, state, decision, ports);
    return HEAL_POLL;
  }
  await note(bound, state, decision.register, decision, ports);
  const filled = await fill(bound, state, decision.register, decision.deregister, ports);
  if (filled.problem) {
    await tell(binding, state, { ...decision, problems: [...decision.problems, filled.problem] }, ports);
    if (filled.retry) throw new Error(filled.problem.message);
    return filled.seconds ?? HEAL_POLL;
  }
  if (spec.shared && decision.note !== undefined && decision.note !== noteOf(binding, state))
    await writeNote(binding, decision.note, state, ports);
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

/** Before anything is registered, the binding must not be able to vanish unseen, nor forget what it registered. */
const note = async (
  { binding, spec }: Bound,
  state: BindingState,
  register: readonly Target[],
  decision: BindingDecision,
  ports: BindingPorts,
): Promise<void> => {
  const held = binding.metadata.finalizers?.includes(BINDING_FINALIZER) ?? false;
  const before = noteOf(binding, state);
  const either = targetsNote([...(parseTargets(before) ?? []), ...(parseTargets(decision.note) ?? [])]);
  const notes = spec.shared && register.length > 0 && either !== before;
  if (held && !notes) return;
  await ports.kube.changeBinding(binding, {
    ...(!held && { finalizer: true }),
    ...(notes && { note: either }),
  });
  if (notes) state.note = either;
};

const writeNote = async (
  binding: TargetGroupBinding,
  text: string,
  state: BindingState,
  ports: BindingPorts,
): Promise<void> => {
  await ports.kube.changeBinding(binding, { note: text });
  state.note = text;
};

const noteOf = (binding: TargetGroupBinding, state: BindingState): string | undefined =>
  state.note ?? binding.metadata.annotations?.[REGISTERED];

const withNote = (binding: TargetGroupBinding, state: BindingState): TargetGroupBinding => {
  const text = noteOf(binding, state);
  if (text === undefined) return binding;
  const annotations = { ...binding.metadata.annotations, [REGISTERED]: text };
  return { ...binding, metadata: { ...binding.metadata, annotations } };
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
    binding: withNote(binding, state),
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
