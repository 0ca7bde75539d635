/**
 * The whole vocabulary of what the controller builds: one line per kind in {@link Specs}.
 *
 * No AWS identifier of something we make appears here. A reference to another resource is that resource's
 * {@link Key}; the ARN behind it is looked up when the plan is applied. That is what lets a plan be stored,
 * compared and printed before anything exists.
 */
import type { BackendProtocol, ProtocolVersion, TargetType } from './backend.ts';
import type { CertificateSpec } from './certificate.ts';
import type { DnsRecordSpec } from './dns-record.ts';
import type { Key, Kind, SecurityGroupRef } from './key.ts';
import type { MutualAuthentication } from './mutual-authentication.ts';
import type { Action, Condition, Transform } from './rule.ts';
import type { IpAddressType, Scheme } from './scheme.ts';
import type { Tags } from './tags.ts';
import type { TargetAccessSpec } from './target-access.ts';

/** What a desired or actual resource looks like, by kind. */
export type Specs = {
  'security-group': SecurityGroupSpec;
  certificate: CertificateSpec;
  'target-group': TargetGroupSpec;
  'load-balancer': LoadBalancerSpec;
  listener: ListenerSpec;
  rule: RuleSpec;
  'network-load-balancer': NetworkLoadBalancerSpec;
  'network-target-group': NetworkTargetGroupSpec;
  'network-listener': NetworkListenerSpec;
  'target-access': TargetAccessSpec;
  'dns-record': DnsRecordSpec;
};

/** A resource of one kind, as a union over all kinds: `resource.kind` decides the type of `resource.spec`. */
export type Resource<K extends Kind = Kind> = {
  [P in K]: { readonly kind: P; readonly key: Key<P>; readonly spec: Specs[P] };
}[K];

export type Graph = ReadonlyMap<Key, Resource>;

/** String settings by AWS attribute key, e.g. `idle_timeout.timeout_seconds`. */
export type Attributes = Readonly<Record<string, string>>;

/** One inbound permission. Exactly one of the three sources is set. Ports are inclusive. */
export type Permission = {
  readonly protocol: 'tcp';
  readonly fromPort: number;
  readonly toPort: number;
  readonly cidr?: string;
  readonly cidr6?: string;
  readonly prefixList?: string;
};

export type SecurityGroupSpec = {
  readonly name: string;
  readonly description: string;
  readonly vpc: string;
  /** Inbound permissions, as a set. Outbound stays what AWS makes it: everything. */
  readonly inbound: readonly Permission[];
  readonly tags: Tags;
};

export type LoadBalancerSpec = {
  /** At most 32 letters, digits and hyphens; unique per account and Region. Only used when creating. */
  readonly name: string;
  readonly scheme: Scheme;
  readonly ipAddressType: IpAddressType;
  /** Subnet ids, as a set; one per Availability Zone. */
  readonly subnets: readonly string[];
  /** A group that this graph makes, by key, or one that exists already, by its `sg-` id; as a set. */
  readonly securityGroups: readonly SecurityGroupRef[];
  /** Only the attributes somebody stated; the others are AWS's business. */
  readonly attributes: Attributes;
  /** Capacity that is reserved, in load balancer capacity units; 0: none. Absent: nobody says, and it stays. */
  readonly capacityUnits?: number;
  /** IPAM pool of its public addresses; empty: none. Absent: nobody says, and it stays. */
  readonly ipv4IpamPool?: string;
  /** Pool of customer-owned addresses on an Outpost. Only used when creating. */
  readonly customerOwnedIpv4Pool?: string;
  /** Web ACL of AWS WAF: an ARN, or `name/` and a name; empty: none. Absent: nobody says, and it stays. */
  readonly webAcl?: string;
  /** Whether AWS Shield Advanced protects it. Absent: nobody says, and it stays. */
  readonly shield?: boolean;
  readonly tags: Tags;
};

export type HealthCheck = {
  readonly protocol: BackendProtocol;
  /** A port number as text, or `traffic-port`. */
  readonly port: string;
  readonly path: string;
  /** Seconds, 5..300. */
  readonly interval: number;
  /** Seconds, 2..120, below the interval. */
  readonly timeout: number;
  /** Consecutive successes, 2..10. */
  readonly healthyThreshold: number;
  /** Consecutive failures, 2..10. */
  readonly unhealthyThreshold: number;
  /** `200`, `200-299`, `200,302`; for gRPC `0-99` codes. */
  readonly codes: string;
};

