import { isScoped, QUOTAS, quotaStatus } from '../kubernetes/admission/quotas.ts';
import type { KubeObject } from '../kubernetes/object.ts';
import type { Access } from './access.ts';
import { createLoop, follow, keyOf, type Loop, ownKey } from './loop.ts';
import { createRecorder } from './record-event.ts';

/** Keeps the status of ResourceQuotas: what is used of what they limit. */
export const runResourceQuotas = (access: Access, onError: (message: string) => void): Loop => {
  const { cluster } = access;
  const record = createRecorder(access, 'resourcequota-controller');
  const loop = createLoop(
    'ResourceQuota',
    (namespace, name) => {
      const quota = access.get<KubeObject>(QUOTAS, namespace, name);
      if (quota === undefined) return;
      if (isScoped(quota)) record(quota, { type: 'Warning', reason: 'NotEnforced', message: SCOPED });
      else access.setStatus(QUOTAS, quota, quotaStatus(cluster, quota));
    },
    onError,
  );
  follow(cluster.store, loop, QUOTAS, ownKey);
  cluster.store.onWrite((storage, { type, object }) => {
    const { namespace } = object.metadata;
    if (namespace === undefined || storage === 'events') return;
    if (type === 'MODIFIED' && !GROWING.has(storage)) return;
    for (const quota of access.list<KubeObject>(QUOTAS, namespace)) loop.queue(keyOf(quota));
  });
  return loop;
};

const SCOPED = 'the sandbox tells no scopes apart: the quota is not enforced';
/** What counts as more or less while it lives. */
const GROWING: ReadonlySet<string> = new Set(['pods', 'services', 'persistentvolumeclaims']);
