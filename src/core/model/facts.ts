/** What AWS already holds that Ingresses refer to but that we never change. Looked up in bulk, then cached. */
import type { Tags } from './tags.ts';

export type Subnet = {
  readonly id: string;
  readonly vpc: string;
  /** Availability Zone name, e.g. `eu-west-1a`. */
  readonly zone: string;
  readonly freeAddresses: number;
  readonly hasIpv6: boolean;
  /** Whether its route table has a route to an internet gateway. */
  readonly public: boolean;
  readonly tags: Tags;
};

export type KnownSecurityGroup = {
  readonly id: string;
  readonly name: string;
  readonly vpc: string;
  readonly tags: Tags;
};

/** A target group of this account and Region, whoever made it. Names are unique there. */
export type KnownTargetGroup = { readonly name: string; readonly arn: `arn:${string}` };

export type HostedZone = {
  readonly id: string;
  /** Without the trailing dot, lower case. */
  readonly name: string;
  readonly private: boolean;
  /** It is of another account, and this is why nothing can be said or done about it now. */
  readonly shut?: string;
};

export type Certificate = {
  readonly arn: string;
  readonly domains: readonly string[];
  /** `ISSUED`, `PENDING_VALIDATION`, … as ACM says. */
  readonly status: string;
  /** End of its validity, RFC 3339. */
  readonly notAfter?: string;
  /** It was made for this stack of this cluster, and for nobody else to find. */
  readonly stack?: string;
};

/** Quotas of the account, for each load balancer. */
export type AccountLimits = {
  /** Rules of all its listeners, default actions not counted. */
  readonly rules: number;
  /** Certificates, default ones not counted. */
  readonly certificates: number;
  /** Target groups its rules and default actions name; absent: not told. */
  readonly targetGroups?: number;
};

export type Facts = {
  readonly region: string;
  readonly vpc: string;
  /** CIDR blocks of the VPC, of both families: an IP target outside them needs zone `all`. */
  readonly vpcCidrs: readonly string[];
  readonly subnets: readonly Subnet[];
  readonly securityGroups: readonly KnownSecurityGroup[];
  readonly targetGroups: readonly KnownTargetGroup[];
  /** Unknown when Route 53 does not let us list them. */
  readonly zones: readonly HostedZone[] | undefined;
  /** Unknown when ACM does not let us list them. */
  readonly certificates: readonly Certificate[] | undefined;
  /** When they were asked for, milliseconds since the epoch. Absent: nothing is said about what expires. */
  readonly asOf?: number;
  /** Absent when ELBv2 does not let us ask: then AWS refuses what is too much. */
  readonly limits?: AccountLimits;
};
