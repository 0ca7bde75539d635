import { forbidden } from '../api/errors.ts';
import { type JsonObject, type KubeObject, valueAt } from '../object.ts';
import type { Writing } from './rule.ts';

/**
 * The Pod when its service account is there.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#serviceaccount
 */
export const accountFound = ({ cluster, kind, object, before }: Writing): KubeObject => {
  if (before !== undefined) return object;
  const { namespace = '' } = object.metadata;
  const account = String(valueAt(object, 'spec', 'serviceAccountName'));
  if (cluster.store.get('serviceaccounts', namespace, account) === undefined)
    throw forbidden(
      kind,
      askedName(object),
      `error looking up service account ${namespace}/${account}: serviceaccount "${account}" not found`,
    );
  return object;
};

/**
 * The Pod with the priority of its class; a Pod that names none gets the class for all, if there is one.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/
 */
export const prioritized = (writing: Writing, object: KubeObject): KubeObject => {
  const spec = object.spec as JsonObject;
  if (writing.before !== undefined) {
    const { priority, preemptionPolicy } = writing.before.spec as JsonObject;
    return { ...object, spec: { priority, preemptionPolicy, ...spec } };
  }
  const found = classOf(writing, spec.priorityClassName);
  const priority = found?.value ?? 0;
  if (spec.priority !== undefined && spec.priority !== priority)
    throw forbidden(
      writing.kind,
      askedName(object),
      `the integer value of priority (${String(spec.priority)}) must not be provided in pod spec; priority admission controller computed ${String(priority)} from the given PriorityClass name`,
    );
  const named = found === undefined ? {} : { priorityClassName: found.metadata.name };
  const preemptionPolicy = found?.preemptionPolicy ?? 'PreemptLowerPriority';
  return { ...object, spec: { preemptionPolicy, ...spec, ...named, priority } };
};

const CLASSES = 'priorityclasses.scheduling.k8s.io';

const classOf = ({ cluster, kind, object }: Writing, name: unknown): KubeObject | undefined => {
  if (name === undefined || name === '') {
    const general = cluster.store.list(CLASSES).filter((one) => one.globalDefault === true);
    return general.reduce<KubeObject | undefined>(
      (least, one) => (least === undefined || Number(one.value) < Number(least.value) ? one : least),
      undefined,
    );
  }
  const found = cluster.store.get(CLASSES, undefined, String(name));
  if (found === undefined)
    throw forbidden(kind, askedName(object), `no PriorityClass with name ${String(name)} was found`);
  return found;
};

/** These plugins run before a name is generated: they know the Pod by what its name will begin with. */
const askedName = ({ metadata: { name, generateName = '' } }: KubeObject): string =>
  generateName !== '' && name.startsWith(generateName) ? generateName : name;
