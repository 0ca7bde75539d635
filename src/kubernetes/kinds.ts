import type { WatchedKinds } from '../core/kube/objects.ts';

/** Where a watched kind lives in the Kubernetes API. */
export type KindAddress = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespaced: boolean;
};

/** By the plural name Kubernetes uses in paths. */
export const KINDS: Readonly<Record<keyof WatchedKinds, KindAddress>> = {
  ingresses: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', namespaced: true },
  ingressclasses: { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', namespaced: false },
  services: { apiVersion: 'v1', kind: 'Service', namespaced: true },
  endpointslices: { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', namespaced: true },
  nodes: { apiVersion: 'v1', kind: 'Node', namespaced: false },
};

/** Path of a collection: the core group (`v1`) is under /api, every other group under /apis. */
export const collectionPath = (apiVersion: string, plural: string, namespace?: string): string => {
  const root = apiVersion.includes('/') ? '/apis' : '/api';
  const scope = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${root}/${apiVersion}${scope}/${plural}`;
};
