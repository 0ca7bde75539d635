/** A sandbox for one test file: real servers on loopback, real kubectl, the controller in this process or as a child. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { ProxyAgent, request } from 'undici';
import { type SandboxOptions, startSandbox } from '../../src/sandbox/sandbox.ts';
import { kubectl, type Ran } from '../contract/kubectl.ts';
import { temporaryFolder } from '../contract/temporary-folder.ts';
import { type Box, foreignBox, trackMade } from './foreign-cluster.ts';

const ROOT = join(import.meta.dirname, '../..');

export const CLUSTER = 'dev';
const REGION = 'us-west-1';

export type Answer = { readonly status: number; readonly body: string };

type SdkSettings = {
  readonly region: string;
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
};

export type World = {
  readonly box: Box;
  readonly dir: string;
  /** Settings of an SDK client of the sandbox's AWS: somebody else's way to the account of the controller. */
  readonly sdk: SdkSettings;
  /** Runs the real kubectl; rejects when it fails. */
  kubectl(args: readonly string[], stdin?: string): Promise<string>;
  /** The same, whatever its exit code. */
  tryKubectl(args: readonly string[], stdin?: string): Promise<Ran>;
  /** Installs a definition of the chart, as docs/install.md has it: the cluster may have it already. */
  define(plural: string): Promise<unknown>;
  /** Starts the bundled controller as a process of its own. */
  startController(flags?: readonly string[]): Controller;
  /** Waits until the condition holds; rejects with `what` after 30 s. */
  until<T>(what: string, condition: () => T | undefined | false | Promise<T | undefined | false>): Promise<T>;
  /** Waits until the URL is answered 200, with `body` in the answer. */
  served(url: string, body?: string, headers?: Readonly<Record<string, string>>): Promise<true>;
  /** Waits until the controller has started its work. */
  started(controller: Controller): Promise<true>;
  /** Waits until something is as wanted; rejects with what it last was after 30 s. */
  becomes(what: () => Promise<unknown>, wanted: unknown): Promise<void>;
  /** Waits until AWS has not been written for a while. */
  quiet(): Promise<void>;
  /** A request through the forward proxy, so by the names of the sandbox's Route 53. */
  get(url: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Calls since the given journal length, as `service operation`. */
  calls(since: number): { readonly reads: readonly string[]; readonly writes: readonly string[] };
  stop(): Promise<void>;
};

export type Controller = {
  readonly process: ChildProcess;
  /** Lines logged so far, parsed. */
  readonly log: readonly Readonly<Record<string, unknown>>[];
  /** SIGKILL, and waits for the end. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with the milliseconds it took. */
  stop(): Promise<number>;
};

/** `facts`: of AWS, other than usual. */
export const startWorld = async (facts: SandboxOptions['facts'] = {}): Promise<World> => {
  const dir = temporaryFolder('alb-ingress-test-');
  const cloud = { dir, region: REGION, speed: 120, facts, log: () => undefined };
  const box =
    (await foreignBox(cloud)) ??
    (await startSandbox({ ...cloud, controller: [process.execPath, join(ROOT, 'dist/main.js')] }));
  const kubeconfig = join(dir, 'kubeconfig');
  writeFileSync(kubeconfig, box.kubeconfig);
  const proxy = new ProxyAgent(box.proxyUrl);
  const controllers: Controller[] = [];
  const made = trackMade();
  const tryKubectl: World['tryKubectl'] = async (args, stdin) => {
    const ran = await kubectl(box.kubeconfig, args, stdin);
    made.note(ran.stdout);
    return ran;
  };

  const until: World['until'] = async (what, condition) => {
    for (const end = Date.now() + 30_000; ; await sleep(50)) {
      const value = await condition();
      if (value !== undefined && value !== false) return value;
      if (Date.now() > end) throw new Error(`not within 30 s: ${what}`);
    }
  };
  const mustKubectl: World['kubectl'] = async (args, stdin) => {
    const result = await tryKubectl(args, stdin);
    if (result.code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${result.stderr}`);
    return result.stdout;
  };
  const get: World['get'] = async (url, headers = {}) => {
    const reply = await request(url, { dispatcher: proxy, headers });
    return { status: reply.statusCode, body: await reply.body.text() };
  };
  return {
    box,
    dir,
    sdk: {
      region: REGION,
      endpoint: box.awsUrl,
      credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    },
    kubectl: mustKubectl,
    tryKubectl,
    define: (plural) =>
      mustKubectl([
        ...['apply', '--server-side', '--force-conflicts'],
        ...['-f', join(ROOT, `helm/alb-ingress-controller/crds/${plural}.yaml`)],
      ]),
    startController: (flags = []) => {
      const controller = launch(['--cluster-name', CLUSTER, ...flags], {
        KUBECONFIG: kubeconfig,
        ...box.awsEnvironment,
      });
      controllers.push(controller);
      return controller;
    },
    until,
    served: (url, body = '', headers = {}) =>
      until(`${url} answers ${body}`, async () => {
        const answer = await get(url, headers).catch(() => undefined);
        return answer?.status === 200 && answer.body.includes(body);
      }),
    started: (controller) =>
      until('the controller works', () => controller.log.some(({ message }) => message === 'started')),
    becomes: async (what, wanted) => {
      let last: unknown;
      await until('it is so', async () => {
        last = await what().catch((thrown: unknown) => thrown);
        return isDeepStrictEqual(last, wanted);
      }).catch(() => assert.deepEqual(last, wanted));
    },
    quiet: async () => {
      for (let last = -1, same = 0; same < 12; await sleep(100)) {
        const now = box.aws.writes();
        same = now === last ? same + 1 : 0;
        last = now;
      }
    },
    get,
    calls: (since) => {
      const entries = box.aws.journal.slice(since);
      const named = (writes: boolean) =>
        entries.filter((it) => it.writes === writes).map((it) => `${it.service} ${it.operation}`);
      return { reads: named(false), writes: named(true) };
    },
    stop: async () => {
      await Promise.all(controllers.map((controller) => controller.kill()));
      await proxy.close();
      await made.remove();
      await box.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
};

const launch = (flags: readonly string[], env: Readonly<Record<string, string>>): Controller => {
  const args = [
    join(ROOT, 'dist/main.js'),
    'run',
    '--aws-rate-budget',
    'off',
    '--healthz-port',
    '0',
    // A killed leader keeps its lease for 15 s, and these tests kill many; election has tests of its own.
    '--enable-leader-election=false',
    '--load-balancer-grace',
    '2s',
    '--target-group-grace',
    '1s',
    '--dns-delete-grace',
    '1s',
    ...flags,
  ];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const log: Readonly<Record<string, unknown>>[] = [];
  let rest = '';
  child.stderr.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines)
      log.push(
        line.startsWith('{')
          ? (JSON.parse(line) as Record<string, unknown>)
          : { level: 'error', message: line },
      );
  });
  const ended = once(child, 'exit');
  return {
    process: child,
    log,
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
    stop: async () => {
      const began = Date.now();
      child.kill('SIGTERM');
      await ended;
      return Date.now() - began;
    },
  };
};
