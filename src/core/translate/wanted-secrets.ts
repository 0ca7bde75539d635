/** Which Secrets an Ingress names: the only ones that are ever looked at. */
import { PREFIX } from '../annotations/table.ts';
import type { Ingress, Service } from '../kube/objects.ts';
import type { Snapshot } from '../kube/snapshot.ts';
import { servicesOf } from './backends.ts';
import { memberships, type Scope } from './membership.ts';

/**
 * `namespace/name` of every Secret an Ingress names, itself or on the Services behind it. What a Secret is named for
 * may still be wrong otherwise: one too many costs a watch, one too few would leave its Ingress waiting. `tlsSecrets`:
 * what the annotation of that name is where it is absent.
 */
export const secretsOf = (
  ingress: Ingress,
  services: ReadonlyMap<string, Service>,
  tlsSecrets: 'ignore' | 'import',
): readonly string[] => {
  const { namespace = 'default', annotations } = ingress.metadata;
  const behind = servicesOf(ingress).map((id) => services.get(id)?.metadata.annotations);
  const ofTls = (ingress.spec?.tls ?? []).flatMap(({ secretName }) => secretName ?? []);
  const names = [
    ...[annotations, ...behind].flatMap(ofLogin),
    ...(importsTls(annotations, tlsSecrets) ? ofTls : []),
  ];
  return [...new Set(names)].filter(isSecretName).map((name) => `${namespace}/${name}`);
};

/** The same for every Ingress that is ours; of the others nothing is looked at. */
export const namedSecrets = (snapshot: Snapshot, scope: Scope): ReadonlySet<string> =>
  new Set(
    [...snapshot.ingresses.values()]
      .filter((ingress) => memberships(ingress, snapshot, scope).some(({ is }) => is !== 'foreign'))
      .flatMap((ingress) => secretsOf(ingress, snapshot.services, tlsSecretsOf(scope))),
  );

/** The Secret with the credentials of an OpenID Connect client. */
const ofLogin = (annotations: Readonly<Record<string, string>> | undefined): readonly string[] => {
  const written = annotations?.[`${PREFIX}auth-idp-oidc`];
  if (written === undefined) return [];
  const [, name] = /"secretName"\s*:\s*"([^"\\]*)"/.exec(written) ?? [];
  return name === undefined ? [] : [name];
};

export const tlsSecretsOf = ({ defaults }: Scope): 'ignore' | 'import' =>
  defaults?.settings['tls-secrets'] ?? 'ignore';

const importsTls = (
  annotations: Readonly<Record<string, string>> | undefined,
  otherwise: 'ignore' | 'import',
): boolean => (annotations?.[`${PREFIX}tls-secrets`]?.trim() ?? otherwise) === 'import';

/** A DNS subdomain, as Kubernetes names Secrets; a field selector must not be widened by what somebody writes. */
const isSecretName = (name: string): boolean =>
  name.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(name);
