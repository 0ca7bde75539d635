/** One probe for each rule about the pools that public addresses come from, and about Elastic IP addresses. */
import assert from 'node:assert/strict';
import {
  AllocateAddressCommand,
  CreateIpamCommand,
  CreateIpamPoolCommand,
  DeleteIpamCommand,
  DeleteIpamPoolCommand,
  DescribeAddressesCommand,
  ReleaseAddressCommand,
} from '@aws-sdk/client-ec2';
import {
  DeleteLoadBalancerCommand,
  DescribeLoadBalancersCommand,
  ModifyIpPoolsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { networkBalancer } from './sandbox-aws-network-world.ts';
import { ACCEPTED, type Probe, refused, type World } from './sandbox-aws-world.ts';

const ipamPool = async (
  { ec2 }: World,
  scope: 'PublicDefaultScopeId' | 'PrivateDefaultScopeId' = 'PublicDefaultScopeId',
): Promise<string> => {
  const { Ipam } = await ec2.send(new CreateIpamCommand({}));
  const { IpamPool } = await ec2.send(
    new CreateIpamPoolCommand({ IpamScopeId: Ipam?.[scope] ?? '', AddressFamily: 'ipv4' }),
  );
  return IpamPool?.IpamPoolId ?? '';
};

const usePool = ({ elb }: World, LoadBalancerArn: string, Ipv4IpamPoolId: string) =>
  elb.send(new ModifyIpPoolsCommand({ LoadBalancerArn, IpamPools: { Ipv4IpamPoolId } }));

export const allocate = async ({ ec2 }: World): Promise<string> =>
  (await ec2.send(new AllocateAddressCommand({ Domain: 'vpc' }))).AllocationId ?? '';

export const ADDRESS_POOLS: readonly Probe[] = [
  [
    'an IPAM pool that does not exist',
    'InvalidConfigurationRequestException',
    async (w) => usePool(w, await w.balancer(), 'ipam-pool-1'),
    /does not exist/,
  ],
  [
    'a private IPAM pool',
    'InvalidConfigurationRequestException',
    async (w) => w.balancer({ IpamPools: { Ipv4IpamPoolId: await ipamPool(w, 'PrivateDefaultScopeId') } }),
    /public/,
  ],
  [
    'an IPAM pool for an internal load balancer',
    'InvalidConfigurationRequestException',
    async (w) => usePool(w, await w.balancer({ Scheme: 'internal' }), await ipamPool(w)),
    /internet-facing/,
  ],
  [
    'an IPAM pool can be given and taken away',
    ACCEPTED,
    async (w) => {
      const pool = await ipamPool(w);
      const arn = await w.balancer({ IpamPools: { Ipv4IpamPoolId: pool } });
      const shown = async () =>
        (await w.elb.send(new DescribeLoadBalancersCommand({ LoadBalancerArns: [arn] }))).LoadBalancers?.[0]
          ?.IpamPools?.Ipv4IpamPoolId;
      assert.equal(await shown(), pool);
      await refused(w.ec2.send(new DeleteIpamPoolCommand({ IpamPoolId: pool })), 'DependencyViolation');
      await w.elb.send(new ModifyIpPoolsCommand({ LoadBalancerArn: arn, RemoveIpamPools: ['ipv4'] }));
      assert.equal(await shown(), undefined);
      await w.ec2.send(new DeleteIpamPoolCommand({ IpamPoolId: pool }));
    },
  ],
];

export const ADDRESSES: readonly Probe[] = [
  [
    'an address that does not exist',
    'InvalidAllocationID.NotFound',
    (w) => w.ec2.send(new ReleaseAddressCommand({ AllocationId: 'eipalloc-0123' })),
  ],
  [
    'a sixth address',
    'AddressLimitExceeded',
    async (w) => {
      for (let count = 0; count < 5; count += 1) await allocate(w);
      return allocate(w);
    },
  ],
  [
    'an address of a load balancer',
    'InvalidIPAddress.InUse',
    async (w) => {
      const AllocationId = await allocate(w);
      await networkBalancer(w, { SubnetMappings: [{ SubnetId: 'subnet-1234', AllocationId }] });
      return w.ec2.send(new ReleaseAddressCommand({ AllocationId }));
    },
  ],
  [
    'an address shows where it is, and is free again without its load balancer',
    ACCEPTED,
    async (w) => {
      const AllocationId = await allocate(w);
      const arn = await networkBalancer(w, { SubnetMappings: [{ SubnetId: 'subnet-1234', AllocationId }] });
      const shown = async () =>
        (await w.ec2.send(new DescribeAddressesCommand({ AllocationIds: [AllocationId] }))).Addresses?.[0];
      const used = await shown();
      assert.match(used?.NetworkInterfaceId ?? '', /^eni-/);
      assert.match(used?.PublicIp ?? '', /^198\.51\.100\./);
      await w.elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: arn }));
      assert.equal((await shown())?.AssociationId, undefined);
      await w.ec2.send(new ReleaseAddressCommand({ AllocationId }));
    },
  ],
  [
    'an IPAM that has pools',
    'DependencyViolation',
    async (w) => {
      const { Ipam } = await w.ec2.send(new CreateIpamCommand({}));
      await w.ec2.send(
        new CreateIpamPoolCommand({ IpamScopeId: Ipam?.PublicDefaultScopeId ?? '', AddressFamily: 'ipv4' }),
      );
      return w.ec2.send(new DeleteIpamCommand({ IpamId: Ipam?.IpamId ?? '' }));
    },
  ],
  [
    'an IPAM pool in an unknown scope',
    'InvalidIpamScopeId.NotFound',
    (w) => w.ec2.send(new CreateIpamPoolCommand({ IpamScopeId: 'ipam-scope-1', AddressFamily: 'ipv4' })),
  ],
];
