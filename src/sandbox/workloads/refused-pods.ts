import type { Access } from './access.ts';
import type { Loop } from './loop.ts';
import type { RecordEvent } from './record-event.ts';
import { REFUSAL_PAUSE } from './reviewed-pods.ts';

/** Says on a controller's object that a webhook refused its Pod, and lets the controller try again. */
export const followRefusals = (access: Access, loop: Loop, record: RecordEvent, kind: string): void =>
  access.onRefused(({ metadata }, message) => {
    for (const owner of metadata.ownerReferences ?? []) {
      if (owner.kind !== kind || owner.controller !== true) continue;
      const { apiVersion, name, uid } = owner;
      const namespace = metadata.namespace ?? 'default';
      record(
        { apiVersion, kind, metadata: { name, namespace, uid } },
        { type: 'Warning', reason: 'FailedCreate', message: `Error creating: ${message}` },
      );
      loop.queue(`${namespace}/${name}`, REFUSAL_PAUSE + 50);
    }
  });
