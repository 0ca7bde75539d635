/** The whole sandbox: Kubernetes API, AWS API, load balancers, proxy and DNS, all on loopback. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Facts } from './aws/facts.ts';
import { fixturesAt } from './aws/fixtures.ts';
import { type SandboxAws, startAws } from './aws/server.ts';
import { startDataPlane } from './dataplane/data-plane.ts';
import { startForwardProxy } from './dataplane/forward-proxy.ts';
import { startDns } from './dns/dns-server.ts';
import { type SandboxKubernetes, startKubernetes } from './kubernetes/server.ts';
import { takeNetwork } from './network.ts';
import { startWorkloads } from './workloads/start.ts';

export type SandboxOptions = {
  /** Objects and account are kept here and found again. */
  readonly dir: string;
  readonly region: string;
  /** AWS seconds that pass in one second. */
  readonly speed: number;
  /** Numbers and doubtful facts of AWS other than usual, its quotas among them. */
  readonly facts?: Partial<Facts>;
  readonly log: (line: string) => void;
  /** The Node program that Pods with the image `alb-ingress-controller` run; absent: that image is unknown. */
  readonly controller?: readonly [string, ...string[]];
};

/** What a load balancer is called, and how many rules its listeners have besides the default ones. */
export type LoadBalancerSummary = { readonly name: string; readonly rules: number };

export type Sandbox = {
  readonly kubernetes: SandboxKubernetes;
  readonly aws: SandboxAws;
  readonly kubeconfig: string;
  readonly kubernetesUrl: string;
  readonly awsUrl: string;
  readonly proxyUrl: string;
  readonly dnsPort: number;
  /** What any AWS client needs to be pointed here. */
  readonly awsEnvironment: Readonly<Record<string, string>>;
  /** What stands behind a load balancer's DNS name; undefined when there is none. */
  describe(dnsName: string): LoadBalancerSummary | undefined;
  /** Whether a name leads to an address. */
  resolves(name: string): boolean;
  stop(): Promise<void>;
};

/** Milliseconds after a change until the account is written to disk. */
const SAVE_DELAY = 500;

/** Starts everything. Rejects when a port or the folder cannot be used. */
export const startSandbox = async (options: SandboxOptions): Promise<Sandbox> => {
  const network = await takeNetwork(options.dir);
  const [kubernetes, aws] = await Promise.all([
    startKubernetes({ dir: options.dir }),
    startAws({
      region: options.region,
      speed: options.speed,
      facts: options.facts ?? {},
      fixtures: fixturesAt(network.prefix),
    }),
  ]);
  const awsEnvironment = {
    AWS_ENDPOINT_URL: aws.url,
    AWS_REGION: options.region,
    AWS_DEFAULT_REGION: options.region,
    AWS_ACCESS_KEY_ID: 'sandbox',
    AWS_SECRET_ACCESS_KEY: 'sandbox',
  };
  const saved = join(options.dir, 'aws.json');
  if (existsSync(saved)) aws.restore(JSON.parse(readFileSync(saved, 'utf8')));
  const workloads = await startWorkloads(kubernetes, {
    region: options.region,
    network: network.prefix,
    onError: options.log,
    ...(options.controller && { controller: { command: options.controller, env: awsEnvironment } }),
  });
  const save = savingTo(saved, aws);
  const dataPlane = startDataPlane({
    state: aws.state,
    onChange: aws.onChange,
    clock: aws.clock,
    log: options.log,
  });
  const proxy = await startForwardProxy(dataPlane);
  const dns = await startDns({ lookup: dataPlane.lookup });
  return {
    kubernetes,
    aws,
    kubeconfig: kubernetes.kubeconfig,
    kubernetesUrl: kubernetes.url,
    awsUrl: aws.url,
    proxyUrl: proxy.url,
    dnsPort: dns.udpPort,
    awsEnvironment,
    describe: (dnsName) => describe(dnsName, aws),
    resolves: (name) => dataPlane.resolve(name).status === 'address',
    stop: async () => {
      save.now();
      await Promise.all([proxy.stop(), dns.stop()]);
      await dataPlane.stop();
      workloads.stop();
      await Promise.all([aws.stop(), kubernetes.stop()]);
      network.release();
    },
  };
};

const describe = (dnsName: string, aws: SandboxAws): LoadBalancerSummary | undefined => {
  const balancer = [...aws.state.loadBalancers.values()].find(
    (it) => it.DNSName.toLowerCase() === dnsName.toLowerCase(),
  );
  if (!balancer) return undefined;
  const listeners = new Set(
    [...aws.state.listeners.values()]
      .filter((it) => it.LoadBalancerArn === balancer.LoadBalancerArn)
      .map((it) => it.ListenerArn),
  );
  return {
    name: balancer.LoadBalancerName,
    rules: [...aws.state.rules.values()].filter((rule) => listeners.has(rule.listenerArn) && !rule.IsDefault)
      .length,
  };
};

/** Writes the account beside its old copy and swaps them, so that a kill leaves one or the other. */
const savingTo = (file: string, aws: SandboxAws): { readonly now: () => void } => {
  let timer: NodeJS.Timeout | undefined;
  const now = (): void => {
    clearTimeout(timer);
    timer = undefined;
    writeFileSync(`${file}.new`, JSON.stringify(aws.snapshot()));
    renameSync(`${file}.new`, file);
  };
  aws.onChange(() => {
    timer ??= setTimeout(now, SAVE_DELAY).unref();
  });
  return { now };
};
