import { createHash } from 'node:crypto';
import { type Meta, objectId } from '../core/kube/objects.ts';
import type { Notice } from '../core/ports.ts';
import { KINDS } from './kinds.ts';

type Subject = { readonly metadata: Meta; readonly plural: 'ingresses' | 'targetgroupbindings' };

/** The object that an Event is about. */
export const subjectOf = (notice: Notice): Subject =>
  'ingress' in notice
    ? { metadata: notice.ingress.metadata, plural: 'ingresses' }
    : { metadata: notice.binding.metadata, plural: 'targetgroupbindings' };

/** What makes two notices the same Event: object, type, reason and message. */
export const noticeKey = (notice: Notice): string => {
  const { metadata } = subjectOf(notice);
  return JSON.stringify([objectId(metadata), metadata.uid, notice.type, notice.reason, notice.message]);
};

/**
 * The Event's name, `<object>.<hex>` as Kubernetes names Events. The digits come from what is said, so that a
 * restarted controller finds the Event it wrote before. Names end at 253 characters.
 */
export const eventName = (notice: Notice): string => {
  const hex = createHash('sha256').update(noticeKey(notice)).digest('hex').slice(0, 16);
  const room = 253 - hex.length - 1;
  return `${subjectOf(notice)
    .metadata.name.slice(0, room)
    .replace(/[-.]+$/, '')}.${hex}`;
};

/** A new Event, of core/v1 because every kubectl and every API server since 1.0 reads its count. */
export const newEvent = (notice: Notice, controllerName: string, count: number, at: string): object => {
  const { metadata, plural } = subjectOf(notice);
  const { apiVersion, kind } = KINDS[plural];
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: eventName(notice), namespace: metadata.namespace },
    // `kubectl describe` selects by name, namespace, uid and kind.
    involvedObject: {
      apiVersion,
      kind,
      namespace: metadata.namespace,
      name: metadata.name,
      ...(metadata.uid !== undefined && { uid: metadata.uid }),
      ...(metadata.resourceVersion !== undefined && { resourceVersion: metadata.resourceVersion }),
    },
    type: notice.type,
    reason: notice.reason.slice(0, LONGEST_REASON),
    message: shortened(notice.message),
    source: { component: controllerName },
    reportingComponent: controllerName,
    reportingInstance: controllerName,
    firstTimestamp: at,
    lastTimestamp: at,
    count,
  };
};

/** Kubernetes refuses longer reasons (128) and notes (1024 bytes) in events.k8s.io, where the same Event is read too. */
const LONGEST_REASON = 128;
const LONGEST_MESSAGE = 1024 - 3;

const shortened = (message: string): string =>
  message.length <= LONGEST_MESSAGE ? message : `${message.slice(0, LONGEST_MESSAGE)}…`;
