/** What the effect rooms promise. Types only: core and controller know these, never an SDK. */
import type { Heir } from './adopt/heir.ts';
import type { BoundGroup } from './bindings/group.ts';
import type { GroupRef, Role } from './bindings/read-binding.ts';
import type { BindingStatus, Ingress, Pod, TargetGroupBinding, WatchedKinds } from './kube/objects.ts';
import type { Snapshot } from './kube/snapshot.ts';
import type { Actual, AwsId, LoadBalancerFacts } from './model/actual.ts';
import type { Facts } from './model/facts.ts';
import type { BalancerKey, Key } from './model/key.ts';
import type { Target } from './model/resource.ts';
import type { TargetHealths, TargetStates } from './model/target-health.ts';
import type { Operation } from './plan/plan.ts';
import type { StackStatus } from './status/stack-status.ts';

/**
 * A place a record can be: a hosted zone id and a host name without the trailing dot. `ingresses` want the record:
 * what external-dns made for one of them may be adopted, if the operator says so.
 */
export type RecordName = {
  readonly zone: string;
  readonly name: string;
  readonly ingresses?: readonly string[];
  /** The record was ours when it was last seen. */
  readonly known?: true;
};

/**
 * How one attempt at an operation ended.
 * `done`: AWS has it (also when it already had). `wait`: nothing wrong, try again in `seconds`.
 * `failed`: `code` is the AWS error code or one of ours; `retry` false means that trying again unchanged is useless.
 */
export type Attempt =
  | { readonly status: 'done'; readonly id?: AwsId; readonly loadBalancer?: LoadBalancerFacts }
  | { readonly status: 'wait'; readonly seconds: number; readonly why: string }
  | { readonly status: 'failed'; readonly code: string; readonly message: string; readonly retry: boolean };

/** Target groups that others made, by the name of a role where that is needed. */
export type BoundGroups = {
  /**
   * A look afresh. `unreachable`: the role cannot be had; `refused`: AWS does not permit the look. Rejects when AWS
   * does not answer.
   */
  find(
    ref: GroupRef,
    role: Role | undefined,
  ): Promise<
    | { readonly is: 'here'; readonly group: BoundGroup }
    | { readonly is: 'absent' }
    | { readonly is: 'unreachable' | 'refused'; readonly why: string }
  >;
  /** What the health checks say of its targets: one call. Rejects when AWS does not answer. */
  health(group: BoundGroup, role: Role | undefined): Promise<TargetStates>;
  /**
   * Registers, then deregisters; what is registered already, or gone already, does no harm. One that AWS does not take
   * keeps no other out.
   */
  fill(
    group: BoundGroup,
    register: readonly Target[],
    deregister: readonly Target[],
    role: Role | undefined,
  ): Promise<Attempt>;
};

export type Aws = {
  readonly groups: BoundGroups;
  /** Facts not older than `maxAgeSeconds`. Rejects when AWS does not answer; never returns half an answer. */
  facts(maxAgeSeconds: number): Promise<Facts>;
  /** The stacks this cluster owns anything of, found by tags in bulk calls. Rejects on any failed page. */
  inventory(): Promise<readonly string[]>;
  /** Everything AWS holds of one stack, read afresh. What the 2017 controller made for an heir counts. */
  observe(stack: string, heirs: readonly Heir[]): Promise<Actual>;
  /** The same with the given record names looked up: what is there is owned, adoptable, foreign or absent. */
  lookUpNames(actual: Actual, stack: string, names: readonly RecordName[]): Promise<Actual>;
  /** Does one operation; never throws for what AWS answers. Creates are idempotent: a lost reply is found again. */
  perform(operation: Operation, actual: Actual): Promise<Attempt>;
  /**
   * Whether a load balancer answers: active, and each of its target groups has a healthy target (or no target).
   * `unknown`: AWS did not tell, which is no reason to move anything, nor back.
   */
  serving(
    key: BalancerKey,
    actual: Actual,
  ): Promise<{ serving: true } | { serving: false; why: string; unknown?: true }>;
  /** What the health checks say of the targets of these groups: one call for each. Rejects when AWS does not answer. */
  targetHealth(groups: readonly Key<'target-group'>[], actual: Actual): Promise<TargetHealths>;
};

