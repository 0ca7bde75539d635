/** The target groups through which requests reach Pods: those of Ingresses, and those that bindings fill. */
import type { BoundGroup } from '../core/bindings/group.ts';
import { readBinding } from '../core/bindings/read-binding.ts';
import type { Actual } from '../core/model/actual.ts';
import type { Target } from '../core/model/resource.ts';
import type { TargetStates } from '../core/model/target-health.ts';
import type { PlannedStack } from '../core/plan/plan-stack.ts';
import type { Aws, Kube } from '../core/ports.ts';

/** What the last pass left of a stack. `current`: nothing has changed since then. */
export type Served = {
  readonly actual: Actual | undefined;
  /** The same where it has to be looked at again: target groups are where they were, whatever failed beside them. */
  readonly seen: Actual | undefined;
  readonly planned: PlannedStack | undefined;
  readonly current: boolean;
};

export type HealthGroup = {
  /** For people. */
  readonly title: string;
  /** `namespace/name` of the TargetGroupBinding that fills it; absent: an Ingress does. */
  readonly binding?: string;
  readonly targets: readonly Target[];
  /** Rejects when AWS does not answer. */
  health(): Promise<TargetStates>;
};

export type HealthPorts = {
  readonly kube: Pick<Kube, 'snapshot'>;
  readonly aws: Pick<Aws, 'targetHealth' | 'groups'>;
  readonly stacks: () => ReadonlyMap<string, Served>;
  /** By `namespace/name`, with the group as the last pass left it. */
  readonly bindings: () => ReadonlyMap<string, { readonly group: BoundGroup | undefined }>;
};

export const healthGroups = (ports: HealthPorts): readonly HealthGroup[] => [
  ...[...ports.stacks().values()].flatMap((stack) => ofStack(stack, ports)),
  ...[...ports.bindings()].flatMap(([id, { group }]) => (group ? ofBinding(id, group, ports) : [])),
];

const ofStack = ({ actual, seen, planned }: Served, { aws }: HealthPorts): readonly HealthGroup[] => {
  const known = actual ?? seen;
  return [...(planned?.desired.graph.values() ?? [])].flatMap((resource) => {
    if (resource.kind !== 'target-group' || resource.spec.targetType !== 'ip') return [];
    const { key, spec } = resource;
    const health = async (): Promise<TargetStates> =>
      (known && (await aws.targetHealth([key], known)).get(key)) ?? new Map();
    return [{ title: key, targets: spec.targets, health }];
  });
};

const ofBinding = (id: string, group: BoundGroup, { aws, kube }: HealthPorts): readonly HealthGroup[] => {
  const binding = kube.snapshot().targetGroupBindings.get(id);
  const read = binding && readBinding(binding);
  if (group.targetType !== 'ip' || !read || !('spec' in read)) return [];
  const { role } = read.spec;
  const health = (): Promise<TargetStates> => aws.groups.health(group, role);
  return [{ title: `target group ${group.name}`, binding: id, targets: group.targets, health }];
};
