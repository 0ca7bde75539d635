import { type KubeObject, valueAt } from '../object.ts';
import {
  conditionOf,
  containerImages,
  containerNames,
  labelText,
  listAt,
  numberAt,
  selectorText,
  textAt,
} from './cells.ts';
import { age, type Column, column, duration, wide } from './table.ts';

const template = (object: KubeObject): unknown => valueAt(object, 'spec', 'template');
const wideOf = (templateOf: (object: KubeObject) => unknown): readonly Column[] => [
  wide('Containers', (object) => containerNames(templateOf(object))),
  wide('Images', (object) => containerImages(templateOf(object))),
  wide('Selector', (object) => selectorText(valueAt(object, 'spec', 'selector'))),
];
const WIDE = wideOf(template);

const ready = (object: KubeObject): string =>
  `${numberAt(object, 'status', 'readyReplicas')}/${numberAt(object, 'spec', 'replicas')}`;

const podReady = (pod: KubeObject): string => {
  const statuses = listAt(pod, 'status', 'containerStatuses');
  return `${statuses.filter((one) => one.ready === true).length}/${listAt(pod, 'spec', 'containers').length}`;
};

/** The most telling word about a Pod: what a container waits for, else the phase. */
const podStatus = (pod: KubeObject): string => {
  if (pod.metadata.deletionTimestamp !== undefined) return 'Terminating';
  for (const status of listAt(pod, 'status', 'containerStatuses')) {
    const waiting = textAt(status, 'state', 'waiting', 'reason');
    const ended = textAt(status, 'state', 'terminated', 'reason');
    if (waiting !== '' || ended !== '') return waiting || ended;
  }
  return textAt(pod, 'status', 'reason') || textAt(pod, 'status', 'phase');
};

/** How often containers were started again, and how long ago the last of them had ended. */
const restarts = (pod: KubeObject): string => {
  const statuses = listAt(pod, 'status', 'containerStatuses');
  const count = statuses.reduce((sum, one) => sum + numberAt(one, 'restartCount'), 0);
  const last = statuses
    .map((one) => textAt(one, 'lastState', 'terminated', 'finishedAt'))
    .sort()
    .at(-1);
  return count === 0 || !last ? String(count) : `${count} (${age(last)} ago)`;
};

/** What an autoscaler aims at; the sandbox measures nothing, so what is reached is never known. */
const targets = (autoscaler: KubeObject): string => {
  const old = valueAt(autoscaler, 'spec', 'targetCPUUtilizationPercentage');
  const wanted = listAt(autoscaler, 'spec', 'metrics').map((metric) => {
    const target = valueAt(metric, 'resource', 'target');
    const percent = valueAt(target, 'averageUtilization');
    const value = percent === undefined ? textAt(target, 'averageValue') : `${String(percent)}%`;
    return metric.type === 'Resource'
      ? `${textAt(metric, 'resource', 'name')}: <unknown>/${value}`
      : '<unknown>';
  });
  return wanted.join(', ') || (old === undefined ? '<none>' : `cpu: <unknown>/${String(old)}%`);
};

const gates = (pod: KubeObject): string => {
  const all = listAt(pod, 'spec', 'readinessGates');
  if (all.length === 0) return '<none>';
  return `${all.filter((gate) => conditionOf(pod, String(gate.conditionType))?.status === 'True').length}/${all.length}`;
};

const jobStatus = (job: KubeObject): string => {
  if (conditionOf(job, 'Complete')?.status === 'True') return 'Complete';
  if (conditionOf(job, 'Failed')?.status === 'True') return 'Failed';
  return valueAt(job, 'spec', 'suspend') === true ? 'Suspended' : 'Running';
};

const jobDuration = (job: KubeObject): string => {
  const from = textAt(job, 'status', 'startTime');
  const to = textAt(job, 'status', 'completionTime');
  if (from === '') return '';
  return to === '' ? age(from) : duration((Date.parse(to) - Date.parse(from)) / 1000);
};

