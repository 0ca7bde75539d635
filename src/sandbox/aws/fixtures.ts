/** What an account holds before anybody has made anything: a VPC with subnets, instances and hosted zones. */
import type { Account } from './account.ts';
import { arn } from './account.ts';
import { addSecurityGroup } from './ec2/security-group-store.ts';
import { zoneId } from './ec2/zone-id.ts';
import { addZone } from './route53/zones.ts';

export type SubnetFixture = {
  readonly id: string;
  /** Letter after the Region's name: `a` stands for `us-west-1a`. */
  readonly zone: string;
  readonly cidr: string;
  readonly ipv6?: string;
  readonly tags: Readonly<Record<string, string>>;
};

export type Fixtures = {
  readonly vpc: { readonly id: string; readonly cidr: string; readonly ipv6?: string };
  readonly zones: readonly string[];
  readonly subnets: readonly SubnetFixture[];
  readonly securityGroups: readonly {
    readonly id: string;
    readonly name: string;
    readonly tags: Readonly<Record<string, string>>;
  }[];
  readonly instances: readonly { readonly id: string; readonly ip: string; readonly zone: string }[];
  /** Private when `vpc` is true. */
  readonly hostedZones: readonly { readonly id: string; readonly name: string; readonly private?: boolean }[];
};

const ROLES = { 'kubernetes.io/role/elb': '1', 'kubernetes.io/role/internal-elb': '1' };

/** A VPC of loopback addresses, so that a target's address is one that a process of this machine can listen on. */
export const FIXTURES: Fixtures = {
  vpc: { id: 'vpc-1', cidr: '127.64.0.0/10', ipv6: '2600:1f1c:12:3400::/56' },
  zones: ['a', 'b'],
  subnets: [
    {
      id: 'subnet-1234',
      zone: 'a',
      cidr: '127.64.0.0/16',
      ipv6: '2600:1f1c:12:3400::/64',
      tags: { Name: 'webSubnetA', ...ROLES },
    },
    {
      id: 'subnet-5678',
      zone: 'b',
      cidr: '127.65.0.0/16',
      ipv6: '2600:1f1c:12:3401::/64',
      tags: { Name: 'webSubnetB', ...ROLES },
    },
    { id: 'subnet-9999', zone: 'a', cidr: '127.66.0.0/16', tags: { Name: 'webSubnetA2' } },
  ],
  securityGroups: [{ id: 'sg-1234', name: 'webSG', tags: { Name: 'webSG' } }],
  instances: [
    { id: 'i-0aaa', ip: '127.64.0.11', zone: 'a' },
    { id: 'i-0bbb', ip: '127.64.0.12', zone: 'b' },
    { id: 'i-0ccc', ip: '127.64.0.13', zone: 'a' },
  ],
  hostedZones: [
    { id: 'ZEX', name: 'example.com' },
    { id: 'ZEXP', name: 'example.com', private: true },
    { id: 'ZDEV', name: 'dev.example.com' },
    { id: 'ZMED', name: 'media.com' },
    { id: 'ZEDG', name: 'edge.com' },
  ],
};

/** Puts fixtures into an account; what is not given is as in FIXTURES. */
export const addFixtures = (account: Account, given: Partial<Fixtures> = {}): void => {
  const fixtures = { ...FIXTURES, ...given };
  addVpc(account, fixtures);
  for (const subnet of fixtures.subnets) addSubnet(account, fixtures.vpc.id, subnet);
  addSecurityGroup(account, {
    id: 'sg-0default',
    name: 'default',
    description: 'default VPC security group',
    vpc: fixtures.vpc.id,
    tags: {},
  });
  for (const { id, name, tags } of fixtures.securityGroups) {
    addSecurityGroup(account, { id, name, description: name, vpc: fixtures.vpc.id, tags: { ...tags } });
  }
  for (const { id, ip, zone } of fixtures.instances) {
    account.serving.instances.set(id, {
      id,
      privateIp: ip,
      zone: `${account.region}${zone}`,
      vpc: fixtures.vpc.id,
      state: 'running',
    });
    account.network.tags.set(id, { Name: id });
  }
  for (const { id, name, private: isPrivate } of fixtures.hostedZones) {
    addZone(account, {
      id,
      name,
      reference: `fixture ${id}`,
      vpcs: isPrivate === true ? [fixtures.vpc.id] : [],
    });
  }
};

const addVpc = (account: Account, { vpc, subnets, zones }: Fixtures): void => {
  const { network, region } = account;
  network.availabilityZones.splice(
    0,
    network.availabilityZones.length,
    ...zones.map((zone) => `${region}${zone}`),
  );
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
  network.internetGateways.set('igw-1', {
    InternetGatewayId: 'igw-1',
    OwnerId: account.id,
    Attachments: [{ State: 'available' as 'attached', VpcId: vpc.id }],
  });
  network.routeTables.set('rtb-1', {
    RouteTableId: 'rtb-1',
    VpcId: vpc.id,
    OwnerId: account.id,
    PropagatingVgws: [],
    Routes: [
      { DestinationCidrBlock: vpc.cidr, GatewayId: 'local', State: 'active', Origin: 'CreateRouteTable' },
      { DestinationCidrBlock: '0.0.0.0/0', GatewayId: 'igw-1', State: 'active', Origin: 'CreateRoute' },
    ],
    Associations: [
      {
        Main: true,
        RouteTableAssociationId: 'rtbassoc-main',
        RouteTableId: 'rtb-1',
        AssociationState: { State: 'associated' },
      },
      ...subnets.map(({ id }) => ({
        Main: false,
        RouteTableAssociationId: `rtbassoc-${id}`,
        RouteTableId: 'rtb-1',
        SubnetId: id,
        AssociationState: { State: 'associated' as const },
      })),
    ],
  });
  network.tags.set(vpc.id, { Name: vpc.id });
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
