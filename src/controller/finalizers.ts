/** Finalizers keep an Ingress from vanishing while AWS holds something of it. */
import type { Ingress } from '../core/kube/objects.ts';
import type { PlannedStack } from '../core/plan/plan-stack.ts';
import type { Kube } from '../core/ports.ts';
import { textOf } from '../core/text-of.ts';
import { finalizerOf, memberships, stacksOfFinalizers } from '../core/translate/membership.ts';
import type { Pass } from './pass.ts';

/**
 * Before anything is made for an Ingress, it must not be able to vanish unseen. Adds those to `unmarked` to which Kubernetes
 * does not permit it, with the reason; resolves with whether there are any that were not in it.
 */
export const markMembers = async (
  stack: string,
  { desired }: PlannedStack,
  unmarked: Map<string, string>,
  kube: Pick<Kube, 'setFinalizer'>,
): Promise<boolean> => {
  const finalizer = finalizerOf(stack);
  const before = unmarked.size;
  const missing = desired.accepted.filter(
    ({ id, ingress }) => !unmarked.has(id) && !ingress.metadata.finalizers?.includes(finalizer),
  );
  await Promise.all(
    missing.map(({ id, ingress }) =>
      kube
        .setFinalizer(ingress, finalizer, true)
        .catch((error: unknown) => void unmarked.set(id, textOf(error))),
    ),
  );
  return unmarked.size > before;
};

/** One write to an Ingress: that it is refused concerns nobody else, and is tried again with the next pass. */
export type Write = (what: Promise<void>) => Promise<void>;

/** Ingresses that left the stack, once nothing of them serves any more. */
export const releaseLeavers = async (
  { stack, ingresses, staying, settings: { scope }, snapshot, ports: { kube } }: Pass,
  write: Write,
): Promise<void> => {
  for (const id of ingresses) {
    const ingress = snapshot.ingresses.get(id);
    if (!ingress || staying.ingresses.has(id) || !stacksOfFinalizers(ingress).includes(stack)) continue;
    const left = memberships(ingress, snapshot, scope).filter(
      (it) => it.is === 'leaving' && it.stack === stack,
    );
    if (left.length === 0) continue;
    const release = async (): Promise<void> => {
      if (!ingress.metadata.deletionTimestamp && isLast(ingress)) await kube.setStatus(ingress, []);
      await kube.setFinalizer(ingress, finalizerOf(stack), false);
    };
    await write(release());
  }
};

const isLast = (ingress: Ingress): boolean => stacksOfFinalizers(ingress).length === 1;
