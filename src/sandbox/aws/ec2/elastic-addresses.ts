/** Elastic IP addresses, as far as network load balancers use them. */

import type * as Sdk from '@aws-sdk/client-ec2';
import { AllocateAddress$, DescribeAddresses$, ReleaseAddress$ } from '@aws-sdk/client-ec2';
import type { Account } from '../account.ts';
import { nextId } from '../account.ts';
import { holderOf } from '../elbv2/static-addresses.ts';
import type { Operations } from '../wire/operation.ts';
import { notServed, refuse } from '../wire/refusal.ts';
import { addressIn } from './addresses.ts';
import { notFound, stopIfDryRun } from './errors.ts';
import { applyFilters } from './filters.ts';
import type { StoredAddress } from './network.ts';
import { named } from './page.ts';
import { specifiedTags, tagList } from './tags.ts';

/** Addresses of documentation (RFC 5737), which nobody has. */
const POOL = '198.51.100.0/24';

export const elasticAddressOperations = (account: Account): Operations<typeof Sdk> => {
  const { addresses, tags } = account.network;
  const describe = (address: StoredAddress) => ({
    ...address,
    Domain: 'vpc' as const,
    NetworkBorderGroup: account.region,
    PublicIpv4Pool: 'amazon',
    ...associationOf(account, address),
    Tags: tagList(tags.get(address.AllocationId)),
  });
  return {
    AllocateAddress: {
      schema: AllocateAddress$,
      handle: (input) => {
        for (const member of ['Address', 'PublicIpv4Pool', 'CustomerOwnedIpv4Pool', 'IpamPoolId'] as const)
          if (input[member] !== undefined) throw notServed(`${member} of AllocateAddress`);
        if (input.Domain === 'standard')
          throw refuse('InvalidParameterValue', "The domain 'standard' is not supported; use 'vpc'");
        const most = account.facts.addressesPerRegion;
        if (addresses.size >= most)
          throw refuse('AddressLimitExceeded', 'The maximum number of addresses has been reached.');
        const own = specifiedTags(account, input.TagSpecifications, 'elastic-ip');
        stopIfDryRun(input);
        const AllocationId = `eipalloc-0${nextId(account, 'elastic-ip', 16)}`;
        const address = { AllocationId, PublicIp: addressIn(POOL, freePlace(addresses)) };
        addresses.set(AllocationId, address);
        if (Object.keys(own).length > 0) tags.set(AllocationId, own);
        return { ...address, Domain: 'vpc', NetworkBorderGroup: account.region, PublicIpv4Pool: 'amazon' };
      },
    },
    DescribeAddresses: {
      schema: DescribeAddresses$,
      handle: (input) => {
        stopIfDryRun(input);
        const found = named(addresses, input.AllocationIds, absent).filter(
          ({ PublicIp }) => input.PublicIps?.includes(PublicIp) ?? true,
        );
        const chosen = applyFilters(
          found,
          input.Filters,
          {
            'allocation-id': ({ AllocationId }) => [AllocationId],
            'public-ip': ({ PublicIp }) => [PublicIp],
            domain: () => ['vpc'],
          },
          ({ AllocationId }) => tags.get(AllocationId) ?? {},
        );
        return { Addresses: chosen.map(describe) };
      },
    },
    ReleaseAddress: {
      schema: ReleaseAddress$,
      handle: (input) => {
        const id = input.AllocationId ?? '';
        if (!addresses.has(id)) throw absent(id);
        if (holderOf(account, id) !== undefined)
          throw refuse('InvalidIPAddress.InUse', `The address with allocation id '${id}' is in use`);
        stopIfDryRun(input);
        addresses.delete(id);
        tags.delete(id);
        return {};
      },
    },
  };
};

const absent = (id: string) => notFound('InvalidAllocationID.NotFound', 'allocation ID', id);

const freePlace = (addresses: ReadonlyMap<string, StoredAddress>): number => {
  const taken = new Set([...addresses.values()].map(({ PublicIp }) => PublicIp));
  let place = 1;
  while (taken.has(addressIn(POOL, place))) place += 1;
  return place;
};

/** The interface of the load balancer that has the address. */
const associationOf = (account: Account, { AllocationId }: StoredAddress) => {
  const holder = holderOf(account, AllocationId);
  const zone = account.serving.loadBalancers
    .get(holder ?? '')
    ?.AvailabilityZones?.find(({ LoadBalancerAddresses }) =>
      LoadBalancerAddresses?.some((address) => address.AllocationId === AllocationId),
    );
  const nic = [...account.network.interfaces.values()].find(
    ({ loadBalancer, subnet }) => loadBalancer === holder && subnet === zone?.SubnetId,
  );
  if (nic === undefined) return {};
  return {
    AssociationId: `eipassoc-${AllocationId.slice('eipalloc-'.length)}`,
    NetworkInterfaceId: nic.id,
    PrivateIpAddress: nic.privateIp,
  };
};
