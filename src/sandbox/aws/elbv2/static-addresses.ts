/** Addresses of a Network Load Balancer that its owner chose: an Elastic IP address, or a private one, in each subnet. */
import type { LoadBalancerAddress } from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  AllocationIdNotFoundException$,
  InvalidConfigurationRequestException$,
  ResourceInUseException$,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Account } from '../account.ts';
import { inCidr } from '../ec2/addresses.ts';
import type { StoredSubnet } from '../ec2/network.ts';
import { refuse } from '../wire/refusal.ts';
import { invalid } from './invalid.ts';

type Mapping = {
  readonly SubnetId?: string | undefined;
  readonly AllocationId?: string | undefined;
  readonly PrivateIPv4Address?: string | undefined;
};

/**
 * What a load balancer shows as its addresses in a subnet; none where AWS chooses. `self`: ARN of a load balancer that
 * may have the address already.
 */
export const staticAddresses = (
  account: Account,
  subnet: StoredSubnet,
  mappings: readonly Mapping[],
  { scheme, self }: { readonly scheme: string; readonly self?: string },
): LoadBalancerAddress[] => {
  const { AllocationId, PrivateIPv4Address } =
    mappings.find(({ SubnetId }) => SubnetId === subnet.SubnetId) ?? {};
  if (AllocationId !== undefined && PrivateIPv4Address !== undefined)
    throw invalid('Specify either AllocationId or PrivateIPv4Address in a subnet mapping, not both');
  if (AllocationId !== undefined) return [elastic(account, AllocationId, scheme, self)];
  if (PrivateIPv4Address === undefined) return [];
  if (scheme !== 'internal')
    throw refuse(
      InvalidConfigurationRequestException$,
      'Private IPv4 addresses can be specified for internal load balancers only',
    );
  if (!inCidr(PrivateIPv4Address, subnet.CidrBlock))
    throw refuse(
      InvalidConfigurationRequestException$,
      `The address '${PrivateIPv4Address}' is not in the subnet '${subnet.SubnetId}'`,
    );
  return [{ PrivateIPv4Address }];
};

const elastic = (
  account: Account,
  id: string,
  scheme: string,
  self: string | undefined,
): LoadBalancerAddress => {
  if (scheme === 'internal')
    throw refuse(
      InvalidConfigurationRequestException$,
      'Allocation IDs can be specified for internet-facing load balancers only',
    );
  const address = account.network.addresses.get(id);
  if (address === undefined)
    throw refuse(AllocationIdNotFoundException$, `The allocation IDs '${id}' do not exist`);
  const holder = holderOf(account, id);
  if (holder !== undefined && holder !== self)
    throw refuse(ResourceInUseException$, `The allocation IDs '${id}' are not available for use`);
  return { IpAddress: address.PublicIp, AllocationId: id };
};

/** ARN of the load balancer that has an Elastic IP address. */
export const holderOf = ({ serving }: Account, allocation: string): string | undefined =>
  [...serving.loadBalancers.values()].find(({ AvailabilityZones }) =>
    AvailabilityZones?.some(({ LoadBalancerAddresses }) =>
      LoadBalancerAddresses?.some(({ AllocationId }) => AllocationId === allocation),
    ),
  )?.LoadBalancerArn;
