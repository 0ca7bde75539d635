/** The class of an Ingress: whether it is ours, what its parameters say, and whether it lets the Ingress in. */

import { selects } from '../kube/label-selector.ts';
import type { Ingress, IngressClass, IngressClassParams } from '../kube/objects.ts';
import type { Snapshot } from '../kube/snapshot.ts';
import { NO_POLICY, type Policy, policyOf } from './policy.ts';

/** `spec.controller` of the classes of LBC, and so of ours. */
/** What `spec.controller` of our classes is. */
export const CONTROLLER = 'ingress.k8s.aws/alb';
const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';
const DEFAULT_ANNOTATION = 'ingressclass.kubernetes.io/is-default-class';
const PARAMS_GROUP = 'elbv2.k8s.aws';
const PARAMS_KIND = 'IngressClassParams';

export type ClassChoice =
  | { readonly is: 'foreign' }
  | { readonly is: 'ours'; readonly params: IngressClassParams | undefined; readonly policy: Policy }
  /** Ours, or perhaps ours, and not to be used as it is. `params` where what they say is known all the same. */
  | {
      readonly is: 'unusable';
      readonly code: 'IngressClassMissing' | 'ClassUnusable' | 'NotAllowed';
      readonly why: string;
      readonly params?: IngressClassParams;
    };

export type ClassScope = {
  /** Value of the legacy annotation that means us; also the class whose absence is told. */
  readonly ingressClass: string;
  /** Whether Ingresses without a class are ours where the cluster has no default class. */
  readonly withoutClass?: boolean;
};

/**
 * `established`:
 * the Ingress has been programmed, so a class that is missing or doubtful must not cost it anything.
 */
export const classOf = (
  ingress: Ingress,
  snapshot: Snapshot,
  { ingressClass: ours, withoutClass = false }: ClassScope,
  established: boolean,
): ClassChoice => {
  const legacy = ingress.metadata.annotations?.[CLASS_ANNOTATION];
  if (legacy !== undefined) return legacy === ours ? byAnnotation(ours, snapshot) : { is: 'foreign' };
  const name = ingress.spec?.ingressClassName;
  if (name === undefined) return byDefault(ingress, snapshot, { established, withoutClass });
  const found = snapshot.ingressClasses.get(name);
  if (found) return isOurs(found) ? usable(found, ingress, snapshot) : { is: 'foreign' };
  // A class deleted by mistake must not delete its load balancers.
  if (name !== ours && !established) return { is: 'foreign' };
  return {
    is: 'unusable',
    code: 'IngressClassMissing',
    why: `spec.ingressClassName: IngressClass ${name} does not exist; create it with spec.controller ${CONTROLLER}`,
  };
};

const isOurs = ({ spec }: IngressClass): boolean => spec?.controller === CONTROLLER;

/** The annotation has no parameters, as in LBC; the policy of the class of that name counts, or it were easily evaded. */
const byAnnotation = (name: string, { ingressClasses }: Snapshot): ClassChoice => {
  const found = ingressClasses.get(name);
  const policy = found && isOurs(found) ? policyOf(found) : NO_POLICY;
  return 'wrong' in policy
    ? unusable('ClassUnusable', policy.wrong)
    : { is: 'ours', params: undefined, policy };
};

/** Whether Kubernetes gives the class to new Ingresses that name none. */
export const isDefaultClass = ({ metadata }: IngressClass): boolean =>
  metadata.annotations?.[DEFAULT_ANNOTATION] === 'true';

/** Kubernetes writes the default class into new Ingresses; older ones may lack it, and LBC serves them. */
const byDefault = (
  ingress: Ingress,
  snapshot: Snapshot,
  { established, withoutClass }: { readonly established: boolean; readonly withoutClass: boolean },
): ClassChoice => {
  const defaults = [...snapshot.ingressClasses.values()].filter(isDefaultClass);
  const [only, ...others] = defaults;
  if (!only && withoutClass) return { is: 'ours', params: undefined, policy: NO_POLICY };
  if (!only || !defaults.some(isOurs)) return { is: 'foreign' };
  if (others.length === 0) return usable(only, ingress, snapshot);
  const names = defaults.map(({ metadata }) => metadata.name).join(', ');
  return established
    ? unusable(
        'ClassUnusable',
        `there are several default IngressClasses (${names}); expected spec.ingressClassName`,
      )
    : { is: 'foreign' };
};

