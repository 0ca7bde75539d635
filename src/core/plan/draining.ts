/** What of a plan cannot wait: targets whose Pods are leaving are taken out before anything else is done. */
import { type Actual, kindOf } from '../model/actual.ts';
import type { Resource } from '../model/resource.ts';
import { addressOf } from '../model/target-health.ts';
import type { Plan, Update } from './plan.ts';

/**
 * For each target group of the plan that loses targets with one of the addresses: an update that does nothing but
 * that. Everything else is left to the plan.
 */
export const drainsOf = (plan: Plan, actual: Actual, leaving: ReadonlySet<string>): readonly Update[] =>
  plan.operations.flatMap((operation): Update[] => {
    if (operation.verb !== 'update' || kindOf(operation.key) !== 'target-group') return [];
    const have = actual.owned.get(operation.key);
    const { resource } = operation;
    if (have?.kind !== 'target-group' || resource.kind !== 'target-group') return [];
    const wanted = new Set(resource.spec.targets.map(addressOf));
    const from = have.spec.targets;
    const to = from.filter((target) => wanted.has(addressOf(target)) || !leaving.has(target.id));
    if (to.length === from.length) return [];
    const left: Resource<'target-group'> = { ...have, spec: { ...have.spec, targets: to } };
    return [
      {
        verb: 'update',
        key: operation.key,
        resource: left,
        changes: [{ field: 'targets', from, to }],
        after: [],
      },
    ];
  });
