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

/**
 * Whether the absence of Ingresses of a stack means anything. Looking at some namespaces only, a group, or a
 * namespace that is not watched, may well have members elsewhere.
 */
export const mayJudge = (stack: string, { namespaces }: Scope): boolean =>
  namespaces.length === 0 || (stack.includes('/') && namespaces.includes(stack.split('/')[0] ?? ''));
