/** One probe for each rule of EC2 about networks that somebody builds by hand. */
import {
  AssociateRouteTableCommand,
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateManagedPrefixListCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteInternetGatewayCommand,
  DeleteRouteCommand,
  DeleteRouteTableCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  DetachInternetGatewayCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import type { Probe, World } from './sandbox-aws-world.ts';

const vpc = async ({ ec2 }: World, CidrBlock = '10.0.0.0/16') =>
  (await ec2.send(new CreateVpcCommand({ CidrBlock }))).Vpc?.VpcId ?? '';
const subnet = async (
  { ec2 }: World,
  VpcId: string,
  CidrBlock = '10.0.0.0/24',
  AvailabilityZone = 'us-west-1a',
) => (await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock, AvailabilityZone }))).Subnet?.SubnetId ?? '';
const gateway = async ({ ec2 }: World, VpcId?: string) => {
  const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand({}));
  const InternetGatewayId = InternetGateway?.InternetGatewayId ?? '';
  if (VpcId !== undefined) await ec2.send(new AttachInternetGatewayCommand({ InternetGatewayId, VpcId }));
  return InternetGatewayId;
};
const table = async ({ ec2 }: World, VpcId: string) =>
  (await ec2.send(new CreateRouteTableCommand({ VpcId }))).RouteTable?.RouteTableId ?? '';
const launch = ({ ec2 }: World, SubnetId: string, more = {}) =>
  ec2.send(new RunInstancesCommand({ ImageId: 'ami-12345678', MinCount: 1, MaxCount: 1, SubnetId, ...more }));

export const VPCS: readonly Probe[] = [
  ['a VPC larger than /16', 'InvalidVpc.Range', (w) => vpc(w, '10.0.0.0/15'), /16 and \/28/],
  ['a VPC smaller than /28', 'InvalidVpc.Range', (w) => vpc(w, '10.0.0.0/29')],
  ['a VPC of no block', 'InvalidParameterValue', (w) => vpc(w, '10.0.0.0'), /CIDR block/],
  ['more VPCs than the quota', 'VpcLimitExceeded', (w) => vpc(w), /1\./, { facts: { vpcsPerRegion: 1 } }],
  [
    'deleting a VPC that has subnets',
    'DependencyViolation',
    async (w) => {
      const VpcId = await vpc(w);
      await subnet(w, VpcId);
      return w.ec2.send(new DeleteVpcCommand({ VpcId }));
    },
  ],
  [
    'deleting a VPC with an internet gateway',
    'DependencyViolation',
    async (w) => {
      const VpcId = await vpc(w);
      await gateway(w, VpcId);
      return w.ec2.send(new DeleteVpcCommand({ VpcId }));
    },
  ],
  [
    'deleting an unknown VPC',
    'InvalidVpcID.NotFound',
    (w) => w.ec2.send(new DeleteVpcCommand({ VpcId: 'vpc-00000000' })),
  ],
  ['a subnet outside its VPC', 'InvalidSubnet.Range', async (w) => subnet(w, await vpc(w), '10.1.0.0/24')],
  [
    'a subnet over another one',
    'InvalidSubnet.Conflict',
    async (w) => {
      const id = await vpc(w);
      await subnet(w, id);
      return subnet(w, id, '10.0.0.128/25');
    },
  ],
  [
    'a subnet in an unknown zone',
    'InvalidParameterValue',
    async (w) => subnet(w, await vpc(w), '10.0.0.0/24', 'us-west-1z'),
    /us-west-1z/,
  ],
  ['a subnet in an unknown VPC', 'InvalidVpcID.NotFound', (w) => subnet(w, 'vpc-00000000')],
  [
    'deleting a subnet that has instances',
    'DependencyViolation',
    async (w) => {
      const SubnetId = await subnet(w, await vpc(w));
      await launch(w, SubnetId);
      return w.ec2.send(new DeleteSubnetCommand({ SubnetId }));
    },
  ],
  [
    'deleting an unknown subnet',
    'InvalidSubnetID.NotFound',
    (w) => w.ec2.send(new DeleteSubnetCommand({ SubnetId: 'subnet-00000000' })),
  ],
];

