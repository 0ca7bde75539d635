/** A Snapshot from plain objects, as read from manifests or from watches. */
import { secretsOf } from '../translate/wanted-secrets.ts';
import { encodeText } from './base64.ts';
import {
  type EndpointSlice,
  type Ingress,
  type IngressClass,
  type IngressClassParams,
  type Namespace,
  type Node,
  objectId,
  type Pod,
  type Secret,
  type Service,
  type TargetGroupBinding,
} from './objects.ts';
import type { SeenSecret, Snapshot } from './snapshot.ts';

/** A Secret as people write it. */
type WrittenSecret = Secret & { readonly stringData?: Readonly<Record<string, string>> };

/** The API server turns texts into values. */
const stored = ({ stringData = {}, ...secret }: WrittenSecret): Secret => {
  const texts = Object.entries(stringData).map(([key, text]) => [key, encodeText(text)]);
  return { ...secret, data: { ...secret.data, ...Object.fromEntries(texts) } };
};

/** Any Kubernetes object; only the kinds that matter here are looked at. */
export type AnyObject = {
  readonly kind?: string;
  readonly metadata?: { readonly name?: string; readonly namespace?: string };
};

const SERVICE_LABEL = 'kubernetes.io/service-name';

/**
 * Indexes objects by name. Namespaced ones without a namespace are in `default`, as kubectl would put them. There is
 * nothing besides these objects: a Secret that an Ingress names and that is not among them is absent.
 */
export const snapshotFromObjects = (objects: readonly AnyObject[]): Snapshot => {
  const namespaced = <
    T extends { readonly metadata: { readonly name: string; readonly namespace?: string } },
  >(
    kind: string,
  ): T[] =>
    objects
      .filter((object) => object.kind === kind)
      .map(
        (object) =>
          ({
            ...object,
            metadata: { ...object.metadata, namespace: object.metadata?.namespace ?? 'default' },
          }) as unknown as T,
      );
  const clusterWide = <T>(kind: string): T[] =>
    objects.filter((object) => object.kind === kind) as unknown as T[];
  const endpointSlices = new Map<string, EndpointSlice[]>();
  for (const slice of namespaced<EndpointSlice>('EndpointSlice')) {
    const service = `${slice.metadata.namespace}/${slice.metadata.labels?.[SERVICE_LABEL]}`;
    endpointSlices.set(service, [...(endpointSlices.get(service) ?? []), slice]);
  }
  const ingresses = new Map(namespaced<Ingress>('Ingress').map((it) => [objectId(it.metadata), it]));
  const services = new Map(namespaced<Service>('Service').map((it) => [objectId(it.metadata), it]));
  const given = new Map(namespaced<WrittenSecret>('Secret').map((it) => [objectId(it.metadata), stored(it)]));
  const named = [...ingresses.values()].flatMap((ingress) => secretsOf(ingress, services, 'import'));
  const seen = (id: string): SeenSecret => {
    const secret = given.get(id);
    return secret ? { is: 'here', secret } : { is: 'absent' };
  };
  return {
    ingresses,
    services,
    ingressClasses: new Map(clusterWide<IngressClass>('IngressClass').map((it) => [it.metadata.name, it])),
    nodes: new Map(clusterWide<Node>('Node').map((it) => [it.metadata.name, it])),
    namespaces: new Map(clusterWide<Namespace>('Namespace').map((it) => [it.metadata.name, it])),
    ingressClassParams: new Map(
      clusterWide<IngressClassParams>('IngressClassParams').map((it) => [it.metadata.name, it]),
    ),
    targetGroupBindings: new Map(
      namespaced<TargetGroupBinding>('TargetGroupBinding').map((it) => [objectId(it.metadata), it]),
    ),
    pods: new Map(namespaced<Pod>('Pod').map((it) => [objectId(it.metadata), it])),
    endpointSlices,
    secrets: new Map(named.map((id) => [id, seen(id)])),
  };
};
