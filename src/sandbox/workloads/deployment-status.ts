import { kubeTime } from '../kubernetes/object.ts';
import type { Access } from './access.ts';
import { available, currentSet, DEPLOYMENTS, limits, setsOf, wanted } from './deployment-facts.ts';
import type { Loop } from './loop.ts';
import { type Condition, type Deployment, type Scaled, withCondition } from './objects.ts';
import { failureOf } from './refused-pods.ts';

/** Writes the status of a Deployment; the loop comes back when its progress deadline may have passed. */
export const reportDeployment = (access: Access, deployment: Deployment, loop: Loop): void => {
  const sets = setsOf(access, deployment);
  const current = currentSet(deployment, sets);
  const counts = {
    replicas: sets.reduce((sum, set) => sum + (set.status?.replicas ?? 0), 0),
    updated: current?.status?.replicas ?? 0,
    ready: sets.reduce((sum, set) => sum + (set.status?.readyReplicas ?? 0), 0),
    available: available(sets),
  };
  const unavailable = Math.max(0, wanted(deployment) - counts.available);
  access.setStatus(DEPLOYMENTS, deployment, {
    observedGeneration: deployment.metadata.generation,
    ...(counts.replicas > 0 ? { replicas: counts.replicas } : {}),
    ...(counts.updated > 0 ? { updatedReplicas: counts.updated } : {}),
    ...(counts.ready > 0 ? { readyReplicas: counts.ready } : {}),
    ...(counts.available > 0 ? { availableReplicas: counts.available } : {}),
    ...(unavailable > 0 ? { unavailableReplicas: unavailable } : {}),
    conditions: withSetFailure(conditionsOf(deployment, current, counts, loop), current, sets),
  });
};

const withSetFailure = (
  conditions: readonly Condition[],
  current: Scaled | undefined,
  sets: readonly Scaled[],
): readonly Condition[] => {
  const failure = failureOf(current, sets);
  const others = conditions.filter(({ type }) => type !== 'ReplicaFailure');
  if (failure === undefined) return others;
  const { lastTransitionTime = kubeTime() } = failure;
  return [...others, { ...failure, lastUpdateTime: lastTransitionTime }];
};

type Counts = { readonly replicas: number; readonly updated: number; readonly available: number };

const conditionsOf = (
  deployment: Deployment,
  current: Scaled | undefined,
  counts: Counts,
  loop: Loop,
): readonly Condition[] => {
  const now = kubeTime();
  const enough = counts.available >= wanted(deployment) - limits(deployment).unavailable;
  const progress = progressOf(deployment, current, counts, loop);
  const stamped = (next: Condition): Condition => {
    const before = deployment.status?.conditions?.find((one) => one.type === next.type);
    const same =
      before !== undefined &&
      before.reason === next.reason &&
      before.status === next.status &&
      before.message === next.message;
    return { ...next, lastUpdateTime: same ? (before.lastUpdateTime ?? now) : now };
  };
  const availableCondition: Condition = {
    type: 'Available',
    status: enough ? 'True' : 'False',
    reason: enough ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
    message: enough
      ? 'Deployment has minimum availability.'
      : 'Deployment does not have minimum availability.',
  };
  return withCondition(
    withCondition(deployment.status?.conditions, stamped(availableCondition), now),
    stamped(progress),
    now,
  );
};

const progressOf = (
  deployment: Deployment,
  current: Scaled | undefined,
  counts: Counts,
  loop: Loop,
): Condition => {
  const name = current?.metadata.name ?? '';
  const before = deployment.status?.conditions?.find((one) => one.type === 'Progressing');
  if (deployment.spec.paused === true)
    return {
      type: 'Progressing',
      status: 'Unknown',
      reason: 'DeploymentPaused',
      message: 'Deployment is paused',
    };
  const complete =
    counts.updated === wanted(deployment) &&
    counts.replicas === counts.updated &&
    counts.available === counts.updated;
  if (complete)
    return {
      type: 'Progressing',
      status: 'True',
      reason: 'NewReplicaSetAvailable',
      message: `ReplicaSet "${name}" has successfully progressed.`,
    };
  const deadline = (deployment.spec.progressDeadlineSeconds ?? 600) * 1000;
  const moving: Condition = {
    type: 'Progressing',
    status: 'True',
    reason: 'ReplicaSetUpdated',
    message: `ReplicaSet "${name}" is progressing (${counts.updated} updated, ${counts.available} available).`,
  };
  if (before?.message !== moving.message && before?.reason !== 'ProgressDeadlineExceeded') return moving;
  const since = Date.parse(before?.lastUpdateTime ?? kubeTime());
  if (before?.reason !== 'ProgressDeadlineExceeded' && Date.now() - since < deadline) {
    loop.queue(
      `${deployment.metadata.namespace}/${deployment.metadata.name}`,
      deadline - (Date.now() - since) + 10,
    );
    return moving;
  }
  if (before?.reason === 'ProgressDeadlineExceeded' && !before.message?.includes(`"${name}"`)) return moving;
  return {
    type: 'Progressing',
    status: 'False',
    reason: 'ProgressDeadlineExceeded',
    message: `ReplicaSet "${name}" has timed out progressing.`,
  };
};
