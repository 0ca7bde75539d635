import { connect, createServer, type Server, type Socket } from 'node:net';
import type { KubeObject } from '../kubernetes/object.ts';
import { textOf } from '../text-of.ts';
import type { Access } from './access.ts';
import { createLoop, follow, type Loop, ownKey } from './loop.ts';
import type { Loopback } from './loopback.ts';
import type { NodeSpec } from './nodes.ts';
import type { Service, ServicePort } from './objects.ts';
import { createRecorder } from './record-event.ts';

const SLICES = 'endpointslices.discovery.k8s.io';

export type NodePorts = { readonly loop: Loop; stop(): void };

type Slice = KubeObject & {
  readonly ports?: readonly { readonly name?: string; readonly port?: number }[] | null;
  readonly endpoints?:
    | readonly {
        readonly addresses: readonly string[];
        readonly nodeName?: string;
        readonly conditions?: {
          readonly ready?: boolean;
          readonly serving?: boolean;
          readonly terminating?: boolean;
        };
      }[]
    | null;
};

/** Opens every node port on every node's address and forwards connections to the Service's ready endpoints. */
export const runNodePorts = (
  access: Access,
  loopback: Loopback,
  nodes: readonly NodeSpec[],
  onError: (message: string) => void,
): NodePorts => {
  const record = createRecorder(access, 'kube-proxy');
  const open = new Map<string, Map<string, Server>>();
  const sockets = new Set<Socket>();

  const close = (key: string, address: string): void => {
    open.get(key)?.get(address)?.close();
    open.get(key)?.delete(address);
    const [host = '', port] = address.split(':');
    loopback.closed(host, Number(port));
  };

  const loop = createLoop(
    'NodePort',
    (namespace, name) => {
      const key = `${namespace}/${name}`;
      const service = access.get<Service>('services', namespace, name);
      const wanted = wantedPorts(service, nodes);
      const have = open.get(key) ?? new Map<string, Server>();
      open.set(key, have);
      for (const address of [...have.keys()]) if (!wanted.has(address)) close(key, address);
      for (const [address, { node, port }] of wanted) {
        if (have.has(address)) continue;
        const server = createServer((socket) => forward(socket, key, node, port.name ?? ''));
        have.set(address, server);
        loopback.listen(server, node.address, port.nodePort ?? 0).catch((error: unknown) => {
          const message = textOf(error);
          if (service !== undefined)
            record(
              { apiVersion: 'v1', kind: 'Service', metadata: service.metadata },
              { type: 'Warning', reason: 'FailedToStartNodePort', message },
            );
          onError(`NodePort: ${key}: ${message}`);
        });
      }
      if (service === undefined) open.delete(key);
    },
    onError,
  );

  let turn = 0;
  const forward = (socket: Socket, key: string, node: NodeSpec, portName: string): void => {
    const slash = key.indexOf('/');
    const service = access.get<Service>('services', key.slice(0, slash), key.slice(slash + 1));
    const targets = service === undefined ? [] : targetsOf(access, service, portName, node);
    const target = targets[turn++ % Math.max(1, targets.length)];
    if (target === undefined) {
      socket.resetAndDestroy();
      return;
    }
    const out = connect(loopback.real(target.address, target.port));
    for (const one of [socket, out]) {
      sockets.add(one);
      one.setNoDelay(true);
      one.on('close', () => sockets.delete(one));
    }
    socket.on('error', () => out.destroy());
    out.on('error', () => socket.resetAndDestroy());
    socket.pipe(out).pipe(socket);
  };

  follow(access.cluster.store, loop, 'services', ownKey);
  return {
    loop,
    stop: () => {
      loop.stop();
      for (const servers of open.values()) for (const server of servers.values()) server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
};

type Wanted = { readonly node: NodeSpec; readonly port: ServicePort };

/** Every node port of a Service on every node, by `address:port`. */
const wantedPorts = (
  service: Service | undefined,
  nodes: readonly NodeSpec[],
): ReadonlyMap<string, Wanted> => {
  const ports = (service?.spec.ports ?? []).filter(
    (one) => one.nodePort && (one.protocol ?? 'TCP') === 'TCP',
  );
  return new Map(
    ports.flatMap((port) => nodes.map((node) => [`${node.address}:${port.nodePort}`, { node, port }])),
  );
};

type Target = { readonly address: string; readonly port: number };

/** Ready endpoints; when none is ready, those that still serve while ending, as kube-proxy falls back. */
const targetsOf = (access: Access, service: Service, portName: string, node: NodeSpec): readonly Target[] => {
  const { name, namespace } = service.metadata;
  const local = service.spec.externalTrafficPolicy === 'Local';
  const slices = access
    .list<Slice>(SLICES, namespace)
    .filter((slice) => slice.metadata.labels?.['kubernetes.io/service-name'] === name);
  const all = slices.flatMap((slice) => {
    const port = slice.ports?.find((one) => (one.name ?? '') === portName)?.port;
    if (port === undefined) return [];
    return (slice.endpoints ?? [])
      .filter((one) => !local || one.nodeName === node.name)
      .flatMap(({ addresses, conditions }) =>
        addresses.map((address) => ({
          address,
          port,
          ready: conditions?.ready !== false,
          ending: conditions?.serving === true && conditions.terminating === true,
        })),
      );
  });
  const ready = all.filter((one) => one.ready);
  return ready.length > 0 ? ready : all.filter((one) => one.ending);
};
