import type { LogOptions, PodActions } from '../kubernetes/http/pod-actions.ts';
import { sameJson } from '../kubernetes/object.ts';
import type { Access } from './access.ts';
import { createLoop, follow, keyOf, type Loop, ownKey } from './loop.ts';
import type { Loopback } from './loopback.ts';
import type { NodeSpec } from './nodes.ts';
import { isEnded, type Pod, type Service } from './objects.ts';
import { type PodRun, startPod } from './pod-run.ts';
import { podStatus } from './pod-status.ts';
import type { Programs } from './program.ts';
import { createRecorder, type RecordEvent } from './record-event.ts';

export type Kubelet = { readonly loop: Loop; readonly actions: PodActions; stop(): void };

type Running = { readonly run: PodRun; ending: Ending | undefined; told: string };
type Ending = { readonly kill: NodeJS.Timeout; readonly deadline: number; readonly stop: NodeJS.Timeout };

export type KubeletOptions = {
  readonly access: Access;
  readonly loopback: Loopback;
  readonly nodes: readonly NodeSpec[];
  readonly network: string;
  readonly programs?: Programs | undefined;
  readonly onError: (message: string) => void;
};

/** Runs the Pods of every node: starts them, reports their status, ends them with their grace period. */
export const runKubelet = ({
  access,
  loopback,
  nodes,
  network,
  programs,
  onError,
}: KubeletOptions): Kubelet => {
  const record = createRecorder(access, 'kubelet');
  const running = new Map<string, Running>();
  const nextAddress = addresses(network);

  const start = (key: string, pod: Pod): void => {
    const run = startPod(pod, {
      loopback,
      nextAddress,
      servicePorts: servicePorts(access, pod),
      programs,
      onChange: () => loop.queue(key),
      onEvent: (text) => record(podRef(pod), text),
    });
    running.set(key, { run, ending: undefined, told: '' });
  };

  const forget = (key: string): void => {
    const here = running.get(key);
    if (here === undefined) return;
    here.run.kill();
    clearTimeout(here.ending?.kill);
    clearTimeout(here.ending?.stop);
    running.delete(key);
  };

  const report = (pod: Pod, here: Running): void => {
    const address = nodes.find((one) => one.name === pod.spec.nodeName)?.address ?? '';
    const status = podStatus(pod, here.run, address);
    if (!sameJson(status, pod.status)) access.setStatus('pods', pod, status);
    tell(record, pod, here);
  };

  const loop = createLoop(
    'kubelet',
    (namespace, name) => {
      const key = `${namespace}/${name}`;
      const pod = access.get<Pod>('pods', namespace, name);
      const here = running.get(key);
      if (pod === undefined || (here !== undefined && here.run.uid !== pod.metadata.uid)) forget(key);
      if (pod?.spec.nodeName === undefined) return;
      const now = running.get(key);
      if (pod.metadata.deletionTimestamp !== undefined) {
        if (now === undefined) access.remove('pods', pod, 0);
        else end(pod, now);
      } else if (now !== undefined) report(pod, now);
      else if (!isEnded(pod)) start(key, pod);
    },
    onError,
  );

  /** preStop, then SIGTERM, then SIGKILL when the grace period is over; the Pod goes when its containers have. */
  const end = (pod: Pod, here: Running): void => {
    const grace = (pod.metadata.deletionGracePeriodSeconds ?? 0) * 1000;
    const deadline = Date.now() + grace;
    if (here.ending !== undefined && here.ending.deadline <= deadline) return;
    if (here.ending === undefined)
      record(podRef(pod), {
        type: 'Normal',
        reason: 'Killing',
        message: `Stopping container ${pod.spec.containers[0]?.name}`,
      });
    clearTimeout(here.ending?.kill);
    clearTimeout(here.ending?.stop);
    const gone = (): void => {
      here.run.kill();
      access.remove('pods', pod, 0);
    };
    const pause = here.ending === undefined ? preStop(pod) : 0;
    const stop = setTimeout(() => void here.run.drain().then(gone), Math.min(pause, grace));
    here.ending = { deadline, stop, kill: setTimeout(gone, grace) };
  };

  follow(access.cluster.store, loop, 'pods', ownKey);
  // Containers that declare no port listen where the Services that select them point.
  access.cluster.store.onWrite((storage, { object }) => {
    if (storage !== 'services') return;
    for (const pod of access.list<Pod>('pods', object.metadata.namespace)) {
      void running
        .get(keyOf(pod))
        ?.run.open(servicePorts(access, pod))
        .catch((error: unknown) => onError(`kubelet: ${keyOf(pod)}: ${String(error)}`));
    }
  });
  return {
    loop,
    actions: {
      logs: (pod, options, write) => readLog(running.get(keyOf(pod))?.run, options, write),
      reach: loopback.real,
    },
    stop: () => {
      loop.stop();
      for (const key of [...running.keys()]) forget(key);
    },
  };
};

