import type { Admission, Cluster } from '../api/cluster.ts';
import { internalWrite } from '../api/cluster.ts';
import { deleteObject } from '../api/delete.ts';
import { checkBudgets } from '../api/disruption.ts';
import { ApiError, badRequest, methodNotAllowed } from '../api/errors.ts';
import { getObject } from '../api/read.ts';
import { replaceObject } from '../api/write.ts';
import { isJsonObject, type JsonObject, type KubeObject, valueAt } from '../object.ts';
import type { Reach } from '../webhooks/call.ts';
import { admitted } from './admitted.ts';
import { type Exchange, flag, query, sendJson } from './answer.ts';
import { readData } from './read-body.ts';
import type { Target } from './target.ts';

export type LogOptions = {
  readonly container: string | undefined;
  readonly tail: number | undefined;
  /** Milliseconds since the epoch; older lines are left out. */
  readonly since: number;
  readonly timestamps: boolean;
  readonly follow: boolean;
};

/** What only the part that runs Pods can do. */
export type PodActions = {
  /** Calls `write` for each line there is and, when following, for each that comes; the result ends the following. */
  logs(pod: KubeObject, options: LogOptions, write: (line: string) => void): (() => void) | undefined;
  /** Where to connect for an address that a Pod is known by. */
  readonly reach: Reach;
};

/** Answers requests to a Pod's log, eviction and binding; false when the subresource is none of these. */
export const servePodAction = async (
  resources: { readonly cluster: Cluster; readonly pods: () => PodActions },
  exchange: Exchange,
  target: Target,
): Promise<boolean> => {
  const { kind, subresource } = target;
  if (kind.storage !== 'pods' || subresource === undefined || subresource === 'status') return false;
  const { cluster, pods } = resources;
  if (subresource === 'log') serveLog(getPod(cluster, target), pods(), exchange);
  else if (subresource === 'eviction') await evict(cluster, exchange, target);
  else if (subresource === 'binding') await bind(cluster, exchange, target);
  else if (!NEEDING_CONTAINERS.has(subresource)) return false;
  else
    throw new ApiError(
      501,
      'NotImplemented',
      `the sandbox does not run containers: pods/${subresource} is not available`,
    );
  return true;
};

const NEEDING_CONTAINERS = new Set([
  'attach',
  'ephemeralcontainers',
  'exec',
  'portforward',
  'proxy',
  'resize',
]);

const getPod = (cluster: Cluster, { kind, namespace, name = '' }: Target): KubeObject =>
  getObject(cluster, { kind, namespace, name });

const serveLog = (pod: KubeObject, pods: PodActions, exchange: Exchange): void => {
  const container = query(exchange, 'container');
  const containers = valueAt(pod, 'spec', 'containers');
  const names = Array.isArray(containers)
    ? containers.map((one: unknown) => String(valueAt(one, 'name')))
    : [];
  if (container !== undefined && !names.includes(container)) {
    throw badRequest(`container ${container} is not valid for pod ${pod.metadata.name}`);
  }
  if (valueAt(pod, 'status', 'podIP') === undefined) {
    throw badRequest(
      `container "${container ?? names[0]}" in pod "${pod.metadata.name}" is waiting to start: ${waitingReason(pod)}`,
    );
  }
  // The log of a Pod goes on over restarts, so once there was one it holds the previous container's lines too.
  if (flag(exchange, 'previous') && !wasRestarted(pod))
    throw badRequest(
      `previous terminated container "${container ?? names[0]}" in pod "${pod.metadata.name}" not found`,
    );
  const tail = query(exchange, 'tailLines');
  const follow = flag(exchange, 'follow');
  const { response } = exchange;
  const options: LogOptions = {
    container,
    follow,
    tail: tail === undefined ? undefined : Number(tail),
    since: sinceOf(exchange),
    timestamps: flag(exchange, 'timestamps'),
  };
  response.writeHead(200, { 'Content-Type': 'text/plain' });
  const write = limited(query(exchange, 'limitBytes'), (text) => response.write(text));
  const stop = pods.logs(pod, options, (line) => write(`${line}\n`));
  if (stop === undefined) response.end();
  else response.on('close', stop);
};

