/**
 * In-between states that make an update safe. AWS checks the health of targets only while a listener forwards to their
 * group, so a new group joins the forward with weight 0 first and takes over when it has a healthy target. A security
 * group opens what is new first and closes a port only after the listener behind it is gone.
 */
import type { Actual } from '../model/actual.ts';
import { canonical } from '../model/digest.ts';
import { differences } from '../model/fields.ts';
import { guardsText } from '../model/guard.ts';
import type { Key } from '../model/key.ts';
import type { Graph, ListenerSpec, Permission, Resource } from '../model/resource.ts';
import type { Action, WeightedTargetGroup } from '../model/rule.ts';
import { type Delete, type Operation, operationId, type Prepare, type Update } from './plan.ts';
import type { Wait } from './rule-order.ts';

/** The update alone, or behind what prepares it. `found` is what AWS has of the resource now. */
export const withPreparation = (
  update: Update,
  found: Resource,
  actual: Actual,
  graph: Graph,
): readonly [Prepare | undefined, Update] => {
  const { resource } = update;
  if (update.verb !== 'update') return [undefined, update];
  if (resource.kind === 'rule' && found.kind === 'rule') {
    const warm = warmed(found.spec.actions, resource.spec.actions, actual, graph);
    return tryingOut(update, found, warm, (actions) => ({ ...found, spec: { ...found.spec, actions } }));
  }
  if (resource.kind === 'listener' && found.kind === 'listener') {
    // Another protocol may allow other backends: then nothing can be tried out before.
    if (resource.spec.protocol !== found.spec.protocol) return [undefined, update];
    const warm = warmed(found.spec.defaultActions, resource.spec.defaultActions, actual, graph);
    return tryingOut(update, found, warm, (defaultActions) => ({
      ...found,
      spec: { ...found.spec, defaultActions } satisfies ListenerSpec,
    }));
  }
  if (resource.kind === 'security-group' && found.kind === 'security-group') {
    const kept = withoutClient(found.spec.inbound, resource.spec.inbound, portsThatGo(actual, graph));
    if (kept.length === 0) return [undefined, update];
    const inbound = [...resource.spec.inbound, ...kept];
    return inTwo(update, found, { ...found, spec: { ...found.spec, inbound } });
  }
  return [undefined, update];
};

/**
 * The same operations without the closing of ports that something listens on which was to go and is held back. An update
 * that has nothing left to change is left out.
 */
export const withPortsInUse = <O extends Operation>(
  operations: readonly O[],
  actual: Actual,
  graph: Graph,
  going: ReadonlySet<Key>,
): readonly O[] => {
  const leaving = portsThatGo(actual, graph);
  const stuck = new Set(
    [...actual.owned.values()].flatMap((it) =>
      it.kind === 'listener' &&
      leaving.has(it.spec.port) &&
      !going.has(it.key) &&
      !going.has(it.spec.loadBalancer)
        ? [it.spec.port]
        : [],
    ),
  );
  if (stuck.size === 0) return operations;
  return operations.flatMap((operation): readonly O[] => {
    if (operation.verb !== 'update' || operation.resource.kind !== 'security-group') return [operation];
    const { resource } = operation;
    const found = actual.owned.get(resource.key);
    if (found?.kind !== 'security-group') return [operation];
    const kept = withoutClient(found.spec.inbound, resource.spec.inbound, stuck);
    const between = operations.find(({ verb, key }) => verb === 'prepare' && key === resource.key);
    const before = between?.verb === 'prepare' ? between.resource : found;
    const left = { ...resource, spec: { ...resource.spec, inbound: [...resource.spec.inbound, ...kept] } };
    const changes = differences(left.kind, left.spec, before.spec as typeof left.spec);
    return changes.length === 0 ? [] : [{ ...operation, resource: left, changes }];
  });
};

/** A prepared update comes second, and what a security group closes comes after the listeners behind it. */
export const waitsForPreparation = (operations: readonly Operation[]): readonly Wait[] => {
  const prepared = new Set(operations.filter((it) => it.verb === 'prepare').map(({ key }) => key));
  const ends = operations.filter(
    (it): it is Delete => it.verb === 'delete' && (listens(it.resource) || isBalancer(it.resource)),
  );
  return operations.flatMap((later): Wait[] => {
    if (later.verb !== 'update') return [];
    const id = operationId(later);
    const first: Wait[] = prepared.has(later.key)
      ? [[id, operationId({ verb: 'prepare', key: later.key })]]
      : [];
    if (later.resource.kind !== 'security-group' || !closes(later, ends)) return first;
    return [...first, ...ends.map((earlier): Wait => [id, operationId(earlier)])];
  });
};

/** Whether an update closes a port that something which goes still listens on. */
const closes = ({ changes }: Update, ends: readonly Delete[]): boolean => {
  const inbound = changes.find(({ field }) => field === 'inbound');
  if (!inbound) return false;
  const open = (inbound.to as readonly Permission[]).map(({ fromPort }) => fromPort);
  return (inbound.from as readonly Permission[]).some(
    ({ fromPort }) =>
      !open.includes(fromPort) &&
      ends.some(
        ({ resource }) => isBalancer(resource) || (listens(resource) && resource.spec.port === fromPort),
      ),
  );
};

type Warmed = {
  /** The actions that try the new groups out; undefined where they are in the forward already. */
  readonly actions: readonly Action[] | undefined;
  readonly when: Exclude<Update['when'], 'serving' | undefined>;
};

