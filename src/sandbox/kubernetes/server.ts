import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { schemaOf } from './admission/custom-resources.ts';
import type { Cluster } from './api/cluster.ts';
import { convertObject } from './api/convert.ts';
import { noSuchResource } from './api/errors.ts';
import { runClusterRoles } from './controllers/cluster-roles.ts';
import { followDefinitions } from './controllers/definitions.ts';
import { runGarbageCollector } from './controllers/garbage.ts';
import { runNamespaces } from './controllers/namespaces.ts';
import { createPriorityClasses } from './controllers/priority-classes.ts';
import { type Exchange, sendError, sendJson } from './http/answer.ts';
import { serveDiscovery } from './http/discovery.ts';
import { createFaults, type Faults } from './http/faults.ts';
import { requireAllowed, whoAsks } from './http/gate.ts';
import { serveHealth } from './http/health.ts';
import { createOpenApi, type OpenApi } from './http/openapi.ts';
import type { PodActions } from './http/pod-actions.ts';
import { type Resources, serveResource } from './http/resources.ts';
import { readTarget } from './http/target.ts';
import { createWatches } from './http/watch.ts';
import { withoutWatchPath } from './http/watch-path.ts';
import { loadIdentity } from './identity-file.ts';
import { createKindTable, type Kind, type KindTable } from './kinds.ts';
import { kubeconfigOf } from './kubeconfig.ts';
import type { ObjectMeta } from './object.ts';
import { type Authorizer, createAuthorizer } from './rbac/authorizer.ts';
import { builtInType } from './schema/built-in-types.ts';
import { shapeFromSchema } from './schema/from-json-schema.ts';
import type { StructShape } from './schema/shape.ts';
import { openStore, type Store } from './store.ts';
import { createTokens, DEFAULT_AUDIENCE, type Tokens } from './tokens.ts';
import { createWebhooks } from './webhooks/webhooks.ts';

export type KubernetesOptions = {
  /** TCP port on 127.0.0.1; 0 or absent for any free one. */
  readonly port?: number;
  /** Directory that keeps objects and certificates over restarts; absent for memory only. */
  readonly dir?: string;
  /** First two numbers of Service cluster IPs; `10.100` when absent. */
  readonly servicePrefix?: string;
};

type Owned = { readonly metadata: ObjectMeta };

export type SandboxKubernetes = {
  /** `https://127.0.0.1:<port>`. */
  readonly url: string;
  /** YAML text for KUBECONFIG; holds the CA, so it works as it is. */
  readonly kubeconfig: string;
  readonly store: Store;
  /** What controllers inside the sandbox work on; they need no client. */
  readonly cluster: Cluster;
  readonly faults: Faults;
  /** Which rules of roles have allowed what, and what was refused. */
  readonly grants: Authorizer['grants'];
  /** What a kubelet mounts into a Pod; undefined when there is no such service account. */
  podToken(pod: Owned, account: string): string | undefined;
  /** Tells the server who runs the Pods, for `kubectl logs`. */
  setPodActions(actions: PodActions): void;
  /** Ends watches and connections, and writes what `dir` keeps. */
  stop(): Promise<void>;
};