const podRef = (pod: Pod) => ({ apiVersion: 'v1', kind: 'Pod', metadata: pod.metadata });

/** Pod addresses from `network`.128.1 on; never one that was used before until all were. */
const addresses = (network: string): (() => string) => {
  let next = 0;
  return () => {
    next = next >= 127 * 254 ? 1 : next + 1;
    return `${network}.${128 + Math.floor((next - 1) / 254)}.${((next - 1) % 254) + 1}`;
  };
};

const servicePorts = (access: Access, pod: Pod): readonly number[] => {
  const labels = pod.metadata.labels ?? {};
  const services = access
    .list<Service>('services', pod.metadata.namespace)
    .filter(({ spec: { selector } }) => {
      const wanted = Object.entries(selector ?? {});
      return wanted.length > 0 && wanted.every(([key, value]) => labels[key] === value);
    });
  return services
    .flatMap((one) => (one.spec.ports ?? []).map((port) => port.targetPort ?? port.port))
    .filter((port) => typeof port === 'number');
};

/** Seconds of `sleep` in a preStop hook; other commands are not run. In milliseconds. */
const preStop = (pod: Pod): number => {
  const seconds = pod.spec.containers.map(({ lifecycle }) => {
    const hook = lifecycle?.preStop;
    if (hook?.sleep !== undefined) return hook.sleep.seconds;
    const match = /\bsleep\s+([\d.]+)/.exec((hook?.exec?.command ?? []).join(' '));
    return match === null ? 0 : Number(match[1]);
  });
  return Math.max(0, ...seconds) * 1000;
};

/** Events for what a person would want to know; each state is told once. */
const tell = (record: RecordEvent, pod: Pod, here: Running): void => {
  const state = here.run.state();
  if (here.told === state.name) return;
  here.told = state.name;
  const container = pod.spec.containers[0]?.name ?? '';
  if (state.name === 'image-unknown')
    record(podRef(pod), { type: 'Warning', reason: 'Failed', message: state.message });
  else if (state.name === 'broken')
    record(podRef(pod), { type: 'Warning', reason: 'Failed', message: state.message });
  else if (state.name === 'running')
    record(podRef(pod), { type: 'Normal', reason: 'Started', message: `Started container ${container}` });
};

const readLog = (
  run: PodRun | undefined,
  options: LogOptions,
  write: (line: string) => void,
): (() => void) | undefined => {
  if (run === undefined) return undefined;
  const show = (time: number, line: string): void =>
    write(options.timestamps ? `${new Date(time).toISOString()} ${line}` : line);
  const lines = run.log.lines(options.since);
  const shown = options.tail === undefined ? lines : lines.slice(Math.max(0, lines.length - options.tail));
  for (const { time, line } of shown) show(time, line);
  return options.follow ? run.log.onLine(show) : undefined;
};
