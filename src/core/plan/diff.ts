/**
 * Desired × actual → plan. Pure: no clock, no chance, no I/O; the same inputs give the same plan in the same order.
 *
 * Deciding has four steps: give rules their numbers, compare resource by resource, hold back what is not safe,
 * then say what must come before what. Replacement needs no code of its own, because a key holds what AWS
 * cannot change: another key is a create and a delete.
 */
import { isInTheWay } from '../adopt/consent.ts';
import { type Actual, kindOf } from '../model/actual.ts';
import { differences } from '../model/fields.ts';
import type { Key, Kind } from '../model/key.ts';
import { parent, references } from '../model/references.ts';
import type { Graph, Resource } from '../model/resource.ts';
import { withDefaults } from '../model/stated-settings.ts';
import { stepOf } from './cutover.ts';
import { nameWithoutClash } from './name-clash.ts';
import { inOrder } from './order.ts';
import type { Create, Delete, Hold, Operation, Plan, Prepare, Update } from './plan.ts';
import { withPortsInUse, withPreparation } from './prepare.ts';
import {
  changeAgainstPolicy,
  heldDeletes,
  inItsPlace,
  isGone,
  NO_LIMITS,
  type RecordLimits,
} from './record-limits.ts';
import { settlePriorities } from './settle-priorities.ts';
import { takeOver } from './take-over.ts';

/** How long a resource that was replaced stays up after nothing refers to it any more, in seconds. */
export type Graces = {
  /** Resolvers keep an alias answer for 60 s, clients keep connections for longer. */
  readonly loadBalancer: number;
  /** Requests under way may take as long as the deregistration delay. */
  readonly targetGroup: number;
  /** AWS counts imports over a year: what comes back within this time needs none. Default 0. */
  readonly certificate?: number;
  /** Before a record goes whose Ingress nobody saw deleted. Default 0. */
  readonly record?: number;
};

export const diff = (
  desired: Graph,
  seen: Actual,
  graces: Graces,
  limits: RecordLimits & { readonly mostRules?: number } = NO_LIMITS,
): Plan => {
  const { actual: found, taken } = takeOver(desired, seen);
  const actual = { ...found, owned: sorted(found.owned), adoptable: sorted(found.adoptable) };
  const settled = settlePriorities(sorted(desired), actual);
  const holds = new Map<Key, Hold>();
  const writes: (Create | Prepare | Update)[] = [];

  for (const resource of byDependency(settled.graph)) {
    const hold =
      reasonToHold(resource, settled.graph, actual, holds) ?? changeAgainstPolicy(resource, actual, limits);
    if (hold) holds.set(resource.key, { verb: 'hold', key: resource.key, why: hold });
    else {
      writes.push(...writesOf(resource, actual, settled.graph));
    }
  }
  const deletes = deletesOf(settled.graph, actual, holds, graces, limits);
  const going = new Set(deletes.map(({ key }) => key));
  const adopted = taken.filter(({ key }) => going.has(key)).toSorted(byKey);
  const operations: readonly Operation[] = [
    ...settled.moves,
    ...adopted,
    ...withPortsInUse(writes, actual, settled.graph, going),
    ...deletes,
  ];
  return {
    operations: inOrder(operations, actual, limits.mostRules),
    holds: [...holds.values()].sort(byKey),
  };
};

/** Choices below take the first of several; sorted, the first does not depend on who built the map. */
const sorted = (graph: Graph): Graph => new Map([...graph].sort(([a], [b]) => (a < b ? -1 : 1)));

const byKey = (a: { readonly key: Key }, b: { readonly key: Key }): number =>
  a.key < b.key ? -1 : a.key > b.key ? 1 : 0;

const RANK = [
  'security-group',
  'certificate',
  'target-group',
  'load-balancer',
  'listener',
  'rule',
  'network-load-balancer',
  'network-target-group',
  'network-listener',
  'target-access',
  'dns-record',
];