/** Starts a Kubernetes API that kubectl, helm and client libraries can use. It has no nodes and runs no Pods. */
export const startKubernetes = async (options: KubernetesOptions = {}): Promise<SandboxKubernetes> => {
  const [store, identity] = await Promise.all([openStore(options.dir), loadIdentity(options.dir)]);
  const kinds = createKindTable();
  let pods: PodActions = { logs: () => undefined, reach: (host, port) => ({ host, port }) };
  followDefinitions(store, kinds);
  const cluster: Cluster = {
    store,
    kinds,
    networks: { servicePrefix: options.servicePrefix ?? '10.100' },
    shapeOf: createShapes(store, kinds),
    convert: convertObject,
    webhooks: createWebhooks(store, (...given) => pods.reach(...given)),
  };
  runGarbageCollector(cluster);
  runNamespaces(cluster, identity.authority);
  runClusterRoles(cluster);
  createPriorityClasses(cluster);
  const watches = createWatches();
  const faults = createFaults(store, watches);
  const tokens = createTokens(
    identity.server,
    (storage, namespace, name, uid) => store.get(storage, namespace, name)?.metadata.uid === uid,
  );
  const authorizer = createAuthorizer(store);
  const resources: Resources = { cluster, watches, pods: () => pods, tokens, authorizer };
  const openApi = createOpenApi(cluster);
  const { certificate, key } = identity.server;
  const server = createServer({ cert: certificate, key }, (request, response) => {
    // An answer that cannot be sent must not leave the client waiting.
    answer({ resources, openApi, faults }, request, response).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 60_000;
  const sockets = trackSockets(server);
  const url = await listen(server, options.port ?? 0);
  return {
    url,
    kubeconfig: kubeconfigOf(url, identity.authority),
    store,
    cluster,
    faults,
    grants: authorizer.grants,
    podToken: (pod, account) => podToken(store, tokens, pod, account),
    setPodActions: (actions) => {
      pods = actions;
    },
    stop: async () => {
      watches.drop();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
      await store.close();
    },
  };
};

/** Seconds; as kube-apiserver issues them to Pods while their expiry is extended. */
const YEAR = 365 * 24 * 3600;

const podToken = (store: Store, tokens: Tokens, pod: Owned, account: string): string | undefined => {
  const { namespace = '', name, uid } = pod.metadata;
  const found = store.get('serviceaccounts', namespace, account);
  if (found === undefined) return undefined;
  const owner = { namespace, name: account, uid: found.metadata.uid ?? '' };
  return tokens.issue(owner, { seconds: YEAR, audiences: [DEFAULT_AUDIENCE], bound: { pod: { name, uid } } })
    .token;
};

/** Every connection, also one whose TLS handshake has not ended, which the server itself would wait for. */
const trackSockets = (server: Server): ReadonlySet<Socket> => {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  return sockets;
};

const listen = (server: Server, port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () =>
      resolve(`https://127.0.0.1:${(server.address() as AddressInfo).port}`),
    );
  });

/** Types of custom resources are made once for each state of their definition. */
const createShapes = (store: Store, kinds: KindTable): ((kind: Kind) => StructShape) => {
  const made = new Map<string, { readonly revision: number; readonly shape: StructShape }>();
  return (kind) => {
    if (kind.type !== undefined) return builtInType(kind.type);
    const key = `${kind.storage}/${kind.version}`;
    const known = made.get(key);
    if (known?.revision === kinds.revision()) return known.shape;
    const definition = store.get('customresourcedefinitions.apiextensions.k8s.io', undefined, kind.storage);
    const shape = shapeFromSchema(
      schemaOf(definition, kind.version),
      `${kind.group}.${kind.version}.${kind.kind}`,
    );
    made.set(key, { revision: kinds.revision(), shape });
    return shape;
  };
};

type Parts = { readonly resources: Resources; readonly openApi: OpenApi; readonly faults: Faults };

const VERSION = {
  major: '1',
  minor: '35',
  gitVersion: 'v1.35.0+sandbox',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '2025-12-17T00:00:00Z',
  goVersion: 'none',
  compiler: 'none',
  platform: 'sandbox',
};

const answer = async (parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const url = withoutWatchPath(request.method, new URL(request.url ?? '/', 'https://sandbox'));
  const { authorizer } = parts.resources;
  const user = { username: '', groups: [] };
  const nobody: Exchange = { request, response, url, warnings: [], user, authorizer };
  try {
    const exchange = { ...nobody, user: whoAsks(parts.resources, request) };
    requireAllowed(parts.resources, exchange);
    const { pathname } = url;
    if (pathname === '/version') sendJson(exchange, 200, VERSION);
    else if (pathname.startsWith('/openapi/')) parts.openApi.serve(exchange);
    else if (serveHealth(exchange, parts.resources.cluster.kinds)) return;
    else if (!serveDiscovery(exchange, parts.resources.cluster.kinds)) {
      const target = readTarget(pathname, parts.resources.cluster.kinds);
      if (target === undefined) throw noSuchResource();
      await parts.faults.before(exchange, target);
      await serveResource(parts.resources, exchange, target);
    }
  } catch (error) {
    sendError(nobody, error);
  }
};
