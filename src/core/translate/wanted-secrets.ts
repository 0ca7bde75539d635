/** Which Secrets an Ingress names: the only ones that are ever looked at. */
import { PREFIX } from '../annotations/table.ts';
import type { Ingress, Service } from '../kube/objects.ts';
import type { Snapshot } from '../kube/snapshot.ts';
import { servicesOf } from './backends.ts';
import { memberships, type Scope } from './membership.ts';

/**
 * `namespace/name` of every Secret an Ingress names, itself or on the Services behind it. What a Secret is named for
 * may still be wrong otherwise: one too many costs a watch, one too few would leave its Ingress waiting.
 */
export const secretsOf = (ingress: Ingress, services: ReadonlyMap<string, Service>): readonly string[] => {
  const { namespace = 'default', annotations } = ingress.metadata;
  const behind = servicesOf(ingress).map((id) => services.get(id)?.metadata.annotations);
  const names = [annotations, ...behind].flatMap(ofLogin);
  return [...new Set(names)].filter(isSecretName).map((name) => `${namespace}/${name}`);
};

/** The same for every Ingress that is ours; of the others nothing is looked at. */
export const namedSecrets = (snapshot: Snapshot, scope: Scope): ReadonlySet<string> =>
  new Set(
    [...snapshot.ingresses.values()]
      .filter((ingress) => memberships(ingress, snapshot, scope).some(({ is }) => is !== 'foreign'))
      .flatMap((ingress) => secretsOf(ingress, snapshot.services)),
  );

/** The Secret with the credentials of an OpenID Connect client. */
const ofLogin = (annotations: Readonly<Record<string, string>> | undefined): readonly string[] => {
  const written = annotations?.[`${PREFIX}auth-idp-oidc`];
  if (written === undefined) return [];
  const [, name] = /"secretName"\s*:\s*"([^"\\]*)"/.exec(written) ?? [];
  return name === undefined ? [] : [name];
};

/** A DNS subdomain, as Kubernetes names Secrets; a field selector must not be widened by what somebody writes. */
const isSecretName = (name: string): boolean =>
  name.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(name);
