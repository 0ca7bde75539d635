/** All stacks that the Ingresses of a cluster form, each with the Ingresses to look at. */
import type { Snapshot } from '../kube/snapshot.ts';
import { memberships, type Scope } from './membership.ts';

/** By stack, sorted. An Ingress that belongs nowhere but must be told something stands under its own name. */
export const stacksOf = (snapshot: Snapshot, scope: Scope): ReadonlyMap<string, readonly string[]> => {
  const stacks = new Map<string, string[]>();
  for (const [id, ingress] of snapshot.ingresses)
    for (const membership of memberships(ingress, snapshot, scope)) {
      if (membership.is === 'foreign') continue;
      const stack = membership.stack ?? id;
      stacks.set(stack, [...(stacks.get(stack) ?? []), id]);
    }
  return new Map([...stacks].sort(([a], [b]) => (a < b ? -1 : 1)));
};
