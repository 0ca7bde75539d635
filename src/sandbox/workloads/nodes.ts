import { kubeMicroTime, kubeTime } from '../kubernetes/object.ts';
import type { Access } from './access.ts';

export type NodeSpec = {
  readonly name: string;
  readonly zone: string;
  readonly instance: string;
  readonly address: string;
  readonly controlPlane: boolean;
};

/** The nodes every sandbox has. `network` is the first half of the loopback addresses, such as `127.64`. */
export const sandboxNodes = (region: string, network: string): readonly NodeSpec[] => [
  { name: 'node-a', zone: `${region}a`, instance: 'i-0aaa', address: `${network}.0.11`, controlPlane: false },
  { name: 'node-b', zone: `${region}b`, instance: 'i-0bbb', address: `${network}.0.12`, controlPlane: false },
  { name: 'cp-1', zone: `${region}c`, instance: 'i-0ccc', address: `${network}.0.13`, controlPlane: true },
];

/** Registers the nodes, all Ready, each with the Lease that says its kubelet lives. */
export const registerNodes = (access: Access, region: string, nodes: readonly NodeSpec[]): void => {
  for (const node of nodes) {
    if (access.get('nodes', undefined, node.name) === undefined)
      access.create('nodes', undefined, nodeObject(node, region));
    if (access.get('leases.coordination.k8s.io', 'kube-node-lease', node.name) === undefined) {
      access.create('leases.coordination.k8s.io', 'kube-node-lease', {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: node.name },
        spec: { holderIdentity: node.name, leaseDurationSeconds: 40, renewTime: kubeMicroTime() },
      });
    }
  }
};

const CAPACITY = { cpu: '4', memory: '16Gi', pods: '110', 'ephemeral-storage': '100Gi' };

const nodeObject = ({ name, zone, instance, address, controlPlane }: NodeSpec, region: string): object => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name,
    labels: {
      'kubernetes.io/hostname': name,
      'kubernetes.io/os': 'linux',
      'kubernetes.io/arch': 'amd64',
      'node.kubernetes.io/instance-type': 'sandbox',
      'topology.kubernetes.io/region': region,
      'topology.kubernetes.io/zone': zone,
      ...(controlPlane ? { 'node-role.kubernetes.io/control-plane': '' } : {}),
    },
  },
  spec: {
    providerID: `aws:///${zone}/${instance}`,
    ...(controlPlane
      ? { taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] }
      : {}),
  },
  status: {
    addresses: [
      { type: 'InternalIP', address },
      { type: 'Hostname', address: name },
    ],
    capacity: CAPACITY,
    allocatable: CAPACITY,
    conditions: CONDITIONS.map(([type, status, reason, message]) => ({
      type,
      status,
      reason,
      message,
      lastHeartbeatTime: kubeTime(),
      lastTransitionTime: kubeTime(),
    })),
    nodeInfo: {
      architecture: 'amd64',
      bootID: '',
      containerRuntimeVersion: 'sandbox://1',
      kernelVersion: 'sandbox',
      kubeProxyVersion: '',
      kubeletVersion: 'v1.35.0',
      machineID: '',
      operatingSystem: 'linux',
      osImage: 'ALB Ingress sandbox',
      systemUUID: '',
    },
  },
});

const CONDITIONS = [
  ['MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
  ['DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  ['PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
  ['Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'],
] as const;
