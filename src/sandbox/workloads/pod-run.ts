import { textOf } from '../text-of.ts';
import { type Context, KNOWN_IMAGES, type Mode, modeOf } from './images.ts';
import { codeOf, type Loopback } from './loopback.ts';
import type { Container, Pod } from './objects.ts';
import { type PodServer, startPodServer } from './pod-server.ts';
import { watchProbes } from './probes.ts';
import { isProgram, type Program, type Programs, startProgram } from './program.ts';
import type { EventText } from './record-event.ts';
import { createRequestLog, type RequestLog } from './request-log.ts';
import { createRestarts } from './restarts.ts';

/** Where the containers of a Pod stand. */
export type RunState =
  | { readonly name: 'starting' }
  | { readonly name: 'image-unknown'; readonly container: string; readonly message: string }
  | { readonly name: 'broken'; readonly message: string }
  | { readonly name: 'running' }
  | { readonly name: 'crashed'; readonly exitCode: number }
  | { readonly name: 'ended'; readonly exitCode: number };

/** One Pod that runs on a node of the sandbox. */
export type PodRun = {
  readonly uid: string | undefined;
  readonly ip: string;
  readonly log: RequestLog;
  readonly startedAt: number;
  state(): RunState;
  restarts(container: string): number;
  /** When the container last ended before it was restarted, in milliseconds since the epoch. */
  lastEnd(container: string): number | undefined;
  /** Whether the container waits to be restarted. */
  isDown(container: string): boolean;
  isReady(container: string): boolean;
  /** Opens ports that are not open yet, for Services that came later. */
  open(ports: readonly number[]): Promise<void>;
  /** SIGTERM: no new connections; resolves when the requests under way have ended. */
  drain(): Promise<void>;
  /** SIGKILL. */
  kill(): void;
};

export type RunOptions = {
  readonly loopback: Loopback;
  /** The next address to try; called again when one is taken. */
  readonly nextAddress: () => string;
  /** Ports of the Services that select the Pod, for containers that declare none. */
  readonly servicePorts: readonly number[];
  /** Absent: the controller's image is unknown like any other. */
  readonly programs?: Programs | undefined;
  readonly onChange: () => void;
  /** Told what an Event about the Pod shall say. */
  readonly onEvent: (text: EventText) => void;
};