const byDependency = (graph: Graph): readonly Resource[] =>
  [...graph.values()].sort((a, b) => RANK.indexOf(a.kind) - RANK.indexOf(b.kind) || byPlace(a, b));

/** Rules as they match, everything else by key. */
const byPlace = (a: Resource, b: Resource): number =>
  a.kind === 'rule' && b.kind === 'rule' && a.spec.listener === b.spec.listener
    ? a.spec.priority - b.spec.priority
    : byKey(a, b);

/** A wanted resource is held when something foreign is in its place, or when what it needs is held and missing. */
const reasonToHold = (
  resource: Resource,
  graph: Graph,
  actual: Actual,
  holds: ReadonlyMap<Key, Hold>,
): string | undefined => {
  const exists = actual.owned.has(resource.key) || actual.adoptable.has(resource.key);
  const foreign = actual.foreign.find((found) => found.key === resource.key);
  if (foreign && !exists && isInTheWay(foreign, resource))
    return `not ours to change: ${foreign.description}`;
  if (!exists) {
    const clash = nameWithoutClash(resource, actual, graph);
    if ('clash' in clash) return clash.clash;
  }
  const missing = needs(resource).find(
    (key) => holds.has(key) && !actual.owned.has(key) && !actual.adoptable.has(key),
  );
  return missing && `waits for ${missing}`;
};

/** More than AWS asks for: a target group without its balancer, or a name that leads nowhere, helps nobody. */
const needs = (resource: Resource): readonly Key[] => {
  if (resource.kind === 'target-group') return [resource.spec.loadBalancer];
  if (resource.kind === 'network-target-group') return [...references(resource), resource.spec.loadBalancer];
  return resource.kind === 'dns-record'
    ? [...references(resource), ...resource.spec.serves]
    : references(resource);
};

const writesOf = (
  resource: Resource,
  actual: Actual,
  graph: Graph,
): readonly (Create | Prepare | Update)[] => {
  const { key } = resource;
  const have = actual.owned.get(key);
  const adoptable = have ? undefined : (actual.adoptable.get(key) ?? inItsPlace(resource, actual));
  const found = have ?? adoptable;
  if (!found) {
    const replaces = predecessor(resource, actual.owned, graph);
    const named = nameWithoutClash(resource, actual, graph);
    return [
      {
        verb: 'create',
        key,
        resource: 'resource' in named ? named.resource : resource,
        after: [],
        ...(replaces && { replaces }),
      },
    ];
  }
  if (have?.kind === 'dns-record' && have.spec.cutover && resource.kind === 'dns-record')
    return [stepOf(resource, have)].filter((step) => step !== undefined);
  const wanted = withDefaults(resource, found.spec);
  const changes = differences(resource.kind, wanted.spec, found.spec as typeof resource.spec);
  if (changes.length === 0 && !adoptable) return [];
  const moves = changes.some(({ field }) => field === MOVES[resource.kind]);
  const update: Update = {
    verb: adoptable ? 'adopt' : 'update',
    key,
    resource: wanted,
    changes,
    after: [],
    ...(moves && { when: 'serving' as const }),
  };
  return withPreparation(update, found, actual, graph).filter((it) => it !== undefined);
};

/** Fields that send traffic elsewhere. */
const MOVES: { readonly [K in Kind]?: string } = {
  'dns-record': 'alias',
  'network-listener': 'targetGroup',
};

/** What a key names apart from the fields that AWS cannot change: two keys of one family follow each other. */
const family = (key: Key): string => {
  const bare = key.replace(/~(internal|internet-facing)/, '');
  const isGroup = kindOf(key) === 'target-group' || kindOf(key) === 'network-target-group';
  return isGroup ? bare.replace(/~[^~]*$/, '') : bare;
};

const REPLACED: ReadonlySet<Kind> = new Set([
  'load-balancer',
  'target-group',
  'network-load-balancer',
  'network-target-group',
]);

