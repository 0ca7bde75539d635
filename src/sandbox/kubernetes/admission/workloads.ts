import { type Cause, invalidValue, notSupported, required } from '../api/errors.ts';
import { matchLabels } from '../api/selectors.ts';
import { isJsonObject, type JsonObject, type KubeObject, sameJson, valueAt } from '../object.ts';
import { scheduleProblem } from './cron-schedule.ts';
import { checkPodSpec, defaultPodSpec } from './pod-template.ts';
import type { Rule, Writing } from './rule.ts';

const specOf = (object: KubeObject): JsonObject => (isJsonObject(object.spec) ? object.spec : {});

const defaultTemplate = (template: unknown): JsonObject => {
  const given: JsonObject = isJsonObject(template) ? template : {};
  return { ...given, metadata: given.metadata ?? {}, spec: defaultPodSpec(given.spec) };
};

/** A rule for a kind with a Pod template: defaults of its own, then those of the template. */
const templated = (
  defaults: (spec: JsonObject, object: KubeObject) => JsonObject,
  more: Partial<Rule> = {},
): Rule => ({
  defaults: (object) => {
    const spec = specOf(object);
    return { ...object, spec: { ...defaults(spec, object), template: defaultTemplate(spec.template) } };
  },
  validate: (writing) => [...checkReplicas(writing), ...checkSelector(writing), ...checkTemplate(writing)],
  ...more,
});

const checkReplicas = ({ object }: Writing): readonly Cause[] => {
  const { replicas } = specOf(object);
  return typeof replicas === 'number' && replicas < 0
    ? [invalidValue('spec.replicas', replicas, 'must be greater than or equal to 0')]
    : [];
};

const checkTemplate = ({ object }: Writing): readonly Cause[] =>
  checkPodSpec(valueAt(object, 'spec', 'template', 'spec'), 'spec.template.spec');

const checkSelector = ({ object, before }: Writing): readonly Cause[] => {
  const selector = valueAt(object, 'spec', 'selector');
  if (!isJsonObject(selector)) return [required('spec.selector')];
  if (selector.matchLabels === undefined && selector.matchExpressions === undefined) {
    return [invalidValue('spec.selector', selector, 'empty selector is invalid for deployment')];
  }
  const causes: Cause[] = [];
  const labels = valueAt(object, 'spec', 'template', 'metadata', 'labels');
  if (!matchLabels(selector, isJsonObject(labels) ? (labels as Record<string, string>) : {}))
    causes.push(
      invalidValue(
        'spec.template.metadata.labels',
        labels ?? null,
        '`selector` does not match template `labels`',
      ),
    );
  if (before !== undefined && !sameJson(valueAt(before, 'spec', 'selector'), selector))
    causes.push(invalidValue('spec.selector', selector, 'field is immutable'));
  return causes;
};

