import { kubeTime } from '../kubernetes/object.ts';
import type { Access } from './access.ts';
import type { Loop } from './loop.ts';
import { type Condition, isStored, type Pod, type Scaled, withCondition } from './objects.ts';
import type { RecordEvent } from './record-event.ts';

/** How a controller words a refusal; `pod` is the name asked for. */
type Words = (message: string, owner: string, pod: string) => string;

/** Says on a controller's object that its Pod was refused, and lets the controller try again. */
export const followRefusals = (
  access: Access,
  loop: Loop,
  record: RecordEvent,
  kind: string,
  words: Words = (message) => `Error creating: ${message}`,
): void =>
  access.onRefused(({ metadata }, message, over) => {
    for (const owner of metadata.ownerReferences ?? []) {
      if (owner.kind !== kind || owner.controller !== true) continue;
      const { apiVersion, name, uid } = owner;
      const namespace = metadata.namespace ?? 'default';
      // Each try has a Pod of another name, and is one more of the same Event all the same.
      const like = message.replace(/^pods "[^"]*"/, 'pods');
      record(
        { apiVersion, kind, metadata: { name, namespace, uid } },
        { type: 'Warning', reason: 'FailedCreate', message: words(message, name, metadata.name), like },
      );
      loop.queue(`${namespace}/${name}`);
      void over.then(() => loop.queue(`${namespace}/${name}`));
    }
  });

const FAILURE = 'ReplicaFailure';

/** The conditions of a set of Pods: whether it could not create them all. */
export const withFailure = (access: Access, set: Scaled, active: readonly Pod[]): readonly Condition[] => {
  const conditions = set.status?.conditions ?? [];
  if (active.filter(isStored).length >= (set.spec.replicas ?? 1))
    return conditions.filter(({ type }) => type !== FAILURE);
  const message = access.refusal(set);
  // The first message stays, as long as it fails for the same reason.
  if (message === undefined || conditions.some(({ type }) => type === FAILURE)) return conditions;
  const failure: Condition = { type: FAILURE, status: 'True', reason: 'FailedCreate', message };
  return withCondition(conditions, failure, kubeTime());
};

/** What a Deployment says of Pods that could not be created: the condition of its newest set, or of an older one. */
export const failureOf = (current: Scaled | undefined, sets: readonly Scaled[]): Condition | undefined =>
  [...(current === undefined ? [] : [current]), ...sets]
    .flatMap(({ status }) => status?.conditions ?? [])
    .find(({ type }) => type === FAILURE);