const tryingOut = (
  update: Update,
  found: Resource,
  warm: Warmed | undefined,
  spec: (actions: readonly Action[]) => Resource,
): readonly [Prepare | undefined, Update] => {
  if (!warm) return [undefined, update];
  const waiting = { ...update, when: warm.when };
  return warm.actions ? inTwo(waiting, found, spec(warm.actions)) : [undefined, waiting];
};

/** The way there by an in-between state; each step shows what is left for it to change. */
const inTwo = (
  update: Update,
  found: Resource,
  between: Resource,
): readonly [Prepare | undefined, Update] => {
  const { key, resource } = update;
  const changes = differences(between.kind, between.spec, found.spec as typeof between.spec);
  if (changes.length === 0) return [undefined, update];
  const left = differences(resource.kind, resource.spec, between.spec as typeof resource.spec);
  return [
    { verb: 'prepare', key, resource: between, changes, after: [] },
    { ...update, changes: left },
  ];
};

/** Target groups a forward action may have (AWS documentation: quotas of Application Load Balancers). */
const MOST_GROUPS = 5;

type Forward = Extract<Action, { readonly type: 'forward' }>;

/** How new groups of a forward come into use; undefined where none is new, or none can be tried out. */
const warmed = (
  have: readonly Action[],
  want: readonly Action[],
  actual: Actual,
  graph: Graph,
): Warmed | undefined => {
  const [from, to] = [have.find(isForward), want.find(isForward)];
  // Who gets in and where to changes in one write: in between nobody gets in where nobody should.
  if (!from || !to || guardsText(have) !== guardsText(want)) return undefined;
  const used = groupsInUse(actual);
  const fresh = to.targetGroups.filter((it) => it.weight > 0 && isOurs(it) && !used.has(it.targetGroup));
  const serving = from.targetGroups.filter((it) => it.weight > 0);
  if (fresh.length === 0 || serving.length === 0) return undefined;
  const there = new Set(from.targetGroups.map(({ targetGroup }) => targetGroup));
  const missing = fresh.filter((it) => !there.has(it.targetGroup));
  const versions = new Set(
    [...fresh, ...serving]
      .map((it) => versionOf(it.targetGroup, actual, graph))
      .filter((it) => it !== undefined),
  );
  if (from.targetGroups.length + missing.length > MOST_GROUPS || versions.size > 1) return undefined;
  const tried: Forward = {
    ...from,
    targetGroups: [...from.targetGroups, ...missing.map((it) => ({ ...it, weight: 0 }))],
  };
  return {
    actions: missing.length > 0 ? have.map((it) => (it === from ? tried : it)) : undefined,
    when: {
      healthy: fresh.filter(isOurs).map((it) => it.targetGroup),
      unlike: serving.filter(isOurs).map((it) => it.targetGroup),
    },
  };
};

const isForward = (action: Action): action is Forward => action.type === 'forward';

const isOurs = (
  it: WeightedTargetGroup,
): it is WeightedTargetGroup & { readonly targetGroup: Key<'target-group'> } =>
  it.targetGroup.startsWith('target-group/');

/** Groups that requests are sent to now: AWS checks their targets, and whoever is in them is as well as it will be. */
const groupsInUse = (actual: Actual): ReadonlySet<string> => {
  const used = new Set<string>();
  for (const graph of [actual.owned, actual.adoptable])
    for (const it of graph.values()) {
      const actions =
        it.kind === 'rule' ? it.spec.actions : it.kind === 'listener' ? it.spec.defaultActions : [];
      for (const { targetGroup, weight } of actions.filter(isForward).flatMap((to) => to.targetGroups))
        if (weight > 0) used.add(targetGroup);
    }
  return used;
};

/** One forward cannot mix protocol versions. */
const versionOf = (group: string, actual: Actual, graph: Graph): string | undefined => {
  const found =
    graph.get(group as Key) ?? actual.owned.get(group as Key) ?? actual.adoptable.get(group as Key);
  return found?.kind === 'target-group' ? found.spec.protocolVersion : undefined;
};

const listens = (it: Resource): it is Resource<'listener'> | Resource<'network-listener'> =>
  it.kind === 'listener' || it.kind === 'network-listener';

const isBalancer = ({ kind }: Resource): boolean =>
  kind === 'load-balancer' || kind === 'network-load-balancer';

/** Ports that something listens on which goes, and nothing that is wanted. */
const portsThatGo = (actual: Actual, graph: Graph): ReadonlySet<number> => {
  const ports = (of: Graph, gone: boolean): readonly number[] =>
    [...of.values()].flatMap((it) => (listens(it) && (!gone || !graph.has(it.key)) ? [it.spec.port] : []));
  const wanted = new Set(ports(graph, false));
  return new Set(ports(actual.owned, true).filter((port) => !wanted.has(port)));
};

/** What is open to a port that goes, and is not to stay open. A source that is no longer let in waits for nothing. */
const withoutClient = (
  have: readonly Permission[],
  want: readonly Permission[],
  going: ReadonlySet<number>,
): readonly Permission[] => {
  const wanted = new Set(want.map(canonical));
  return have.filter(
    (it) => it.fromPort === it.toPort && going.has(it.fromPort) && !wanted.has(canonical(it)),
  );
};
