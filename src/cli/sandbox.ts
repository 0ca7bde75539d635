/** `alb-ingress sandbox`: the whole system on this machine. */
import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { snapshotFromObjects } from '../core/kube/from-objects.ts';
import { textOf } from '../core/text-of.ts';
import { type Sandbox, startSandbox } from '../sandbox/sandbox.ts';
import { keepMemorySmall } from '../sandbox/small-memory.ts';
import { type Applier, openApplier } from './apply-manifests.ts';
import type { Manifest } from './manifest.ts';
import { readManifests } from './manifests.ts';
import { type Options, readOptions, UsageError } from './options.ts';
import { runCloud, writeExports } from './sandbox-cloud.ts';
import { tryOnce, untilServed } from './sandbox-once.ts';
import { type Supervisor, supervise } from './supervisor.ts';

const CLUSTER = 'sandbox';

/** Files applied when none are named; one of them is the class everybody needs. */
const EXAMPLES = ['ingress-class.yaml', 'echoservice', '2048', 'group'];

export const sandbox = async (argv: readonly string[]): Promise<number> => {
  keepMemorySmall();
  const options = readOptions('sandbox', argv, process.env);
  const once = options.truth('once');
  const given = argv.some((arg) => arg === '--dir' || arg.startsWith('--dir='));
  const dir = once && !given ? mkdtempSync(join(tmpdir(), 'alb-ingress-')) : resolve(options.required('dir'));
  makeFolder(dir);
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const stopped = new Promise<void>((done) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => done());
  });

  const cloud = {
    dir,
    region: options.text('aws-region') ?? 'us-west-1',
    speed: speedOf(options),
    throttling: options.word('aws-throttling'),
    log: say,
  };
  if (options.truth('aws-only')) return await runCloud(cloud, options, stopped);
  const manifests = manifestsOf(options);
  const box = await startSandbox({
    ...cloud,
    controller: [process.execPath, mainFile()],
  });
  const env = writeEnvironment(dir, box);
  const applier = openApplier(join(dir, 'kubeconfig'));
  let controller: Supervisor | undefined;
  try {
    // A controller that is there first looks for them again only after a while.
    await applier.apply(definitionsOf(say));
    if (!options.truth('no-controller'))
      controller = supervise(controllerArgs(options), env, (line) => progress(line, say));
    await applier.apply(manifests);
    say(`applied ${manifests.length} objects`);
    if (once) return await tryOnce({ box, applier, say, stopped });
    const aborted = controller && (await settle({ box, applier, stopped }, say));
    if (!aborted) announce(dir, box, { pid: controller?.pid(), host: hostIn(manifests) }, say);
    await stopped;
    return 0;
  } finally {
    await applier.close();
    await controller?.stop();
    await box.stop();
    if (once && !given) rmSync(dir, { recursive: true, force: true });
  }
};

const makeFolder = (dir: string): void => {
  try {
    mkdirSync(dir, { recursive: true });
    accessSync(dir, constants.W_OK);
  } catch (error) {
    throw new UsageError(`--dir ${dir}: expected a folder that can be written to (${textOf(error)})`);
  }
};

/** Milliseconds to wait; an Ingress that cannot be served must not keep the sandbox from being ready. */
const PATIENCE = 20_000;

/** Whether somebody stopped the program meanwhile. */
const settle = async (
  parts: { readonly box: Sandbox; readonly applier: Applier; readonly stopped: Promise<void> },
  say: (line: string) => void,
): Promise<boolean> => {
  const { rows, aborted } = await untilServed(parts, PATIENCE);
  for (const row of aborted ? [] : rows)
    if (!row.ok) say(`not served yet: ${row.ingress} ${row.url} (${row.status} ${row.answer})`);
  return aborted;
};

const speedOf = (options: Options): number => {
  const speed = Number(options.required('speed'));
  if (speed >= 1 && speed <= 1000) return speed;
  throw new UsageError(`--speed: expected a number from 1 to 1000, got ${options.text('speed')}`);
};

