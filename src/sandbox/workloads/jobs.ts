import { kubeTime } from '../kubernetes/object.ts';
import { type Access, controlledBy, isControlledBy } from './access.ts';
import { createLoop, follow, type Loop, ownerKeys, ownKey } from './loop.ts';
import { type Condition, isEnded, isReady, type Pod, type Scaled, withCondition } from './objects.ts';
import { createRecorder } from './record-event.ts';
import { followRefusals } from './refused-pods.ts';
import { podOf } from './replica-sets.ts';

const JOBS = 'jobs.batch';
const CRON_JOBS = 'cronjobs.batch';

type Job = Scaled & {
  readonly spec: Scaled['spec'] & {
    readonly completions?: number;
    readonly parallelism?: number;
    readonly backoffLimit?: number;
    readonly suspend?: boolean;
  };
  readonly status?: {
    readonly startTime?: string;
    readonly completionTime?: string;
    readonly conditions?: readonly Condition[];
  };
};

/** Jobs run Pods until enough have succeeded. CronJobs are kept but never start Jobs by themselves; they say so. */
export const runJobs = (access: Access, onError: (message: string) => void): readonly Loop[] => {
  const record = createRecorder(access, 'job-controller');
  const jobs = createLoop(
    'Job',
    (namespace, name) => {
      const job = access.get<Job>(JOBS, namespace, name);
      if (job === undefined || job.metadata.deletionTimestamp !== undefined) return;
      const pods = access.list<Pod>('pods', namespace).filter((pod) => isControlledBy(pod, job));
      const made = makePods(access, job, pods);
      for (const pod of made)
        record(job, { type: 'Normal', reason: 'SuccessfulCreate', message: `Created pod: ${pod}` });
      if (report(access, job, namespace))
        record(job, { type: 'Normal', reason: 'Completed', message: 'Job completed' });
    },
    onError,
  );
  follow(access.cluster.store, jobs, JOBS, ownKey);
  follow(access.cluster.store, jobs, 'pods', ownerKeys('Job'));
  followRefusals(access, jobs, record, 'Job');
  const crons = createLoop(
    'CronJob',
    (namespace, name) => {
      const cron = access.get<Scaled>(CRON_JOBS, namespace, name);
      if (cron === undefined) return;
      const message = `the sandbox has no clock for CronJobs: start one with kubectl create job --from=cronjob/${name} NAME`;
      record(
        { ...controlledBy(cron), metadata: cron.metadata },
        { type: 'Warning', reason: 'NotScheduled', message },
      );
    },
    onError,
  );
  follow(access.cluster.store, crons, CRON_JOBS, ({ type, object }) =>
    type === 'ADDED' ? [`${object.metadata.namespace ?? ''}/${object.metadata.name}`] : [],
  );
  return [jobs, crons];
};

const succeeded = (pods: readonly Pod[]): number =>
  pods.filter((pod) => pod.status?.phase === 'Succeeded').length;
const failed = (pods: readonly Pod[]): number => pods.filter((pod) => pod.status?.phase === 'Failed').length;

const isFinished = (job: Job): boolean =>
  job.status?.conditions?.some(
    (one) => (one.type === 'Complete' || one.type === 'Failed') && one.status === 'True',
  ) === true;

const makePods = (access: Access, job: Job, pods: readonly Pod[]): readonly string[] => {
  const { completions = 1, parallelism = 1, suspend = false } = job.spec;
  if (suspend || isFinished(job) || failed(pods) > (job.spec.backoffLimit ?? 6)) return [];
  const active = pods.filter((pod) => !isEnded(pod) && pod.metadata.deletionTimestamp === undefined).length;
  const missing = Math.min(parallelism, completions - succeeded(pods)) - active;
  return Array.from({ length: Math.max(0, missing) }, () =>
    access.createPod(job.metadata.namespace, podOf(job)),
  ).flatMap((pod) => (pod === undefined ? [] : [pod.metadata.name]));
};

/** True when the Job has just completed. */
const report = (access: Access, job: Job, namespace: string): boolean => {
  const pods = access.list<Pod>('pods', namespace).filter((pod) => isControlledBy(pod, job));
  const active = pods.filter((pod) => !isEnded(pod));
  const done = succeeded(pods) >= (job.spec.completions ?? 1);
  const broken = failed(pods) > (job.spec.backoffLimit ?? 6);
  const was = isFinished(job);
  const now = kubeTime();
  const verdicts: readonly Condition[] = done
    ? [
        {
          type: 'SuccessCriteriaMet',
          status: 'True',
          reason: 'CompletionsReached',
          message: 'Reached expected number of succeeded pods',
        },
        {
          type: 'Complete',
          status: 'True',
          reason: 'CompletionsReached',
          message: 'Reached expected number of succeeded pods',
        },
      ]
    : broken
      ? [
          {
            type: 'Failed',
            status: 'True',
            reason: 'BackoffLimitExceeded',
            message: 'Job has reached the specified backoff limit',
          },
        ]
      : [];
  const conditions = verdicts.reduce(
    (all, one) => withCondition(all, one, now),
    job.status?.conditions ?? [],
  );
  access.setStatus(JOBS, job, {
    startTime: job.status?.startTime ?? now,
    ...(done ? { completionTime: job.status?.completionTime ?? now } : {}),
    ...(active.length > 0 ? { active: active.length } : {}),
    ready: active.filter(isReady).length,
    ...(succeeded(pods) > 0 ? { succeeded: succeeded(pods) } : {}),
    ...(failed(pods) > 0 ? { failed: failed(pods) } : {}),
    terminating: 0,
    uncountedTerminatedPods: {},
    ...(conditions.length > 0 ? { conditions } : {}),
  });
  return done && !was;
};
