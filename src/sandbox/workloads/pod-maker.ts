import { type Cluster, internalWrite } from '../kubernetes/api/cluster.ts';
import { ApiError } from '../kubernetes/api/errors.ts';
import { newMetadata } from '../kubernetes/api/metadata.ts';
import { createObject } from '../kubernetes/api/write.ts';
import type { Kind } from '../kubernetes/kinds.ts';
import type { KubeObject, ObjectMeta } from '../kubernetes/object.ts';
import { textOf } from '../text-of.ts';

/** Creates the Pods of controllers, and remembers for a moment which of them were refused. */
export type PodMaker = {
  /**
   * Creates a Pod. Undefined when it was refused just now, or another of the same controller a moment ago. One that
   * admission webhooks must be asked about is not stored yet; until then `waiting` lists it under the name it will have.
   */
  create(kind: Kind, namespace: string | undefined, object: KubeObject): KubeObject | undefined;
  waiting(namespace: string | undefined): readonly KubeObject[];
  /** Why a Pod of this controller was last refused; undefined once it may try again. */
  refusal(owner: { readonly metadata: ObjectMeta }): string | undefined;
  onRefused(listener: Refused): void;
};

/** `over` is called when the controller may try again. */
export type Refused = (pod: KubeObject, message: string, over: Promise<void>) => void;

/** Pause after a refusal, in milliseconds, so that what always refuses is not asked without end. */
const REFUSAL_PAUSE = 1_000;

const controllerOf = ({ metadata }: KubeObject): string =>
  metadata.ownerReferences?.find((one) => one.controller === true)?.uid ?? '';

export const createPodMaker = (cluster: Cluster, manager: string): PodMaker => {
  const user = { username: `system:${manager}`, groups: ['system:authenticated'] };
  const waiting = new Map<string, KubeObject>();
  const refusals = new Map<string, string>();
  const listeners: Refused[] = [];
  const refuse = (pod: KubeObject, message: string): void => {
    const owner = controllerOf(pod);
    refusals.set(owner, message);
    const over = new Promise<void>((resolve) => {
      setTimeout(() => {
        refusals.delete(owner);
        resolve();
      }, REFUSAL_PAUSE).unref();
    });
    for (const listener of listeners) listener(pod, message, over);
  };
  const review = async (kind: Kind, namespace: string | undefined, pod: KubeObject): Promise<void> => {
    const { name } = pod.metadata;
    const key = `${namespace}/${name}`;
    const request = { kind, namespace, name, subresource: undefined, dryRun: false, warn: () => {}, user };
    waiting.set(key, pod);
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
      waiting.delete(key);
      refuse(pod, textOf(error));
    }
  };
  const reviewed = (kind: Kind, namespace: string | undefined, object: KubeObject): KubeObject => {
    const { uid: _, creationTimestamp: _c, ...metadata } = newMetadata(kind, object.metadata, namespace);
    const pod: KubeObject = { ...object, metadata };
    void review(kind, namespace, pod);
    return pod;
  };
  return {
    create: (kind, namespace, object) => {
      if (refusals.has(controllerOf(object))) return undefined;
      if (cluster.webhooks.any()) return reviewed(kind, namespace, object);
      try {
        return createObject(cluster, kind, namespace, object, internalWrite(manager));
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        refuse({ ...object, metadata: { ...object.metadata, namespace } as ObjectMeta }, error.message);
        return undefined;
      }
    },
    waiting: (namespace) =>
      [...waiting.values()].filter(
        ({ metadata }) => namespace === undefined || metadata.namespace === namespace,
      ),
    refusal: ({ metadata }) => refusals.get(metadata.uid ?? ''),
    onRefused: (listener) => void listeners.push(listener),
  };
};