/**
 * An object appeared, changed or went. `before` and `after` tell which groups are concerned. A Secret that was looked
 * for and is not there, or may not be read, is told like one that went.
 */
export type Change = {
  [K in keyof WatchedKinds]: {
    readonly kind: K;
    readonly before?: WatchedKinds[K];
    readonly after?: WatchedKinds[K];
  };
}[keyof WatchedKinds];

/** An Event on an Ingress or a TargetGroupBinding. The same event said again only raises its count. */
export type Notice = IngressNotice | (NoticeText & { readonly binding: TargetGroupBinding });

export type IngressNotice = NoticeText & { readonly ingress: Ingress };

type NoticeText = {
  readonly type: 'Normal' | 'Warning';
  /** CamelCase code, documented in docs/reference/events.md. */
  readonly reason: string;
  readonly message: string;
};

/** A condition of a Pod's status, as readiness gates read it. */
export type PodCondition = {
  readonly type: string;
  readonly status: 'True' | 'False';
  /** CamelCase. */
  readonly reason: string;
  readonly message: string;
};

/** Where an Ingress is reached. */
export type Address = {
  readonly hostname: string;
  readonly ports: readonly { readonly port: number; readonly protocol: string }[];
};

export type Kube = {
  /** Starts watching. Resolves when every kind has been listed once. Changes are told after that only. */
  start(onChange: (change: Change) => void): Promise<void>;
  /** The cluster as last seen; only after `start` has resolved. */
  snapshot(): Snapshot;
  /** Seconds since each kind was last confirmed by the API server; Secrets as old as the oldest of those looked at. */
  ages(): Readonly<Record<keyof WatchedKinds, number>>;
  /**
   * From now on these Secrets (`namespace/name`) are in the snapshot and no others, each watched on its own. Resolves
   * when every one of them was found, or found missing, or may not be read.
   */
  lookAtSecrets(ids: ReadonlySet<string>): Promise<void>;
  /** Adds or removes one finalizer; a conflict is retried on the fresh object, an object already gone is fine. */
  setFinalizer(ingress: Ingress, finalizer: string, present: boolean): Promise<void>;
  /** Writes status.loadBalancer of an Ingress; no address at all takes it away. */
  setStatus(ingress: Ingress, addresses: readonly Address[]): Promise<void>;
  /** Writes one condition of a Pod; the others stay. A Pod that is gone, or another one by now, is fine. */
  setPodCondition(pod: Pod, condition: PodCondition): Promise<void>;
  /**
   * Adds or removes our finalizer of a TargetGroupBinding, and keeps in its annotations a note of what is registered and
   * the ARN of the target group. Rejects when the object has changed meanwhile; one that is gone is fine.
   */
  changeBinding(
    binding: TargetGroupBinding,
    change: { readonly finalizer?: boolean; readonly note?: string; readonly filled?: string },
  ): Promise<void>;
  setBindingStatus(binding: TargetGroupBinding, status: BindingStatus): Promise<void>;
  /**
   * Shows how a stack stands, in the object made for it, where the cluster has that kind; undefined takes the object
   * away. A status that cannot be written is logged and rejects nothing; resolves with the seconds after which it has to
   * be said again, when that may help.
   */
  setStackStatus(stack: string, status: StackStatus | undefined): Promise<number | undefined>;
  /** Takes away the objects of ours that show stacks which are not known any more; as `setStackStatus`. */
  pruneStackStatuses(isKnown: (stack: string) => boolean): Promise<number | undefined>;
  notify(notice: Notice): Promise<void>;
  stop(): Promise<void>;
};

export type Clock = {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after `ms`, or early (never rejecting) when the signal aborts. */
  sleep(ms: number, signal?: AbortSignalLike): Promise<void>;
};

/** The part of AbortSignal that is used, so that core needs no DOM types. */
export type AbortSignalLike = {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
};

export type Level = 'debug' | 'info' | 'warn' | 'error';
/** Structured log line. `fields` are plain values; errors are given as `error: message`. */
export type Log = (level: Level, message: string, fields?: Readonly<Record<string, unknown>>) => void;
