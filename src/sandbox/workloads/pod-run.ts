import { type Context, KNOWN_IMAGES, type Mode, modeOf } from './images.ts';
import { codeOf, type Loopback } from './loopback.ts';
import type { Container, Pod } from './objects.ts';
import { type PodServer, startPodServer } from './pod-server.ts';
import { isProgram, type Program, type Programs, startProgram } from './program.ts';
import { watchReadiness } from './readiness.ts';
import { createRequestLog, type RequestLog } from './request-log.ts';

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
  restarts(): number;
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
};

/** Starts the containers of a Pod; `onChange` is called whenever something a status shows has changed. */
export const startPod = (pod: Pod, options: RunOptions): PodRun => {
  const log = createRequestLog();
  const servers = new Map<number, PodServer>();
  const ready = new Map<string, boolean>();
  const stops: (() => void)[] = [];
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
      if (servers.has(port) || killed) continue;
      const server = await startPodServer(options.loopback, mode, contextOf(pod, container, ip), port, log);
      if (killed) server.kill();
      else servers.set(port, server);
    }
  };
  const startAsProgram = (container: Container, programs: Programs): void => {
    program = startProgram(pod, container, ip, programs, {
      onLine: (line) => log.add(line),
      onStart: () => become({ name: 'running' }),
      onEnd: (exitCode, final) => become({ name: final ? 'ended' : 'crashed', exitCode }),
    });
    watchProbes(container);
    const { livenessProbe } = container;
    if (livenessProbe === undefined) return;
    let alive = false;
    const judge = (good: boolean): void => {
      if (alive && !good) program?.restart();
      alive = good;
    };
    stops.push(watchReadiness(options.loopback, ip, { ...container, readinessProbe: livenessProbe }, judge));
  };
  const watchProbes = (container: Container): void => {
    stops.push(
      watchReadiness(options.loopback, ip, container, (good) => {
        ready.set(container.name, good);
        options.onChange();
      }),
    );
  };
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
    for (const container of pod.spec.containers) watchProbes(container);
  };
  const openWithFreeAddress = async (): Promise<void> => {
    for (let tries = 0; ; tries += 1) {
      try {
        return await openAll(portsOf(pod, options.servicePorts));
      } catch (error) {
        for (const server of servers.values()) server.kill();
        servers.clear();
        if (codeOf(error) !== 'EADDRINUSE' || tries > 50) throw error;
        ip = options.nextAddress();
      }
    }
  };
  setImmediate(() => {
    start().catch((error: unknown) =>
      become({ name: 'broken', message: error instanceof Error ? error.message : String(error) }),
    );
  });
  const silence = (): void => {
    for (const stop of stops) stop();
  };
  return {
    uid: pod.metadata.uid,
    get ip() {
      return ip;
    },
    log,
    startedAt: Date.now(),
    state: () => state,
    restarts: () => program?.restarts() ?? 0,
    isReady: (container) => ready.get(container) === true,
    open: async (ports) => {
      if (state.name === 'running') await openAll(portsOf(pod, ports));
    },
    drain: async () => {
      silence();
      await Promise.all([program?.stop(), ...[...servers.values()].map((server) => server.drain())]);
    },
    kill: () => {
      killed = true;
      silence();
      program?.kill();
      for (const server of servers.values()) server.kill();
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
