/** Which stacks a change in the cluster concerns, kept up to date so that one change costs one group. */
import { isDefaultClass, paramsNameOf } from '../core/ingress-class/class-of.ts';
import { type Ingress, type Namespace, type Node, objectId, type Pod } from '../core/kube/objects.ts';
import type { Snapshot } from '../core/kube/snapshot.ts';
import { canonical } from '../core/model/digest.ts';
import { waitsForHealth } from '../core/model/readiness-gate.ts';
import type { Change } from '../core/ports.ts';
import { servicesOf } from '../core/translate/backends.ts';
import { memberships, type Scope } from '../core/translate/membership.ts';
import { instanceTargets } from '../core/translate/targets.ts';
import { secretsOf, tlsSecretsOf } from '../core/translate/wanted-secrets.ts';

export type GroupIndex = {
  /** Stacks concerned by a change; call it for every change, in order: it also updates the index. */
  concerned(change: Change, snapshot: Snapshot): ReadonlySet<string>;
  /** Ingresses that are part of a stack, or leaving it, or unclear but once part of it. */
  ingressesOf(stack: string): ReadonlySet<string>;
  stacks(): ReadonlySet<string>;
  /** Stacks that send requests to a Pod's Services. */
  stacksOfPod(pod: Pod, snapshot: Snapshot): ReadonlySet<string>;
  /** `namespace/name` of the Secrets that Ingresses of these stacks name. */
  secrets(): ReadonlySet<string>;
};

type Entry = {
  readonly stacks: readonly string[];
  readonly services: readonly string[];
  readonly secrets: readonly string[];
};

export const makeGroupIndex = (scope: Scope): GroupIndex => {
  const entries = new Map<string, Entry>();
  const byStack = new Map<string, Set<string>>();
  const byService = new Map<string, Set<string>>();
  const bySecret = new Map<string, Set<string>>();

  const forget = (id: string): readonly string[] => {
    const old = entries.get(id);
    entries.delete(id);
    for (const stack of old?.stacks ?? []) removeFrom(byStack, stack, id);
    for (const service of old?.services ?? []) removeFrom(byService, service, id);
    for (const secret of old?.secrets ?? []) removeFrom(bySecret, secret, id);
    return old?.stacks ?? [];
  };
  const learn = (id: string, ingress: Ingress, snapshot: Snapshot): readonly string[] => {
    const stacks = memberships(ingress, snapshot, scope).flatMap((it) =>
      it.is === 'foreign' || it.stack === undefined ? [] : [it.stack],
    );
    // An Ingress that never belonged anywhere still has to be told what is wrong with it.
    const told = memberships(ingress, snapshot, scope).some(
      (it) => it.is === 'unclear' && it.stack === undefined,
    )
      ? [id]
      : [];
    // An Ingress of another class has Secrets that are none of our business.
    const secrets = stacks.length > 0 ? secretsOf(ingress, snapshot.services, tlsSecretsOf(scope)) : [];
    const entry = { stacks: [...stacks, ...told], services: servicesOf(ingress), secrets };
    entries.set(id, entry);
    for (const stack of entry.stacks) addTo(byStack, stack, id);
    for (const service of entry.services) addTo(byService, service, id);
    for (const secret of entry.secrets) addTo(bySecret, secret, id);
    return entry.stacks;
  };
  const learnThose = (snapshot: Snapshot, concerned: (ingress: Ingress) => boolean): ReadonlySet<string> => {
    const changed = new Set<string>();
    for (const [id, ingress] of snapshot.ingresses) {
      if (!concerned(ingress)) continue;
      for (const stack of [...forget(id), ...learn(id, ingress, snapshot)]) changed.add(stack);
    }
    return changed;
  };
  const stacksOf = (ids: Iterable<string>): readonly string[] =>
    [...ids].flatMap((id) => entries.get(id)?.stacks ?? []);
  const users = (service: string): readonly string[] => stacksOf(byService.get(service) ?? []);
  /** A Service may name a Secret, too. */
  const learnUsers = (service: string, snapshot: Snapshot): void => {
    for (const id of [...(byService.get(service) ?? [])]) {
      const ingress = snapshot.ingresses.get(id);
      forget(id);
      if (ingress) learn(id, ingress, snapshot);
    }
  };

  return {
    concerned: (change, snapshot) => {
      switch (change.kind) {
        case 'ingresses': {
          const meta = change.after?.metadata ?? change.before?.metadata;
          if (!meta) return new Set();
          const before = forget(objectId(meta));
          return new Set([...before, ...(change.after ? learn(objectId(meta), change.after, snapshot) : [])]);
        }
        case 'ingressclasses':
          return learnThose(snapshot, () => true);
        case 'services': {
          const before = users(idOf(change));
          learnUsers(idOf(change), snapshot);
          return new Set([...before, ...users(idOf(change))]);
        }
        case 'secrets':
          return new Set(stacksOf(bySecret.get(idOf(change)) ?? []));
        case 'endpointslices': {
          const meta = (change.after ?? change.before)?.metadata;
          return new Set(users(`${meta?.namespace}/${meta?.labels?.['kubernetes.io/service-name']}`));
        }
        case 'ingressclassparams': {
          const name = idOf(change);
          return learnThose(snapshot, (ingress) => paramsOf(ingress, snapshot) === name);
        }
        case 'namespaces': {
          const name = idOf(change);
          if (sameLabels(change.before, change.after)) return new Set();
          return learnThose(snapshot, (ingress) => ingress.metadata.namespace === name);
        }
        case 'targetgroupbindings':
          return new Set();
        case 'pods':
          return new Set(servicesMoved(change, byService.keys(), snapshot).flatMap(users));
        case 'nodes':
          return sameTarget(change.before, change.after) ? new Set() : new Set(byStack.keys());
      }
    },
    ingressesOf: (stack) => byStack.get(stack) ?? new Set(),
    stacks: () => new Set(byStack.keys()),
    stacksOfPod: (pod, snapshot) => new Set(servicesWith(pod, byService.keys(), snapshot).flatMap(users)),
    secrets: () => new Set(bySecret.keys()),
  };
};

