import { createHash } from 'node:crypto';
import { sameJson } from '../kubernetes/object.ts';
import { type Access, controlledBy, isControlledBy } from './access.ts';
import {
  available,
  currentSet,
  DEPLOYMENTS,
  HASH,
  limits,
  SETS,
  setsOf,
  wanted,
} from './deployment-facts.ts';
import { reportDeployment } from './deployment-status.ts';
import { createLoop, follow, type Loop, ownerKeys, ownKey } from './loop.ts';
import type { Deployment, Scaled, Template } from './objects.ts';
import { createRecorder, type RecordEvent } from './record-event.ts';

const REVISION = 'deployment.kubernetes.io/revision';

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
      if (fresh !== undefined) reportDeployment(access, fresh, loop);
    },
    onError,
  );
  follow(access.cluster.store, loop, DEPLOYMENTS, ownKey);
  follow(access.cluster.store, loop, SETS, ownerKeys('Deployment'));
  return loop;
};

const revisionOf = (set: Scaled): number => Number(set.metadata.annotations?.[REVISION] ?? 0);

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

const size = (set: Scaled): number => set.spec.replicas ?? 0;
const total = (sets: readonly Scaled[]): number => sets.reduce((sum, set) => sum + size(set), 0);

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
  // What is written on the Deployment, as kubernetes.io/change-cause is, belongs to the revision it has now.
  const annotations = {
    ...current.metadata.annotations,
    ...inherited(deployment),
    [REVISION]: String(revision),
  };
  if (!sameJson(annotations, current.metadata.annotations))
    access.update(SETS, { ...current, metadata: { ...current.metadata, annotations } });
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
