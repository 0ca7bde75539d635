/** The object that shows a stack: its name, and what of it is written when. */
import { canonical, sha256Hex } from '../model/digest.ts';
import type { StackStatus, StatedCondition } from './stack-status.ts';

export const STATUS_API = 'alb-ingress.io/v1alpha1';
export const STATUS_KIND = 'IngressStack';
export const STATUS_PLURAL = 'ingressstacks';

/** Longest name of an object (Kubernetes documentation, DNS subdomain names). */
const LONGEST = 253;

/**
 * `shop.web.ingress` for the lone Ingress `shop/web`, `front.group` for the IngressGroup `front`. A namespace has no
 * dot, so no two stacks have one name.
 */
export const statusName = (stack: string): string => {
  const slash = stack.indexOf('/');
  const name = slash < 0 ? `${stack}.group` : `${stack.slice(0, slash)}.${stack.slice(slash + 1)}.ingress`;
  return name.length <= LONGEST ? name : `${name.slice(0, LONGEST - 11)}.${sha256Hex([name], 10)}`;
};

export type DatedCondition = StatedCondition & {
  /** RFC 3339. */
  readonly lastTransitionTime: string;
  readonly observedGeneration: number;
};

export type WrittenStatus = Omit<StackStatus, 'conditions'> & {
  /** Of the object that shows the stack, which never changes; tools compare it to the object's generation. */
  readonly observedGeneration: number;
  readonly conditions: readonly DatedCondition[];
};

/**
 * What to write where `before` stands; undefined: nothing has changed. A condition keeps its time while its status
 * is the same, as the Kubernetes API conventions have it.
 */
export const nextStatus = (
  before: Partial<WrittenStatus> | undefined,
  now: StackStatus,
  { time, observedGeneration }: { readonly time: string; readonly observedGeneration: number },
): WrittenStatus | undefined => {
  const conditions = now.conditions.map((it): DatedCondition => {
    const same = before?.conditions?.find(({ type, status }) => type === it.type && status === it.status);
    return { ...it, observedGeneration, lastTransitionTime: same?.lastTransitionTime ?? time };
  });
  const next = { ...now, observedGeneration, conditions };
  return before && canonical(before) === canonical(next) ? undefined : next;
};
