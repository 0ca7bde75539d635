import type { Cluster } from '../api/cluster.ts';
import { forbidden } from '../api/errors.ts';
import { isReview, type Kind } from '../kinds.ts';
import { isJsonObject, type JsonObject, type KubeObject, valueAt } from '../object.ts';
import { quantity, quantityText } from './quantity.ts';
import type { Writing } from './rule.ts';
import { allContainers, summed, type Usage, usageOf } from './usage.ts';

export const QUOTAS = 'resourcequotas';

/**
 * Refuses a write that would take more than a quota of its namespace allows.
 * https://kubernetes.io/docs/concepts/policy/resource-quotas/
 */
export const checkQuotas = ({ cluster, kind, object, before }: Writing): void => {
  const { namespace, name } = object.metadata;
  if (namespace === undefined || kind.storage === 'events') return;
  const quotas = cluster.store.list(QUOTAS, namespace).filter((quota) => !isScoped(quota));
  if (quotas.length === 0) return;
  const requested = grown(usageOf(kind, object), before && usageOf(kind, before));
  const used = usedBy(cluster, kind, namespace);
  for (const quota of quotas) {
    const hard = hardOf(quota);
    const missing = before === undefined && kind.storage === 'pods' ? unstated(object, hard) : '';
    if (missing !== '')
      throw forbidden(kind, name, `failed quota: ${quota.metadata.name}: must specify ${missing}`);
    const exceeded = [...requested]
      .filter(([one, amount]) => isAbove((used.get(one) ?? 0) + amount, quantity(hard[one]) ?? Infinity))
      .map(([one]) => one)
      .sort();
    if (exceeded.length === 0) continue;
    const show = (amount: (one: string) => string): string =>
      exceeded.map((one) => `${one}=${amount(one)}`).join(',');
    const text = (usage: Usage) => (one: string) => amountText(one, usage.get(one) ?? 0);
    throw forbidden(
      kind,
      name,
      `exceeded quota: ${quota.metadata.name}, requested: ${show(text(requested))}, used: ${show(text(used))}, limited: ${show((one) => String(hard[one]))}`,
    );
  }
};

/** Nothing smaller than a thousandth is counted, so that sums of fractions compare as they are meant. */
const isAbove = (amount: number, most: number): boolean =>
  Math.round(amount * 1000) > Math.round(most * 1000);

/** Quotas for part of the Pods only, which the sandbox does not tell apart. */
export const isScoped = ({ spec }: KubeObject): boolean =>
  valueAt(spec, 'scopes') !== undefined || valueAt(spec, 'scopeSelector') !== undefined;

/** What is used of everything that a quota limits, as its status has it. */
export const quotaStatus = (cluster: Cluster, quota: KubeObject): JsonObject => {
  const { namespace = '' } = quota.metadata;
  const hard = hardOf(quota);
  const kinds = cluster.kinds.all().filter((kind) => kind.namespaced && !isReview(kind));
  const each = new Map(kinds.map((kind) => [kind.storage, kind]));
  const used = summed([...each.values()].map((kind) => usedBy(cluster, kind, namespace)));
  const shown = Object.keys(hard).map((name) => [name, amountText(name, used.get(name) ?? 0)]);
  return { hard, used: Object.fromEntries(shown) };
};

const hardOf = (quota: KubeObject): JsonObject => {
  const hard = valueAt(quota, 'spec', 'hard');
  return isJsonObject(hard) ? hard : {};
};

const usedBy = ({ store }: Cluster, kind: Kind, namespace: string): Usage =>
  summed(store.list(kind.storage, namespace).map((object) => usageOf(kind, object)));

/** What is more than before; what stays or shrinks is always allowed. */
const grown = (usage: Usage, before: Usage | undefined): Usage =>
  new Map(
    [...usage]
      .map(([name, amount]) => [name, amount - (before?.get(name) ?? 0)] as const)
      .filter(([, amount]) => amount > 0),
  );

/** Once a quota limits these, every container has to say how much it needs of them. */
const STATED = ['cpu', 'limits.cpu', 'limits.memory', 'memory', 'requests.cpu', 'requests.memory'];

const unstated = (pod: KubeObject, hard: JsonObject): string =>
  STATED.filter((name) => hard[name] !== undefined)
    .flatMap((name) => {
      const silent = allContainers(pod).filter(([, usage]) => !usage.has(name));
      const names = silent.map(([container]) => container).sort();
      return names.length === 0 ? [] : [`${name} for: ${names.join(',')}`];
    })
    .join('; ');

const amountText = (name: string, amount: number): string =>
  quantityText(amount, /(^|\.)(memory|ephemeral-storage)$|requests\.storage$/.test(name));
