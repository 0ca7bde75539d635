/**
 * Opens readiness gates: a Pod that waits for target health gets its condition when it is healthy in every target group
 * that requests reach it through. AWS is asked only while somebody waits, one call for all targets of a group.
 */
import type { Pod } from '../core/kube/objects.ts';
import type { Actual } from '../core/model/actual.ts';
import { closedGatesOf, isOurGate, waitsForHealth } from '../core/model/readiness-gate.ts';
import type { Key } from '../core/model/resource.ts';
import { addressOf, type TargetHealths } from '../core/model/target-health.ts';
import type { PlannedStack } from '../core/plan/plan-stack.ts';
import type { Aws, Clock, Kube, Log, PodCondition } from '../core/ports.ts';

export type Gates = {
  /** Pods may have begun to wait. */
  nudge(): void;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
};

/** What the last pass left of a stack. `current`: nothing has changed since then. */
export type Served = {
  readonly actual: Actual | undefined;
  readonly planned: PlannedStack | undefined;
  readonly current: boolean;
};

export type GatePorts = {
  readonly kube: Pick<Kube, 'snapshot' | 'setPodCondition'>;
  readonly aws: Pick<Aws, 'targetHealth'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly stacks: () => ReadonlyMap<string, Served>;
  /** The stacks that send requests to a Pod, or will. */
  readonly stacksOf: (pod: Pod) => ReadonlySet<string>;
};

/** Milliseconds between looks while somebody waits; more groups are asked less often, so that others get through. */
const POLL = 1000;
const PER_GROUP = 250;

export const makeGates = (ports: GatePorts): Gates => {
  /** The last reason told of a gate that stays closed, by Pod and gate. */
  const told = new Map<string, string>();
  let running: Promise<void> | undefined;

  const work = async (): Promise<void> => {
    while (!ports.signal.aborted) {
      const waiting = [...ports.kube.snapshot().pods.values()].filter(waitsForHealth);
      if (waiting.length === 0) return told.clear();
      const asked = await look(waiting, told, ports);
      await ports.clock.sleep(Math.max(POLL, asked * PER_GROUP), ports.signal);
    }
  };
  return {
    nudge: () => {
      running ??= work()
        .catch((error: unknown) => ports.log('error', 'readiness gates failed', { error: String(error) }))
        .finally(() => {
          running = undefined;
        });
    },
    idle: async () => running,
  };
};

/** One look; returns how many groups were asked for. */
const look = async (
  waiting: readonly Pod[],
  told: Map<string, string>,
  ports: GatePorts,
): Promise<number> => {
  const stacks = ports.stacks();
  const settled = waiting.filter((pod) =>
    [...ports.stacksOf(pod)].every((stack) => stacks.get(stack)?.current ?? false),
  );
  const places = placesOf(new Set(settled.flatMap(({ status }) => status?.podIP ?? [])), stacks);
  const { healths, asked } = await healthsOf([...places.values()].flat(), stacks, ports);
  const names = groupNames(stacks);
  for (const pod of settled) {
    const verdict = verdictOn(places.get(pod.status?.podIP ?? '') ?? [], healths);
    if (!verdict) continue;
    for (const type of closedGatesOf(pod).filter((gate) => isOurGate(gate, (name) => names.has(name)))) {
      const id = `${pod.metadata.uid} ${type}`;
      if (told.get(id) === verdict.message) continue;
      try {
        await ports.kube.setPodCondition(pod, { ...verdict, type });
        told.set(id, verdict.message);
      } catch (error) {
        ports.log('warn', 'readiness gate cannot be written', {
          pod: pod.metadata.name,
          error: String(error),
        });
      }
    }
  }
  return asked;
};

/** A target, and the group it is in. */
type Place = { readonly stack: string; readonly group: Key<'target-group'>; readonly address: string };

/** Where requests reach these Pod addresses, by address. */
const placesOf = (
  ips: ReadonlySet<string>,
  stacks: ReadonlyMap<string, Served>,
): ReadonlyMap<string, readonly Place[]> => {
  const places = new Map<string, Place[]>();
  for (const [stack, { planned }] of stacks)
    for (const resource of planned?.desired.graph.values() ?? []) {
      if (resource.kind !== 'target-group' || resource.spec.targetType !== 'ip') continue;
      for (const target of resource.spec.targets)
        if (ips.has(target.id)) {
          const place = { stack, group: resource.key, address: addressOf(target) };
          places.set(target.id, [...(places.get(target.id) ?? []), place]);
        }
    }
  return places;
};

const healthsOf = async (
  places: readonly Place[],
  stacks: ReadonlyMap<string, Served>,
  { aws, log }: GatePorts,
): Promise<{ readonly healths: ReadonlyMap<string, TargetHealths>; readonly asked: number }> => {
  let asked = 0;
  const found = await Promise.all(
    [...Map.groupBy(places, ({ stack }) => stack)].map(async ([stack, some]) => {
      const actual = stacks.get(stack)?.actual;
      const groups = [...new Set(some.map(({ group }) => group))];
      if (!actual) return [];
      asked += groups.length;
      try {
        return [[stack, await aws.targetHealth(groups, actual)] as const];
      } catch (error) {
        log('debug', 'AWS did not tell the health of targets', { stack, error: String(error) });
        return [];
      }
    }),
  );
  return { healths: new Map(found.flat()), asked };
};

/** Healthy everywhere opens the gate; what fails its checks is told; else there is nothing to say yet. */
const verdictOn = (
  places: readonly Place[],
  healths: ReadonlyMap<string, TargetHealths>,
): Omit<PodCondition, 'type'> | undefined => {
  if (places.length === 0) return undefined;
  const states = places.map((place) => ({
    ...place,
    state: healths.get(place.stack)?.get(place.group)?.get(place.address),
  }));
  if (states.every(({ state }) => state === 'healthy'))
    return { status: 'True', reason: 'TargetHealthy', message: `healthy in ${places.length} target groups` };
  const sick = states.find(({ state }) => state === 'unhealthy' || state === 'unavailable');
  return (
    sick && {
      status: 'False',
      reason: 'TargetUnhealthy',
      message: `${sick.address} is ${sick.state} in ${sick.group}; look at the health check of the target group`,
    }
  );
};

/** Names of all target groups that we have or want: those are the ones whose gates are ours. */
const groupNames = (stacks: ReadonlyMap<string, Served>): ReadonlySet<string> =>
  new Set(
    [...stacks.values()].flatMap(({ actual, planned }) =>
      [...(actual?.owned.values() ?? []), ...(planned?.desired.graph.values() ?? [])].flatMap((it) =>
        it.kind === 'target-group' ? [it.spec.name] : [],
      ),
    ),
  );
