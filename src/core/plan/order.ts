/**
 * What must come before what. Whatever prefix of the plan is carried out, nothing refers to a thing that is
 * not there, and nothing that serves is taken away before its successor serves.
 */
import type { Actual } from '../model/actual.ts';
import { type Key, listenerKey } from '../model/key.ts';
import { parent, references } from '../model/references.ts';
import type { Resource } from '../model/resource.ts';
import { waitsForAddresses } from './address-order.ts';
import { fullListeners, waitsForRoom } from './full-listeners.ts';
import { groupLookup } from './groups-led-to.ts';
import { type Delete, type Operation, operationId, type Reorder } from './plan.ts';
import { waitsForPreparation } from './prepare.ts';
import { waitsForProtocol } from './protocol-order.ts';
import { waitsAmongRules } from './rule-order.ts';

type Write = Exclude<Operation, Delete | Reorder>;

/** Fills in `after` and sorts: every operation stands behind the ones it waits for. Ties keep the given order. */
export const inOrder = (
  operations: readonly Operation[],
  actual: Actual,
  mostRules = Number.POSITIVE_INFINITY,
): readonly Operation[] => {
  const waits: Waits = new Map(operations.map((operation) => [operationId(operation), new Set()]));
  const writes = operations.filter(isWrite);
  const deletes = new Map(operations.filter(isDelete).map((operation) => [operation.key, operation]));
  const moves = new Map(operations.filter(isMove).map((move) => [move.key, operationId(move)]));
  addWaitsOfWrites(writes, moves, waits);
  addWaitsForLettingGo(writes, deletes, actual, waits);
  addWaitsForSuccessors(writes, deletes, waits);
  addWaitsForOwnership(writes, deletes, waits);
  const full = fullListeners(operations, actual, mostRules);
  const groupOf = groupLookup(operations, actual);
  for (const [later, earlier] of [
    ...waitsAmongRules(operations, full),
    ...waitsForRoom(operations, full),
    ...waitsForPreparation(operations),
    ...waitsForProtocol(operations, groupOf),
    ...waitsForAddresses(operations, actual, groupOf),
  ])
    waits.get(later)?.add(earlier);
  return sorted(operations, waits);
};

/** By {@link operationId}: what each operation waits for. */
type Waits = ReadonlyMap<string, Set<string>>;

const isWrite = (it: Operation): it is Write => it.verb !== 'delete' && it.verb !== 'move';
const isDelete = (it: Operation): it is Delete => it.verb === 'delete';
const isMove = (it: Operation): it is Reorder => it.verb === 'move';

/** A write waits for what it refers to, a redirect and a name for what they lead to. */
const addWaitsOfWrites = (writes: readonly Write[], moves: ReadonlyMap<Key, string>, waits: Waits): void => {
  const of = new Map(writes.map((write) => [write.key, write]));
  for (const write of writes) {
    const { resource } = write;
    const needed = references(resource).flatMap((key) => of.get(key) ?? []);
    const earlier = [
      ...needed.filter((other) => isNeededFirst(resource, other)).map(operationId),
      ...(resource.kind === 'listener' && write.verb !== 'create'
        ? writes.filter((other) => leadsTo(resource, other))
        : []
      ).map(operationId),
      ...(resource.kind === 'dns-record' ? resource.spec.serves : []).flatMap((key) => {
        const served = of.get(key);
        // A rule that stands and waits for its next target group answers all the while.
        const waits = served && !(served.verb === 'update' && typeof served.when === 'object');
        return [...(waits ? [operationId(served)] : []), ...(moves.has(key) ? [moves.get(key) ?? ''] : [])];
      }),
    ];
    for (const id of earlier) waits.get(operationId(write))?.add(id);
  }
};

/**
 * What is only updated stands already. So does a listener that is adopted, and its default action changes after its
 * rules; anything else that is adopted gets its tags first.
 */
const isNeededFirst = (resource: Resource, other: Write): boolean => {
  if (other.verb === 'update') return givesAddresses(resource, other);
  return other.verb === 'create' || other.resource.kind !== 'listener';
};

/** An AAAA record leads nowhere before its load balancer has IPv6 addresses. */
const givesAddresses = (resource: Resource, other: Write): boolean =>
  resource.kind === 'dns-record' &&
  other.verb !== 'create' &&
  other.changes.some((change) => change.field === 'ipAddressType');

/** Whether a listener redirects to one that is being made, or to a new rule of it. */
const leadsTo = ({ spec }: Resource<'listener'>, { verb, resource }: Write): boolean => {
  const [action] = spec.defaultActions;
  if (verb !== 'create' || action?.type !== 'redirect' || action.port === String(spec.port)) return false;
  const target = listenerKey(spec.loadBalancer, Number(action.port));
  return resource.key === target || (resource.kind === 'rule' && resource.spec.listener === target);
};

