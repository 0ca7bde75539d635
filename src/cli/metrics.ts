/** Counting: the table of metrics as live objects, and the hooks of the other rooms that feed them. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { OnCall } from '../aws/clients.ts';
import type { Controller } from '../controller/controller.ts';
import type { Meter } from '../controller/meter.ts';
import { kindOf } from '../core/model/actual.ts';
import type { Certificate, Facts } from '../core/model/facts.ts';
import { waitsForHealth } from '../core/model/readiness-gate.ts';
import type { Aws, Kube } from '../core/ports.ts';
import type { CallRecord } from '../kubernetes/transport.ts';
import { certificateEnds } from './certificate-ends.ts';
import { METRICS, type MetricName, type MetricRow } from './metrics-table.ts';
import { VERSION } from './version.ts';

export type Metrics = {
  readonly onAwsCall: OnCall;
  readonly onKubernetesCall: (call: CallRecord) => void;
  readonly meter: Meter;
  /** The same port; looks at facts are counted as remembered or not. */
  readonly counted: (aws: Aws) => Aws;
  readonly contentType: string;
  /** The exposition. What stands in gauges is read this moment. */
  page(parts: Parts): Promise<string>;
};

type Parts = {
  readonly controller: Controller;
  readonly kube: Pick<Kube, 'ages' | 'snapshot'>;
  readonly leads: () => boolean;
};
type Labels = Readonly<Record<string, string>>;

const THROTTLED = /throttl|RequestLimitExceeded|TooManyRequests|PriorRequestNotComplete|SlowDown/i;

export const makeMetrics = (): Metrics => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const made = new Map(
    Object.entries(METRICS as Readonly<Record<string, MetricRow>>).map(([name, row]) => [
      name,
      makeMetric(name, row, registry),
    ]),
  );
  const add = (name: MetricName, labels: Labels = {}, value = 1): void => {
    const metric = made.get(name);
    if (metric instanceof Counter) metric.inc(labels, value);
    if (metric instanceof Histogram) metric.observe(labels, value);
  };
  const set: SetGauge = (name, entries) => {
    const metric = made.get(name);
    if (!(metric instanceof Gauge)) return;
    metric.reset();
    for (const [labels, value] of entries) metric.set(labels, value);
  };
  let last: Facts | undefined;
  return {
    onAwsCall: (service, operation, outcome) => {
      const labels = { service, operation };
      add('albingress_aws_requests', labels);
      if (outcome === 'ok') return;
      add('albingress_aws_errors', labels);
      if (THROTTLED.test(outcome)) add('albingress_aws_throttles', labels);
    },
    onKubernetesCall: ({ verb, resource, code }) =>
      add('albingress_kubernetes_requests', { verb, resource, code: String(code) }),
    meter: {
      stage: (stage, seconds) => add('albingress_reconcile_seconds', { stage }, seconds),
      planned: (operations) => {
        add('albingress_updates');
        if (operations > 0) add('albingress_reloads');
        add('albingress_plan_operations', {}, operations);
      },
      outcome: (verb, kind, result) => add('albingress_operations', { verb, kind, result }),
      drained: (result) => add('albingress_drains', { result }),
      remembered: (hit) => add('albingress_cache', { cache: 'stack', action: hit ? 'hit' : 'miss' }),
    },
    counted: (aws) => {
      return {
        ...aws,
        facts: async (maxAgeSeconds) => {
          const facts = await aws.facts(maxAgeSeconds);
          // Each answer says what time it is; what was read is the same until AWS was asked again.
          const isKnown = facts.subnets === last?.subnets;
          add('albingress_cache', { cache: 'facts', action: isKnown ? 'hit' : 'miss' });
          last = facts;
          return facts;
        },
      };
    },
    contentType: registry.contentType,
    page: async (parts) => {
      readGauges(parts, last?.certificates ?? [], set);
      return registry.metrics();
    },
  };
};

type SetGauge = (name: MetricName, entries: readonly (readonly [Labels, number])[]) => void;

const makeMetric = (
  name: string,
  { type, labels, help, buckets }: MetricRow,
  registry: Registry,
): Counter | Gauge | Histogram => {
  const options = { name, help, labelNames: labels, registers: [registry] };
  if (type === 'counter') return new Counter(options);
  if (type === 'gauge') return new Gauge(options);
  return new Histogram({ ...options, ...(buckets && { buckets: [...buckets] }) });
};

const readGauges = (
  { controller, kube, leads }: Parts,
  known: readonly Certificate[],
  set: SetGauge,
): void => {
  const stats = controller.stats();
  const stacks = [...controller.stacks().values()];
  const resources = stacks.flatMap(({ actual }) => [...(actual?.owned.keys() ?? [])]);
  const problems = stacks.flatMap(({ planned }) => planned?.problems ?? []);
  const members = stacks.flatMap(({ planned }) => planned?.desired.accepted.map(({ id }) => id) ?? []);
  set('albingress_managed_ingresses', [[{}, new Set(members).size]]);
  set('albingress_managed_resources', countBy(resources.map(kindOf), 'kind'));
  set(
    'albingress_problems',
    countBy(
      problems.map(({ code }) => code),
      'reason',
    ),
  );
  set('albingress_stacks', [[{}, stats.stacks]]);
  set('albingress_queue_depth', labelled(stats.waiting, 'lane'));
  set('albingress_queue_age_seconds', labelled(stats.waitedSeconds, 'lane'));
  set('albingress_pass_age_seconds', [[{}, stats.longestPassSeconds]]);
  set(
    'albingress_watch_age_seconds',
    labelled(kube.ages(), 'kind').filter(([, age]) => Number.isFinite(age)),
  );
  set(
    'albingress_certificate_end_seconds',
    [...certificateEnds(stacks, known)].map(([certificate, end]) => [{ certificate }, end]),
  );
  const waiting = [...kube.snapshot().pods.values()].filter(waitsForHealth);
  set('albingress_pods_waiting_for_health', [[{}, waiting.length]]);
  set('albingress_target_group_bindings', labelled(bindingCounts(controller), 'state'));
  set('albingress_leader', [[{}, leads() ? 1 : 0]]);
  set('albingress_build_info', [[{ version: VERSION, node: process.versions.node }, 1]]);
};

const bindingCounts = (controller: Controller) => {
  const states = [...controller.bindings().values()];
  const troubled = states.filter(({ told }) => told.size > 0).length;
  const filled = states.filter(({ told, group }) => told.size === 0 && group !== undefined).length;
  return { filled, troubled, waiting: states.length - troubled - filled };
};

const labelled = (values: Readonly<Record<string, number>>, label: string): readonly [Labels, number][] =>
  Object.entries(values).map(([key, value]) => [{ [label]: key }, value]);

const countBy = (keys: readonly string[], label: string): readonly [Labels, number][] => {
  const counts: Record<string, number> = {};
  for (const key of keys) counts[key] = (counts[key] ?? 0) + 1;
  return labelled(counts, label);
};
