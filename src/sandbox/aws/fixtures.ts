/** What an account holds before anybody has made anything: a VPC with subnets, instances and hosted zones. */
import type { Account } from './account.ts';
import { arn, nextId } from './account.ts';
import { addSecurityGroup } from './ec2/security-group-store.ts';
import { zoneId } from './ec2/zone-id.ts';
import { addZone } from './route53/zones.ts';

type SubnetFixture = {
  readonly id: string;
  /** Letter after the Region's name: `a` stands for `us-west-1a`. */
  readonly zone: string;
  readonly cidr: string;
  readonly ipv6?: string;
  readonly tags: Readonly<Record<string, string>>;
};

/** One VPC and what is in it. */
type NetworkFixture = {
  readonly vpc: { readonly id: string; readonly cidr: string; readonly ipv6?: string };
  /** Whether the VPC has one, and a route to it from all its subnets; it has unless this is false. */
  readonly internetGateway?: boolean;
  readonly subnets: readonly SubnetFixture[];
  readonly securityGroups: readonly {
    readonly id: string;
    readonly name: string;
    readonly tags: Readonly<Record<string, string>>;
  }[];
  readonly instances: readonly { readonly id: string; readonly ip: string; readonly zone: string }[];
};

export type Fixtures = NetworkFixture & {
  /** Letters of the Region's zones. */
  readonly zones: readonly string[];
  /** Private ones belong to the first VPC. */
  readonly hostedZones: readonly { readonly id: string; readonly name: string; readonly private?: boolean }[];
  readonly otherNetworks: readonly NetworkFixture[];
};

const ROLES = { 'kubernetes.io/role/elb': '1', 'kubernetes.io/role/internal-elb': '1' };

/**
 * A VPC of loopback addresses, so that a target's address is one that a process of this machine can listen on.
 * No subnet has 127.65.x.y: there the load balancers themselves listen.
 */
const FIXTURES: Fixtures = {
  vpc: { id: 'vpc-1', cidr: '127.64.0.0/10', ipv6: '2600:1f1c:12:3400::/56' },
  zones: ['a', 'b', 'c'],
  subnets: [
    {
      id: 'subnet-1234',
      zone: 'a',
      cidr: '127.64.0.0/17',
      ipv6: '2600:1f1c:12:3400::/64',
      tags: { Name: 'webSubnetA', ...ROLES },
    },
    {
      id: 'subnet-5678',
      zone: 'b',
      cidr: '127.64.128.0/17',
      ipv6: '2600:1f1c:12:3401::/64',
      tags: { Name: 'webSubnetB', ...ROLES },
    },
    { id: 'subnet-9999', zone: 'a', cidr: '127.66.0.0/16', tags: { Name: 'webSubnetA2' } },
  ],
  securityGroups: [{ id: 'sg-1234', name: 'webSG', tags: { Name: 'webSG' } }],
  instances: [
    { id: 'i-0aaa', ip: '127.64.0.11', zone: 'a' },
    { id: 'i-0bbb', ip: '127.64.0.12', zone: 'b' },
    { id: 'i-0ccc', ip: '127.64.0.13', zone: 'c' },
  ],
  hostedZones: [
    { id: 'ZEX', name: 'example.com' },
    { id: 'ZEXP', name: 'example.com', private: true },
    { id: 'ZDEV', name: 'dev.example.com' },
    { id: 'ZMED', name: 'media.com' },
    { id: 'ZEDG', name: 'edge.com' },
  ],
  otherNetworks: [],
};

/** The first half of the addresses of instances and of the subnets they are in. */
const PREFIX = '127.64.';

/** The fixtures of a sandbox that has another half of its own, such as `127.70`, beside others on the machine. */
export const fixturesAt = (prefix: string): Partial<Fixtures> => {
  const move = (address: string): string =>
    address.startsWith(PREFIX) ? `${prefix}.${address.slice(PREFIX.length)}` : address;
  return {
    subnets: FIXTURES.subnets.map((subnet) => ({ ...subnet, cidr: move(subnet.cidr) })),
    instances: FIXTURES.instances.map((instance) => ({ ...instance, ip: move(instance.ip) })),
  };
};

/** Puts fixtures into an account; what is not given is as in FIXTURES. */
export const addFixtures = (account: Account, given: Partial<Fixtures> = {}): void => {
  const fixtures = { ...FIXTURES, ...given };
  account.network.availabilityZones.push(...fixtures.zones.map((zone) => `${account.region}${zone}`));
  for (const network of [fixtures, ...fixtures.otherNetworks]) addNetwork(account, network);
  addPrefixLists(account);
  for (const { id, name, private: isPrivate } of fixtures.hostedZones) {
    addZone(account, {
      id,
      name,
      reference: `fixture ${id}`,
      vpcs: isPrivate === true ? [fixtures.vpc.id] : [],
    });
  }
};

/** The lists of AWS that rules of security groups name most. */
const addPrefixLists = (account: Account): void => {
  const lists = {
    [`com.amazonaws.${account.region}.s3`]: ['52.219.0.0/16'],
    'com.amazonaws.global.cloudfront.origin-facing': ['130.176.0.0/16', '15.158.0.0/16'],
  };
  for (const [PrefixListName, cidrs] of Object.entries(lists)) {
    const PrefixListId = `pl-${nextId(account, `prefix-list/${PrefixListName}`, 8)}`;
    account.network.prefixLists.set(PrefixListId, {
      PrefixListId,
      PrefixListName,
      AddressFamily: 'IPv4',
      State: 'create-complete',
      OwnerId: 'AWS',
      PrefixListArn: `arn:aws:ec2:${account.region}:aws:prefix-list/${PrefixListId}`,
      entries: cidrs.map((Cidr) => ({ Cidr })),
    });
  }
};