const idOf = (change: Change): string => objectId((change.after ?? change.before)?.metadata ?? { name: '' });

/** Whether a node is as good a target as it was, also for those who choose by label; heartbeats cost nothing. */
const sameTarget = (before: Node | undefined, after: Node | undefined): boolean => {
  const target = (node: Node | undefined): string =>
    JSON.stringify(node ? [instanceTargets([node], 1), node.metadata.labels] : []);
  return target(before) === target(after);
};

/** Services that a Pod becomes a target of, or stops being one of, before their slices say so. */
export const servicesMoved = (
  { before, after }: Extract<Change, { kind: 'pods' }>,
  services: Iterable<string>,
  snapshot: Snapshot,
): readonly string[] =>
  after === undefined || sameStanding(before, after) ? [] : servicesWith(after, services, snapshot);

/** What makes a Pod a target before its slice says so, or no target any more; a new one may bring another probe. */
const sameStanding = (before: Pod | undefined, after: Pod): boolean =>
  (before !== undefined || after.spec?.containers === undefined) &&
  (before !== undefined && waitsForHealth(before)) === waitsForHealth(after) &&
  before?.metadata.deletionTimestamp === after.metadata.deletionTimestamp;

/** Those of the Services that the Pod is an endpoint of. */
const servicesWith = (
  { metadata: { name, namespace } }: Pod,
  services: Iterable<string>,
  { endpointSlices }: Snapshot,
): readonly string[] =>
  [...services].filter(
    (service) =>
      service.startsWith(`${namespace}/`) &&
      endpointSlices
        .get(service)
        ?.some(({ endpoints }) =>
          endpoints?.some(({ targetRef }) => targetRef?.kind === 'Pod' && targetRef.name === name),
        ),
  );

/** The parameters that the class of an Ingress refers to; also one that Kubernetes did not write into it. */
const paramsOf = (ingress: Ingress, { ingressClasses }: Snapshot): string | undefined => {
  const named = ingress.spec?.ingressClassName;
  const found =
    named === undefined ? [...ingressClasses.values()].find(isDefaultClass) : ingressClasses.get(named);
  return found && paramsNameOf(found);
};

const sameLabels = (before: Namespace | undefined, after: Namespace | undefined): boolean =>
  canonical(before?.metadata.labels ?? {}) === canonical(after?.metadata.labels ?? {});

const addTo = (map: Map<string, Set<string>>, key: string, value: string): void => {
  const set = map.get(key);
  if (set) set.add(value);
  else map.set(key, new Set([value]));
};

const removeFrom = (map: Map<string, Set<string>>, key: string, value: string): void => {
  const set = map.get(key);
  set?.delete(value);
  if (set?.size === 0) map.delete(key);
};
