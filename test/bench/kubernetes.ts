/**
 * What the embedded APIs cost: `npm run bench:kubernetes -- [ingresses]`.
 *
 * Starts both from a bundle made as the product's is, creates Ingresses through client-node with one kept dispatcher,
 * syncs an informer, and prints times and the server's memory. Ends with an error when a target is missed.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { KubeConfig, makeInformer, NetworkingV1Api, type V1Ingress } from '@kubernetes/client-node';
import { build } from 'esbuild';

const COUNT = Number(process.argv[2] ?? 10_000);
const IN_FLIGHT = 32;
const TARGETS = { rate: 1_000, sync: 1_500, memory: 300, start: 1_500, startMemory: 150 };

type Started = { readonly kubeconfig: string; readonly milliseconds: number; readonly memory: number };

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Inside the repository, so that what the bundle does not hold is found. */
const types = join(import.meta.dirname, '../../.types');
mkdirSync(types, { recursive: true });
const dir = mkdtempSync(join(types, 'bench-'));
const bundle = async (): Promise<string> => {
  await build({
    entryPoints: [join(import.meta.dirname, 'kubernetes-server.ts')],
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    mainFields: ['module', 'main'],
    outdir: dir,
    logLevel: 'warning',
    banner: {
      js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);",
    },
  });
  return join(dir, 'kubernetes-server.js');
};

const start = async (file: string): Promise<{ readonly child: ChildProcess; readonly started: Started }> => {
  const child = fork(file, { execArgv: ['--expose-gc'] });
  const [started] = (await once(child, 'message')) as [Started];
  return { child, started };
};

/** One dispatcher for all requests: client-node makes one for each, and with it a connection. */
const connect = (kubeconfig: string): KubeConfig => {
  const config = new KubeConfig();
  config.loadFromString(kubeconfig);
  const open = config as unknown as { createDispatcher: (...given: unknown[]) => unknown };
  const make = open.createDispatcher.bind(config);
  let kept: unknown;
  open.createDispatcher = (...given) => {
    kept ??= make(...given);
    return kept;
  };
  return config;
};

const ingress = (at: number): V1Ingress => ({
  metadata: { name: `bench-${at}`, annotations: { 'alb.ingress.kubernetes.io/scheme': 'internal' } },
  spec: {
    ingressClassName: 'alb',
    rules: ['a', 'b'].map((host) => ({
      host: `${host}-${at}.example.com`,
      http: {
        paths: ['/', '/api', '/static'].map((path) => ({
          path,
          pathType: 'Prefix',
          backend: { service: { name: `service-${at}`, port: { number: 80 } } },
        })),
      },
    })),
  },
});

const createAll = async (api: NetworkingV1Api): Promise<number> => {
  const began = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < COUNT; at = next++)
      await api.createNamespacedIngress({ namespace: 'default', body: ingress(at) });
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  return performance.now() - began;
};

const sync = async (config: KubeConfig, api: NetworkingV1Api): Promise<number> => {
  const path = '/apis/networking.k8s.io/v1/ingresses';
  const informer = makeInformer(config, path, () => api.listIngressForAllNamespaces());
  const began = performance.now();
  await informer.start();
  while (informer.list().length < COUNT) await new Promise((resolve) => setTimeout(resolve, 5));
  const took = performance.now() - began;
  await informer.stop();
  return took;
};

const memoryOf = async (child: ChildProcess): Promise<number> => {
  child.send('memory');
  const [{ memory }] = (await once(child, 'message')) as [{ memory: number }];
  return memory;
};

const missed: string[] = [];
const row = (what: string, value: number, unit: string, target: number, atLeast = false): void => {
  const good = atLeast ? value >= target : value <= target;
  if (!good) missed.push(what);
  say(
    `${what}: ${Math.round(value)} ${unit} (${atLeast ? 'at least' : 'at most'} ${target}${good ? '' : ', MISSED'})`,
  );
};

say(
  `${availableParallelism()} cores, ${cpus()[0]?.model ?? ''}, load ${loadavg()[0]?.toFixed(1)}, Node ${process.version}`,
);
let child: ChildProcess | undefined;
try {
  const running = await start(await bundle());
  child = running.child;
  row('start of both APIs', running.started.milliseconds, 'ms', TARGETS.start);
  row('memory after the start', running.started.memory, 'MB', TARGETS.startMemory);
  const config = connect(running.started.kubeconfig);
  const api = config.makeApiClient(NetworkingV1Api);
  const created = await createAll(api);
  row(`${COUNT} Ingresses created`, (COUNT / created) * 1000, 'a second', TARGETS.rate, true);
  row('informer sync', await sync(config, api), 'ms', TARGETS.sync);
  row('memory of both APIs with them', await memoryOf(child), 'MB', TARGETS.memory);
} finally {
  child?.disconnect();
  rmSync(dir, { recursive: true, force: true });
}
if (missed.length > 0) say(`missed: ${missed.join(', ')}`);
process.exit(missed.length > 0 ? 1 : 0);