/** A delete waits for everything that refers to the resource now and will not any more. */
const addWaitsForLettingGo = (
  writes: readonly Write[],
  deletes: ReadonlyMap<Key, Delete>,
  actual: Actual,
  waits: Waits,
): void => {
  const children = Map.groupBy(actual.owned.values(), (resource) => parent(resource));
  const taken = (resource: Resource): readonly Resource[] => [
    resource,
    ...(children.get(resource.key) ?? []).flatMap(taken),
  ];
  const letGo = (resource: Resource, by: Operation): void => {
    for (const key of references(resource)) {
      const gone = deletes.get(key);
      if (gone && gone !== by) waits.get(operationId(gone))?.add(operationId(by));
    }
  };
  for (const operation of deletes.values())
    for (const resource of taken(operation.resource)) letGo(resource, operation);
  for (const write of writes) {
    const found = actual.owned.get(write.key) ?? actual.adoptable.get(write.key);
    if (found) letGo(found, write);
  }
};

/** What takes over must serve before what served goes. Rules have an order of their own, in rule-order.ts. */
const addWaitsForSuccessors = (
  writes: readonly Write[],
  deletes: ReadonlyMap<Key, Delete>,
  waits: Waits,
): void => {
  for (const operation of deletes.values()) {
    const { resource } = operation;
    if (resource.kind === 'dns-record')
      for (const write of writes)
        if (write.resource.kind === 'dns-record' && write.resource.spec.name === resource.spec.name)
          waits.get(operationId(operation))?.add(operationId(write));
    if (!isReplaceable(resource)) continue;
    for (const write of writes)
      if (succeeds(write.resource, resource) && !isStep(write))
        waits.get(operationId(operation))?.add(operationId(write));
  }
};

/**
 * Before anything goes and before a load balancer appears, what an older controller made is ours: after a crash in
 * between it could not be told from what belongs to somebody else.
 */
const addWaitsForOwnership = (
  writes: readonly Write[],
  deletes: ReadonlyMap<Key, Delete>,
  waits: Waits,
): void => {
  const adopted = writes.filter(
    ({ verb, resource }) =>
      verb === 'adopt' && (resource.kind === 'load-balancer' || resource.kind === 'target-group'),
  );
  const balancers = writes.filter(
    ({ verb, resource }) => verb === 'create' && resource.kind === 'load-balancer',
  );
  for (const later of [...deletes.values(), ...balancers])
    for (const earlier of adopted)
      if (later.verb === 'delete' || earlier.resource.kind === 'load-balancer')
        waits.get(operationId(later))?.add(operationId(earlier));
};

/** A cut-over may take days, and its steps lead to the same load balancer as before. */
const isStep = (write: Write): boolean =>
  (write.verb === 'update' || write.verb === 'adopt') &&
  (write.back !== undefined || write.step !== undefined || write.when === 'not serving');

type Replaceable = Resource<'listener' | 'load-balancer' | 'network-listener' | 'network-load-balancer'>;

const isReplaceable = (resource: Resource): resource is Replaceable =>
  ['listener', 'load-balancer', 'network-listener', 'network-load-balancer'].includes(resource.kind);

const succeeds = (made: Resource, gone: Replaceable): boolean => {
  if (gone.kind === 'load-balancer')
    return ['load-balancer', 'listener', 'rule', 'dns-record'].includes(made.kind);
  if (gone.kind === 'network-load-balancer')
    return ['network-load-balancer', 'network-listener', 'dns-record'].includes(made.kind);
  return made.kind === gone.kind && made.spec.loadBalancer === gone.spec.loadBalancer;
};

/** The first operation of those that wait for nothing more, again and again. */
const sorted = (operations: readonly Operation[], waits: Waits): readonly Operation[] => {
  const index = new Map(operations.map((operation, i) => [operationId(operation), i]));
  const left = operations.map((operation) => waits.get(operationId(operation))?.size ?? 0);
  const waiters = operations.map((): number[] => []);
  operations.forEach((operation, i) => {
    for (const id of waits.get(operationId(operation)) ?? []) waiters[index.get(id) ?? -1]?.push(i);
  });
  const ready = left.flatMap((count, i) => (count === 0 ? [i] : []));
  const result: Operation[] = [];
  for (let next = ready.shift(); next !== undefined; next = ready.shift()) {
    const operation = operations[next];
    if (operation)
      result.push({ ...operation, after: [...(waits.get(operationId(operation)) ?? [])].sort() });
    for (const waiter of waiters[next] ?? []) {
      left[waiter] = (left[waiter] ?? 0) - 1;
      if (left[waiter] === 0) insert(ready, waiter);
    }
  }
  if (result.length === operations.length) return result;
  const stuck = operations.filter((_, i) => (left[i] ?? 0) > 0).map(operationId);
  throw new Error(`operations wait for each other: ${stuck.join(', ')}`);
};

const insert = (rising: number[], value: number): void => {
  let [low, high] = [0, rising.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rising[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  rising.splice(low, 0, value);
};
