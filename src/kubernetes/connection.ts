import type { RequestOptions } from 'node:https';
import type { ConnectionOptions } from 'node:tls';
// The deep path leaves out the package's API classes and most of its dependencies when bundled.
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { Agent, type Dispatcher, ProxyAgent, Socks5ProxyAgent } from 'undici';
import { textOf } from '../core/text-of.ts';
import { useTokenFile } from './token-file.ts';
import { unlessAborted } from './unless-aborted.ts';

/** What one request needs besides its path. */
export type Access = {
  /** Server URL without a trailing slash; may have a path of its own (a cluster behind a gateway). */
  readonly server: string;
  readonly dispatcher: Dispatcher;
  readonly headers: Readonly<Record<string, string>>;
};

export type Connection = {
  /** Reads credentials afresh (token files and exec plugins rotate); rejects when that fails. */
  access(): Promise<Access>;
  /** To be called when the server refused the credentials: the configuration is read anew before the next request. */
  reload(): void;
  /** Ends every connection, finished or not. */
  close(): Promise<void>;
};

/**
 * Server, TLS and credentials as `kubectl` finds them: the given file, else KUBECONFIG, else ~/.kube/config, else the
 * Pod's service account. All requests share one pool of at most `connections` sockets, which is only replaced
 * when the TLS material itself changes.
 */
export const openConnection = (kubeconfig: string | undefined, connections: number): Connection => {
  let config = loadConfig(kubeconfig);
  let pool: { readonly tls: string; readonly dispatcher: Dispatcher } | undefined;
  let reading: Promise<Credentials> | undefined;
  const open = new Set<Dispatcher>();
  let closed = false;

  const dispatcherFor = (tls: Tls): Dispatcher => {
    const identity = JSON.stringify(
      [tls.ca, tls.cert, tls.key, tls.servername, tls.rejectUnauthorized].map(text),
    );
    if (pool?.tls === identity) return pool.dispatcher;
    const old = pool?.dispatcher;
    pool = { tls: identity, dispatcher: newDispatcher(config, tls, connections) };
    open.add(pool.dispatcher);
    // The old pool lives until its last watch ends.
    old?.close().then(
      () => open.delete(old),
      () => open.delete(old),
    );
    return pool.dispatcher;
  };

  return {
    async access() {
      // One reading at a time: an exec plugin must not be started once per watch.
      reading ??= inTime(readCredentials(config)).finally(() => {
        reading = undefined;
      });
      const { tls, headers } = await reading;
      if (closed) throw new Error('the connection to Kubernetes is closed');
      return { server: serverOf(config), dispatcher: dispatcherFor(tls), headers };
    },
    reload() {
      config = loadConfig(kubeconfig);
    },
    async close() {
      closed = true;
      await Promise.allSettled([...open].map((dispatcher) => dispatcher.destroy()));
    },
  };
};

const text = (value: unknown): string => (Array.isArray(value) ? value.map(String).join() : String(value));

const loadConfig = (kubeconfig: string | undefined): KubeConfig => {
  const config = new KubeConfig();
  const where = kubeconfig ?? process.env.KUBECONFIG ?? 'the default kubeconfig';
  try {
    if (kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromFile(kubeconfig);
    useTokenFile(config, kubeconfig);
  } catch (error) {
    throw new Error(`kubeconfig ${where}: ${textOf(error)}`, { cause: error });
  }
  const cluster = config.getCurrentCluster();
  if (!cluster?.server) {
    throw new Error(
      `kubeconfig ${where}: current-context "${config.getCurrentContext() ?? ''}" names no cluster with a server; set current-context to one of its contexts`,
    );
  }
  // What client-node falls back to when it finds nothing at all; waiting for it would only hide the mistake.
  if (config.getCurrentContext() === 'loaded-context' && cluster.server === 'http://localhost:8080') {
    throw new Error(
      'no Kubernetes configuration found: give --kubeconfig, set KUBECONFIG, or run in a Pod with a service account',
    );
  }
  // client-node refuses http servers that lack insecure-skip-tls-verify; kubectl accepts them (kubectl proxy).
  if (cluster.server.startsWith('http:')) Object.assign(cluster, { skipTLSVerify: true });
  return config;
};

const serverOf = (config: KubeConfig): string =>
  (config.getCurrentCluster()?.server ?? '').replace(/\/+$/, '');

type Tls = Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'servername' | 'rejectUnauthorized'>;

type Credentials = { readonly tls: Tls; readonly headers: Readonly<Record<string, string>> };

/** A plugin that hangs must not hang every later request too: the next one starts it anew. */
const inTime = async <T>(work: Promise<T>): Promise<T> => {
  const deadline = AbortSignal.timeout(CREDENTIALS_MS);
  try {
    return await unlessAborted(work, deadline);
  } catch (error) {
    if (!deadline.aborted) throw error;
    throw new Error(`the kubeconfig's credentials were not had within ${CREDENTIALS_MS / 1000} s`);
  }
};

const CREDENTIALS_MS = 10_000;

const readCredentials = async (config: KubeConfig): Promise<Credentials> => {
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const { ca, cert, key, servername, rejectUnauthorized } = options;
  const tls: Tls = {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(servername !== undefined && { servername }),
    ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
  };
  // Trimmed: token files like to end in a newline, which no header may hold.
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    if (value !== undefined) headers[name.toLowerCase()] = String(value).trim();
  }
  if (options.auth) headers.authorization = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  return { tls, headers };
};

const newDispatcher = (config: KubeConfig, tls: Tls, connections: number): Dispatcher => {
  const proxy = config.getCurrentCluster()?.proxyUrl;
  const connect = { ...tls, ...CONNECT };
  if (!proxy) return new Agent({ ...POOL, connections, connect });
  if (/^https?:/.test(proxy))
    return new ProxyAgent({ ...POOL, connections, uri: proxy, requestTls: connect });
  if (/^socks5h?:/.test(proxy))
    return new Socks5ProxyAgent(proxy, { ...POOL, connections, requestTls: connect });
  throw new Error(`kubeconfig proxy-url ${proxy}: only http, https and socks5 proxies are supported`);
};

/**
 * HTTP/1.1 only: one watch per socket, so that a stuck stream is cut without touching the others.
 * No timers of undici's own: each request brings its deadline, each watch its watchdog.
 */
const POOL = { allowH2: false, headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: 30_000 } as const;

/** TCP keep-alive below the 60 s after which cloud load balancers drop silent connections. */
const CONNECT = { allowH2: false, timeout: 10_000, keepAlive: true, keepAliveInitialDelay: 30_000 } as const;
