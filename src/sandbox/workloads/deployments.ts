import { createHash } from 'node:crypto';
import { kubeTime, sameJson } from '../kubernetes/object.ts';
import { type Access, controlledBy, isControlledBy } from './access.ts';
import { createLoop, follow, type Loop, ownerKeys, ownKey } from './loop.ts';
import { type Condition, type Deployment, type Scaled, type Template, withCondition } from './objects.ts';
import { createRecorder, type RecordEvent } from './record-event.ts';

const REVISION = 'deployment.kubernetes.io/revision';
const HASH = 'pod-template-hash';
const SETS = 'replicasets.apps';
const DEPLOYMENTS = 'deployments.apps';

/** Rolls Deployments out: one ReplicaSet a template, moved by maxSurge and maxUnavailable, old ones kept for undo. */
export const runDeployments = (access: Access, onError: (message: string) => void): Loop => {
  const record = createRecorder(access, 'deployment-controller');
  const loop: Loop = createLoop(
    'Deployment',
    (namespace, name) => {
      const deployment = access.get<Deployment>(DEPLOYMENTS, namespace, name);
      if (deployment === undefined) return;
      if (deployment.metadata.deletionTimestamp === undefined) rollOut(access, record, deployment);
      const fresh = access.get<Deployment>(DEPLOYMENTS, namespace, name);
      if (fresh !== undefined) report(access, fresh, loop);
    },
    onError,
  );
  follow(access.cluster.store, loop, DEPLOYMENTS, ownKey);
  follow(access.cluster.store, loop, SETS, ownerKeys('Deployment'));
  return loop;
};

const setsOf = (access: Access, deployment: Deployment): readonly Scaled[] =>
  access.list<Scaled>(SETS, deployment.metadata.namespace).filter((set) => isControlledBy(set, deployment));

const revisionOf = (set: Scaled): number => Number(set.metadata.annotations?.[REVISION] ?? 0);

const withoutHash = ({ metadata, spec }: Template): unknown => {
  const { [HASH]: _, ...labels } = metadata?.labels ?? {};
  return { metadata: { ...metadata, labels }, spec };
};

const currentSet = (deployment: Deployment, sets: readonly Scaled[]): Scaled | undefined =>
  sets.find((set) => sameJson(withoutHash(set.spec.template), withoutHash(deployment.spec.template)));

const rollOut = (access: Access, record: RecordEvent, deployment: Deployment): void => {
  const before = setsOf(access, deployment);
  const found = currentSet(deployment, before);
  if (found === undefined && deployment.spec.paused === true) {
    rescale(access, record, deployment, before);
    return;
  }
  const current = found ?? createSet(access, deployment, before);
  markRevision(access, deployment, current, before);
  const old = setsOf(access, deployment).filter((set) => set.metadata.uid !== current.metadata.uid);
  const fresh = access.get<Scaled>(SETS, deployment.metadata.namespace, current.metadata.name) ?? current;
  if (found === undefined && deployment.spec.strategy?.type !== 'Recreate')
    resize(
      access,
      record,
      deployment,
      fresh,
      Math.min(wanted(deployment), room(deployment, [fresh, ...old])),
    );
  else if (deployment.spec.paused === true) rescale(access, record, deployment, [fresh, ...old]);
  else if (deployment.spec.strategy?.type === 'Recreate') recreate(access, record, deployment, fresh, old);
  else roll(access, record, deployment, fresh, old);
  forget(access, deployment, old);
};

const wanted = (deployment: Deployment): number => deployment.spec.replicas ?? 1;
const size = (set: Scaled): number => set.spec.replicas ?? 0;
const total = (sets: readonly Scaled[]): number => sets.reduce((sum, set) => sum + size(set), 0);
const available = (sets: readonly Scaled[]): number =>
  sets.reduce((sum, set) => sum + (set.status?.availableReplicas ?? 0), 0);

/** A number, or a percentage of the replicas, rounded up for surge and down for unavailability. */
const bound = (
  value: number | string | undefined,
  replicas: number,
  round: (value: number) => number,
): number => {
  if (typeof value === 'number') return value;
  return round((Number((value ?? '25%').replace('%', '')) * replicas) / 100);
};

const limits = (deployment: Deployment): { surge: number; unavailable: number } => {
  const { maxSurge, maxUnavailable } = deployment.spec.strategy?.rollingUpdate ?? {};
  const surge = bound(maxSurge, wanted(deployment), Math.ceil);
  const unavailable = bound(maxUnavailable, wanted(deployment), Math.floor);
  return surge === 0 && unavailable === 0 ? { surge, unavailable: 1 } : { surge, unavailable };
};

const room = (deployment: Deployment, sets: readonly Scaled[]): number =>
  Math.max(0, wanted(deployment) + limits(deployment).surge - total(sets));

const roll = (
  access: Access,
  record: RecordEvent,
  deployment: Deployment,
  current: Scaled,
  old: readonly Scaled[],
): void => {
  const all = [current, ...old];
  if (size(current) > wanted(deployment)) {
    resize(access, record, deployment, current, wanted(deployment));
    return;
  }
  if (size(current) < wanted(deployment)) {
    const next = Math.min(wanted(deployment), size(current) + room(deployment, all));
    if (next > size(current)) {
      resize(access, record, deployment, current, next);
      return;
    }
  }
  shrinkOld(access, record, deployment, current, old);
};

