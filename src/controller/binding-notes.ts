/** What is noted on a TargetGroupBinding itself: the target group it fills, and of a shared one its targets in it. */
import type { BindingDecision } from '../core/bindings/decide.ts';
import { type BoundGroup, parseTargets, targetsNote } from '../core/bindings/group.ts';
import { BINDING_FINALIZER, FILLED, REGISTERED } from '../core/bindings/labels.ts';
import type { BindingSpec } from '../core/bindings/read-binding.ts';
import type { TargetGroupBinding } from '../core/kube/objects.ts';
import type { AwsId } from '../core/model/actual.ts';
import type { Kube } from '../core/ports.ts';

/** The notes as they were written last: the watch may not have brought them yet. */
export type BindingNotes = {
  note: string | undefined;
  filled: AwsId | undefined;
};

/** Before anything is registered, the binding must not be able to vanish unseen, nor forget what it registered where. */
export const note = async (
  { binding, spec, group }: { binding: TargetGroupBinding; spec: BindingSpec; group: BoundGroup },
  notes: BindingNotes,
  decision: Pick<BindingDecision, 'register' | 'note'>,
  kube: Pick<Kube, 'changeBinding'>,
): Promise<void> => {
  const held = binding.metadata.finalizers?.includes(BINDING_FINALIZER) ?? false;
  const before = noteOf(binding, notes);
  const either = targetsNote([...(parseTargets(before) ?? []), ...(parseTargets(decision.note) ?? [])]);
  const registers = spec.shared && decision.register.length > 0 && either !== before;
  const fills = filledBy(binding, notes) !== group.arn;
  if (held && !registers && !fills) return;
  await kube.changeBinding(binding, {
    ...(!held && { finalizer: true }),
    ...(registers && { note: either }),
    ...(fills && { filled: group.arn }),
  });
  if (registers) notes.note = either;
  notes.filled = group.arn;
};

export const writeNote = async (
  binding: TargetGroupBinding,
  text: string,
  notes: BindingNotes,
  kube: Pick<Kube, 'changeBinding'>,
): Promise<void> => {
  await kube.changeBinding(binding, { note: text });
  notes.note = text;
};

export const noteOf = (binding: TargetGroupBinding, notes: BindingNotes): string | undefined =>
  notes.note ?? binding.metadata.annotations?.[REGISTERED];

/** Whether targets of its own were noted, so that those of others have to stay. */
export const isShared = (binding: TargetGroupBinding, notes: BindingNotes): boolean =>
  noteOf(binding, notes) !== undefined;

/** ARN of the target group that was filled last. */
export const filledBy = (
  { metadata }: TargetGroupBinding,
  notes: BindingNotes,
): `arn:${string}` | undefined => {
  const noted = notes.filled ?? metadata.annotations?.[FILLED];
  return noted?.startsWith('arn:') ? `arn:${noted.slice('arn:'.length)}` : undefined;
};

/** The binding as it is when the watch has brought the notes. */
export const withNotes = (binding: TargetGroupBinding, notes: BindingNotes): TargetGroupBinding => {
  const [text, filled] = [noteOf(binding, notes), filledBy(binding, notes)];
  const annotations = {
    ...binding.metadata.annotations,
    ...(text !== undefined && { [REGISTERED]: text }),
    ...(filled !== undefined && { [FILLED]: filled }),
  };
  return { ...binding, metadata: { ...binding.metadata, annotations } };
};
