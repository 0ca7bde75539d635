import {
  type KubernetesOptions,
  type SandboxKubernetes,
  startKubernetes,
} from '../../src/sandbox/kubernetes/server.ts';
import { startWorkloads, type Workloads } from '../../src/sandbox/workloads/start.ts';
import { kubectl, type Ran, removeHomes } from './kubectl.ts';

/** A sandbox cluster for one test file, with the real clients bound to it. */
export type TestCluster = {
  readonly kubernetes: SandboxKubernetes;
  readonly workloads: Workloads;
  /** Runs kubectl and returns its stdout; fails the test when it exits with another code than 0. */
  kubectl(args: string, stdin?: string): Promise<string>;
  /** Runs kubectl, whatever it exits with. */
  tryKubectl(args: string, stdin?: string): Promise<Ran>;
  stop(): Promise<void>;
};

/** `network` must be the test file's own: files run at the same time. */
export const startTestCluster = async (
  network: string,
  options: KubernetesOptions = {},
): Promise<TestCluster> => {
  const kubernetes = await startKubernetes(options);
  const workloads = await startWorkloads(kubernetes, {
    region: 'us-west-2',
    network,
    onError: (message) => process.emitWarning(message),
  });
  const good = ({ code, stdout, stderr }: Ran, what: string): string => {
    if (code !== 0) throw new Error(`${what} exited with ${code}: ${stderr}${stdout}`);
    return stdout;
  };
  const tryKubectl = (args: string, stdin?: string): Promise<Ran> =>
    kubectl(kubernetes.kubeconfig, split(args), stdin);
  return {
    kubernetes,
    workloads,
    tryKubectl,
    kubectl: async (args, stdin) => good(await tryKubectl(args, stdin), `kubectl ${args}`),
    stop: async () => {
      workloads.stop();
      await kubernetes.stop();
      await removeHomes();
    },
  };
};

/** Splits at spaces; single quotes keep what is between them together. */
export const split = (args: string): readonly string[] =>
  (args.match(/(?:'[^']*'|[^\s'])+/g) ?? []).map((part) => part.replaceAll("'", ''));
