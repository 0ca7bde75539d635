/** What EC2 holds of an account's network, in the SDK's own shapes; tags are kept apart, by resource id. */
import type {
  InternetGateway,
  Ipam,
  IpamPool,
  ManagedPrefixList,
  RouteTable,
  SecurityGroupRule,
  Subnet,
  Vpc,
} from '@aws-sdk/client-ec2';
import type { Tags } from '../details.ts';

export type StoredVpc = Omit<Vpc, 'Tags'> & {
  readonly VpcId: string;
  readonly CidrBlock: string;
  /** What ModifyVpcAttribute sets; AWS's defaults when absent. */
  dns?: { readonly support: boolean; readonly hostnames: boolean };
};

export type StoredSubnet = Omit<Subnet, 'Tags'> & {
  readonly SubnetId: string;
  readonly VpcId: string;
  readonly AvailabilityZone: string;
  readonly CidrBlock: string;
};

export type StoredPrefixList = Omit<ManagedPrefixList, 'Tags'> & {
  readonly PrefixListId: string;
  readonly PrefixListName: string;
  readonly entries: readonly { readonly Cidr: string; readonly Description?: string }[];
};

export type StoredSecurityGroup = {
  readonly GroupId: string;
  readonly GroupName: string;
  readonly Description: string;
  readonly VpcId: string;
  /** By rule id. */
  readonly rules: Map<string, SecurityGroupRule & { readonly SecurityGroupRuleId: string }>;
};

/** The network interface a load balancer has in one Availability Zone. It outlives the load balancer for a while. */
export type StoredInterface = {
  readonly id: string;
  readonly loadBalancer: string;
  readonly description: string;
  readonly subnet: string;
  readonly zone: string;
  readonly vpc: string;
  readonly privateIp: string;
  groups: string[];
};

/** An Elastic IP address. Which load balancer has it, that load balancer says. */
export type StoredAddress = { readonly AllocationId: string; readonly PublicIp: string };

export type StoredIpam = Omit<Ipam, 'Tags'> & {
  readonly IpamId: string;
  readonly PublicDefaultScopeId: string;
};

export type StoredIpamPool = Omit<IpamPool, 'Tags'> & {
  readonly IpamPoolId: string;
  readonly IpamScopeType: 'public' | 'private';
};

export type Network = {
  readonly availabilityZones: string[];
  readonly vpcs: Map<string, StoredVpc>;
  readonly subnets: Map<string, StoredSubnet>;
  readonly routeTables: Map<string, Omit<RouteTable, 'Tags'>>;
  readonly internetGateways: Map<string, Omit<InternetGateway, 'Tags'>>;
  readonly securityGroups: Map<string, StoredSecurityGroup>;
  readonly interfaces: Map<string, StoredInterface>;
  readonly prefixLists: Map<string, StoredPrefixList>;
  /** By allocation id. */
  readonly addresses: Map<string, StoredAddress>;
  readonly ipams: Map<string, StoredIpam>;
  readonly ipamPools: Map<string, StoredIpamPool>;
  readonly tags: Map<string, Tags>;
};
