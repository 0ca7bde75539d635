/** Instances and network interfaces. Instances come from fixtures; interfaces are those of load balancers. */

import type * as Sdk from '@aws-sdk/client-ec2';
import type { Instance, NetworkInterface } from '@aws-sdk/client-ec2';
import { DescribeInstances$, DescribeNetworkInterfaces$ } from '@aws-sdk/client-ec2';
import type { Account } from '../account.ts';
import type { StoredInstance } from '../state.ts';
import type { InputOf, Operations } from '../wire/operation.ts';
import { inCidr } from './addresses.ts';
import { notFound, stopIfDryRun } from './errors.ts';
import type { FilterTable } from './filters.ts';
import { applyFilters } from './filters.ts';
import type { StoredInterface } from './network.ts';
import { named, page } from './page.ts';
import { tagList } from './tags.ts';
import { zoneId } from './zone-id.ts';

export const instanceOperations = (account: Account): Operations<typeof Sdk> => ({
  DescribeInstances: { schema: DescribeInstances$, handle: (input) => describeInstances(account, input) },
  DescribeNetworkInterfaces: {
    schema: DescribeNetworkInterfaces$,
    handle: (input) => describeInterfaces(account, input),
  },
});

const STATES = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
} as const;
type StateName = keyof typeof STATES;

const describeInstances = (account: Account, input: InputOf<typeof Sdk, 'DescribeInstances'>) => {
  stopIfDryRun(input);
  const { network, serving } = account;
  const asked = named(serving.instances, input.InstanceIds, (id) =>
    notFound('InvalidInstanceID.NotFound', 'instance ID', id),
  );
  const filters: FilterTable<StoredInstance> = {
    'instance-id': ({ id }) => [id],
    'vpc-id': ({ vpc }) => [vpc],
    'availability-zone': ({ zone }) => [zone],
    'private-ip-address': ({ privateIp }) => [privateIp],
    'private-dns-name': (instance) => [privateName(account, instance.privateIp)],
    'instance-state-name': ({ state }) => [state],
    'subnet-id': (instance) => [subnetOf(account, instance)],
  };
  const found = applyFilters(asked, input.Filters, filters, ({ id }) => network.tags.get(id) ?? {});
  const { items, ...next } = page(found, ({ id }) => id, input, input.InstanceIds);
  return {
    Reservations: items.map((instance) => ({
      ReservationId: `r-${instance.id.slice(2)}`,
      OwnerId: account.id,
      Groups: [],
      Instances: [describeInstance(account, instance)],
    })),
    ...next,
  };
};

const privateName = ({ region }: Account, ip: string): string =>
  `ip-${ip.replaceAll('.', '-')}.${region === 'us-east-1' ? 'ec2' : `${region}.compute`}.internal`;

const subnetOf = (
  { network }: Account,
  { vpc, zone, privateIp, launch }: StoredInstance,
): string | undefined => {
  if (launch !== undefined) return launch.subnet;
  const subnets = [...network.subnets.values()].filter(({ VpcId }) => VpcId === vpc);
  const byAddress = subnets.find(
    ({ CidrBlock, AvailabilityZone }) => AvailabilityZone === zone && inCidr(privateIp, CidrBlock),
  );
  return (byAddress ?? subnets.find(({ AvailabilityZone }) => AvailabilityZone === zone))?.SubnetId;
};

export const describeInstance = (account: Account, instance: StoredInstance): Instance => {
  const state = (instance.state in STATES ? instance.state : 'running') as StateName;
  const subnet = subnetOf(account, instance);
  return {
    InstanceId: instance.id,
    ImageId: instance.launch?.image ?? 'ami-0sandbox',
    InstanceType: (instance.launch?.type ?? 't3.medium') as 't3.medium',
    ...(instance.launch === undefined ? {} : { LaunchTime: instance.launch.at }),
    State: { Code: STATES[state], Name: state },
    PrivateIpAddress: instance.privateIp,
    PrivateDnsName: privateName(account, instance.privateIp),
    Placement: { AvailabilityZone: instance.zone, Tenancy: 'default' },
    VpcId: instance.vpc,
    ...(subnet === undefined ? {} : { SubnetId: subnet }),
    SecurityGroups: (instance.launch?.groups ?? []).map((GroupId) => ({
      GroupId,
      GroupName: account.network.securityGroups.get(GroupId)?.GroupName,
    })),
    NetworkInterfaces: [],
    Tags: tagList(account.network.tags.get(instance.id)),
  };
};

const describeInterfaces = (account: Account, input: InputOf<typeof Sdk, 'DescribeNetworkInterfaces'>) => {
  stopIfDryRun(input);
  const { network } = account;
  const asked = named(network.interfaces, input.NetworkInterfaceIds, (id) =>
    notFound('InvalidNetworkInterfaceID.NotFound', 'networkInterface ID', id),
  );
  const filters: FilterTable<StoredInterface> = {
    'network-interface-id': ({ id }) => [id],
    'vpc-id': ({ vpc }) => [vpc],
    'subnet-id': ({ subnet }) => [subnet],
    'availability-zone': ({ zone }) => [zone],
    'group-id': ({ groups }) => groups,
    'group-name': ({ groups }) => groups.map((id) => network.securityGroups.get(id)?.GroupName),
    description: ({ description }) => [description],
    'private-ip-address': ({ privateIp }) => [privateIp],
    'addresses.private-ip-address': ({ privateIp }) => [privateIp],
    'requester-managed': () => ['true'],
    'requester-id': () => ['amazon-elb'],
    'interface-type': () => ['interface'],
    status: () => ['in-use'],
    'attachment.instance-owner-id': () => ['amazon-elb'],
  };
  const found = applyFilters(asked, input.Filters, filters, ({ id }) => network.tags.get(id) ?? {});
  const { items, ...next } = page(found, ({ id }) => id, input, input.NetworkInterfaceIds);
  return { NetworkInterfaces: items.map((nic) => describeInterface(account, nic)), ...next };
};

const describeInterface = (account: Account, nic: StoredInterface): NetworkInterface => ({
  NetworkInterfaceId: nic.id,
  Description: nic.description,
  InterfaceType: 'interface',
  OwnerId: account.id,
  RequesterId: 'amazon-elb',
  RequesterManaged: true,
  SourceDestCheck: true,
  Status: 'in-use',
  SubnetId: nic.subnet,
  VpcId: nic.vpc,
  AvailabilityZone: nic.zone,
  AvailabilityZoneId: zoneId(account.region, nic.zone),
  PrivateIpAddress: nic.privateIp,
  PrivateIpAddresses: [{ Primary: true, PrivateIpAddress: nic.privateIp }],
  Groups: nic.groups.map((GroupId) => ({
    GroupId,
    GroupName: account.network.securityGroups.get(GroupId)?.GroupName,
  })),
  Attachment: {
    AttachmentId: `eni-attach-${nic.id.slice(4)}`,
    DeleteOnTermination: false,
    DeviceIndex: 1,
    InstanceOwnerId: 'amazon-elb',
    Status: 'attached',
  },
  TagSet: tagList(account.network.tags.get(nic.id)),
});
