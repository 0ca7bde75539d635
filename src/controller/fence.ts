/** The gate before every write: a controller that may not lead any more changes neither AWS nor the cluster. */
import type { Attempt, Aws, Kube } from '../core/ports.ts';

export type Gate = { readonly mayWrite: () => boolean };

const WHY = 'this controller does not lead (any more)';

const CLOSED: Attempt = { status: 'failed', code: 'NotLeading', message: WHY, retry: true };

/** The same ports; what would write does nothing and says so while the gate is closed. Reading goes on. */
export const fenced = <P extends { readonly aws: Aws; readonly kube: Kube }>(ports: P, gate: Gate): P => {
  const { aws, kube } = ports;
  const write = async (work: () => Promise<void>): Promise<void> => {
    if (!gate.mayWrite()) throw new Error(WHY);
    await work();
  };
  return {
    ...ports,
    aws: {
      ...aws,
      groups: {
        ...aws.groups,
        fill: async (...given) => (gate.mayWrite() ? aws.groups.fill(...given) : CLOSED),
      },
      perform: async (operation, actual) => (gate.mayWrite() ? aws.perform(operation, actual) : CLOSED),
    },
    // Named one by one, so that a new write cannot slip through.
    kube: {
      start: (...given) => kube.start(...given),
      snapshot: () => kube.snapshot(),
      ages: () => kube.ages(),
      lookAtSecrets: (...given) => kube.lookAtSecrets(...given),
      stop: () => kube.stop(),
      setFinalizer: (...given) => write(() => kube.setFinalizer(...given)),
      setStatus: (...given) => write(() => kube.setStatus(...given)),
      setPodCondition: (...given) => write(() => kube.setPodCondition(...given)),
      changeBinding: (...given) => write(() => kube.changeBinding(...given)),
      setBindingStatus: (...given) => write(() => kube.setBindingStatus(...given)),
      // What only shows something rejects nothing.
      setStackStatus: async (...given) => (gate.mayWrite() ? kube.setStackStatus(...given) : undefined),
      pruneStackStatuses: async (...given) =>
        gate.mayWrite() ? kube.pruneStackStatuses(...given) : undefined,
      notify: (...given) => write(() => kube.notify(...given)),
    },
  };
};
