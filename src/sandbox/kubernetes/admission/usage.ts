import { type Kind, resourceOf } from '../kinds.ts';
import { isJsonObject, type JsonObject, type KubeObject, valueAt } from '../object.ts';
import { quantity } from './quantity.ts';

/** How much of each resource of a quota something takes. */
export type Usage = ReadonlyMap<string, number>;

/**
 * What one object counts as.
 * https://kubernetes.io/docs/concepts/policy/resource-quotas/
 */
export const usageOf = (kind: Kind, object: KubeObject): Usage => {
  const count = new Map([[`count/${resourceOf(kind)}`, 1]]);
  if (kind.storage === 'pods') return hasEnded(object) ? count : summed([count, ONE_POD, podUsage(object)]);
  if (ALIASED.has(kind.storage)) count.set(kind.storage, 1);
  if (kind.storage === 'services') return summed([count, serviceUsage(object)]);
  if (kind.storage === 'persistentvolumeclaims') return summed([count, claimUsage(object)]);
  return count;
};

/** Resources that a quota may also name without `count/`. */
const ALIASED: ReadonlySet<string> = new Set([
  'configmaps',
  'persistentvolumeclaims',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'services',
]);
const ONE_POD: Usage = new Map([['pods', 1]]);

export const summed = (all: readonly Usage[]): Usage => {
  const sum = new Map<string, number>();
  for (const usage of all) for (const [name, amount] of usage) sum.set(name, (sum.get(name) ?? 0) + amount);
  return sum;
};

const hasEnded = (pod: KubeObject): boolean => {
  const phase = valueAt(pod, 'status', 'phase');
  return phase === 'Succeeded' || phase === 'Failed';
};

const containersOf = (pod: KubeObject, name: string): readonly JsonObject[] => {
  const list = valueAt(pod, 'spec', name);
  return Array.isArray(list) ? list.filter(isJsonObject) : [];
};

/** What a container requests and is limited to, under the names that quotas have for it. */
const containerUsage = (container: JsonObject): Usage => {
  const usage = new Map<string, number>();
  for (const part of ['requests', 'limits']) {
    const given = valueAt(container, 'resources', part);
    for (const [name, text] of Object.entries(isJsonObject(given) ? given : {})) {
      const amount = quantity(text) ?? 0;
      usage.set(`${part}.${name}`, amount);
      if (part === 'requests' && !name.includes('/')) usage.set(name, amount);
    }
  }
  return usage;
};

/** Containers run together; what has to be done before them one after the other. */
const podUsage = (pod: KubeObject): Usage => {
  const usage = new Map(summed(containersOf(pod, 'containers').map(containerUsage)));
  for (const before of containersOf(pod, 'initContainers').map(containerUsage))
    for (const [name, amount] of before) usage.set(name, Math.max(usage.get(name) ?? 0, amount));
  return usage;
};

/** Every container of a Pod by name. */
export const allContainers = (pod: KubeObject): readonly (readonly [name: string, usage: Usage])[] =>
  [...containersOf(pod, 'containers'), ...containersOf(pod, 'initContainers')].map((container) => [
    String(container.name),
    containerUsage(container),
  ]);

const serviceUsage = ({ spec }: KubeObject): Usage => {
  const { type, ports, allocateLoadBalancerNodePorts } = isJsonObject(spec) ? spec : {};
  const open = Array.isArray(ports) ? ports.length : 0;
  const balanced = type === 'LoadBalancer';
  const onNodes = type === 'NodePort' || (balanced && allocateLoadBalancerNodePorts !== false);
  return new Map([
    ['services.nodeports', onNodes ? open : 0],
    ['services.loadbalancers', balanced ? 1 : 0],
  ]);
};

const claimUsage = (claim: KubeObject): Usage => {
  const storage = quantity(valueAt(claim, 'spec', 'resources', 'requests', 'storage')) ?? 0;
  const name = valueAt(claim, 'spec', 'storageClassName');
  const own = `${String(name)}.storageclass.storage.k8s.io`;
  return new Map([
    ['requests.storage', storage],
    ...(name === undefined
      ? []
      : ([
          [`${own}/requests.storage`, storage],
          [`${own}/persistentvolumeclaims`, 1],
        ] as const)),
  ]);
};
