/** A container that is a real process of this machine: the controller's image, run from the build beside the sandbox. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ENDS_WITH_PARENT } from '../ends-with-parent.ts';
import type { Container, Pod } from './objects.ts';

/** What the sandbox has to run the controller's image with. */
export type Programs = {
  /** Stands for the image's entry point; a Node program. */
  readonly command: readonly [string, ...string[]];
  /** What a process on a node of AWS has without being told, as by the role of the instance. */
  readonly env: Readonly<Record<string, string>>;
  /** The cluster, for clients; the token is replaced by that of the Pod. */
  readonly kubeconfig: string;
  /** A token of a Pod's service account; undefined when there is no such account. */
  readonly token: (pod: Pod, account: string) => string | undefined;
  readonly secret: (namespace: string, name: string, key: string) => string | undefined;
};

export type Program = {
  restarts(): number;
  /** Ends the process as a failed liveness probe does; it is started again. */
  restart(): void;
  /** SIGTERM; resolves when it has ended. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): void;
};

export type ProgramEvents = {
  readonly onLine: (line: string) => void;
  readonly onStart: () => void;
  /** `final`: it is not started again. */
  readonly onEnd: (exitCode: number, final: boolean) => void;
};

const IMAGE = /^alb-ingress-controller$/;

/** Whether a container is the controller's image, whatever its registry and tag. */
export const isProgram = ({ image }: Container): boolean =>
  IMAGE.test(
    image
      .replace(/[:@][^/]*$/, '')
      .split('/')
      .at(-1) ?? '',
  );

/** Milliseconds before a process that ended is started again, doubled each time. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 30_000;

export const startProgram = (
  pod: Pod,
  container: Container,
  ip: string,
  programs: Programs,
  events: ProgramEvents,
): Program => {
  const token = tokenOf(pod, programs);
  const home = mkdtempSync(join(tmpdir(), 'alb-pod-'));
  const env = environment({ pod, container, ip, programs, home, token });
  const [file, ...first] = programs.command;
  // A Pod has a network of its own: every address of it is, here, its one loopback address.
  const args = (container.args ?? []).map((arg) =>
    arg.replace(/^(--[a-z-]+=)(?:0\.0\.0\.0|\[::\])?:(\d+)$/, `$1${ip}:$2`),
  );
  let child: ChildProcess | undefined;
  let ended = Promise.resolve();
  let restarts = 0;
  let stopping = false;
  let timer: NodeJS.Timeout | undefined;

  const run = (): void => {
    child = spawn(file, ['--import', ENDS_WITH_PARENT, ...first, ...args], {
      env,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr])
      if (stream) createInterface({ input: stream }).on('line', events.onLine);
    child.stdin?.on('error', () => undefined);
    const done = Promise.withResolvers<void>();
    ended = done.promise;
    child.once('error', (error) => events.onLine(error.message));
    child.once('close', (code) => {
      const exitCode = code ?? 137;
      const again = !stopping && restartsAfter(pod, exitCode);
      if (again)
        timer = setTimeout(
          () => {
            restarts += 1;
            run();
          },
          Math.min(FIRST_PAUSE * 2 ** restarts, LONGEST_PAUSE),
        );
      if (!stopping) events.onEnd(exitCode, !again);
      done.resolve();
    });
    events.onStart();
  };
  run();
  const end = (signal: NodeJS.Signals): void => {
    stopping = true;
    clearTimeout(timer);
    child?.kill(signal);
    void ended.then(() => rmSync(home, { recursive: true, force: true }));
  };
  return {
    restarts: () => restarts,
    restart: () => void child?.kill('SIGTERM'),
    stop: () => {
      end('SIGTERM');
      return ended;
    },
    kill: () => end('SIGKILL'),
  };
};

const restartsAfter = (pod: Pod, exitCode: number): boolean => {
  const policy = pod.spec.restartPolicy ?? 'Always';
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
};

const accountOf = (pod: Pod): string => pod.spec.serviceAccountName ?? 'default';

const tokenOf = (pod: Pod, programs: Programs): string => {
  const account = accountOf(pod);
  const token = programs.token(pod, account);
  if (token !== undefined) return token;
  const { namespace = 'default' } = pod.metadata;
  throw new Error(
    `error looking up service account ${namespace}/${account}: serviceaccount "${account}" not found`,
  );
};

type Surroundings = {
  readonly pod: Pod;
  readonly container: Container;
  readonly ip: string;
  readonly programs: Programs;
  readonly home: string;
  readonly token: string;
};

/** What a kubelet gives a process: the cluster's address, a service account's token, and what the Pod says. */
const environment = (given: Surroundings): Readonly<Record<string, string>> => {
  const { pod, container, ip, programs, home } = given;
  const { name, namespace = 'default' } = pod.metadata;
  const token = join(home, 'token');
  const kubeconfig = join(home, 'kubeconfig');
  writeFileSync(token, given.token, { mode: 0o600 });
  writeFileSync(kubeconfig, programs.kubeconfig.replace(/^( *)token: .*$/m, `$1tokenFile: ${token}`), {
    mode: 0o600,
  });
  const server = /server: https:\/\/([^:\s]+):(\d+)/.exec(programs.kubeconfig);
  const fields: Readonly<Record<string, string>> = {
    'metadata.name': name,
    'metadata.namespace': namespace,
    'metadata.uid': pod.metadata.uid ?? '',
    'spec.nodeName': pod.spec.nodeName ?? '',
    'spec.serviceAccountName': accountOf(pod),
    'status.podIP': ip,
  };
  const own = (container.env ?? []).map(({ name: variable, value, valueFrom }): [string, string] => {
    const from = valueFrom?.secretKeyRef;
    const found =
      value ??
      (from ? programs.secret(namespace, from.name, from.key) : undefined) ??
      fields[valueFrom?.fieldRef?.fieldPath ?? ''];
    return [variable, found ?? ''];
  });
  return {
    PATH: process.env.PATH ?? '',
    HOME: home,
    ...programs.env,
    KUBECONFIG: kubeconfig,
    KUBERNETES_SERVICE_HOST: server?.[1] ?? '',
    KUBERNETES_SERVICE_PORT: server?.[2] ?? '',
    HOSTNAME: name,
    ...Object.fromEntries(own),
  };
};
