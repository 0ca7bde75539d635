/** Names that LBC gave, kept so that objects pass from one controller to the other. */
import type { TargetGroupBinding } from '../kube/objects.ts';

/** Kept until the targets of a binding are out of its target group. */
export const BINDING_FINALIZER = 'elbv2.k8s.aws/resources';

/** Ours: what a binding of a shared target group has registered, as `address:port,…`. */
export const REGISTERED = 'alb.ingress.kubernetes.io/registered-targets';

/** Ours: the ARN of the target group that a binding has filled. The schema of another controller lets it be changed. */
export const FILLED = 'alb.ingress.kubernetes.io/filled-target-group';

/**
 * Bindings that LBC made by itself carry a label of the stack they belong to. Those of Ingresses are of no use any
 * more, because target groups of Ingresses get their targets directly; those of Services and Gateways are LBC's.
 */
export const madeByLbcFor = ({ metadata }: TargetGroupBinding): 'ingress' | 'other' | undefined => {
  const names = Object.keys(metadata.labels ?? {});
  if (names.some((name) => /^ingress\.k8s\.aws\/stack(-name|-namespace)?$/.test(name))) return 'ingress';
  return names.some((name) => /^(service|gateway)\.k8s\.aws(\.\w+)?\/stack/.test(name)) ? 'other' : undefined;
};