const manifestsOf = (options: Options): readonly Manifest[] => {
  const paths = options.list('apply');
  if (paths.length > 0) return readManifests(paths);
  if (options.truth('no-controller')) return [];
  return readManifests(EXAMPLES.map((name) => join(examplesFolder(), name)));
};

/** The custom resources of the install manifest; other controllers of load balancers use them too. */
const definitionsOf = (say: (line: string) => void): readonly Manifest[] => {
  const folder = findExamples();
  if (folder === undefined) {
    say('custom resources are left out: the folder examples is missing beside the program');
    return [];
  }
  return readManifests([join(folder, 'alb-ingress-controller.yaml')]).filter(
    ({ kind }) => kind === 'CustomResourceDefinition',
  );
};

/** Beside the program, both when it runs from its sources and from the package. */
const findExamples = (): string | undefined =>
  ['../examples', '../../examples']
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((path) => existsSync(path));

const examplesFolder = (): string => {
  const found = findExamples();
  if (!found)
    throw new UsageError('the folder examples is missing beside the program; name manifests with --apply');
  return found;
};

/** This program, for processes of its own. */
const mainFile = (): string =>
  fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './main.ts' : './main.js', import.meta.url));

/** The graces are short because sandbox time runs fast; everything else is as in production. */
const controllerArgs = (options: Options): readonly string[] => [
  mainFile(),
  'run',
  '--cluster-name',
  CLUSTER,
  '--aws-rate-budget',
  'off',
  '--load-balancer-grace',
  '5s',
  '--target-group-grace',
  '5s',
  // The system chooses the port; the controller tells it.
  '--health-probe-bind-addr',
  '127.0.0.1:0',
  // There is one controller only, and one that was killed must not keep the next waiting for its lease.
  '--enable-leader-election=false',
  '--log-level',
  options.word('log-level'),
];

const writeEnvironment = (dir: string, box: Sandbox): Readonly<Record<string, string>> => {
  const kubeconfig = join(dir, 'kubeconfig');
  writeFileSync(kubeconfig, box.kubeconfig, { mode: 0o600 });
  const env = {
    KUBECONFIG: kubeconfig,
    ...box.awsEnvironment,
    CLUSTER_NAME: CLUSTER,
    ALB_PROXY: box.proxyUrl,
  };
  writeExports(join(dir, 'env'), env);
  return env;
};

/** The controller logs JSON; a person wants the gist. */
const progress = (line: string, say: (line: string) => void): void => {
  try {
    const { level, message, key, error, stack, ...rest } = JSON.parse(line) as Record<string, unknown>;
    if (level === 'debug') return;
    const what = [message, key ?? stack, error].filter((it) => it !== undefined).join(' ');
    const more =
      key === undefined
        ? Object.entries(rest)
            .filter(([name]) => name !== 'time')
            .map(([name, value]) => `${name}=${String(value)}`)
            .join(' ')
        : '';
    say(`  controller: ${what}${more && ` (${more})`}`);
  } catch {
    say(`  controller: ${line}`);
  }
};

/** A name to ask for: the first that the manifests have. */
const hostIn = (manifests: readonly Manifest[]): string | undefined =>
  [...snapshotFromObjects(manifests).ingresses.values()]
    .flatMap(({ spec }) => spec?.rules?.flatMap(({ host }) => host ?? []) ?? [])
    .find((host) => !host.startsWith('*'));

const announce = (
  dir: string,
  box: Sandbox,
  { pid, host }: { readonly pid: number | undefined; readonly host: string | undefined },
  say: (line: string) => void,
): void => {
  const env = join(dir, 'env');
  say('');
  say(
    `sandbox ready: Kubernetes ${box.kubernetesUrl}, AWS ${box.awsUrl}, proxy ${box.proxyUrl}, DNS 127.0.0.1:${box.dnsPort}`,
  );
  say('try, in another terminal:');
  say(`  . ${env}`);
  say('  kubectl get ingress -A');
  if (host !== undefined) say(`  curl -x $ALB_PROXY http://${host}/`);
  say(
    pid === undefined
      ? '  alb-ingress run --aws-rate-budget off    # or any other controller'
      : `  kill -9 ${pid}    # the controller starts again and adopts everything`,
  );
};
