/** Other TargetGroupBindings of this cluster that speak of the same target group. */
import { objectId, type TargetGroupBinding } from '../kube/objects.ts';
import type { Snapshot } from '../kube/snapshot.ts';
import type { BoundGroup } from './group.ts';
import { madeByLbcFor } from './labels.ts';
import { type BindingSpec, readBinding } from './read-binding.ts';

type Named = Pick<BoundGroup, 'arn' | 'name'>;

/** Whether a binding speaks of the group. The account is in an ARN; a name is looked up in the account of the role. */
export const names = (
  { group: ref, role }: Pick<BindingSpec, 'group' | 'role'>,
  { arn, name }: Named,
): boolean => {
  if ('arn' in ref) return ref.arn === arn;
  const account = /::(\d+):/.exec(role?.arn ?? '')?.[1];
  return ref.name === name && (account === undefined || arn.includes(`:${account}:`));
};

type Neighbour = { readonly binding: TargetGroupBinding; readonly spec: BindingSpec };

const neighbours = (binding: TargetGroupBinding, group: Named, snapshot: Snapshot): readonly Neighbour[] =>
  [...snapshot.targetGroupBindings.values()].flatMap((other) => {
    if (objectId(other.metadata) === objectId(binding.metadata)) return [];
    if (other.metadata.deletionTimestamp !== undefined || madeByLbcFor(other)) return [];
    const read = readBinding(other);
    return 'spec' in read && names(read.spec, group) ? [{ binding: other, spec: read.spec }] : [];
  });

export const neighboursOf = (
  binding: TargetGroupBinding,
  group: Named,
  snapshot: Snapshot,
): readonly TargetGroupBinding[] => neighbours(binding, group, snapshot).map((it) => it.binding);

/**
 * The binding that has the group before this one: the oldest of those that want it, then the first by name. None when
 * all of them share it.
 */
export const olderRival = (
  binding: TargetGroupBinding,
  spec: BindingSpec,
  group: Named,
  snapshot: Snapshot,
): string | undefined => {
  const others = neighbours(binding, group, snapshot);
  if (spec.shared && others.every((it) => it.spec.shared)) return undefined;
  const age = ({ metadata }: TargetGroupBinding): string =>
    `${metadata.creationTimestamp ?? ''} ${objectId(metadata)}`;
  const [first] = others.map((it) => it.binding).sort((a, b) => (age(a) < age(b) ? -1 : 1));
  return first && age(first) < age(binding) ? objectId(first.metadata) : undefined;
};
