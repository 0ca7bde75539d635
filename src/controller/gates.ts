/**
 * Opens readiness gates: a Pod that waits for target health gets its condition when it is healthy in every target group
 * that requests reach it through. AWS is asked only while somebody waits, one call for all targets of a group.
 */
import type { Pod } from '../core/kube/objects.ts';
import { closedGatesOf, gateGroup, isOurGate, waitsForHealth } from '../core/model/readiness-gate.ts';
import { addressOf, type TargetStates } from '../core/model/target-health.ts';
import type { Clock, Kube, Log, PodCondition } from '../core/ports.ts';
import { type HealthGroup, type HealthPorts, healthGroups, type Served } from './health-groups.ts';

export type Gates = {
  /** Pods may have begun to wait. */
  nudge(): void;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
};

export type GatePorts = HealthPorts & {
  readonly kube: Pick<Kube, 'snapshot' | 'setPodCondition'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
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
  const ips = new Set(settled.flatMap(({ status }) => status?.podIP ?? []));
  const groups = healthGroups(ports).filter(({ targets }) => targets.some(({ id }) => ips.has(id)));
  const places = await placesOf(ips, groups, ports.log);
  const names = groupNames(stacks);
  for (const pod of settled) {
    const reached = places.get(pod.status?.podIP ?? '') ?? [];
    const verdict = verdictOn(reached);
    if (!verdict) continue;
    for (const type of closedGatesOf(pod).filter((gate) => mayOpen(gate, pod, reached, names)))
      await write(pod, { ...verdict, type }, told, ports);
  }
  return groups.length;
};

/** A gate named after a TargetGroupBinding opens when the Pod is in the group of that one, too. */
const mayOpen = (gate: string, pod: Pod, places: readonly Place[], names: ReadonlySet<string>): boolean =>
  isOurGate(gate, (name) => names.has(name)) ||
  places.some(({ group }) => group.binding === `${pod.metadata.namespace}/${gateGroup(gate)}`);

const write = async (
  pod: Pod,
  condition: PodCondition,
  told: Map<string, string>,
  { kube, log }: GatePorts,
): Promise<void> => {
  const id = `${pod.metadata.uid} ${condition.type}`;
  if (told.get(id) === condition.message) return;
  try {
    await kube.setPodCondition(pod, condition);
    told.set(id, condition.message);
  } catch (error) {
    log('warn', 'readiness gate cannot be written', { pod: pod.metadata.name, error: String(error) });
  }
};

/** A target, the group it is in, and what AWS says of it there. */
type Place = { readonly group: HealthGroup; readonly address: string; readonly state: string | undefined };

/** Where requests reach these Pod addresses, by address. */
const placesOf = async (
  ips: ReadonlySet<string>,
  groups: readonly HealthGroup[],
  log: Log,
): Promise<ReadonlyMap<string, readonly Place[]>> => {
  const places = new Map<string, Place[]>();
  const states = await Promise.all(groups.map((group) => statesOf(group, log)));
  for (const [index, group] of groups.entries())
    for (const target of group.targets) {
      if (!ips.has(target.id)) continue;
      const address = addressOf(target);
      const place = { group, address, state: states[index]?.get(address) };
      places.set(target.id, [...(places.get(target.id) ?? []), place]);
    }
  return places;
};

const statesOf = async (group: HealthGroup, log: Log): Promise<TargetStates> => {
  try {
    return await group.health();
  } catch (error) {
    log('debug', 'AWS did not tell the health of targets', { group: group.title, error: String(error) });
    return new Map();
  }
};

/** What a state that lasts asks of whoever waits. */
const REMEDIES: ReadonlyMap<string | undefined, readonly [reason: string, remedy: string]> = new Map([
  ['unhealthy', ['TargetUnhealthy', 'look at the health check of the target group']],
  ['unavailable', ['TargetUnhealthy', 'look at the health check of the target group']],
  [
    'unused',
    [
      'TargetUnused',
      'the load balancer has no subnet in the zone of its node, or no rule leads to the group',
    ],
  ],
]);

/** Healthy everywhere opens the gate; what fails its checks, or gets none, is told; else there is nothing to say yet. */
const verdictOn = (places: readonly Place[]): Omit<PodCondition, 'type'> | undefined => {
  if (places.length === 0) return undefined;
  if (places.every(({ state }) => state === 'healthy'))
    return { status: 'True', reason: 'TargetHealthy', message: `healthy in ${places.length} target groups` };
  for (const { address, state, group } of places) {
    const [reason, remedy] = REMEDIES.get(state) ?? [];
    if (reason !== undefined)
      return { status: 'False', reason, message: `${address} is ${state} in ${group.title}; ${remedy}` };
  }
  return undefined;
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
