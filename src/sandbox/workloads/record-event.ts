import { createHash } from 'node:crypto';
import { type KubeObject, kubeTime, type ObjectMeta } from '../kubernetes/object.ts';
import type { Access } from './access.ts';

export type EventText = {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** What tells the same text again, when the message differs each time. */
  readonly like?: string;
};

/** Writes an Event about an object; the same again raises its count. */
export type RecordEvent = (
  about: { readonly kind: string; readonly apiVersion: string; readonly metadata: ObjectMeta },
  text: EventText,
) => void;

export const createRecorder =
  (access: Access, component: string): RecordEvent =>
  (about, { type, reason, message, like = message }) => {
    const namespace = about.metadata.namespace ?? 'default';
    const digest = createHash('sha256')
      .update(`${about.metadata.uid} ${component} ${type} ${reason} ${like}`)
      .digest('hex');
    const name = `${about.metadata.name}.${digest.slice(0, 16)}`;
    const known = access.get<KubeObject>('events', namespace, name);
    const now = kubeTime();
    if (known !== undefined) {
      access.update('events', {
        ...known,
        message,
        count: Number(known.count ?? 1) + 1,
        lastTimestamp: now,
      } as KubeObject);
      return;
    }
    if (access.get('namespaces', undefined, namespace) === undefined) return;
    const { name: aboutName, namespace: aboutNamespace, uid, resourceVersion } = about.metadata;
    access.create('events', namespace, {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name },
      involvedObject: {
        apiVersion: about.apiVersion,
        kind: about.kind,
        name: aboutName,
        namespace: aboutNamespace,
        uid,
        resourceVersion,
      },
      type,
      reason,
      message,
      count: 1,
      firstTimestamp: now,
      lastTimestamp: now,
      source: { component },
      reportingComponent: component,
      reportingInstance: '',
    });
  };
