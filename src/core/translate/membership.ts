/** Which Ingresses are ours, and which of them share a load balancer. */
import { type ClassChoice, classOf } from '../ingress-class/class-of.ts';
import { whatIsWrongWithGroup } from '../ingress-class/group-name.ts';
import { groupRefusal } from '../ingress-class/policy.ts';
import { type Ingress, objectId } from '../kube/objects.ts';
import type { Snapshot } from '../kube/snapshot.ts';
import type { Defaults } from './defaults.ts';

const GROUP_ANNOTATION = 'alb.ingress.kubernetes.io/group.name';
const IMPLICIT_FINALIZER = 'ingress.k8s.aws/resources';
const GROUP_FINALIZER = 'group.ingress.k8s.aws/';

/** What this controller looks after. */
export type Scope = {
  /** Value of the legacy class annotation that means us; also the IngressClass whose absence we report. */
  readonly ingressClass: string;
  /** Whether Ingresses without a class are ours where the cluster has no default class. */
  readonly withoutClass?: boolean;
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
      readonly code: 'InvalidAnnotation' | 'IngressClassMissing' | 'ClassUnusable' | 'NotAllowed';
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
  const choice = classOf(ingress, snapshot, scope, left.length > 0);
  if (choice.is === 'unusable') return unclear(left, choice.code, choice.why);
  if (choice.is === 'foreign') return left.length > 0 ? leaving() : [{ is: 'foreign' }];
  const group = groupOf(ingress, choice);
  if ('code' in group) return unclear(left, group.code, group.why);
  const { stack } = group;
  return [{ is: 'member', stack }, ...leaving(stack)];
};

type Unclear = Extract<Membership, { is: 'unclear' }>;

/** In every stack it has something in: which of them it would leave cannot be told either. */
const unclear = (left: readonly string[], code: Unclear['code'], why: string): readonly Membership[] =>
  (left.length > 0 ? left : [undefined]).map((stack) => ({ is: 'unclear', stack, code, why }));

type Group = { readonly stack: string } | Pick<Unclear, 'code' | 'why'>;

/** The group of the class, else the one of the annotation, else the Ingress alone. */
const groupOf = (ingress: Ingress, { params, policy }: Extract<ClassChoice, { is: 'ours' }>): Group => {
  const ofClass = params?.spec?.group;
  if (params && ofClass !== undefined && ofClass !== null) {
    const { name } = ofClass as Readonly<Record<string, unknown>>;
    const wrong = typeof name === 'string' ? whatIsWrongWithGroup(name) : 'expected a string';
    return typeof name === 'string' && wrong === undefined
      ? { stack: name }
      : {
          code: 'ClassUnusable',
          why: `IngressClassParams ${params.metadata.name}: spec.group.name: ${JSON.stringify(name)} is no group name: ${wrong}`,
        };
  }
  const group = ingress.metadata.annotations?.[GROUP_ANNOTATION];
  if (group === undefined) return { stack: objectId(ingress.metadata) };
  const wrong = whatIsWrongWithGroup(group);
  if (wrong !== undefined)
    return {
      code: 'InvalidAnnotation',
      why: `${GROUP_ANNOTATION}: ${JSON.stringify(group)} is no group name: ${wrong}`,
    };
  const refusal = groupRefusal(group, policy);
  return refusal === undefined
    ? { stack: group }
    : { code: 'NotAllowed', why: `${GROUP_ANNOTATION}: ${refusal}` };
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