/** Starts the containers of a Pod; `onChange` is called whenever something a status shows has changed. */
export const startPod = (pod: Pod, options: RunOptions): PodRun => {
  const log = createRequestLog();
  const servers = new Map<number, { readonly server: PodServer; readonly owner: string }>();
  const restarts = createRestarts();
  const ready = new Map<string, boolean>();
  const stops = new Map<string, () => void>();
  let state: RunState = { name: 'starting' };
  let ip = pod.status?.podIP ?? options.nextAddress();
  let killed = false;
  let program: Program | undefined;
  const become = (next: RunState): void => {
    state = next;
    options.onChange();
  };
  const openAll = async (
    wanted: ReadonlyMap<number, { readonly mode: Serving; readonly container: Container }>,
  ): Promise<void> => {
    for (const [port, { mode, container }] of wanted) {
      if (servers.has(port) || killed || restarts.isDown(container.name)) continue;
      const server = await startPodServer(options.loopback, mode, contextOf(pod, container, ip), port, log);
      if (killed) server.kill();
      else servers.set(port, { server, owner: container.name });
    }
  };
  const startAsProgram = (container: Container, programs: Programs): void => {
    program = startProgram(pod, container, ip, programs, {
      onLine: (line) => log.add(line),
      onStart: () => become({ name: 'running' }),
      onEnd: (exitCode, final) => become({ name: final ? 'ended' : 'crashed', exitCode }),
    });
    watch(container);
  };
  const watch = (container: Container): void => {
    const { name } = container;
    const stop = watchProbes(options.loopback, ip, container, {
      onReady: (good) => {
        ready.set(name, good);
        options.onChange();
      },
      onUnhealthy: (message) => options.onEvent({ type: 'Warning', reason: 'Unhealthy', message }),
      onDead: (why) => {
        stop();
        ready.set(name, false);
        const message = `Container ${name} ${why}, will be restarted`;
        options.onEvent({ type: 'Normal', reason: 'Killing', message });
        restart(container);
        options.onChange();
      },
    });
    stops.set(name, stop);
  };
  const restart = (container: Container): void => {
    if (program !== undefined) {
      program.restart();
      watch(container);
      return;
    }
    for (const [port, { server, owner }] of servers) {
      if (owner !== container.name) continue;
      server.kill();
      servers.delete(port);
    }
    restarts.ended(container.name, () => {
      openAll(portsOf(pod, options.servicePorts))
        .then(() => watch(container))
        .catch(broken)
        .finally(options.onChange);
    });
  };
  const broken = (error: unknown): void => become({ name: 'broken', message: textOf(error) });
  const start = async (): Promise<void> => {
    const [only] = pod.spec.containers;
    if (options.programs && only && pod.spec.containers.length === 1 && isProgram(only)) {
      if (!killed) startAsProgram(only, options.programs);
      return;
    }
    const unknown = pod.spec.containers.find((one) => modeOf(one) === undefined);
    if (unknown !== undefined)
      return become({ name: 'image-unknown', container: unknown.name, message: unknownImage(unknown.image) });
    if (
      pod.spec.containers.every((one) => modeOf(one)?.name === 'batch') &&
      pod.spec.restartPolicy !== 'Always'
    ) {
      log.add(
        `the sandbox runs no commands: ${JSON.stringify([...(pod.spec.containers[0]?.command ?? []), ...(pod.spec.containers[0]?.args ?? [])])} counts as done`,
      );
      return become({ name: 'ended', exitCode: 0 });
    }
    await openWithFreeAddress();
    if (killed) return;
    become({ name: 'running' });
    for (const container of pod.spec.containers) watch(container);
  };
  const openWithFreeAddress = async (): Promise<void> => {
    for (let tries = 0; ; tries += 1) {
      try {
        return await openAll(portsOf(pod, options.servicePorts));
      } catch (error) {
        for (const { server } of servers.values()) server.kill();
        servers.clear();
        if (codeOf(error) !== 'EADDRINUSE' || tries > 50) throw error;
        ip = options.nextAddress();
      }
    }
  };
  setImmediate(() => {
    start().catch(broken);
  });
  const silence = (): void => {
    for (const stop of stops.values()) stop();
    restarts.stop();
  };
  return {
    uid: pod.metadata.uid,
    get ip() {
      return ip;
    },
    log,
    startedAt: Date.now(),
    state: () => state,
    restarts: (container) => program?.restarts() ?? restarts.count(container),
    lastEnd: restarts.endedAt,
    isDown: restarts.isDown,
    isReady: (container) => ready.get(container) === true,
    open: async (ports) => {
      if (state.name === 'running') await openAll(portsOf(pod, ports));
    },
    drain: async () => {
      silence();
      await Promise.all([program?.stop(), ...[...servers.values()].map(({ server }) => server.drain())]);
    },
    kill: () => {
      killed = true;
      silence();
      program?.kill();
      for (const { server } of servers.values()) server.kill();
    },
  };
};

type Serving = Extract<Mode, { readonly answer: unknown }>;

const unknownImage = (image: string): string =>
  `the sandbox cannot run image "${image}": it serves by image name and knows ${KNOWN_IMAGES}. Use one of these, or say what to be in args, such as args: [echo]`;

/** Declared ports; else the Services' target ports; else what the image usually listens on. */
const portsOf = (
  pod: Pod,
  servicePorts: readonly number[],
): ReadonlyMap<number, { readonly mode: Serving; readonly container: Container }> => {
  const result = new Map<number, { mode: Serving; container: Container }>();
  for (const container of pod.spec.containers) {
    const mode = modeOf(container);
    if (mode === undefined || mode.name === 'batch' || !('answer' in mode)) continue;
    const declared = (container.ports ?? [])
      .filter((one) => (one.protocol ?? 'TCP') === 'TCP')
      .map((one) => one.containerPort);
    const guessed = servicePorts.length > 0 ? servicePorts : [mode.defaultPort];
    for (const port of declared.length > 0 ? declared : guessed)
      if (!result.has(port)) result.set(port, { mode, container });
  }
  return result;
};

const contextOf = (pod: Pod, container: Container, ip: string): Context => {
  const { name, namespace = '' } = pod.metadata;
  const node = pod.spec.nodeName ?? '';
  const fields: Readonly<Record<string, string>> = {
    'metadata.name': name,
    'metadata.namespace': namespace,
    'spec.nodeName': node,
    'status.podIP': ip,
  };
  const env = new Map(
    (container.env ?? []).map((one) => [
      one.name,
      one.value ?? fields[one.valueFrom?.fieldRef?.fieldPath ?? ''] ?? '',
    ]),
  );
  return {
    identity: { pod: name, namespace, node, ip },
    env,
    args: [...(container.command ?? []), ...(container.args ?? [])],
  };
};
