/** The whole sandbox: Kubernetes API, AWS API, load balancers, proxy and DNS, all on loopback. */
import type { SandboxAws } from './aws/sandbox-aws.ts';
import { type CloudOptions, environmentOf, openAws, serveAws } from './cloud.ts';
import { type SandboxKubernetes, startKubernetes } from './kubernetes/server.ts';
import { takeNetwork } from './network.ts';
import { startWorkloads } from './workloads/start.ts';

export type SandboxOptions = CloudOptions & {
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

/** Starts everything. Rejects when a port or the folder cannot be used. */
export const startSandbox = async (options: SandboxOptions): Promise<Sandbox> => {
  const network = await takeNetwork(options.dir);
  const [kubernetes, aws] = await Promise.all([
    startKubernetes({ dir: options.dir }),
    openAws(options, network.prefix),
  ]);
  const awsEnvironment = environmentOf(aws);
  const workloads = await startWorkloads(kubernetes, {
    region: options.region,
    network: network.prefix,
    onError: options.log,
    ...(options.controller && { controller: { command: options.controller, env: awsEnvironment } }),
  });
  const served = await serveAws(aws, options, network.loadBalancers);
  return {
    kubernetes,
    aws,
    kubeconfig: kubernetes.kubeconfig,
    kubernetesUrl: kubernetes.url,
    awsUrl: aws.url,
    proxyUrl: served.proxyUrl,
    dnsPort: served.dnsPort,
    awsEnvironment,
    describe: (dnsName) => describe(dnsName, aws),
    resolves: served.resolves,
    stop: async () => {
      await served.stop();
      workloads.stop();
      await kubernetes.stop();
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
