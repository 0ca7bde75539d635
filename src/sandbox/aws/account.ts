/** One AWS account in one Region: all state, as plain data in maps, and the ways to name new things in it. */
import { createHash } from 'node:crypto';
import type {
  Capacity,
  CertificateDetails,
  CertificateRequest,
  ServerCertificateDetails,
  StoredProtection,
  StoredRole,
  Tags,
  ZoneDetails,
} from './details.ts';
import type { Network } from './ec2/network.ts';
import type { Facts } from './facts.ts';
import type { EmulatorClock, ServingState } from './state.ts';

/** Something that happens later by itself, kept as data so that it survives a snapshot. `at` is emulator time. */
export type Task = { readonly at: number } & (
  | { readonly kind: 'activate'; readonly loadBalancer: string }
  | { readonly kind: 'release'; readonly loadBalancer: string }
  /** Nothing comes of it: while it stands, a target group counts as in use. */
  | { readonly kind: 'let-go' }
  | { readonly kind: 'drained'; readonly targetGroup: string; readonly target: string }
  | { readonly kind: 'in-sync'; readonly change: string }
  | { readonly kind: 'issue'; readonly certificate: string }
  | { readonly kind: 'terminated'; readonly instance: string }
);

export type RecordChange = {
  readonly id: string;
  status: 'PENDING' | 'INSYNC';
  readonly submittedAt: Date;
  readonly comment?: string;
};

export type Account = {
  readonly id: string;
  readonly region: string;
  readonly facts: Facts;
  readonly clock: EmulatorClock;
  readonly serving: ServingState;
  /** Whether another account of this sandbox has a load balancer of this DNS name, lower case. */
  readonly hasBalancerElsewhere: (dnsName: string) => boolean;
  readonly network: Network;
  /** Tags of ELBv2 resources by ARN; the SDK's shapes carry none. */
  readonly elbTags: Map<string, Tags>;
  readonly zoneDetails: Map<string, ZoneDetails>;
  readonly certificateDetails: Map<string, CertificateDetails>;
  /** When certificates were imported, over the last year. */
  readonly certificateImports: Map<string, Date>;
  /** Certificates that ACM was asked for, issued or not, by ARN. */
  readonly certificateRequests: Map<string, CertificateRequest>;
  /** Roles of IAM by name. */
  readonly roles: Map<string, StoredRole>;
  /** What IAM knows of server certificates besides their bytes, by name. */
  readonly serverCertificates: Map<string, ServerCertificateDetails>;
  /** Objects in S3 that trust stores are made from, by `bucket/key`. */
  readonly objects: Map<string, string>;
  /** Reserved capacity by load balancer ARN. */
  readonly capacity: Map<string, Capacity>;
  /** Tokens that a change of a web ACL or IP set must name, by ARN. */
  readonly wafLocks: Map<string, string>;
  /** Shield protections by id; Shield Advanced is subscribed to when `shieldSubscription` has an entry. */
  readonly protections: Map<string, StoredProtection>;
  readonly shieldSubscription: Map<string, Date>;
  /** What calls with a client token gave, by operation and token. */
  readonly clientTokens: Map<string, { readonly input: string; readonly output: unknown }>;
  readonly changes: Map<string, RecordChange>;
  /** Emulator time until which another change to a zone is refused, by zone id. */
  readonly busyZones: Map<string, number>;
  readonly tasks: Map<string, Task>;
  /** How many things of a name were ever made, so that a name used again gets a new id. */
  readonly serials: Map<string, number>;
};

type AccountSettings = Pick<Account, 'id' | 'region' | 'facts' | 'clock'> &
  Partial<Pick<Account, 'hasBalancerElsewhere'>>;

export const emptyAccount = (settings: AccountSettings): Account => ({
  hasBalancerElsewhere: () => false,
  ...settings,
  serving: {
    region: settings.region,
    loadBalancers: new Map(),
    listeners: new Map(),
    rules: new Map(),
    targetGroups: new Map(),
    zones: new Map(),
    instances: new Map(),
    certificates: new Map(),
    trustStores: new Map(),
    webAcls: new Map(),
    ipSets: new Map(),
    webAclOf: new Map(),
    userPools: new Map(),
  },
  network: {
    availabilityZones: [],
    vpcs: new Map(),
    subnets: new Map(),
    routeTables: new Map(),
    internetGateways: new Map(),
    securityGroups: new Map(),
    interfaces: new Map(),
    prefixLists: new Map(),
    addresses: new Map(),
    ipams: new Map(),
    ipamPools: new Map(),
    tags: new Map(),
  },
  elbTags: new Map(),
  zoneDetails: new Map(),
  certificateDetails: new Map(),
  certificateImports: new Map(),
  certificateRequests: new Map(),
  roles: new Map(),
  serverCertificates: new Map(),
  objects: new Map(),
  capacity: new Map(),
  wafLocks: new Map(),
  protections: new Map(),
  shieldSubscription: new Map(),
  clientTokens: new Map(),
  changes: new Map(),
  busyZones: new Map(),
  tasks: new Map(),
  serials: new Map(),
});

/**
 * Hexadecimal digits that identify the next thing of this name. They depend on the name and on how often it was
 * used, not on chance or on time, so that two runs that make the same things get the same ids.
 */
export const nextId = (account: Account, name: string, digits: number): string => {
  const serial = (account.serials.get(name) ?? 0) + 1;
  account.serials.set(name, serial);
  return createHash('sha256').update(`${name}#${serial}`).digest('hex').slice(0, digits);
};

/** ARN of a regional resource of this account. */
export const arn = (account: Account, service: string, resource: string): string =>
  `${arnPrefix(account.region)}:${service}:${account.region}:${account.id}:${resource}`;

const arnPrefix = (region: string): string => {
  if (region.startsWith('cn-')) return 'arn:aws-cn';
  return region.startsWith('us-gov-') ? 'arn:aws-us-gov' : 'arn:aws';
};
