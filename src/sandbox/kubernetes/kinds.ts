/** One kind of object the API serves, built in or defined by a CustomResourceDefinition. */
export type Kind = {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly status: boolean;
  readonly scale: boolean;
  /** Whether metadata.generation counts changes of the spec. */
  readonly generation: boolean;
  /** Name of the type in the schema table; undefined for custom resources. */
  readonly type: string | undefined;
  /** Where objects live. Two versions of one resource, or core and events.k8s.io Events, share it. */
  readonly storage: string;
};

export const apiVersionOf = (kind: { readonly group: string; readonly version: string }): string =>
  kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;

/** `ingresses.networking.k8s.io`, as error messages and `kubectl` name a resource. */
export const resourceOf = (kind: { readonly group: string; readonly plural: string }): string =>
  kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`;

/** `Ingress.networking.k8s.io`, as validation errors name a kind. */
export const groupKindOf = (kind: { readonly group: string; readonly kind: string }): string =>
  kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;

/**
 * Rows: Kind | plural | short names | flags | schema type when it differs from V1<Kind>.
 * Flags: n namespaced, s status, c scale, g counts generations, a in category `all`.
 */
const ROWS = `
/v1
Binding bindings - n
ConfigMap configmaps cm n
Endpoints endpoints ep n
Event events ev n CoreV1Event
LimitRange limitranges limits n
Namespace namespaces ns s
Node nodes no s
PersistentVolumeClaim persistentvolumeclaims pvc ns
PersistentVolume persistentvolumes pv s
Pod pods po nsag
PodTemplate podtemplates - n
ReplicationController replicationcontrollers rc nscag
ResourceQuota resourcequotas quota ns
Secret secrets - n
ServiceAccount serviceaccounts sa n
Service services svc nsa
apps/v1
ControllerRevision controllerrevisions - n
DaemonSet daemonsets ds nsag
Deployment deployments deploy nscag
ReplicaSet replicasets rs nscag
StatefulSet statefulsets sts nscag
batch/v1
CronJob cronjobs cj nsag
Job jobs - nsag
networking.k8s.io/v1
Ingress ingresses ing nsg
IngressClass ingressclasses - g
NetworkPolicy networkpolicies netpol ng
discovery.k8s.io/v1
EndpointSlice endpointslices - ng
coordination.k8s.io/v1
Lease leases - n
events.k8s.io/v1
Event events ev n EventsV1Event
rbac.authorization.k8s.io/v1
ClusterRole clusterroles - -
ClusterRoleBinding clusterrolebindings - -
Role roles - n
RoleBinding rolebindings - n
policy/v1
PodDisruptionBudget poddisruptionbudgets pdb nsg
autoscaling/v2
HorizontalPodAutoscaler horizontalpodautoscalers hpa nsa V2HorizontalPodAutoscaler
autoscaling/v1
HorizontalPodAutoscaler horizontalpodautoscalers hpa nsa
admissionregistration.k8s.io/v1
MutatingWebhookConfiguration mutatingwebhookconfigurations - g
ValidatingWebhookConfiguration validatingwebhookconfigurations - g
apiextensions.k8s.io/v1
CustomResourceDefinition customresourcedefinitions crd,crds sg
scheduling.k8s.io/v1
PriorityClass priorityclasses pc -
storage.k8s.io/v1
StorageClass storageclasses sc -
authentication.k8s.io/v1
SelfSubjectReview selfsubjectreviews - -
TokenReview tokenreviews - -
authorization.k8s.io/v1
LocalSubjectAccessReview localsubjectaccessreviews - n
SelfSubjectAccessReview selfsubjectaccessreviews - -
SelfSubjectRulesReview selfsubjectrulesreviews - -
SubjectAccessReview subjectaccessreviews - -
`;

const parseRows = (): readonly Kind[] => {
  const kinds: Kind[] = [];
  let group = '';
  let version = '';
  for (const line of ROWS.trim().split('\n')) {
    const [kind = '', plural, shortNames = '-', flags = '', type] = line.split(' ');
    if (plural === undefined) {
      [group = '', version = ''] = line.split('/');
      continue;
    }
    kinds.push({
      group,
      version,
      kind,
      plural,
      singular: kind.toLowerCase(),
      shortNames: shortNames === '-' ? [] : shortNames.split(','),
      categories: flags.includes('a') ? ['all'] : [],
      namespaced: flags.includes('n'),
      status: flags.includes('s'),
      scale: flags.includes('c'),
      generation: flags.includes('g'),
      type: type ?? `V1${kind}`,
      storage: plural === 'events' ? 'events' : resourceOf({ group, plural }),
    });
  }
  return kinds;
};

/** Every built-in kind. Reviews and Bindings answer POST only and are never stored. */
export const BUILT_IN_KINDS: readonly Kind[] = parseRows();

const POST_ONLY = /^(bindings|.*reviews)$/;
/** Kinds that only compute an answer. */
export const isReview = (kind: Kind): boolean => POST_ONLY.test(kind.plural) && kind.type !== undefined;

export type KindTable = {
  all(): readonly Kind[];
  /** By the parts of a request path. */
  byResource(group: string, version: string, plural: string): Kind | undefined;
  /** By what an object says it is. */
  byObject(apiVersion: string, kind: string): Kind | undefined;
  /** Replaces the versions that one CustomResourceDefinition serves; an empty list takes it away. */
  setCustom(resource: string, kinds: readonly Kind[]): void;
  /** Rises with every change, for caches. */
  revision(): number;
};

export const createKindTable = (): KindTable => {
  const custom = new Map<string, readonly Kind[]>();
  let all: readonly Kind[] = BUILT_IN_KINDS;
  let resources = new Map<string, Kind>();
  let objects = new Map<string, Kind>();
  let revision = 0;
  const rebuild = (): void => {
    all = [...BUILT_IN_KINDS, ...[...custom.values()].flat()];
    resources = new Map(all.map((kind) => [`${kind.group}/${kind.version}/${kind.plural}`, kind]));
    objects = new Map(all.map((kind) => [`${apiVersionOf(kind)}/${kind.kind}`, kind]));
    revision += 1;
  };
  rebuild();
  return {
    all: () => all,
    byResource: (group, version, plural) => resources.get(`${group}/${version}/${plural}`),
    byObject: (apiVersion, kind) => objects.get(`${apiVersion}/${kind}`),
    setCustom: (resource, kinds) => {
      if (kinds.length === 0) custom.delete(resource);
      else custom.set(resource, kinds);
      rebuild();
    },
    revision: () => revision,
  };
};
