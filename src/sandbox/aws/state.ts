/**
 * Everything one emulated AWS account holds in one Region, in the SDK's own shapes.
 * The API handlers write it; the data plane and DNS only read it, so they serve what AWS was told and nothing else.
 * The one exception is the health of a target, which the data plane's checks set; the API sets only what needs no
 * check: `unused` while no listener's rules forward to the target's group, `initial` when the target is registered
 * or its group comes into use, `draining` after deregistration.
 * Every map is keyed by ARN or id (hosted zones by the bare id, without `/hostedzone/`). The maps themselves are
 * never replaced, not even when a snapshot is restored.
 */
import type { UserPoolClientType, UserPoolType } from '@aws-sdk/client-cognito-identity-provider';
import type {
  Listener,
  LoadBalancer,
  Rule,
  TargetGroup,
  TargetHealth,
  TrustStore,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { HostedZone, ResourceRecordSet } from '@aws-sdk/client-route-53';
import type { IPSet, WebACL } from '@aws-sdk/client-wafv2';

export type StoredLoadBalancer = LoadBalancer & {
  readonly LoadBalancerArn: string;
  readonly LoadBalancerName: string;
  readonly DNSName: string;
  attributes: Record<string, string>;
};

export type StoredListener = Listener & {
  readonly ListenerArn: string;
  readonly LoadBalancerArn: string;
  attributes: Record<string, string>;
  /** Additional certificates (SNI); the default one stands in `Certificates`. */
  extraCertificates: string[];
};

export type StoredRule = Rule & { readonly RuleArn: string; readonly listenerArn: string };

/** One registered target. `id` is an instance id or an IP address. */
export type StoredTarget = {
  readonly id: string;
  readonly port: number;
  readonly zone: string | undefined;
  /**
   * Set by the health checker of the data plane, which leaves `unused` and `draining` alone: those are the API's.
   * Replaced, not changed in place.
   */
  health: TargetHealth;
  /** Emulator time in milliseconds at which a draining target disappears. */
  drainedAt: number | undefined;
};

export type StoredTargetGroup = TargetGroup & {
  readonly TargetGroupArn: string;
  readonly TargetGroupName: string;
  attributes: Record<string, string>;
  /** By `id:port`. */
  readonly targets: Map<string, StoredTarget>;
};

/** Revoked certificates of a trust store, as the bucket had them when they were added. */
export type StoredRevocation = { readonly id: number; readonly entries: number; readonly crl: string };

export type StoredTrustStore = TrustStore & {
  readonly TrustStoreArn: string;
  readonly Name: string;
  /** PEM of the CA certificates that client certificates are verified with. */
  bundle: string;
  readonly revocations: Map<string, StoredRevocation>;
};

export type StoredZone = {
  readonly zone: HostedZone & { readonly Id: string; readonly Name: string };
  readonly vpcs: string[];
  /** By `name|type|set identifier`; names as Route 53 stores them (lower case, trailing dot, `\052`). */
  readonly records: Map<string, ResourceRecordSet>;
};

export type StoredInstance = {
  readonly id: string;
  readonly privateIp: string;
  readonly zone: string;
  readonly vpc: string;
  /** As the request that launched it said; an instance of the fixtures has none of these. */
  readonly launch?: {
    readonly subnet: string;
    readonly groups: readonly string[];
    readonly image: string;
    readonly type: string;
    readonly at: Date;
  };
  state: string;
};

/** A certificate a listener can serve: one of ACM that is issued, or a server certificate of IAM. */
export type StoredCertificate = {
  readonly arn: string;
  /** PEM. */
  readonly certificate: string;
  readonly privateKey: string;
  readonly chain: string | undefined;
  readonly domains: readonly string[];
};

/** A Cognito user pool, as far as authentication at a load balancer needs it. */
export type StoredUserPool = UserPoolType & {
  readonly Id: string;
  /** By client id. */
  readonly clients: Map<string, UserPoolClientType>;
};

/** The part of an account that serves requests and answers names. */
export type ServingState = {
  readonly region: string;
  readonly loadBalancers: Map<string, StoredLoadBalancer>;
  readonly listeners: Map<string, StoredListener>;
  readonly rules: Map<string, StoredRule>;
  readonly targetGroups: Map<string, StoredTargetGroup>;
  readonly zones: Map<string, StoredZone>;
  readonly instances: Map<string, StoredInstance>;
  readonly certificates: Map<string, StoredCertificate>;
  readonly trustStores: Map<string, StoredTrustStore>;
  readonly webAcls: Map<string, WebACL>;
  readonly ipSets: Map<string, IPSet>;
  /** ARN of the web ACL, by the load balancer's ARN. */
  readonly webAclOf: Map<string, string>;
  /** By pool id. */
  readonly userPools: Map<string, StoredUserPool>;
};

/** Told after every write that succeeded, so that what is derived from the state can be rebuilt. */
export type OnChange = (listener: () => void) => void;

/** Emulator time: a real clock whose seconds may be shorter. `speed` 60 makes a minute last a second. */
export type EmulatorClock = {
  /** Milliseconds since the epoch, in emulator time. */
  now(): number;
  /** Calls back after `ms` of emulator time; returns a cancel function. Never keeps the process alive. */
  after(ms: number, callback: () => void): () => void;
  readonly speed: number;
};
