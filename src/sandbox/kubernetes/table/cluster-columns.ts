import { isJsonObject, type KubeObject, valueAt } from '../object.ts';
import { conditionOf, listAt, textAt } from './cells.ts';
import { age, type Column, column, wide } from './table.ts';

const sizeOf = (value: unknown): number => (isJsonObject(value) ? Object.keys(value).length : 0);

const nodeStatus = (node: KubeObject): string => {
  const ready = conditionOf(node, 'Ready')?.status === 'True' ? 'Ready' : 'NotReady';
  return valueAt(node, 'spec', 'unschedulable') === true ? `${ready},SchedulingDisabled` : ready;
};

const ROLE = 'node-role.kubernetes.io/';
const nodeRoles = (node: KubeObject): string =>
  Object.keys(node.metadata.labels ?? {})
    .filter((label) => label.startsWith(ROLE))
    .map((label) => label.slice(ROLE.length))
    .sort()
    .join(',') || '<none>';

const nodeAddress = (node: KubeObject, type: string): string =>
  textAt(
    listAt(node, 'status', 'addresses').find((one) => one.type === type),
    'address',
  ) || '<none>';

const roleRef = (object: KubeObject): string =>
  `${textAt(object, 'roleRef', 'kind')}/${textAt(object, 'roleRef', 'name')}`;

const subjects = (object: KubeObject, kind: string): string =>
  listAt(object, 'subjects')
    .filter((one) => one.kind === kind)
    .map((one) => `${kind === 'ServiceAccount' ? `${textAt(one, 'namespace')}/` : ''}${textAt(one, 'name')}`)
    .join(', ');

const BINDING: readonly Column[] = [
  column('Role', roleRef),
  wide('Users', (object) => subjects(object, 'User')),
  wide('Groups', (object) => subjects(object, 'Group')),
  wide('ServiceAccounts', (object) => subjects(object, 'ServiceAccount')),
];

/** `pods: 0/10, …`: what is used of what there may be. */
const quotaUse = (quota: KubeObject, shown: (name: string) => boolean): string => {
  const hard = valueAt(quota, 'status', 'hard');
  return Object.entries(isJsonObject(hard) ? hard : {})
    .filter(([name]) => shown(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, most]) => `${name}: ${textAt(quota, 'status', 'used', name) || '0'}/${String(most)}`)
    .join(', ');
};

const controllerOf = ({ metadata }: KubeObject): string => {
  const owner = metadata.ownerReferences?.find((one) => one.controller === true);
  if (owner === undefined) return '<none>';
  const group = owner.apiVersion.includes('/') ? `.${owner.apiVersion.split('/')[0]}` : '';
  return `${owner.kind.toLowerCase()}${group}/${owner.name}`;
};

const involved = (event: KubeObject): string => {
  const about = event.involvedObject ?? event.regarding;
  return `${textAt(about, 'kind').toLowerCase()}/${textAt(about, 'name')}`;
};

const lastSeen = (event: KubeObject): string => {
  const series = textAt(event, 'series', 'lastObservedTime');
  const times = [
    series,
    event.lastTimestamp,
    event.deprecatedLastTimestamp,
    event.eventTime,
    event.metadata.creationTimestamp,
  ];
  return age(times.find((time) => typeof time === 'string' && time !== ''));
};

/** Kinds of the cluster itself, configuration and access. */
export const CLUSTER_COLUMNS: Readonly<Record<string, readonly Column[]>> = {
  namespaces: [column('Status', (object) => textAt(object, 'status', 'phase'))],
  nodes: [
    column('Status', nodeStatus),
    column('Roles', nodeRoles),
    column('Age', (node) => age(node.metadata.creationTimestamp)),
    column('Version', (node) => textAt(node, 'status', 'nodeInfo', 'kubeletVersion')),
    wide('Internal-IP', (node) => nodeAddress(node, 'InternalIP')),
    wide('External-IP', (node) => nodeAddress(node, 'ExternalIP')),
    wide('OS-Image', (node) => textAt(node, 'status', 'nodeInfo', 'osImage')),
    wide('Kernel-Version', (node) => textAt(node, 'status', 'nodeInfo', 'kernelVersion')),
    wide('Container-Runtime', (node) => textAt(node, 'status', 'nodeInfo', 'containerRuntimeVersion')),
  ],
  configmaps: [column('Data', (object) => sizeOf(object.data) + sizeOf(object.binaryData), 'integer')],
  secrets: [
    column('Type', (object) => object.type),
    column('Data', (object) => sizeOf(object.data), 'integer'),
  ],
  serviceaccounts: [column('Secrets', (object) => listAt(object, 'secrets').length, 'integer')],
  events: [
    column('Last Seen', lastSeen),
    column('Type', (event) => event.type),
    column('Reason', (event) => event.reason),
    column('Object', involved),
    wide('Subobject', (event) => textAt(event, 'involvedObject', 'fieldPath')),
    wide('Source', (event) => textAt(event, 'source', 'component') || textAt(event, 'reportingComponent')),
    column('Message', (event) => String(event.message ?? event.note ?? '').trim()),
    wide('First Seen', (event) => age(event.firstTimestamp ?? event.metadata.creationTimestamp)),
    wide('Count', (event) => textAt(event, 'count') || '1'),
    wide('Name', (event) => event.metadata.name),
  ],
  'rolebindings.rbac.authorization.k8s.io': BINDING,
  'clusterrolebindings.rbac.authorization.k8s.io': BINDING,
  'mutatingwebhookconfigurations.admissionregistration.k8s.io': [
    column('Webhooks', (object) => listAt(object, 'webhooks').length, 'integer'),
  ],
  'validatingwebhookconfigurations.admissionregistration.k8s.io': [
    column('Webhooks', (object) => listAt(object, 'webhooks').length, 'integer'),
  ],
  'priorityclasses.scheduling.k8s.io': [
    column('Value', (object) => object.value, 'integer'),
    column('Global-Default', (object) => object.globalDefault === true, 'boolean'),
    column('Age', (object) => age(object.metadata.creationTimestamp)),
    column('PreemptionPolicy', (object) => object.preemptionPolicy),
  ],
  resourcequotas: [
    column('Request', (quota) => quotaUse(quota, (name) => !name.startsWith('limits.'))),
    column('Limit', (quota) => quotaUse(quota, (name) => name.startsWith('limits.'))),
  ],
  'controllerrevisions.apps': [
    column('Controller', controllerOf),
    column('Revision', (object) => textAt(object, 'revision')),
  ],
};
