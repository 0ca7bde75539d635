/** A scripted HTTP server that speaks as a Kubernetes API does on the wire, and misbehaves on demand. */
import { rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { temporaryFolder } from './temporary-folder.ts';

export type Raw = Record<string, unknown> & { metadata: Record<string, unknown> };

export type Asked = {
  readonly method: string;
  readonly path: string;
  /** Last plural name in the path: `ingresses`, `events`… */
  readonly plural: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: Record<string, unknown>;
};

export type OpenWatch = {
  readonly plural: string;
  readonly query: URLSearchParams;
  /** Writes bytes as they are. */
  raw(bytes: string | Uint8Array): void;
  event(type: string, object: unknown): void;
  end(): void;
  /** Breaks the connection. */
  cut(): void;
  readonly closed: boolean;
};

/** An answer that takes the place of the regular one. */
export type Reply = { status: number; body?: unknown; headers?: Record<string, string>; text?: string };

export type Peer = {
  readonly server: string;
  /** Path of a kubeconfig for it. */
  readonly kubeconfig: string;
  /** A scratch directory that goes with the peer. */
  readonly dir: string;
  readonly asked: Asked[];
  readonly watches: OpenWatch[];
  connections(): number;
  /** Creates or changes an object and tells the watches. */
  put(plural: string, object: Raw): Raw;
  remove(plural: string, id: string): void;
  get(plural: string, id: string): Raw | undefined;
  all(plural: string): Raw[];
  /** Forgets the journal: every watch from before now gets 410 as an HTTP answer. */
  compact(): void;
  /** Looks at each request first; an answer given here is sent instead of the regular one, or none ever. */
  script: ((asked: Asked) => Reply | 'silence' | undefined) | undefined;
  close(): Promise<void>;
};

const KIND: Record<string, [apiVersion: string, kind: string]> = {
  ingresses: ['networking.k8s.io/v1', 'Ingress'],
  ingressclasses: ['networking.k8s.io/v1', 'IngressClass'],
  services: ['v1', 'Service'],
  endpointslices: ['discovery.k8s.io/v1', 'EndpointSlice'],
  nodes: ['v1', 'Node'],
  events: ['v1', 'Event'],
  pods: ['v1', 'Pod'],
  ingressclassparams: ['elbv2.k8s.aws/v1beta1', 'IngressClassParams'],
  targetgroupbindings: ['elbv2.k8s.aws/v1beta1', 'TargetGroupBinding'],
  secrets: ['v1', 'Secret'],
  // Last: most paths have a part of that name.
  namespaces: ['v1', 'Namespace'],
};

/** The one field selector that is asked for. */
const selects = (query: URLSearchParams, { metadata }: Raw): boolean => {
  const name = /^metadata\.name=(.+)$/.exec(query.get('fieldSelector') ?? '')?.[1];
  return name === undefined || metadata.name === name;
};

/** Namespace, name and subresource. */
const PATH =
  /^\/apis?\/(?:v1|[^/]+\/v1(?:beta1)?)(?:\/namespaces\/([^/]+))?\/[^/]+(?:\/([^/]+))?(?:\/([^/]+))?$/;

type Journal = { version: number; plural: string; type: string; object: Raw }[];

export const startPeer = async (tls?: ServerOptions): Promise<Peer> => {
  const dir = temporaryFolder('kube-peer-');
  const stores = new Map<string, Map<string, Raw>>(Object.keys(KIND).map((plural) => [plural, new Map()]));
  const journal: Journal = [];
  let version = 100;
  let oldest = 0;
  const sockets = new Set<Socket>();
  let connections = 0;
  const watches: OpenWatch[] = [];
  const asked: Asked[] = [];
  const storeOf = (plural: string): Map<string, Raw> => stores.get(plural) ?? new Map();
  const idOf = ({ metadata: { namespace, name } }: Raw): string =>
    namespace ? `${namespace}/${name}` : `${name}`;
  const tell = (plural: string, type: string, object: Raw): void => {
    journal.push({ version, plural, type, object });
    for (const watch of watches)
      if (watch.plural === plural && selects(watch.query, object) && !watch.closed) watch.event(type, object);
  };
  const stamp = (plural: string, object: Raw): Raw => {
    version += 1;
    const [apiVersion, kind] = KIND[plural] ?? ['v1', 'Unknown'];
    const uid = object.metadata.uid ?? `uid-${version}`;
    return {
      apiVersion,
      kind,
      ...object,
      metadata: { ...object.metadata, uid, resourceVersion: String(version) },
    };
  };
  const put = (plural: string, object: Raw): Raw => {
    const type = storeOf(plural).has(idOf(object)) ? 'MODIFIED' : 'ADDED';
    const stamped = stamp(plural, object);
    storeOf(plural).set(idOf(stamped), stamped);
    tell(plural, type, stamped);
    return stamped;
  };
  const remove = (plural: string, id: string): void => {
    const gone = storeOf(plural).get(id);
    if (!gone) return;
    storeOf(plural).delete(id);
    tell(plural, 'DELETED', stamp(plural, gone));
  };

  const watch = (request: Asked, response: ServerResponse): void => {
    const from = Number(request.query.get('resourceVersion'));
    if (from < oldest) {
      send(response, { status: 410, body: status(410, 'Expired', 'too old resource version') });
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    const open: OpenWatch = {
      plural: request.plural,
      query: request.query,
      raw: (bytes) => response.write(bytes),
      event: (type, object) => response.write(`${JSON.stringify({ type, object })}\n`),
      end: () => response.end(),
      cut: () => response.socket?.destroy(),
      get closed() {
        return response.writableEnded || response.destroyed;
      },
    };
    watches.push(open);
    for (const entry of journal) {
      if (entry.plural === request.plural && entry.version > from && selects(request.query, entry.object))
        open.event(entry.type, entry.object);
    }
  };

  const list = ({ plural, path, query }: Asked): Reply => {
    const namespace = /\/namespaces\/([^/]+)\//.exec(path)?.[1];
    const all = [...storeOf(plural).values()].filter(
      (o) => (!namespace || o.metadata.namespace === namespace) && selects(query, o),
    );
    const begin = Number(query.get('continue') ?? 0);
    const limit = Number(query.get('limit') ?? all.length);
    const next = begin + limit < all.length ? { continue: String(begin + limit) } : {};
    const [apiVersion, kind] = KIND[plural] ?? ['', ''];
    const metadata = { resourceVersion: String(version), ...next };
    return {
      status: 200,
      body: { apiVersion, kind: `${kind}List`, metadata, items: all.slice(begin, begin + limit) },
    };
  };

  const object = (request: Asked, id: string, sub: string): Reply => {
    const { plural, method, body } = request;
    const known = storeOf(plural).get(id);
    if (!known) return { status: 404, body: status(404, 'NotFound', `${plural} "${id}" not found`) };
    if (method === 'GET') return { status: 200, body: known };
    if (method !== 'PATCH') return { status: 405 };
    const wanted = (body.metadata ?? {}) as Record<string, unknown>;
    if (wanted.uid !== undefined && wanted.uid !== known.metadata.uid) {
      return { status: 422, body: status(422, 'Invalid', 'metadata.uid: Invalid value: field is immutable') };
    }
    if (wanted.resourceVersion !== undefined && wanted.resourceVersion !== known.metadata.resourceVersion) {
      return { status: 409, body: status(409, 'Conflict', 'the object has been modified') };
    }
    const { status: newStatus, ...rest } = body;
    const merged = merge(
      known,
      sub === 'status' ? { status: newStatus } : plural === 'events' ? body : rest,
    ) as Raw;
    return { status: 200, body: put(plural, merged) };
  };

  const create = ({ plural, body }: Asked): Reply => {
    const made = body as Raw;
    if (storeOf(plural).has(idOf(made)))
      return { status: 409, body: status(409, 'AlreadyExists', 'already exists') };
    return { status: 201, body: put(plural, made) };
  };

  const regular = (request: Asked, response: ServerResponse): Reply | undefined => {
    const [, namespace, name, sub = ''] = PATH.exec(request.path) ?? [];
    if (!PATH.test(request.path)) return { status: 404, body: status(404, 'NotFound', request.path) };
    if (name) return object(request, namespace ? `${namespace}/${name}` : name, sub);
    if (request.method === 'POST') return create(request);
    if (request.query.get('watch') !== 'true') return list(request);
    watch(request, response);
    return undefined;
  };

  const answer = (request: Asked, response: ServerResponse): void => {
    const reply = peer.script?.(request) ?? regular(request, response);
    if (reply && reply !== 'silence') send(response, reply);
  };

  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://peer');
      const plural = Object.keys(KIND).find((each) => url.pathname.split('/').includes(each)) ?? '';
      const { method = '', headers } = request;
      const body = text === '' ? {} : JSON.parse(text);
      const one = { method, path: url.pathname, plural, query: url.searchParams, headers, body };
      asked.push(one);
      answer(one, response);
    });
  };

  const http = tls ? createTlsServer(tls, onRequest) : createServer(onRequest);
  http.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const server = `${tls ? 'https' : 'http'}://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const kubeconfig = writeKubeconfig(dir, { server }, { token: 'secret' });

  const peer: Peer = {
    server,
    kubeconfig,
    dir,
    asked,
    watches,
    connections: () => connections,
    put,
    remove,
    get: (plural, id) => storeOf(plural).get(id),
    all: (plural) => [...storeOf(plural).values()],
    compact() {
      version += 1;
      oldest = version;
      journal.length = 0;
    },
    script: undefined,
    async close() {
      const closed = new Promise((resolve) => http.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
      rmSync(dir, { recursive: true, force: true });
    },
  };
  return peer;
};

/** Writes DIR/kubeconfig (or another name) with one cluster, one user and one context. */
export const writeKubeconfig = (
  dir: string,
  cluster: Record<string, unknown>,
  user: Record<string, unknown>,
  name = 'kubeconfig',
): string => {
  const path = join(dir, name);
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'peer',
    clusters: [{ name: 'peer', cluster }],
    users: [{ name: 'peer', user }],
    contexts: [{ name: 'peer', context: { cluster: 'peer', user: 'peer' } }],
  };
  writeFileSync(path, JSON.stringify(config));
  return path;
};

export const status = (code: number, reason: string, message: string, details?: object): object => ({
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  code,
  reason,
  message,
  ...(details && { details }),
});

const send = (response: ServerResponse, { status: code, body, headers, text }: Reply): void => {
  response.writeHead(code, { 'content-type': 'application/json', ...headers });
  response.end(text ?? JSON.stringify(body ?? {}));
};

const merge = (target: unknown, patch: unknown): unknown => {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const merged: Record<string, unknown> =
    typeof target === 'object' && target !== null && !Array.isArray(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else if (value !== undefined) merged[key] = merge(merged[key], value);
  }
  return merged;
};
