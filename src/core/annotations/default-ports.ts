/** The ports of an Ingress that states none: what it says of certificates decides. */
import type { ListenPort } from './listen-ports.ts';
import type { AnnotationKey, Stated } from './table.ts';

/** Settings that bring certificates, by which ports are chosen where `listen-ports` is absent. */
export const CERTIFICATE_SETTINGS = ['certificate-arn', 'create-acm-cert', 'tls-secrets'] as const;

/** Whether it cannot be told on which ports an Ingress listens. */
export const hasUnknownPorts = (invalid: ReadonlySet<AnnotationKey>, stated: Stated): boolean =>
  invalid.has('listen-ports') ||
  (stated['listen-ports'] === undefined && CERTIFICATE_SETTINGS.some((name) => invalid.has(name)));

/**
 * HTTPS 443 alone once it names or asks for a certificate, as LBC has it; both with Secrets, because an Ingress that
 * says nothing but `spec.tls` served HTTP before; else HTTP 80.
 */
export const portsOf = (stated: Stated): readonly ListenPort[] => {
  if (stated['listen-ports']) return stated['listen-ports'];
  if ((stated['certificate-arn'] ?? []).length > 0 || stated['create-acm-cert'] === true)
    return [{ protocol: 'HTTPS', port: 443 }];
  const plain = { protocol: 'HTTP', port: 80 } as const;
  return stated['tls-secrets'] === 'import' ? [plain, { protocol: 'HTTPS', port: 443 }] : [plain];
};