export const GATEWAYS: readonly Probe[] = [
  [
    'attaching a gateway twice',
    'Resource.AlreadyAssociated',
    async (w) => {
      const [VpcId, other] = [await vpc(w), await vpc(w, '10.1.0.0/16')];
      const InternetGatewayId = await gateway(w, VpcId);
      return w.ec2.send(new AttachInternetGatewayCommand({ InternetGatewayId, VpcId: other }));
    },
  ],
  [
    'detaching a gateway that is not attached',
    'Gateway.NotAttached',
    async (w) =>
      w.ec2.send(
        new DetachInternetGatewayCommand({ InternetGatewayId: await gateway(w), VpcId: await vpc(w) }),
      ),
  ],
  [
    'deleting a gateway that is attached',
    'DependencyViolation',
    async (w) =>
      w.ec2.send(new DeleteInternetGatewayCommand({ InternetGatewayId: await gateway(w, await vpc(w)) })),
  ],
  [
    'an unknown internet gateway',
    'InvalidInternetGatewayID.NotFound',
    (w) => w.ec2.send(new DeleteInternetGatewayCommand({ InternetGatewayId: 'igw-00000000' })),
  ],
  [
    'an unknown route table',
    'InvalidRouteTableID.NotFound',
    (w) => w.ec2.send(new DeleteRouteTableCommand({ RouteTableId: 'rtb-00000000' })),
  ],
  [
    'a route twice',
    'RouteAlreadyExists',
    async (w) => {
      const VpcId = await vpc(w);
      const route = {
        RouteTableId: await table(w, VpcId),
        GatewayId: await gateway(w, VpcId),
        DestinationCidrBlock: '0.0.0.0/0',
      };
      await w.ec2.send(new CreateRouteCommand(route));
      return w.ec2.send(new CreateRouteCommand(route));
    },
  ],
  [
    'removing a route that is not there',
    'InvalidRoute.NotFound',
    async (w) =>
      w.ec2.send(
        new DeleteRouteCommand({
          RouteTableId: await table(w, await vpc(w)),
          DestinationCidrBlock: '192.0.2.0/24',
        }),
      ),
  ],
  [
    'a second route table of a subnet',
    'Resource.AlreadyAssociated',
    async (w) => {
      const VpcId = await vpc(w);
      const SubnetId = await subnet(w, VpcId);
      for (const RouteTableId of [await table(w, VpcId), await table(w, VpcId)])
        await w.ec2.send(new AssociateRouteTableCommand({ RouteTableId, SubnetId }));
    },
  ],
  [
    'deleting a route table in use',
    'DependencyViolation',
    async (w) => {
      const VpcId = await vpc(w);
      const RouteTableId = await table(w, VpcId);
      await w.ec2.send(new AssociateRouteTableCommand({ RouteTableId, SubnetId: await subnet(w, VpcId) }));
      return w.ec2.send(new DeleteRouteTableCommand({ RouteTableId }));
    },
  ],
];

export const INSTANCES: readonly Probe[] = [
  ['an instance in an unknown subnet', 'InvalidSubnetID.NotFound', (w) => launch(w, 'subnet-00000000')],
  [
    'an address that is taken',
    'InvalidIPAddress.InUse',
    async (w) => {
      const id = await subnet(w, await vpc(w));
      await launch(w, id, { PrivateIpAddress: '10.0.0.10' });
      return launch(w, id, { PrivateIpAddress: '10.0.0.10' });
    },
  ],
  [
    'an address outside the subnet',
    'InvalidParameterValue',
    async (w) => launch(w, await subnet(w, await vpc(w)), { PrivateIpAddress: '10.0.1.10' }),
  ],
  [
    'more instances than the subnet has addresses',
    'InsufficientFreeAddressesInSubnet',
    async (w) => launch(w, await subnet(w, await vpc(w), '10.0.0.0/28'), { MinCount: 12, MaxCount: 12 }),
  ],
  [
    'another launch with the same token',
    'IdempotentParameterMismatch',
    async (w) => {
      const id = await subnet(w, await vpc(w));
      await launch(w, id, { ClientToken: 'token' });
      return launch(w, id, { ClientToken: 'token', MaxCount: 2 });
    },
  ],
  [
    'ending an unknown instance',
    'InvalidInstanceID.NotFound',
    (w) => w.ec2.send(new TerminateInstancesCommand({ InstanceIds: ['i-00000000'] })),
  ],
  [
    'a prefix list named like those of AWS',
    'InvalidParameterValue',
    (w) =>
      w.ec2.send(
        new CreateManagedPrefixListCommand({
          PrefixListName: 'com.amazonaws.mine',
          AddressFamily: 'IPv4',
          MaxEntries: 1,
        }),
      ),
  ],
  [
    'more entries than a prefix list takes',
    'InvalidParameterValue',
    (w) =>
      w.ec2.send(
        new CreateManagedPrefixListCommand({
          PrefixListName: 'mine',
          AddressFamily: 'IPv4',
          MaxEntries: 1,
          Entries: [{ Cidr: '192.0.2.0/24' }, { Cidr: '198.51.100.0/24' }],
        }),
      ),
  ],
];
