import { createServer } from 'node:net';
import type { ObjectMeta } from '../kubernetes/object.ts';
import type { SandboxKubernetes } from '../kubernetes/server.ts';
import { type Access, createAccess } from './access.ts';
import { runDaemonSets } from './daemon-sets.ts';
import { runDeployments } from './deployments.ts';
import { runDisruptionBudgets } from './disruption-budgets.ts';
import { runEndpointSlices } from './endpoint-slices.ts';
import { runEndpoints } from './endpoints.ts';
import { runJobs } from './jobs.ts';
import { runKubelet } from './kubelet.ts';
import { createLoopback, type Loopback } from './loopback.ts';
import { runNodePorts } from './node-ports.ts';
import { type NodeSpec, registerNodes, sandboxNodes } from './nodes.ts';
import { runNotCarriedOut } from './not-carried-out.ts';
import type { Programs } from './program.ts';
import { runReplicaSets } from './replica-sets.ts';
import { runResourceQuotas } from './resource-quotas.ts';
import { runScheduler } from './scheduler.ts';
import { runStatefulSets } from './stateful-sets.ts';

export type WorkloadOptions = {
  /** AWS Region the nodes say they are in. */
  readonly region: string;
  /** First half of the loopback addresses of nodes and Pods, `127.64` when absent. Two sandboxes need two. */
  readonly network?: string;
  /** What runs the controller's image; absent: it is unknown. */
  readonly controller?: Pick<Programs, 'command' | 'env'>;
  /** Told what went wrong inside a controller; such work is tried again. */
  readonly onError?: (message: string) => void;
};

export type Workloads = {
  readonly nodes: readonly NodeSpec[];
  /** Where to connect for an address of a node or Pod: the same, unless ports below 1024 may not be bound. */
  readonly real: Loopback['real'];
  /** Stops every Pod and node port. Objects stay as they are. */
  stop(): void;
};

/** Gives a sandbox cluster three nodes and the controllers that make Pods run and Services forward. */
export const startWorkloads = async (
  kubernetes: SandboxKubernetes,
  options: WorkloadOptions,
): Promise<Workloads> => {
  const { region, network = '127.64', onError = () => {} } = options;
  const { cluster } = kubernetes;
  const loopback = createLoopback();
  const nodes = sandboxNodes(region, network);
  await checkLoopback(loopback, nodes);
  registerNodes(createAccess(cluster, 'kubelet'), region, nodes);
  const manager = createAccess(cluster, 'kube-controller-manager');
  const access = createAccess(cluster, 'kubelet');
  const programs: Programs | undefined = options.controller && {
    ...options.controller,
    kubeconfig: kubernetes.kubeconfig,
    token: (pod, account) => kubernetes.podToken(pod, account),
    secret: (namespace, name, key) => secretOf(access, namespace, name, key),
  };
  const kubelet = runKubelet({ access, loopback, nodes, network, programs, onError });
  const nodePorts = runNodePorts(createAccess(cluster, 'kube-proxy'), loopback, nodes, onError);
  const loops = [
    runScheduler(createAccess(cluster, 'kube-scheduler'), onError),
    runEndpointSlices(manager, onError),
    runEndpoints(manager, onError),
    runDisruptionBudgets(manager, onError),
    runResourceQuotas(manager, onError),
    ...runNotCarriedOut(manager, onError),
    ...runReplicaSets(manager, onError),
    runDeployments(manager, onError),
    runStatefulSets(manager, onError),
    runDaemonSets(manager, onError),
    ...runJobs(manager, onError),
  ];
  kubernetes.setPodActions(kubelet.actions);
  return {
    nodes,
    real: loopback.real,
    stop: () => {
      for (const loop of loops) loop.stop();
      nodePorts.stop();
      kubelet.stop();
    },
  };
};

type Secret = { readonly metadata: ObjectMeta; readonly data?: Readonly<Record<string, string>> };

const secretOf = (access: Access, namespace: string, name: string, key: string): string | undefined => {
  const value = access.get<Secret>('secrets', namespace, name)?.data?.[key];
  return value === undefined ? undefined : Buffer.from(value, 'base64').toString();
};

/** Fails early, and says why, where loopback addresses other than 127.0.0.1 cannot be bound. */
const checkLoopback = async (loopback: Loopback, nodes: readonly NodeSpec[]): Promise<void> => {
  for (const { address } of nodes) {
    const server = createServer();
    await loopback.listen(server, address, 0);
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
};
