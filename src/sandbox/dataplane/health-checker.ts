import type { TargetHealth } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { EmulatorClock, ServingState, StoredTarget, StoredTargetGroup } from '../aws/state.ts';
import type { Bound } from './bind.ts';
import { groupsInUse } from './groups-in-use.ts';
import { type Probe, type ProbeResult, probeTarget } from './health-probe.ts';
import { counted, failureOf, NO_STREAK, nextHealth, type Streak } from './health-verdict.ts';
import { idleHealth } from './idle-health.ts';
import { isLoopback } from './loopback.ts';
import { type Queue, queue } from './queue.ts';
import type { TargetAddress } from './target-address.ts';

/** Writes `health` of every target, by really asking them. */
export type HealthChecker = {
  /** Takes up what is new in the state and drops what is gone. */
  reconcile(): void;
  stop(): void;
};

/** How checks get to targets. */
type Reach = {
  readonly addressOf: TargetAddress;
  /** Where an address and port really are; the same but for load balancers on stand-in ports. */
  readonly endpoint: (address: string, port: number) => Bound;
};

/** Probes under way at once, so that many targets cannot exhaust the machine's connections. */
const AT_ONCE = 64;

/**
 * Watches the targets of groups in use, each on the group's interval in emulator time. Targets of other groups become
 * `unused`; draining ones are left alone and removed when their time is over. `onHealth` is told the group whose
 * targets changed.
 */
export const healthChecker = (
  state: ServingState,
  clock: EmulatorClock,
  reach: Reach,
  onHealth: (targetGroupArn: string) => void,
): HealthChecker => {
  const watches = new Map<string, Watch>();
  const probes = queue(AT_ONCE);
  const context: Context = { state, clock, reach, onHealth, probes };
  return {
    reconcile: () => {
      const used = groupsInUse(state);
      const idleOf = (group: StoredTargetGroup, target: StoredTarget): TargetHealth | undefined =>
        idleHealth(state, group, target, used.has(group.TargetGroupArn));
      const seen = new Set<string>();
      for (const group of state.targetGroups.values()) {
        for (const [key, target] of group.targets) {
          const id = `${group.TargetGroupArn} ${key}`;
          seen.add(id);
          const known = watches.get(id);
          if (known?.target === target) known.update(group, idleOf(group, target));
          else {
            known?.stop();
            const watch = watchTarget(context, group, key, target);
            watches.set(id, watch);
            watch.update(group, idleOf(group, target));
          }
        }
      }
      for (const [id, watch] of watches) {
        if (seen.has(id)) continue;
        watch.stop();
        watches.delete(id);
      }
    },
    stop: () => {
      for (const watch of watches.values()) watch.stop();
      watches.clear();
    },
  };
};

type Context = {
  readonly state: ServingState;
  readonly clock: EmulatorClock;
  readonly reach: Reach;
  readonly onHealth: (targetGroupArn: string) => void;
  readonly probes: Queue;
};

type Watch = {
  readonly target: StoredTarget;
  /** `idle` is the health of a target that is not asked for it. */
  update(group: StoredTargetGroup, idle: TargetHealth | undefined): void;
  stop(): void;
};

const CHECKING: TargetHealth = {
  State: 'initial',
  Reason: 'Elb.InitialHealthChecking',
  Description: 'Initial health checks in progress',
};

const watchTarget = (
  context: Context,
  first: StoredTargetGroup,
  key: string,
  target: StoredTarget,
): Watch => {
  const { clock } = context;
  let group = first;
  let streak: Streak = NO_STREAK;
  let mode: 'idle' | 'probing' | 'draining' = 'idle';
  let cancel = (): void => undefined;
  const write = (health: TargetHealth): void => {
    target.health = health;
    context.onHealth(group.TargetGroupArn);
  };
  const enter = (next: typeof mode): boolean => {
    if (mode === next) return false;
    mode = next;
    cancel();
    return true;
  };
  const judge = (result: ProbeResult): void => {
    if (mode !== 'probing' || target.health.State === 'draining') return;
    const failure = failureOf(group, result);
    streak = counted(streak, failure === undefined);
    const next = nextHealth(group, target.health, streak, failure);
    if (next !== undefined) write(next);
  };
  const round = async (): Promise<void> => {
    const due =
      clock.now() + atLeast(clock, (group.HealthCheckIntervalSeconds ?? 30) * 1000, SHORTEST_INTERVAL);
    await context.probes(async () => {
      if (mode === 'probing') judge(await check(context, group, target));
    });
    if (mode === 'probing') cancel = clock.after(Math.max(0, due - clock.now()), () => void round());
  };
  return {
    target,
    update: (current, idle) => {
      group = current;
      if (target.health.State === 'draining') {
        if (!enter('draining')) return;
        const left = (target.drainedAt ?? clock.now()) - clock.now();
        cancel = clock.after(Math.max(0, left), () => {
          if (group.targets.get(key) === target) group.targets.delete(key);
          context.onHealth(group.TargetGroupArn);
        });
      } else if (idle !== undefined) {
        enter('idle');
        if (target.health.Description !== idle.Description) write(idle);
      } else if (enter('probing')) {
        streak = NO_STREAK;
        write(CHECKING);
        void round();
      }
    },
    stop: () => {
      mode = 'idle';
      cancel();
    },
  };
};

/** Real milliseconds below which a faster clock does not shorten things: a busy machine must not look like a sick target. */
const SHORTEST_INTERVAL = 100;
const SHORTEST_TIMEOUT = 1000;

const atLeast = (clock: EmulatorClock, ms: number, realMs: number): number =>
  Math.max(ms, realMs * clock.speed);

const check = async (
  context: Context,
  group: StoredTargetGroup,
  target: StoredTarget,
): Promise<ProbeResult> => {
  const instance = context.state.instances.get(target.id);
  if (instance !== undefined && instance.state !== 'running')
    return { kind: 'not-running', state: instance.state };
  const address = context.reach.addressOf(group, target);
  if (address === undefined) return { kind: 'failed', why: `${target.id} does not exist` };
  if (!isLoopback(address)) {
    return {
      kind: 'failed',
      why: `'${address}' is not a loopback address; the sandbox connects to no other`,
    };
  }
  const timeout = atLeast(context.clock, (group.HealthCheckTimeoutSeconds ?? 5) * 1000, SHORTEST_TIMEOUT);
  return probeTarget(probeOf(group, target, address, context.reach), (callback) =>
    context.clock.after(timeout, callback),
  );
};

const probeOf = (
  group: StoredTargetGroup,
  target: StoredTarget,
  address: string,
  { endpoint }: Reach,
): Probe => {
  const version = group.ProtocolVersion;
  const stated = Number(group.HealthCheckPort ?? 'traffic-port');
  const { host, port } = endpoint(address, Number.isInteger(stated) ? stated : target.port);
  const protocol = group.HealthCheckProtocol ?? group.Protocol;
  return {
    address: host,
    port,
    secure: protocol === 'HTTPS',
    version: version === 'HTTP2' || version === 'GRPC' ? version : protocol === 'TCP' ? 'none' : 'HTTP1',
    path: group.HealthCheckPath ?? (version === 'GRPC' ? '/AWS.ALB/healthcheck' : '/'),
  };
};