/** Old Pods go as far as the wanted number minus maxUnavailable stays available; broken ones go first. */
const shrinkOld = (
  access: Access,
  record: RecordEvent,
  deployment: Deployment,
  current: Scaled,
  old: readonly Scaled[],
): void => {
  const least = wanted(deployment) - limits(deployment).unavailable;
  const pending = size(current) - (current.status?.availableReplicas ?? 0);
  let spare = total([current, ...old]) - least - pending;
  const sizes = new Map(old.map((set) => [set, size(set)]));
  for (const set of old) {
    const broken = Math.min(Math.max(0, spare), size(set) - (set.status?.availableReplicas ?? 0));
    if (broken > 0) sizes.set(set, size(set) - broken);
    spare -= Math.max(0, broken);
  }
  let free = Math.min(spare, available([current, ...old]) - least);
  for (const set of [...old].sort((a, b) => revisionOf(a) - revisionOf(b))) {
    const have = sizes.get(set) ?? 0;
    const gone = Math.max(0, Math.min(free, have));
    sizes.set(set, have - gone);
    free -= gone;
  }
  for (const [set, next] of sizes) resize(access, record, deployment, set, next);
};

const recreate = (
  access: Access,
  record: RecordEvent,
  deployment: Deployment,
  current: Scaled,
  old: readonly Scaled[],
): void => {
  for (const set of old) resize(access, record, deployment, set, 0);
  const left = access
    .list('pods', deployment.metadata.namespace)
    .some((pod) => old.some((set) => isControlledBy(pod, set)));
  if (!left) resize(access, record, deployment, current, wanted(deployment));
};

/** A paused Deployment still follows its number of replicas; only the newest set does the moving. */
const rescale = (
  access: Access,
  record: RecordEvent,
  deployment: Deployment,
  sets: readonly Scaled[],
): void => {
  const newest = [...sets].sort((a, b) => revisionOf(b) - revisionOf(a))[0];
  const difference = wanted(deployment) - total(sets);
  if (newest !== undefined)
    resize(access, record, deployment, newest, Math.max(0, size(newest) + difference));
};

const resize = (
  access: Access,
  record: RecordEvent,
  deployment: Deployment,
  set: Scaled,
  replicas: number,
): void => {
  const from = size(set);
  if (from === replicas) return;
  access.update(SETS, { ...set, spec: { ...set.spec, replicas } } as Scaled);
  const message = `Scaled ${replicas > from ? 'up' : 'down'} replica set ${set.metadata.name} from ${from} to ${replicas}`;
  record(deployment, { type: 'Normal', reason: 'ScalingReplicaSet', message });
};

const LETTERS = 'bcdfghjklmnpqrstvwxz2456789';
/** A short name for a template, as ReplicaSets carry it. */
const templateHash = (template: Template): string =>
  [...createHash('sha256').update(JSON.stringify(template)).digest().subarray(0, 10)]
    .map((byte) => LETTERS[byte % LETTERS.length])
    .join('');

const createSet = (access: Access, deployment: Deployment, sets: readonly Scaled[]): Scaled => {
  const { template, selector, minReadySeconds } = deployment.spec;
  const hash = templateHash(template);
  const own = { [HASH]: hash };
  const labels = { ...template.metadata?.labels, ...own };
  const { matchLabels, ...expressions } = selector as { matchLabels?: object };
  const revision = Math.max(0, ...sets.map(revisionOf)) + 1;
  return access.create(SETS, deployment.metadata.namespace, {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      labels,
      annotations: { ...inherited(deployment), [REVISION]: String(revision) },
      ownerReferences: [controlledBy(deployment)],
    },
    spec: {
      replicas: 0,
      ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
      selector: { ...expressions, matchLabels: { ...matchLabels, ...own } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  }) as unknown as Scaled;
};

const inherited = (deployment: Deployment): Record<string, string> => {
  const {
    'kubectl.kubernetes.io/last-applied-configuration': _a,
    [REVISION]: _r,
    ...rest
  } = deployment.metadata.annotations ?? {};
  return rest;
};

/** The current set has the highest revision; going back to an old template gives its set a new one. */
const markRevision = (
  access: Access,
  deployment: Deployment,
  current: Scaled,
  sets: readonly Scaled[],
): void => {
  const others = sets.filter((set) => set.metadata.uid !== current.metadata.uid);
  const highest = Math.max(0, ...others.map(revisionOf));
  const revision = revisionOf(current) > highest ? revisionOf(current) : highest + 1;
  if (revision !== revisionOf(current)) {
    access.update(SETS, {
      ...current,
      metadata: {
        ...current.metadata,
        annotations: { ...current.metadata.annotations, [REVISION]: String(revision) },
      },
    });
  }
  if (deployment.metadata.annotations?.[REVISION] !== String(revision)) {
    access.update(DEPLOYMENTS, {
      ...deployment,
      metadata: {
        ...deployment.metadata,
        annotations: { ...deployment.metadata.annotations, [REVISION]: String(revision) },
      },
    });
  }
};

const forget = (access: Access, deployment: Deployment, old: readonly Scaled[]): void => {
  const idle = old
    .filter((set) => size(set) === 0 && (set.status?.replicas ?? 0) === 0)
    .sort((a, b) => revisionOf(b) - revisionOf(a));
  for (const set of idle.slice(deployment.spec.revisionHistoryLimit ?? 10)) access.remove(SETS, set);
};

const report = (access: Access, deployment: Deployment, loop: Loop): void => {
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
    conditions: conditionsOf(deployment, current, counts, loop),
  });
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