/** Pods and what makes them. */
export const WORKLOAD_COLUMNS: Readonly<Record<string, readonly Column[]>> = {
  pods: [
    column('Ready', podReady),
    column('Status', podStatus),
    column('Restarts', restarts),
    wide('IP', (pod) => textAt(pod, 'status', 'podIP') || '<none>'),
    wide('Node', (pod) => textAt(pod, 'spec', 'nodeName') || '<none>'),
    wide('Nominated Node', (pod) => textAt(pod, 'status', 'nominatedNodeName') || '<none>'),
    wide('Readiness Gates', gates),
  ],
  'deployments.apps': [
    column('Ready', ready),
    column('Up-to-date', (object) => numberAt(object, 'status', 'updatedReplicas'), 'integer'),
    column('Available', (object) => numberAt(object, 'status', 'availableReplicas'), 'integer'),
    ...WIDE,
  ],
  'replicasets.apps': [
    column('Desired', (object) => numberAt(object, 'spec', 'replicas'), 'integer'),
    column('Current', (object) => numberAt(object, 'status', 'replicas'), 'integer'),
    column('Ready', (object) => numberAt(object, 'status', 'readyReplicas'), 'integer'),
    ...WIDE,
  ],
  'statefulsets.apps': [column('Ready', ready), ...WIDE.slice(0, 2)],
  'daemonsets.apps': [
    column('Desired', (object) => numberAt(object, 'status', 'desiredNumberScheduled'), 'integer'),
    column('Current', (object) => numberAt(object, 'status', 'currentNumberScheduled'), 'integer'),
    column('Ready', (object) => numberAt(object, 'status', 'numberReady'), 'integer'),
    column('Up-to-date', (object) => numberAt(object, 'status', 'updatedNumberScheduled'), 'integer'),
    column('Available', (object) => numberAt(object, 'status', 'numberAvailable'), 'integer'),
    column('Node Selector', (object) =>
      selectorText({ matchLabels: valueAt(template(object), 'spec', 'nodeSelector') }),
    ),
    ...WIDE,
  ],
  'jobs.batch': [
    column('Status', jobStatus),
    column(
      'Completions',
      (job) => `${numberAt(job, 'status', 'succeeded')}/${textAt(job, 'spec', 'completions') || '1'}`,
    ),
    column('Duration', jobDuration),
    ...WIDE,
  ],
  'cronjobs.batch': [
    column('Schedule', (object) => textAt(object, 'spec', 'schedule')),
    column('Timezone', (object) => textAt(object, 'spec', 'timeZone') || '<none>'),
    column('Suspend', (object) => (valueAt(object, 'spec', 'suspend') === true ? 'True' : 'False')),
    column('Active', (object) => listAt(object, 'status', 'active').length, 'integer'),
    column('Last Schedule', (object) =>
      textAt(object, 'status', 'lastScheduleTime') === ''
        ? '<none>'
        : age(textAt(object, 'status', 'lastScheduleTime')),
    ),
    ...wideOf((object) => valueAt(object, 'spec', 'jobTemplate', 'spec', 'template')),
  ],
  replicationcontrollers: [
    column('Desired', (object) => numberAt(object, 'spec', 'replicas'), 'integer'),
    column('Current', (object) => numberAt(object, 'status', 'replicas'), 'integer'),
    column('Ready', (object) => numberAt(object, 'status', 'readyReplicas'), 'integer'),
    ...wideOf(template).slice(0, 2),
    wide('Selector', (object) => labelText(valueAt(object, 'spec', 'selector'))),
  ],
  'horizontalpodautoscalers.autoscaling': [
    column(
      'Reference',
      (object) =>
        `${textAt(object, 'spec', 'scaleTargetRef', 'kind')}/${textAt(object, 'spec', 'scaleTargetRef', 'name')}`,
    ),
    column('Targets', targets),
    column('MinPods', (object) => textAt(object, 'spec', 'minReplicas')),
    column('MaxPods', (object) => textAt(object, 'spec', 'maxReplicas')),
    column('Replicas', (object) => numberAt(object, 'status', 'currentReplicas'), 'integer'),
  ],
};