const unusable = (
  code: 'ClassUnusable' | 'NotAllowed',
  why: string,
  params?: IngressClassParams,
): ClassChoice => ({ is: 'unusable', code, why, ...(params && { params }) });

const usable = (found: IngressClass, ingress: Ingress, snapshot: Snapshot): ClassChoice => {
  const policy = policyOf(found);
  const reference = found.spec?.parameters;
  const params = reference === undefined || reference === null ? undefined : paramsOf(found, snapshot);
  if (params && 'wrong' in params) return unusable('ClassUnusable', params.wrong);
  if ('wrong' in policy) return unusable('ClassUnusable', policy.wrong, params);
  const refusal = params && namespaceRefusal(params, ingress, snapshot);
  return refusal ? unusable(refusal.code, refusal.why, params) : { is: 'ours', params, policy };
};

/** The name of the parameters a class refers to; undefined when it refers to something else, or to nothing. */
export const paramsNameOf = ({ spec }: IngressClass): string | undefined => {
  const { apiGroup, kind, name } = (spec?.parameters ?? {}) as Readonly<Record<string, unknown>>;
  return apiGroup === PARAMS_GROUP && kind === PARAMS_KIND && typeof name === 'string' ? name : undefined;
};

const paramsOf = (
  found: IngressClass,
  { ingressClassParams, unseen }: Snapshot,
): IngressClassParams | { readonly wrong: string } => {
  const name = paramsNameOf(found);
  const where = `IngressClass ${found.metadata.name}: spec.parameters`;
  if (name === undefined)
    return { wrong: `${where}: expected kind ${PARAMS_KIND} of ${PARAMS_GROUP} and a name` };
  const params = ingressClassParams.get(name);
  if (params) return params;
  const why = unseen?.get('ingressclassparams');
  return {
    wrong:
      why === undefined
        ? `${where}: ${PARAMS_KIND} ${name} does not exist; create it, or remove the reference`
        : `${where}: ${PARAMS_KIND} ${name}: ${why}`,
  };
};

type Refusal = { readonly code: 'ClassUnusable' | 'NotAllowed'; readonly why: string };

const namespaceRefusal = (
  { metadata, spec }: IngressClassParams,
  ingress: Ingress,
  { namespaces, unseen }: Snapshot,
): Refusal | undefined => {
  const selector = spec?.namespaceSelector;
  if (selector === undefined || selector === null || isEmpty(selector)) return undefined;
  const source = `${PARAMS_KIND} ${metadata.name}: spec.namespaceSelector`;
  const name = ingress.metadata.namespace ?? 'default';
  const namespace = namespaces.get(name);
  if (!namespace) {
    const why = unseen?.get('namespaces') ?? `nothing is known of namespace ${name}`;
    return { code: 'ClassUnusable', why: `${source}: the labels of namespace ${name} are needed: ${why}` };
  }
  const selection = selects(selector, namespace.metadata.labels ?? {});
  if ('wrong' in selection) {
    const { at, expected, value } = selection.wrong;
    const place = at === '' ? source : `${source}.${at}`;
    return { code: 'ClassUnusable', why: `${place}: expected ${expected}, got ${JSON.stringify(value)}` };
  }
  return selection.chosen
    ? undefined
    : {
        code: 'NotAllowed',
        why: `${source} does not choose namespace ${name}; label the namespace, or use another class`,
      };
};

const isEmpty = (selector: unknown): boolean =>
  typeof selector === 'object' && selector !== null && Object.keys(selector).length === 0;
