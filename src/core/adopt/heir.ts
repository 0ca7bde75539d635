/**
 * Who may take over what the 2017 controller made. Its names and tags prove for which Ingress and host something was
 * made; that an Ingress with this name and host stands is the second proof, because two clusters of one account may
 * have the same names.
 */
import { type Ingress, objectId } from '../kube/objects.ts';
import type { Snapshot } from '../kube/snapshot.ts';
import { backendsOf } from '../translate/backends.ts';

/** An Ingress with what the 2017 controller would have made for it. */
export type Heir = {
  /** `namespace/name`. */
  readonly ingress: string;
  /** As written, sorted; empty text where a rule has none. That controller made one load balancer for each. */
  readonly hosts: readonly string[];
  /**
   * The port of a Service as the Ingress writes it, by `service:nodePort`. The 2017 tags of a target group tell the
   * Service and its name the NodePort; this tells which of our target groups it is.
   */
  readonly ports: ReadonlyMap<string, string>;
};

export const heirsOf = (ingresses: Iterable<string>, snapshot: Snapshot): readonly Heir[] =>
  [...ingresses].flatMap((id) => {
    const ingress = snapshot.ingresses.get(id);
    return ingress ? [heirOf(ingress, snapshot)] : [];
  });

const heirOf = (ingress: Ingress, snapshot: Snapshot): Heir => {
  const namespace = ingress.metadata.namespace ?? 'default';
  const ports = new Map<string, string>();
  for (const { service: ref } of backendsOf(ingress)) {
    const service = ref && snapshot.services.get(objectId({ namespace, name: ref.name }));
    const written = ref?.port?.number ?? ref?.port?.name;
    const port = service?.spec?.ports?.find((it) => it.port === written || it.name === written);
    const key = ref && port?.nodePort ? `${ref.name}:${port.nodePort}` : undefined;
    if (key !== undefined && written !== undefined && !ports.has(key)) ports.set(key, String(written));
  }
  return {
    ingress: objectId(ingress.metadata),
    hosts: [...new Set((ingress.spec?.rules ?? []).map((rule) => rule.host ?? ''))].sort(),
    ports,
  };
};
