import type { OptionalKind, WatchedKinds } from '../core/kube/objects.ts';

/** Where a watched kind lives in the Kubernetes API. */
export type KindAddress = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespaced: boolean;
};

/** Such a kind may be missing (404), as a custom resource that nobody installed, or be kept from us (403). */
export const isOptional = (kind: keyof WatchedKinds): kind is OptionalKind =>
  OPTIONAL.some((name) => name === kind);

const OPTIONAL: readonly OptionalKind[] = ['namespaces', 'ingressclassparams', 'targetgroupbindings', 'pods'];

/** By the plural name Kubernetes uses in paths. */
export const KINDS: Readonly<Record<keyof WatchedKinds, KindAddress>> = {
  ingresses: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', namespaced: true },
  ingressclasses: { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', namespaced: false },
  services: { apiVersion: 'v1', kind: 'Service', namespaced: true },
  endpointslices: { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', namespaced: true },
  nodes: { apiVersion: 'v1', kind: 'Node', namespaced: false },
  namespaces: { apiVersion: 'v1', kind: 'Namespace', namespaced: false },
  ingressclassparams: {
    apiVersion: 'elbv2.k8s.aws/v1beta1',
    kind: 'IngressClassParams',
    namespaced: false,
  },
  targetgroupbindings: {
    apiVersion: 'elbv2.k8s.aws/v1beta1',
    kind: 'TargetGroupBinding',
    namespaced: true,
  },
  secrets: { apiVersion: 'v1', kind: 'Secret', namespaced: true },
  pods: { apiVersion: 'v1', kind: 'Pod', namespaced: true },
};

/** Path of a collection: the core group (`v1`) is under /api, every other group under /apis. */
export const collectionPath = (apiVersion: string, plural: string, namespace?: string): string => {
  const root = apiVersion.includes('/') ? '/apis' : '/api';
  const scope = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${root}/${apiVersion}${scope}/${plural}`;
};