const predecessor = (resource: Resource, owned: Graph, graph: Graph): Key | undefined => {
  if (!REPLACED.has(resource.kind)) return undefined;
  return [...owned.keys()].find(
    (key) => kindOf(key) === resource.kind && !graph.has(key) && family(key) === family(resource.key),
  );
};

const deletesOf = (
  graph: Graph,
  actual: Actual,
  holds: Map<Key, Hold>,
  graces: Graces,
  limits: RecordLimits,
): readonly Delete[] => {
  const gone = new Set(
    [...actual.owned.values()].filter((it) => isGone(it, graph, limits)).map(({ key }) => key),
  );
  for (const hold of heldDeletes(gone, limits)) holds.set(hold.key, hold);
  const pinned = pinnedBy(gone, graph, actual, holds);
  const deletes: Delete[] = [];
  for (const key of [...gone].sort()) {
    const resource = actual.owned.get(key);
    if (!resource || holds.has(key) || goesWithParent(resource, gone, pinned)) continue;
    const pin = pinned.get(key);
    if (pin) {
      holds.set(key, { verb: 'hold', key, why: `still needed by ${pin}` });
      continue;
    }
    const replacedBy = [...graph.keys()].find(
      (other) => kindOf(other) === kindOf(key) && family(other) === family(key),
    );
    deletes.push({
      verb: 'delete',
      key,
      resource,
      after: [],
      grace: graceOf(resource, replacedBy, graph, graces),
      ...(replacedBy && { replacedBy }),
    });
  }
  return deletes;
};

/** How much longer a load balancer stays whose name somebody else has to move, once they have seen the new one. */
export const FOREIGN_NAMES = 10;

/** Nobody waits for a resource whose whole stack goes: its owner said so. */
const graceOf = (resource: Resource, replacedBy: Key | undefined, graph: Graph, graces: Graces): number => {
  const wanted = [...graph.values()];
  if (resource.kind === 'dns-record') return graces.record ?? 0;
  if (!wanted.some((other) => other.kind === 'load-balancer')) return 0;
  if (resource.kind === 'target-group') return graces.targetGroup;
  if (resource.kind === 'certificate') return graces.certificate ?? 0;
  // Connections stay with the group they began with; where the port itself goes there is nobody to wait for.
  if (resource.kind === 'network-target-group') return replacedBy ? graces.targetGroup : 0;
  if (resource.kind !== 'load-balancer' && resource.kind !== 'network-load-balancer') return 0;
  return graces.loadBalancer * (wanted.some((other) => other.kind === 'dns-record') ? 1 : FOREIGN_NAMES);
};

const goesWithParent = (
  resource: Resource,
  gone: ReadonlySet<Key>,
  pinned: ReadonlyMap<Key, Key>,
): boolean => {
  const above = parent(resource);
  return above !== undefined && gone.has(above) && !pinned.has(above);
};

/** Keys that must stay although nobody wants them, each with the key that needs it. */
const pinnedBy = (
  gone: ReadonlySet<Key>,
  graph: Graph,
  actual: Actual,
  holds: ReadonlyMap<Key, Hold>,
): ReadonlyMap<Key, Key> => {
  const pinned = new Map<Key, Key>();
  const pin = (key: Key, by: Key): void => {
    const resource = actual.owned.get(key);
    if (!resource || !gone.has(key) || pinned.has(key)) return;
    pinned.set(key, by);
    for (const needed of references(resource)) pin(needed, key);
    for (const other of actual.owned.values()) if (parent(other) === key) pin(other.key, key);
  };
  for (const [key, resource] of [...actual.owned, ...actual.adoptable]) {
    const staysAsItIs = holds.has(key) || (!graph.has(key) && !actual.owned.has(key));
    if (staysAsItIs) for (const needed of references(resource)) pin(needed, key);
  }
  for (const found of actual.foreign) for (const key of found.refersTo ?? []) pin(key, found.key);
  // What was to take over is held back, so what serves now goes on serving.
  for (const held of holds.keys())
    for (const key of gone) if (kindOf(key) === kindOf(held) && family(key) === family(held)) pin(key, held);
  return pinned;
};
