import { kubeTime, type ObjectMeta } from '../kubernetes/object.ts';
import type { Access } from './access.ts';
import { createLoop, follow, type Loop } from './loop.ts';
import { type Condition, withCondition } from './objects.ts';
import { createRecorder } from './record-event.ts';

/** What the sandbox keeps but does not act on, and what it says about that, by where objects are stored. */
const SAYINGS: Readonly<Record<string, { readonly reason: string; readonly message: string }>> = {
  'horizontalpodautoscalers.autoscaling': {
    reason: 'FailedGetResourceMetric',
    message: 'the sandbox measures no Pods: nothing is scaled, use kubectl scale',
  },
  'networkpolicies.networking.k8s.io': {
    reason: 'NotEnforced',
    message: 'the sandbox has no network plugin: all traffic is allowed',
  },
  limitranges: {
    reason: 'NotEnforced',
    message: 'the sandbox limits no resources: the range is not enforced',
  },
  persistentvolumeclaims: {
    reason: 'ProvisioningFailed',
    message: 'the sandbox has no storage: the claim stays Pending; Pods run without their volumes',
  },
};

type Kept = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly status?: { readonly conditions?: readonly Condition[] };
};

/** Says of objects that nothing is done about them, by an Event, so that nobody waits for it. */
export const runNotCarriedOut = (access: Access, onError: (message: string) => void): readonly Loop[] =>
  Object.entries(SAYINGS).map(([storage, { reason, message }]) => {
    const record = createRecorder(access, 'sandbox');
    const loop = createLoop(
      storage,
      (namespace, name) => {
        const object = access.get<Kept>(storage, namespace, name);
        if (object === undefined) return;
        record(object, { type: 'Warning', reason, message });
        if (storage !== 'horizontalpodautoscalers.autoscaling') return;
        const inactive: Condition = { type: 'ScalingActive', status: 'False', reason, message };
        access.setStatus(storage, object, {
          ...object.status,
          currentReplicas: 0,
          desiredReplicas: 0,
          conditions: withCondition(object.status?.conditions, inactive, kubeTime()),
        });
      },
      onError,
    );
    follow(access.cluster.store, loop, storage, ({ type, object }) =>
      type === 'ADDED' ? [`${object.metadata.namespace ?? ''}/${object.metadata.name}`] : [],
    );
    return loop;
  });