const sinceOf = (exchange: Exchange): number => {
  const seconds = query(exchange, 'sinceSeconds');
  const time = query(exchange, 'sinceTime');
  if (seconds !== undefined) return Date.now() - Number(seconds) * 1000;
  if (time === undefined) return 0;
  const at = Date.parse(time);
  if (Number.isNaN(at))
    throw badRequest(`sinceTime: Invalid value: "${time}": must be a time as RFC 3339 has it`);
  return at;
};

/** Writes no more than so many bytes, cutting the last line. */
const limited = (most: string | undefined, write: (text: string) => void): ((text: string) => void) => {
  if (most === undefined) return write;
  let left = Number(most);
  return (text) => {
    const part = Buffer.from(text).subarray(0, Math.max(0, left)).toString();
    left -= Buffer.byteLength(text);
    if (part !== '') write(part);
  };
};

const wasRestarted = (pod: KubeObject): boolean => {
  const statuses = valueAt(pod, 'status', 'containerStatuses');
  return (
    Array.isArray(statuses) && statuses.some((one: unknown) => Number(valueAt(one, 'restartCount') ?? 0) > 0)
  );
};

const waitingReason = (pod: KubeObject): string => {
  const statuses = valueAt(pod, 'status', 'containerStatuses');
  const first: unknown = Array.isArray(statuses) ? statuses[0] : undefined;
  return String(valueAt(first, 'state', 'waiting', 'reason') ?? 'ContainerCreating');
};

const evict = async (cluster: Cluster, exchange: Exchange, target: Target): Promise<void> => {
  if (exchange.request.method !== 'POST') throw methodNotAllowed();
  const body = await readData(exchange.request, cluster);
  const grace = valueAt(body, 'deleteOptions', 'gracePeriodSeconds');
  const { kind, namespace, name = '' } = target;
  const options = {
    dryRun: query(exchange, 'dryRun') === 'All',
    propagation: undefined,
    graceSeconds: typeof grace === 'number' ? grace : undefined,
    uid: undefined,
    resourceVersion: undefined,
  };
  await admitted(cluster, exchange, target, options.dryRun, (admission) => {
    askAbout(admission, asObject(body, 'policy/v1', 'Eviction', target));
    checkBudgets(cluster, getPod(cluster, target));
    deleteObject(cluster, { kind, namespace, name }, options);
  });
  sendJson(exchange, 201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' });
};

/** Webhooks see the body of an eviction or binding, as rules on `pods/eviction` and `pods/binding` ask for it. */
const askAbout = (admission: Admission | undefined, object: KubeObject): void => {
  const seen = admission?.mutate({ operation: 'CREATE', object, before: undefined });
  admission?.validate({ operation: 'CREATE', object: seen, before: undefined });
};

const asObject = (
  body: unknown,
  apiVersion: string,
  kind: string,
  { namespace, name = '' }: Target,
): KubeObject => ({
  ...(isJsonObject(body) ? body : {}),
  apiVersion,
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
});

const bind = async (cluster: Cluster, exchange: Exchange, target: Target): Promise<void> => {
  const body = await readData(exchange.request, cluster);
  const node = valueAt(body, 'target', 'name');
  if (typeof node !== 'string') throw badRequest('target.name of a Binding must name a node');
  const pod = getPod(cluster, target);
  if (valueAt(pod, 'spec', 'nodeName') !== undefined)
    throw new ApiError(409, 'Conflict', `pod ${pod.metadata.name} is already assigned to a node`);
  await admitted(cluster, exchange, target, false, (admission) => {
    askAbout(admission, asObject(body, 'v1', 'Binding', target));
    const placed = { ...pod, spec: { ...(pod.spec as JsonObject), nodeName: node } };
    replaceObject(cluster, target.kind, pod, placed, internalWrite('scheduler'));
  });
  sendJson(exchange, 201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' });
};
