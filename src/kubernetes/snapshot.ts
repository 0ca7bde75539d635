import type { EndpointSlice, WatchedKinds, WholeKind } from '../core/kube/objects.ts';
import type { Snapshot } from '../core/kube/snapshot.ts';
import { openShelf, type Shelf } from './shelf.ts';

/** The last known objects of every kind but Secrets, and the cluster as one immutable value. */
export type Cluster = {
  readonly shelves: { readonly [K in WholeKind]: Shelf<WatchedKinds[K]> };
  /** Costs one map copy per kind that changed since the last call, nothing otherwise. */
  snapshot(): Omit<Snapshot, 'secrets'>;
};

/** Told once per object that appeared, changed or went. */
export type Tell = <K extends keyof WatchedKinds>(
  kind: K,
  before: WatchedKinds[K] | undefined,
  after: WatchedKinds[K] | undefined,
) => void;

/** A cluster nothing is known of yet. */
export const openCluster = (tell: Tell): Cluster => {
  const slices = openSliceIndex();
  const shelves: Cluster['shelves'] = {
    ingresses: openShelf((before, after) => tell('ingresses', before, after)),
    ingressclasses: openShelf((before, after) => tell('ingressclasses', before, after)),
    services: openShelf((before, after) => tell('services', before, after)),
    endpointslices: openShelf((before, after) => {
      slices.move(before, after);
      tell('endpointslices', before, after);
    }),
    nodes: openShelf((before, after) => tell('nodes', before, after)),
    namespaces: openShelf((before, after) => tell('namespaces', before, after)),
    ingressclassparams: openShelf((before, after) => tell('ingressclassparams', before, after)),
    targetgroupbindings: openShelf((before, after) => tell('targetgroupbindings', before, after)),
    pods: openShelf((before, after) => tell('pods', before, after)),
  };
  return {
    shelves,
    snapshot: () => ({
      ingresses: shelves.ingresses.view(),
      ingressClasses: shelves.ingressclasses.view(),
      services: shelves.services.view(),
      endpointSlices: slices.view(),
      nodes: shelves.nodes.view(),
      namespaces: shelves.namespaces.view(),
      ingressClassParams: shelves.ingressclassparams.view(),
      targetGroupBindings: shelves.targetgroupbindings.view(),
      pods: shelves.pods.view(),
    }),
  };
};

/** Kubernetes ties a slice to its Service by this label, in the same namespace. */
const SERVICE_LABEL = 'kubernetes.io/service-name';

const serviceOf = (slice: EndpointSlice): string | undefined => {
  const name = slice.metadata.labels?.[SERVICE_LABEL];
  return name ? `${slice.metadata.namespace}/${name}` : undefined;
};

type SliceIndex = {
  move(before: EndpointSlice | undefined, after: EndpointSlice | undefined): void;
  view(): Snapshot['endpointSlices'];
};

/** Slices by Service, each list sorted by name so that the order of arrival decides nothing. */
const openSliceIndex = (): SliceIndex => {
  const lists = new Map<string, readonly EndpointSlice[]>();
  let view: Snapshot['endpointSlices'] | undefined;

  const change = (slice: EndpointSlice, present: boolean): void => {
    const service = serviceOf(slice);
    if (service === undefined) return;
    const { name } = slice.metadata;
    const others = (lists.get(service) ?? []).filter((other) => other.metadata.name !== name);
    const list = present ? [...others, slice].sort(byName) : others;
    if (list.length > 0) lists.set(service, list);
    else lists.delete(service);
    view = undefined;
  };

  return {
    move(before, after) {
      if (before) change(before, false);
      if (after) change(after, true);
    },
    view() {
      view ??= new Map(lists);
      return view;
    },
  };
};

const byName = (a: EndpointSlice, b: EndpointSlice): number => (a.metadata.name < b.metadata.name ? -1 : 1);
