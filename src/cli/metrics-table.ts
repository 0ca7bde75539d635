/**
 * Every metric, once: what `/metrics` serves and `docs/reference/metrics.md` are made from this table. Names are never
 * changed; those of the 2017 controller are kept with their meaning.
 */
export type MetricRow = {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  readonly help: string;
  /** Upper bounds of a histogram. */
  readonly buckets?: readonly number[];
};

const SECONDS = [0.005, 0.02, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

export const METRICS = {
  albingress_updates: {
    type: 'counter',
    labels: [],
    help: 'passes over a stack, whether anything was to do or not',
  },
  albingress_reloads: { type: 'counter', labels: [], help: 'plans that were not empty' },
  albingress_aws_requests: {
    type: 'counter',
    labels: ['service', 'operation'],
    help: 'requests to AWS, every try counted',
  },
  albingress_aws_errors: {
    type: 'counter',
    labels: ['service', 'operation'],
    help: 'requests that AWS answered with an error, throttling included',
  },
  albingress_aws_throttles: {
    type: 'counter',
    labels: ['service', 'operation'],
    help: 'requests that AWS refused because there were too many',
  },
  albingress_cache: {
    type: 'counter',
    labels: ['cache', 'action'],
    help: 'answers from memory (`hit`) and by asking AWS (`miss`): `stack`, what AWS holds of a stack; `facts`, subnets, security groups, zones and certificates',
  },
  albingress_managed_ingresses: { type: 'gauge', labels: [], help: 'Ingresses that are programmed' },
  albingress_managed_resources: {
    type: 'gauge',
    labels: ['kind'],
    help: 'AWS resources that are ours, as the last look at each stack found them',
  },
  albingress_stacks: {
    type: 'gauge',
    labels: [],
    help: 'stacks: Ingresses and groups that share a load balancer',
  },
  albingress_problems: {
    type: 'gauge',
    labels: ['reason'],
    help: 'mistakes that stand in Ingresses now, by the reason of their event',
  },
  albingress_reconcile_seconds: {
    type: 'histogram',
    labels: ['stage'],
    help: 'time of the stages of a pass: `look` at AWS and plan, `accept` members, `apply` the plan, `report` events and status',
    buckets: SECONDS,
  },
  albingress_plan_operations: {
    type: 'histogram',
    labels: [],
    help: 'operations in a plan',
    buckets: [0, 1, 2, 5, 10, 20, 50, 100, 500],
  },
  albingress_operations: {
    type: 'counter',
    labels: ['verb', 'kind', 'result'],
    help: 'operations of plans and how they ended: `done`, `wait`, `failed`, `skipped`',
  },
  albingress_queue_depth: {
    type: 'gauge',
    labels: ['lane'],
    help: 'stacks that wait for a worker: `user`, somebody changed something; `retry`, something is unfinished; `resync`, routine',
  },
  albingress_queue_age_seconds: {
    type: 'gauge',
    labels: ['lane'],
    help: 'how long the first in the queue has waited',
  },
  albingress_pass_age_seconds: {
    type: 'gauge',
    labels: [],
    help: 'how long the longest pass under way has run',
  },
  albingress_watch_age_seconds: {
    type: 'gauge',
    labels: ['kind'],
    help: 'seconds since the API server last said anything about the kind',
  },
  albingress_kubernetes_requests: {
    type: 'counter',
    labels: ['verb', 'resource', 'code'],
    help: 'requests to the Kubernetes API; code 0 is no answer',
  },
  albingress_certificate_end_seconds: {
    type: 'gauge',
    labels: ['certificate'],
    help: 'when a certificate that listeners use ends, in seconds since 1970, by its ARN; `(… - time()) / 86400` are the days left',
  },
  albingress_pods_waiting_for_health: {
    type: 'gauge',
    labels: [],
    help: 'Pods whose containers are ready and whose readiness gate waits until their targets are healthy; one that stays above 0 holds up a rollout',
  },
  albingress_drains: {
    type: 'counter',
    labels: ['result'],
    help: 'times that targets of leaving Pods were taken out of a target group beside the passes, and how it ended: `done`, `wait`, `failed`',
  },
  albingress_target_group_bindings: {
    type: 'gauge',
    labels: ['state'],
    help: 'TargetGroupBindings: `filled`, nothing is wrong; `troubled`, events tell what is; `waiting`, not looked at yet',
  },
  albingress_leader: {
    type: 'gauge',
    labels: [],
    help: '1 on the controller that works, 0 on one that stands by',
  },
  albingress_build_info: { type: 'gauge', labels: ['version', 'node'], help: 'always 1' },
} as const satisfies Record<string, MetricRow>;

export type MetricName = keyof typeof METRICS;