const deploymentDefaults = (spec: JsonObject): JsonObject => {
  const strategy: JsonObject = isJsonObject(spec.strategy) ? spec.strategy : {};
  const type = strategy.type ?? 'RollingUpdate';
  const rolling = isJsonObject(strategy.rollingUpdate) ? strategy.rollingUpdate : {};
  return {
    replicas: 1,
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
    ...spec,
    strategy:
      type === 'RollingUpdate'
        ? { type, rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%', ...rolling } }
        : { ...strategy, type },
  };
};

const statefulSetDefaults = (spec: JsonObject): JsonObject => ({
  replicas: 1,
  podManagementPolicy: 'OrderedReady',
  revisionHistoryLimit: 10,
  updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
  persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
  ...spec,
});

const daemonSetDefaults = (spec: JsonObject): JsonObject => ({
  revisionHistoryLimit: 10,
  updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
  ...spec,
});

/** A Job selects its Pods by its own uid unless told otherwise. */
const jobDefaults = (spec: JsonObject, object: KubeObject): JsonObject => ({
  parallelism: 1,
  ...(spec.parallelism === undefined ? { completions: 1 } : {}),
  backoffLimit: 6,
  completionMode: 'NonIndexed',
  suspend: false,
  podReplacementPolicy: 'TerminatingOrFailed',
  ...(spec.manualSelector === true ? {} : { manualSelector: false }),
  ...spec,
  selector: spec.selector ?? { matchLabels: { 'batch.kubernetes.io/controller-uid': object.metadata.uid } },
});

/** The default of a Pod's policy is none that a Job may have. */
const restartPolicyMissing = (field: string): Cause =>
  required(`${field}.restartPolicy`, 'valid values: "OnFailure", "Never"');

const jobRule = templated(jobDefaults, {
  defaults: (object) => {
    const spec = specOf(object);
    const template = defaultTemplate(spec.template);
    const metadata: JsonObject = isJsonObject(template.metadata) ? template.metadata : {};
    const own = {
      'batch.kubernetes.io/controller-uid': object.metadata.uid,
      'batch.kubernetes.io/job-name': object.metadata.name,
      'controller-uid': object.metadata.uid,
      'job-name': object.metadata.name,
    };
    const labels = { ...(metadata.labels as JsonObject | undefined), ...own };
    return {
      ...object,
      spec: { ...jobDefaults(spec, object), template: { ...template, metadata: { ...metadata, labels } } },
    };
  },
  validate: (writing) => {
    const policy = valueAt(writing.object, 'spec', 'template', 'spec', 'restartPolicy');
    const bad = policy === 'Always' ? [restartPolicyMissing('spec.template.spec')] : [];
    return [...bad, ...checkTemplate(writing)];
  },
});

const cronJobRule: Rule = {
  defaults: (object) => {
    const spec = specOf(object);
    const job: JsonObject = isJsonObject(spec.jobTemplate) ? spec.jobTemplate : {};
    const jobSpec: JsonObject = isJsonObject(job.spec) ? job.spec : {};
    return {
      ...object,
      spec: {
        concurrencyPolicy: 'Allow',
        suspend: false,
        successfulJobsHistoryLimit: 3,
        failedJobsHistoryLimit: 1,
        ...spec,
        jobTemplate: {
          ...job,
          metadata: job.metadata ?? {},
          spec: { ...jobSpec, template: defaultTemplate(jobSpec.template) },
        },
      },
    };
  },
  validate: (writing) => checkCronJob(writing),
};

const CONCURRENCY = ['Allow', 'Forbid', 'Replace'];

const checkCronJob = ({ object }: Writing): readonly Cause[] => {
  const { schedule, concurrencyPolicy } = specOf(object);
  const policy = valueAt(object, 'spec', 'jobTemplate', 'spec', 'template', 'spec', 'restartPolicy');
  const template = 'spec.jobTemplate.spec.template.spec';
  const problem = typeof schedule === 'string' ? scheduleProblem(schedule) : undefined;
  return [
    ...(problem === undefined ? [] : [invalidValue('spec.schedule', schedule, problem)]),
    ...(CONCURRENCY.includes(String(concurrencyPolicy))
      ? []
      : [notSupported('spec.concurrencyPolicy', concurrencyPolicy, CONCURRENCY)]),
    ...(policy === 'Always' ? [restartPolicyMissing(template)] : []),
    ...checkPodSpec(valueAt(object, 'spec', 'jobTemplate', 'spec', 'template', 'spec'), template),
  ];
};

/** A ReplicationController's selector is a plain map that defaults to the template's labels. */
const replicationControllerRule: Rule = {
  defaults: (object) => {
    const spec = specOf(object);
    const template = defaultTemplate(spec.template);
    const labels = valueAt(template, 'metadata', 'labels');
    return {
      ...object,
      spec: { replicas: 1, ...(labels === undefined ? {} : { selector: labels }), ...spec, template },
    };
  },
  validate: checkTemplate,
};

export const WORKLOAD_RULES: Readonly<Record<string, Rule>> = {
  'deployments.apps': templated(deploymentDefaults),
  'replicasets.apps': templated((spec) => ({ replicas: 1, ...spec })),
  'statefulsets.apps': templated(statefulSetDefaults),
  'daemonsets.apps': templated(daemonSetDefaults),
  'jobs.batch': jobRule,
  'cronjobs.batch': cronJobRule,
  replicationcontrollers: replicationControllerRule,
};
