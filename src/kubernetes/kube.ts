import type { OptionalKind, WatchedKinds, WholeKind } from '../core/kube/objects.ts';
import type { Change, Clock, Kube, Log } from '../core/ports.ts';
import { openEvents } from './events.ts';
import { failureError } from './failure.ts';
import { type Following, follow } from './follow.ts';
import { isOptional, KINDS } from './kinds.ts';
import { openSecrets } from './secrets.ts';
import { type Cluster, openCluster } from './snapshot.ts';
import { openStackStatuses } from './stack-status.ts';
import { type CallRecord, openTransport, type Transport } from './transport.ts';
import { openWriter } from './write.ts';
import { bindingWriter } from './write-binding.ts';
import { writePodCondition } from './write-pod.ts';

export type KubeOptions = {
  /** Path of a kubeconfig; else KUBECONFIG, else ~/.kube/config, else the Pod's service account. */
  readonly kubeconfig?: string;
  /** Namespaces to watch; empty or absent: all. What belongs to no namespace is always watched in the whole cluster. */
  readonly namespaces?: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
  /** Longest silence of a watch before it is begun anew; default 150, as API servers send a bookmark each minute. */
  readonly stallSeconds?: number;
  /** Tries of a first list before `start` rejects; absent: as many as it takes. */
  readonly firstTries?: number;
  /** Source of Events and the client's name in API server logs. */
  readonly controllerName: string;
  /** Whose the objects are that show stacks; other controllers of the cluster have other names. */
  readonly owner: string;
  /** Called after each request, for metrics. */
  readonly onCall?: (call: CallRecord) => void;
};

/**
 * The cluster behind a kubeconfig. Nothing is sent before `start` or the first write. Throws when the configuration
 * is unusable. `start` rejects when the server refuses a first list for good (401; 403 and 404 of a kind that is not
 * optional) or `firstTries` are used up, and waits for it as long as it takes otherwise; after a rejected `start` only `stop` is left to call.
 */
export const connectKube = (options: KubeOptions): Kube => {
  const { clock, log, controllerName } = options;
  const scopes = scopesOf([...new Set(options.namespaces ?? [])]);
  const stopping = new AbortController();
  const { signal } = stopping;
  const transportOf = (connections: number): Transport =>
    openTransport({
      kubeconfig: options.kubeconfig,
      userAgent: controllerName,
      connections,
      now: () => clock.now(),
      onCall: options.onCall,
    });
  const transport = transportOf(scopes.length + WRITE_CONNECTIONS);
  let onChange: ((change: Change) => void) | undefined;
  const cluster = openCluster((kind, before, after) => onChange?.(toChange(kind, before, after)));
  const context = {
    transport,
    clock,
    log,
    signal,
    stallMs: (options.stallSeconds ?? 150) * 1000,
    firstTries: options.firstTries ?? Number.POSITIVE_INFINITY,
  };
  const secrets = openSecrets(
    () => ({ ...context, transport: transportOf(SECRET_CONNECTIONS) }),
    (before, after) => onChange?.(toChange('secrets', before, after)),
  );
  const events = openEvents({ ...context, controllerName });
  const writer = openWriter({ ...context, newest: (id) => cluster.shelves.ingresses.get(id) });
  const writeCondition = writePodCondition(transport, clock);
  const bindings = bindingWriter(transport);
  const statuses = openStackStatuses({ ...context, owner: options.owner });
  const writes = new Set<Promise<unknown>>();
  let followings: readonly Scoped[] = [];
  let ready = false;

  const track = async <T>(begin: () => Promise<T>): Promise<T> => {
    if (signal.aborted) throw failureError('writing to Kubernetes', STOPPED);
    const write = begin();
    writes.add(write);
    try {
      return await write;
    } finally {
      writes.delete(write);
    }
  };

  return {
    async start(tell) {
      if (followings.length > 0 || signal.aborted) throw new Error('Kube.start can be called once');
      followings = scopes.map((scope) => ({ ...scope, ...followScope(scope, cluster, context) }));
      try {
        await Promise.all(followings.map(({ listed }) => listed));
      } catch (error) {
        stopping.abort();
        throw error;
      }
      ready = true;
      onChange = tell;
    },
    snapshot() {
      if (!ready) throw new Error('Kube.snapshot needs a finished Kube.start: the cluster is not known yet');
      return { ...cluster.snapshot(), secrets: secrets.view(), unseen: unseenOf(followings) };
    },
    ages: () => ({ ...agesOf(followings, clock.now()), secrets: secrets.age(clock.now()) }),
    lookAtSecrets: secrets.look,
    setFinalizer: (ingress, finalizer, present) =>
      track(() => writer.setFinalizer(ingress, finalizer, present)),
    setStatus: (ingress, addresses) => track(() => writer.setStatus(ingress, addresses)),
    setPodCondition: (pod, condition) => track(() => writeCondition(pod, condition)),
    changeBinding: (...given) => track(() => bindings.changeBinding(...given)),
    setBindingStatus: (...given) => track(() => bindings.setBindingStatus(...given)),
    setStackStatus: (stack, status) => track(() => statuses.setStackStatus(stack, status)),
    pruneStackStatuses: (isKnown) => track(() => statuses.pruneStackStatuses(isKnown)),
    notify: events.notify,
    async stop() {
      stopping.abort();
      onChange = undefined;
      const done = Promise.allSettled([
        ...followings.map(({ ended }) => ended),
        ...writes,
        events.flush(),
        secrets.ended(),
      ]);
      const over = new AbortController();
      await Promise.race([done, clock.sleep(STOP_MS, over.signal)]);
      over.abort();
      await Promise.all([transport.close(), secrets.close()]);
    },
  };
};

