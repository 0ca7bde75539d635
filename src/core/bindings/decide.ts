/** What to do about one TargetGroupBinding: which targets come, which go, and what its owner has to be told. */
import type { TargetGroupBinding } from '../kube/objects.ts';
import type { Snapshot } from '../kube/snapshot.ts';
import type { Facts } from '../model/facts.ts';
import type { Target } from '../model/resource.ts';
import type { ProblemCode } from '../problems/table.ts';
import { type BoundGroup, parseTargets, targetId, targetsNote } from './group.ts';
import { FILLED, REGISTERED } from './labels.ts';
import { mismatchOf, ownerOf } from './mismatch.ts';
import type { BindingSpec } from './read-binding.ts';
import { neighboursOf, olderRival } from './rivals.ts';
import { wantedTargets } from './wanted-targets.ts';

export type BindingProblem = { readonly code: ProblemCode; readonly message: string };

export type BindingDecision = {
  /** Something is wrong, and nothing is changed because of it. */
  readonly frozen?: true;
  readonly problems: readonly BindingProblem[];
  readonly register: readonly Target[];
  readonly deregister: readonly Target[];
  /** What is registered afterwards, as a note; absent: no note is kept. */
  readonly note?: string;
  /** Targets that the binding stands for. */
  readonly wanted: number;
};

export type DecideInput = {
  readonly binding: TargetGroupBinding;
  readonly spec: BindingSpec;
  readonly group: BoundGroup;
  readonly snapshot: Snapshot;
  readonly facts: Facts;
  readonly cluster: string;
};

export const decideBinding = (input: DecideInput): BindingDecision => {
  const { binding, spec, group, snapshot } = input;
  const rival = olderRival(binding, spec, group, snapshot);
  if (rival !== undefined)
    return frozen(
      'TargetGroupTaken',
      `TargetGroupBinding ${rival} has target group ${group.name} already; expected one binding for a target group, or spec.multiClusterTargetGroup: true on all of them`,
    );
  const mismatch = mismatchOf(input);
  if (mismatch) return frozen(mismatch.code, mismatch.message);
  const wanted = wantedTargets(binding, spec, group, input);
  if ('wrong' in wanted) return frozen('InvalidBinding', wanted.wrong);
  const missing: readonly BindingProblem[] =
    'missing' in wanted ? [{ code: 'ServiceMissing', message: wanted.missing }] : [];
  const targets = 'targets' in wanted ? wanted.targets : [];
  return {
    problems: [...missing, ...networkingOf(spec)],
    ...change(input, targets),
    wanted: targets.length,
  };
};

/** What to take out when the binding goes: what it registered, but for what somebody else wants. */
export const targetsToLeave = (
  input: Pick<DecideInput, 'binding' | 'spec' | 'group' | 'snapshot' | 'cluster'>,
): readonly Target[] => {
  const { binding, spec, group, snapshot } = input;
  // What was filled is emptied, whatever the fields have come to say since.
  const filled = binding.metadata.annotations?.[FILLED] === group.arn;
  if (filled ? ownerOf(input) : mismatchOf(input)) return [];
  const neighbours = neighboursOf(binding, group, snapshot);
  // Of a group that one binding has for itself everything goes, unless another has taken its place.
  if (!spec.shared) return neighbours.length > 0 ? [] : group.targets;
  return mine(binding, group, snapshot);
};

/** A binding stays with its target group: in another one it would leave the targets of the first one behind. */
export const movedAway = (filled: string, { arn }: Pick<BoundGroup, 'arn'>): BindingProblem => ({
  code: 'InvalidBinding',
  message: `spec.targetGroupARN: expected ${filled}, where this binding has registered targets, got ${arn}; put it back, or delete the TargetGroupBinding, which takes the targets out of ${filled}, and create another one`,
});

const change = (
  { binding, spec, group, snapshot }: DecideInput,
  targets: readonly Target[],
): Pick<BindingDecision, 'register' | 'deregister' | 'note'> => {
  const have = new Map(group.targets.map((it) => [targetId(it), it]));
  const wanted = new Set(targets.map(targetId));
  const register = targets.filter((it) => {
    const there = have.get(targetId(it));
    return !there || there.zone !== it.zone;
  });
  const candidates = spec.shared ? mine(binding, group, snapshot) : group.targets;
  return {
    register,
    deregister: candidates.filter((it) => !wanted.has(targetId(it))),
    ...(spec.shared && { note: targetsNote(targets) }),
  };
};

/** Targets of a shared group that this binding registered and no other of this cluster did as well. */
const mine = (binding: TargetGroupBinding, group: BoundGroup, snapshot: Snapshot): readonly Target[] => {
  const noted = notedOf(binding);
  const others = neighboursOf(binding, group, snapshot).flatMap((it) => [...notedOf(it)]);
  return group.targets.filter((it) => noted.has(targetId(it)) && !others.includes(targetId(it)));
};

const notedOf = ({ metadata }: TargetGroupBinding): ReadonlySet<string> =>
  new Set((parseTargets(metadata.annotations?.[REGISTERED]) ?? []).map(targetId));

/** Decision 9: groups of nodes and pods are the user's. */
const networkingOf = ({ networking }: BindingSpec): readonly BindingProblem[] =>
  networking
    ? [
        {
          code: 'NetworkingLeft',
          message:
            'spec.networking.ingress: security groups of nodes and pods are not changed by this controller; see that they let in what spec.networking.ingress lists, as docs/target-group-bindings.md says, and take the field out',
        },
      ]
    : [];

const frozen = (code: ProblemCode, message: string): BindingDecision => ({
  frozen: true,
  problems: [{ code, message }],
  register: [],
  deregister: [],
  wanted: 0,
});
