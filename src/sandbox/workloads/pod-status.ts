import { kubeTime } from '../kubernetes/object.ts';
import { modeOf } from './images.ts';
import { type Condition, type Container, type Pod, type PodStatus, withCondition } from './objects.ts';
import type { PodRun } from './pod-run.ts';

/** The status a kubelet would report for a Pod of which this run is the truth. */
export const podStatus = (pod: Pod, run: PodRun, nodeAddress: string): PodStatus => {
  const state = run.state();
  const containersReady =
    state.name === 'running' && pod.spec.containers.every((one) => run.isReady(one.name));
  const phase =
    state.name === 'ended'
      ? state.exitCode === 0
        ? 'Succeeded'
        : 'Failed'
      : state.name === 'running' || state.name === 'crashed'
        ? 'Running'
        : 'Pending';
  const placed = ['running', 'ended', 'crashed'].includes(state.name);
  return {
    ...pod.status,
    phase,
    hostIP: nodeAddress,
    hostIPs: [{ ip: nodeAddress }],
    ...(placed ? { podIP: run.ip, podIPs: [{ ip: run.ip }] } : {}),
    startTime: pod.status?.startTime ?? kubeTime(run.startedAt),
    conditions: conditionsOf(pod, run, containersReady),
    containerStatuses: pod.spec.containers.map((one) => containerStatus(pod, one, run)),
  } as PodStatus;
};

const conditionsOf = (pod: Pod, run: PodRun, containersReady: boolean): readonly Condition[] => {
  const now = kubeTime();
  const completed = run.state().name === 'ended';
  const gates = pod.spec.readinessGates ?? [];
  const open = gates.filter(
    (gate) =>
      !pod.status?.conditions?.some((one) => one.type === gate.conditionType && one.status === 'True'),
  );
  const unready = pod.spec.containers.filter((one) => !run.isReady(one.name)).map((one) => one.name);
  const why: Partial<Condition> = completed
    ? { reason: 'PodCompleted' }
    : !containersReady
      ? { reason: 'ContainersNotReady', message: `containers with unready status: [${unready.join(' ')}]` }
      : {
          reason: 'ReadinessGatesNotReady',
          message: open
            .map(
              (gate) =>
                `corresponding condition of pod readiness gate "${gate.conditionType}" does not exist or is not True.`,
            )
            .join(', '),
        };
  const isReady = containersReady && open.length === 0;
  const wanted: readonly Condition[] = [
    { type: 'PodReadyToStartContainers', status: 'True' },
    { type: 'Initialized', status: 'True', ...(completed ? { reason: 'PodCompleted' } : {}) },
    { type: 'Ready', status: isReady ? 'True' : 'False', ...(isReady ? {} : why) },
    { type: 'ContainersReady', status: containersReady ? 'True' : 'False', ...(containersReady ? {} : why) },
    { type: 'PodScheduled', status: 'True' },
  ];
  return wanted.reduce<readonly Condition[]>(
    (all, one) => withCondition(all, one, now),
    pod.status?.conditions ?? [],
  );
};

const containerStatus = (pod: Pod, container: Container, run: PodRun): object => ({
  name: container.name,
  image: container.image,
  imageID: modeOf(container) === undefined ? '' : `sandbox/${modeOf(container)?.name}`,
  ...(run.state().name === 'running'
    ? { containerID: `sandbox://${pod.metadata.uid}/${container.name}` }
    : {}),
  ready: run.state().name === 'running' && run.isReady(container.name),
  started: run.state().name === 'running' && !run.isDown(container.name),
  restartCount: run.restarts(container.name),
  lastState: lastState(run.lastEnd(container.name)),
  state: containerState(container, run),
});

/** A container that a probe ended was sent SIGTERM, for which processes exit with 143. */
const lastState = (at: number | undefined): object =>
  at === undefined
    ? {}
    : { terminated: { exitCode: 143, reason: 'Error', finishedAt: kubeTime(at), startedAt: kubeTime(at) } };

const containerState = (container: Container, run: PodRun): object => {
  const state = run.state();
  const startedAt = kubeTime(run.startedAt);
  if (state.name === 'running' && run.isDown(container.name))
    return {
      waiting: {
        reason: 'CrashLoopBackOff',
        message: `back-off restarting failed container ${container.name}`,
      },
    };
  const last = run.lastEnd(container.name);
  if (state.name === 'running') return { running: { startedAt: kubeTime(last ?? run.startedAt) } };
  if (state.name === 'ended') {
    return {
      terminated: {
        exitCode: state.exitCode,
        reason: state.exitCode === 0 ? 'Completed' : 'Error',
        startedAt,
        finishedAt: startedAt,
      },
    };
  }
  if (state.name === 'crashed')
    return {
      waiting: { reason: 'CrashLoopBackOff', message: `the process ended with exit code ${state.exitCode}` },
    };
  if (state.name === 'image-unknown' && modeOf(container) === undefined)
    return { waiting: { reason: 'ErrImagePull', message: state.message } };
  if (state.name === 'broken') return { waiting: { reason: 'CreateContainerError', message: state.message } };
  return { waiting: { reason: 'ContainerCreating' } };
};
