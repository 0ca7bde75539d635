/** Which Services an Ingress sends requests to, directly or through an `actions.*` annotation. */
import type { Ingress, IngressBackend } from '../kube/objects.ts';

const ACTION_PREFIX = 'alb.ingress.kubernetes.io/actions.';

/** Every backend of an Ingress, in the order written, the default one first. */
export const backendsOf = (ingress: Ingress): readonly IngressBackend[] => [
  ...(ingress.spec?.defaultBackend ? [ingress.spec.defaultBackend] : []),
  ...(ingress.spec?.rules ?? []).flatMap((rule) => (rule.http?.paths ?? []).map((path) => path.backend)),
];

/** The name of the action a backend stands for, when it is not a Service. */
export const actionName = (backend: IngressBackend): string | undefined =>
  backend.service?.port?.name === 'use-annotation' ? backend.service.name : undefined;

/**
 * `namespace/name` of every Service that may matter to an Ingress. Action annotations are searched as text:
 * one Service too many costs a look, one too few would miss a change.
 */
export const servicesOf = (ingress: Ingress): readonly string[] => {
  const namespace = ingress.metadata.namespace ?? 'default';
  const direct = backendsOf(ingress).flatMap((backend) =>
    backend.service && actionName(backend) === undefined ? [backend.service.name] : [],
  );
  const named = Object.entries(ingress.metadata.annotations ?? {})
    .filter(([name]) => name.startsWith(ACTION_PREFIX))
    .flatMap(([, value]) =>
      [...value.matchAll(/"serviceName"\s*:\s*"([^"]+)"/g)].map((match) => match[1] ?? ''),
    );
  return [...new Set([...direct, ...named])].map((name) => `${namespace}/${name}`);
};