/** Sockets besides one per watch: lists and writes come in bursts, the API server answers in milliseconds. */
const WRITE_CONNECTIONS = 6;

/** Most Secrets that can be watched; sockets are opened as they are needed. */
const SECRET_CONNECTIONS = 4096;

/** What a write in flight gets to finish; a Pod has to be gone within seconds of SIGTERM. */
const STOP_MS = 3000;

const STOPPED = { code: 0, reason: 'Stopped', message: 'the connection to Kubernetes is closed' };

/** A kind in a namespace; undefined for all of it. */
type Scope = { readonly kind: WholeKind; readonly namespace: string | undefined };
type Scoped = Scope & Following;

const scopesOf = (namespaces: readonly string[]): readonly Scope[] =>
  kindNames().flatMap((kind): readonly Scope[] =>
    KINDS[kind].namespaced && namespaces.length > 0
      ? namespaces.map((namespace) => ({ kind, namespace }))
      : [{ kind, namespace: undefined }],
  );

const kindNames = (): readonly WholeKind[] =>
  (Object.keys(KINDS) as (keyof WatchedKinds)[]).filter((kind) => kind !== 'secrets');

const followScope = (
  { kind, ...where }: Scope,
  { shelves }: Cluster,
  context: Parameters<typeof follow>[3],
): Following => {
  switch (kind) {
    case 'ingresses':
      return follow(kind, where, shelves[kind], context);
    case 'ingressclasses':
      return follow(kind, where, shelves[kind], context);
    case 'services':
      return follow(kind, where, shelves[kind], context);
    case 'endpointslices':
      return follow(kind, where, shelves[kind], context);
    case 'nodes':
      return follow(kind, where, shelves[kind], context);
    case 'namespaces':
      return follow(kind, where, shelves[kind], context);
    case 'pods':
      return follow(kind, where, shelves[kind], context);
    case 'ingressclassparams':
      return follow(kind, where, shelves[kind], context);
    case 'targetgroupbindings':
      return follow(kind, where, shelves[kind], context);
  }
};

/** A kind is as old as the namespace that was silent longest; Infinity before the first list. */
const agesOf = (followings: readonly Scoped[], now: number): Readonly<Record<WholeKind, number>> => {
  const age = (kind: WholeKind): number => {
    const of = followings.filter((following) => following.kind === kind);
    if (of.length === 0) return Infinity;
    return Math.max(...of.map(({ heardAt }) => (now - (heardAt() ?? -Infinity)) / 1000));
  };
  return {
    ingresses: age('ingresses'),
    ingressclasses: age('ingressclasses'),
    services: age('services'),
    endpointslices: age('endpointslices'),
    nodes: age('nodes'),
    namespaces: age('namespaces'),
    ingressclassparams: age('ingressclassparams'),
    targetgroupbindings: age('targetgroupbindings'),
    pods: age('pods'),
  };
};

const unseenOf = (followings: readonly Scoped[]): ReadonlyMap<OptionalKind, string> =>
  new Map(
    followings.flatMap(({ kind, unseen }) => {
      const why = unseen();
      return isOptional(kind) && why !== undefined ? [[kind, why] as const] : [];
    }),
  );

/** Kind and objects belong together by the signature; the union cannot say so. */
const toChange = <K extends keyof WatchedKinds>(
  kind: K,
  before: WatchedKinds[K] | undefined,
  after: WatchedKinds[K] | undefined,
): Change => ({ kind, ...(before && { before }), ...(after && { after }) }) as unknown as Change;
