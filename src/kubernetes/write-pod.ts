import type { Clock, Kube } from '../core/ports.ts';
import { failureError } from './failure.ts';
import { collectionPath, KINDS } from './kinds.ts';
import type { Transport } from './transport.ts';

/** Answers that mean: gone, or a namesake by now. Nobody waits for that Pod any more. */
const IS_ANOTHER = [404, 409, 422];

/**
 * Writes one condition into a Pod's status. A strategic merge patch merges conditions by type, so that those of the
 * kubelet and of other controllers stay (Kubernetes documentation: Pod readiness). Rejects when the server refuses.
 */
export const writePodCondition =
  (transport: Transport, clock: Pick<Clock, 'now'>): Kube['setPodCondition'] =>
  async ({ metadata: { name, namespace, uid } }, condition) => {
    const path = `${collectionPath(KINDS.pods.apiVersion, 'pods', namespace)}/${encodeURIComponent(name)}/status`;
    const lastTransitionTime = new Date(clock.now()).toISOString().replace(/\.\d+Z$/, 'Z');
    const body = {
      metadata: { ...(uid !== undefined && { uid }) },
      status: { conditions: [{ ...condition, lastTransitionTime }] },
    };
    const answer = await transport.json({
      verb: 'patch',
      resource: 'pods/status',
      path,
      body,
      merge: 'strategic',
    });
    if (answer.ok || IS_ANOTHER.includes(answer.failure.code)) return;
    throw failureError(
      `writing condition ${condition.type} of Pod ${namespace}/${name}; the controller needs patch on pods/status`,
      answer.failure,
    );
  };