/** Where a request goes in the end: an EC2 instance id or an IP address, and a port. */
export type Target = {
  readonly id: string;
  readonly port: number;
  /** `all` for an address outside the VPC; absent otherwise. */
  readonly zone?: string;
};

export type TargetGroupSpec = {
  readonly name: string;
  /** The load balancer it serves. AWS allows one only, so another balancer needs another target group. */
  readonly loadBalancer: Key<'load-balancer'>;
  readonly vpc: string;
  readonly targetType: TargetType;
  readonly protocol: BackendProtocol;
  readonly protocolVersion: ProtocolVersion;
  /** Default port of its targets; every target states its own as well. */
  readonly port: number;
  /** Where agents beside the targets say how much they can take. Absent: none. */
  readonly controlPort?: number;
  /** Absent: its targets have IPv4 addresses. */
  readonly ipAddressType?: 'ipv6';
  readonly healthCheck: HealthCheck;
  readonly attributes: Attributes;
  /** As a set. */
  readonly targets: readonly Target[];
  readonly tags: Tags;
};

export type ListenerSpec = {
  readonly loadBalancer: Key<'load-balancer'>;
  readonly port: number;
  readonly protocol: 'HTTP' | 'HTTPS';
  /**
   * First the default certificate, then the others in any order (SNI); empty for HTTP. Keys of those that this graph
   * makes, ARNs of others.
   */
  readonly certificates: readonly string[];
  /** Empty for HTTP. */
  readonly sslPolicy: string;
  /** HTTPS only. Absent: nobody says, and it stays. */
  readonly mutualAuthentication?: MutualAuthentication;
  /** Only the attributes somebody stated. */
  readonly attributes?: Attributes;
  readonly defaultActions: readonly Action[];
  readonly tags: Tags;
};

export type RuleSpec = {
  readonly listener: Key<'listener'>;
  /** In desired graphs only the order counts; the diff turns it into real priorities (see plan/rules.ts). */
  readonly priority: number;
  readonly conditions: readonly Condition[];
  readonly actions: readonly Action[];
  /** By type; absent when there are none. */
  readonly transforms?: readonly Transform[];
  readonly tags: Tags;
};

/** A Network Load Balancer in front of the load balancer of a stack. */
export type NetworkLoadBalancerSpec = {
  /** As of a load balancer. Only used when creating. */
  readonly name: string;
  readonly scheme: Scheme;
  readonly ipAddressType: Exclude<IpAddressType, 'dualstack-without-public-ipv4'>;
  /** Subnet ids, as a set; one per Availability Zone. */
  readonly subnets: readonly string[];
  /** Allocation ids of Elastic IP addresses by subnet; none: addresses of AWS. Only used when creating. */
  readonly addresses: Readonly<Record<string, string>>;
  readonly securityGroups: LoadBalancerSpec['securityGroups'];
  /** Only the attributes somebody stated. */
  readonly attributes: Attributes;
  readonly tags: Tags;
};

/** What one port of the Network Load Balancer forwards to: a listener of the load balancer. */
export type NetworkTargetGroupSpec = {
  readonly name: string;
  readonly loadBalancer: Key<'network-load-balancer'>;
  readonly vpc: string;
  /** Of the Network Load Balancer's listener. */
  readonly port: number;
  /** AWS takes one load balancer for each target group, so another one needs another target group. */
  readonly target: { readonly loadBalancer: Key<'load-balancer'>; readonly port: number };
  readonly healthCheck: HealthCheck;
  readonly tags: Tags;
};

/** A TCP listener. */
export type NetworkListenerSpec = {
  readonly loadBalancer: Key<'network-load-balancer'>;
  readonly port: number;
  readonly targetGroup: Key<'network-target-group'>;
  /** The load balancer that it leads to in the end; it must serve before traffic goes there. Order only. */
  readonly application: Key<'load-balancer'>;
  readonly tags: Tags;
};