const addNetwork = (account: Account, fixture: NetworkFixture): void => {
  const vpc = fixture.vpc.id;
  addVpc(account, fixture);
  addRoutes(account, fixture);
  for (const subnet of fixture.subnets) addSubnet(account, vpc, subnet);
  addSecurityGroup(account, {
    id: `sg-0default${vpc === FIXTURES.vpc.id ? '' : suffix(vpc)}`,
    name: 'default',
    description: 'default VPC security group',
    vpc,
    tags: {},
  });
  for (const { id, name, tags } of fixture.securityGroups) {
    addSecurityGroup(account, { id, name, description: name, vpc, tags: { ...tags } });
  }
  for (const { id, ip, zone } of fixture.instances) {
    account.serving.instances.set(id, {
      id,
      privateIp: ip,
      zone: `${account.region}${zone}`,
      vpc,
      state: 'running',
    });
    account.network.tags.set(id, { Name: id });
  }
};

/** What tells the things of one VPC from those of another: `1` for `vpc-1`. */
const suffix = (vpc: string): string => vpc.replace(/^vpc-/, '');

const addVpc = (account: Account, { vpc }: NetworkFixture): void => {
  const { network } = account;
  network.vpcs.set(vpc.id, {
    VpcId: vpc.id,
    CidrBlock: vpc.cidr,
    State: 'available',
    OwnerId: account.id,
    InstanceTenancy: 'default',
    IsDefault: false,
    DhcpOptionsId: 'dopt-1',
    CidrBlockAssociationSet: [
      {
        AssociationId: `vpc-cidr-assoc-${vpc.id}`,
        CidrBlock: vpc.cidr,
        CidrBlockState: { State: 'associated' },
      },
    ],
    Ipv6CidrBlockAssociationSet:
      vpc.ipv6 === undefined
        ? []
        : [
            {
              AssociationId: `vpc-cidr-assoc-6${vpc.id}`,
              Ipv6CidrBlock: vpc.ipv6,
              Ipv6CidrBlockState: { State: 'associated' },
            },
          ],
  });
  network.tags.set(vpc.id, { Name: vpc.id });
};

const addRoutes = (account: Account, { vpc, internetGateway, subnets }: NetworkFixture): void => {
  const { network } = account;
  const [gateway, table] = [`igw-${suffix(vpc.id)}`, `rtb-${suffix(vpc.id)}`];
  const local = {
    DestinationCidrBlock: vpc.cidr,
    GatewayId: 'local',
    State: 'active',
    Origin: 'CreateRouteTable',
  } as const;
  const outside = {
    DestinationCidrBlock: '0.0.0.0/0',
    GatewayId: gateway,
    State: 'active',
    Origin: 'CreateRoute',
  } as const;
  if (internetGateway !== false) {
    network.internetGateways.set(gateway, {
      InternetGatewayId: gateway,
      OwnerId: account.id,
      /** EC2 says `available` where the SDK's type knows only the states of other attachments. */
      Attachments: [{ State: 'available' as 'attached', VpcId: vpc.id }],
    });
  }
  const association = (id: string, subnet: { SubnetId: string } | undefined) => ({
    Main: subnet === undefined,
    RouteTableAssociationId: `rtbassoc-${id}`,
    RouteTableId: table,
    ...subnet,
    AssociationState: { State: 'associated' as const },
  });
  network.routeTables.set(table, {
    RouteTableId: table,
    VpcId: vpc.id,
    OwnerId: account.id,
    PropagatingVgws: [],
    Routes: internetGateway === false ? [local] : [local, outside],
    Associations: [
      association(`main-${vpc.id}`, undefined),
      ...subnets.map(({ id }) => association(id, { SubnetId: id })),
    ],
  });
};

const addSubnet = (account: Account, vpc: string, { id, zone, cidr, ipv6, tags }: SubnetFixture): void => {
  const size = 2 ** (32 - Number(cidr.split('/')[1] ?? 24));
  account.network.subnets.set(id, {
    SubnetId: id,
    VpcId: vpc,
    CidrBlock: cidr,
    AvailabilityZone: `${account.region}${zone}`,
    AvailabilityZoneId: zoneId(account.region, zone),
    State: 'available',
    OwnerId: account.id,
    SubnetArn: arn(account, 'ec2', `subnet/${id}`),
    /** AWS keeps five addresses of each subnet for itself. */
    AvailableIpAddressCount: size - 5,
    DefaultForAz: false,
    MapPublicIpOnLaunch: true,
    AssignIpv6AddressOnCreation: false,
    Ipv6CidrBlockAssociationSet:
      ipv6 === undefined
        ? []
        : [
            {
              AssociationId: `subnet-cidr-assoc-${id}`,
              Ipv6CidrBlock: ipv6,
              Ipv6CidrBlockState: { State: 'associated' },
            },
          ],
  });
  account.network.tags.set(id, { ...tags });
};
