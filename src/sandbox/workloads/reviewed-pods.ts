import { type Cluster, internalWrite } from '../kubernetes/api/cluster.ts';
import { newMetadata } from '../kubernetes/api/metadata.ts';
import { createObject } from '../kubernetes/api/write.ts';
import type { Kind } from '../kubernetes/kinds.ts';
import type { KubeObject } from '../kubernetes/object.ts';
import { textOf } from '../text-of.ts';

/** Pods that controllers have made and admission webhooks have not answered for yet. */
export type ReviewedPods = {
  /** Creates a Pod once the webhooks allow it; until then `waiting` lists it under the name it will have. */
  create(kind: Kind, namespace: string | undefined, object: KubeObject): KubeObject;
  waiting(namespace: string | undefined): readonly KubeObject[];
  onRefused(listener: Refused): void;
};

export type Refused = (pod: KubeObject, message: string) => void;

/** Pause after a refusal, in milliseconds, so that a webhook that always refuses is not asked without end. */
export const REFUSAL_PAUSE = 1_000;

export const createReviewedPods = (cluster: Cluster, manager: string): ReviewedPods => {
  const user = { username: `system:${manager}`, groups: ['system:authenticated'] };
  const waiting = new Map<string, KubeObject>();
  const listeners: Refused[] = [];
  const review = async (kind: Kind, namespace: string | undefined, pod: KubeObject): Promise<void> => {
    const { name } = pod.metadata;
    const key = `${namespace}/${name}`;
    const request = { kind, namespace, name, subresource: undefined, dryRun: false, warn: () => {}, user };
    try {
      await cluster.webhooks.admitted(cluster, request, (admission) => {
        waiting.delete(key);
        try {
          return createObject(cluster, kind, namespace, pod, { ...internalWrite(manager), admission });
        } catch (error) {
          waiting.set(key, pod);
          throw error;
        }
      });
    } catch (error) {
      const message = textOf(error);
      for (const listener of listeners) listener(pod, message);
      setTimeout(() => waiting.delete(key), REFUSAL_PAUSE).unref();
    }
  };
  return {
    create: (kind, namespace, object) => {
      const { uid: _, creationTimestamp: _c, ...metadata } = newMetadata(kind, object.metadata, namespace);
      const pod: KubeObject = { ...object, metadata };
      waiting.set(`${namespace}/${metadata.name}`, pod);
      void review(kind, namespace, pod);
      return pod;
    },
    waiting: (namespace) =>
      [...waiting.values()].filter(
        ({ metadata }) => namespace === undefined || metadata.namespace === namespace,
      ),
    onRefused: (listener) => void listeners.push(listener),
  };
};
