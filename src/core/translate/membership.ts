/** Which Ingresses are ours, and which of them share a load balancer. */
import { type Ingress, objectId } from '../kube/objects.ts';
import type { Snapshot } from '../kube/snapshot.ts';
import type { Defaults } from './defaults.ts';

const CONTROLLER = 'ingress.k8s.aws/alb';
const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';
const GROUP_ANNOTATION = 'alb.ingress.kubernetes.io/group.name';
const IMPLICIT_FINALIZER = 'ingress.k8s.aws/resources';
const GROUP_FINALIZER = 'group.ingress.k8s.aws/';

/** What this controller looks after. */
export type Scope = {
  /** Value of the legacy class annotation that means us; also the IngressClass whose absence we report. */
  readonly ingressClass: string;
  /** Empty: all namespaces. */
  readonly namespaces: readonly string[];
  /** What holds where its Ingresses say nothing. */
  readonly defaults?: Defaults;
};

/** Where an Ingress belongs. */
export type Membership =
  /** Part of the stack; its spec counts. */
  | { readonly is: 'member'; readonly stack: string }
  /** Was part of the stack and is leaving it: deleted, or its class or group changed. */
  | { readonly is: 'leaving'; readonly stack: string }
  /** Ours, but where it belongs cannot be told; what it had (`stack`, by its finalizer) stays. */
  | {
      readonly is: 'unclear';
      readonly stack: string | undefined;
      readonly code: 'InvalidAnnotation' | 'IngressClassMissing';
      readonly why: string;
    }
  | { readonly is: 'foreign' };

/** Stacks an Ingress belongs to or still has to leave; the first one is where it belongs now. */
export const memberships = (ingress: Ingress, snapshot: Snapshot, scope: Scope): readonly Membership[] => {
  if (scope.namespaces.length > 0 && !scope.namespaces.includes(ingress.metadata.namespace ?? ''))
    return [{ is: 'foreign' }];
  const left = stacksOfFinalizers(ingress);
  const leaving = (stays?: string): readonly Membership[] =>
    left.filter((stack) => stack !== stays).map((stack) => ({ is: 'leaving', stack }));
  if (ingress.metadata.deletionTimestamp) return leaving();
  const ours = belongsToUs(ingress, snapshot, scope);
  if (ours === 'missing') {
    const name = ingress.spec?.ingressClassName;
    return unclear(
      left,
      'IngressClassMissing',
      `spec.ingressClassName: IngressClass ${name} does not exist; create it with spec.controller ${CONTROLLER}`,
    );
  }
  if (!ours) return left.length > 0 ? leaving() : [{ is: 'foreign' }];
  const group = ingress.metadata.annotations?.[GROUP_ANNOTATION];
  if (group === undefined)
    return [{ is: 'member', stack: objectId(ingress.metadata) }, ...leaving(objectId(ingress.metadata))];
  const wrong = whatIsWrongWithGroup(group);
  if (wrong)
    return unclear(
      left,
      'InvalidAnnotation',
      `${GROUP_ANNOTATION}: ${JSON.stringify(group)} is no group name: ${wrong}`,
    );
  return [{ is: 'member', stack: group }, ...leaving(group)];
};

type Unclear = Extract<Membership, { is: 'unclear' }>;

/** In every stack it has something in: which of them it would leave cannot be told either. */
const unclear = (left: readonly string[], code: Unclear['code'], why: string): readonly Membership[] =>
  (left.length > 0 ? left : [undefined]).map((stack) => ({ is: 'unclear', stack, code, why }));

const belongsToUs = (ingress: Ingress, snapshot: Snapshot, scope: Scope): boolean | 'missing' => {
  const legacy = ingress.metadata.annotations?.[CLASS_ANNOTATION];
  if (legacy !== undefined) return legacy === scope.ingressClass;
  const name = ingress.spec?.ingressClassName;
  if (name === undefined) return false;
  const found = snapshot.ingressClasses.get(name);
  if (found) return found.spec?.controller === CONTROLLER;
  // A class deleted by mistake must not delete its load balancers.
  return name === scope.ingressClass || stacksOfFinalizers(ingress).length > 0 ? 'missing' : false;
};

const whatIsWrongWithGroup = (name: string): string | undefined => {
  if (name.length > 63) return `${name.length} characters; expected at most 63`;
  return /^([a-z0-9][-a-z0-9.]*)?[a-z0-9]$/.test(name)
    ? undefined
    : "expected lower case letters, digits, '-' and '.', with a letter or digit at both ends";
};

/** The finalizer LBC puts on a member of the stack; ours too, so that members can change hands. */
export const finalizerOf = (stack: string): string =>
  stack.includes('/') ? IMPLICIT_FINALIZER : `${GROUP_FINALIZER}${stack}`;

/** Stacks the finalizers of an Ingress say it was programmed in. */
export const stacksOfFinalizers = (ingress: Ingress): readonly string[] =>
  (ingress.metadata.finalizers ?? []).flatMap((finalizer) => {
    if (finalizer === IMPLICIT_FINALIZER) return [objectId(ingress.metadata)];
    return finalizer.startsWith(GROUP_FINALIZER) ? [finalizer.slice(GROUP_FINALIZER.length)] : [];
  });
