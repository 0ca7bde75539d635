/** The few fields of Kubernetes objects that decide anything here. Real objects have more; they fit as they are. */

export type Meta = {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly generation?: number;
  readonly resourceVersion?: string;
  /** RFC 3339. */
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly finalizers?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
};

export type ServiceBackend = {
  readonly name: string;
  readonly port?: { readonly name?: string; readonly number?: number };
};

export type IngressBackend = { readonly service?: ServiceBackend; readonly resource?: unknown };

export type IngressPath = {
  readonly path?: string;
  readonly pathType?: string;
  readonly backend: IngressBackend;
};

export type Ingress = {
  readonly metadata: Meta;
  readonly spec?: {
    readonly ingressClassName?: string;
    readonly defaultBackend?: IngressBackend;
    readonly tls?: readonly { readonly hosts?: readonly string[]; readonly secretName?: string }[];
    readonly rules?: readonly {
      readonly host?: string;
      readonly http?: { readonly paths?: readonly IngressPath[] };
    }[];
  };
  readonly status?: {
    readonly loadBalancer?: {
      readonly ingress?: readonly {
        readonly hostname?: string;
        readonly ip?: string;
        readonly ports?: readonly { readonly port: number; readonly protocol: string }[];
      }[];
    };
  };
};

export type IngressClass = {
  readonly metadata: Meta;
  readonly spec?: { readonly controller?: string; readonly parameters?: unknown };
};

export type ServicePort = {
  readonly name?: string;
  readonly port: number;
  readonly targetPort?: number | string;
  readonly nodePort?: number;
  readonly protocol?: string;
};

export type Service = {
  readonly metadata: Meta;
  readonly spec?: {
    readonly type?: string;
    /** `IPv4` and `IPv6`; the first is the one that is preferred. */
    readonly ipFamilies?: readonly string[];
    readonly ports?: readonly ServicePort[];
    readonly selector?: Readonly<Record<string, string>>;
  };
};

export type EndpointSlice = {
  readonly metadata: Meta;
  readonly addressType?: string;
  readonly ports?:
    | readonly { readonly name?: string; readonly port?: number; readonly protocol?: string }[]
    | null;
  readonly endpoints?:
    | readonly {
        readonly addresses: readonly string[];
        readonly conditions?: {
          readonly ready?: boolean;
          readonly serving?: boolean;
          readonly terminating?: boolean;
        };
        readonly targetRef?: { readonly kind?: string; readonly name?: string; readonly namespace?: string };
      }[]
    | null;
};

export type Node = {
  readonly metadata: Meta;
  readonly spec?: {
    /** `aws:///<zone>/<instance id>`. */
    readonly providerID?: string;
    readonly unschedulable?: boolean;
    readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
  };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
};

/** Only what says whether it may be a target: its readiness gates for target health, and whether it is leaving. */
export type Pod = {
  readonly metadata: Pick<
    Meta,
    'name' | 'namespace' | 'uid' | 'resourceVersion' | 'creationTimestamp' | 'deletionTimestamp'
  >;
  readonly spec?: {
    readonly readinessGates?: readonly { readonly conditionType: string }[];
    /** Only those with a readiness probe, which is kept where it is an HTTP one. */
    readonly containers?: readonly ProbedContainer[];
  };
  readonly status?: {
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
};

export type ProbedContainer = {
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
  readonly readinessProbe?: {
    readonly httpGet?: { readonly path?: string; readonly port: number | string; readonly scheme?: string };
  };
};

/** Only its labels count: classes choose namespaces by them. */
export type Namespace = { readonly metadata: Meta };

/** `elbv2.k8s.aws/v1beta1`. What its spec says is read with care: its schema may be that of another controller. */
export type IngressClassParams = {
  readonly metadata: Meta;
  readonly spec?: Readonly<Record<string, unknown>>;
};

/** `elbv2.k8s.aws/v1beta1`. Its spec is read with care as well; see `bindings/read-binding.ts`. */
export type TargetGroupBinding = {
  readonly metadata: Meta;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: BindingStatus;
};

export type BindingStatus = {
  readonly observedGeneration?: number;
  readonly conditions?: readonly Condition[];
};

/** As `metav1.Condition`. */
export type Condition = {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly observedGeneration?: number;
  /** RFC 3339, without fractions of seconds. */
  readonly lastTransitionTime: string;
  readonly reason: string;
  readonly message: string;
};

/** Values are base64, as the API server gives them. They are never printed: plans hold references and digests. */
export type Secret = {
  readonly metadata: Meta;
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
};

/** Everything the controller watches, by the plural name Kubernetes uses in paths. */
export type WatchedKinds = {
  ingresses: Ingress;
  ingressclasses: IngressClass;
  services: Service;
  endpointslices: EndpointSlice;
  nodes: Node;
  namespaces: Namespace;
  ingressclassparams: IngressClassParams;
  targetgroupbindings: TargetGroupBinding;
  secrets: Secret;
  pods: Pod;
};

/** Kinds that a cluster may lack, or keep from us; nothing waits for them. */
export type OptionalKind = 'namespaces' | 'ingressclassparams' | 'targetgroupbindings' | 'pods';

/** Kinds of which everything is watched. Of Secrets only those are that an Ingress names. */
export type WholeKind = Exclude<keyof WatchedKinds, 'secrets'>;

/** `namespace/name`, or `name` for objects without a namespace. */
export const objectId = (meta: Meta): string =>
  meta.namespace ? `${meta.namespace}/${meta.name}` : meta.name;
