/** Reserved capacity and address pools of load balancers, and the policies that share resources. */

import type * as Sdk from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  CapacityDecreaseRequestsLimitExceededException$,
  CapacityUnitsLimitExceededException$,
  DescribeCapacityReservation$,
  GetResourcePolicy$,
  InvalidConfigurationRequestException$,
  ModifyCapacityReservation$,
  ModifyIpPools$,
  ResourceNotFoundException$,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Capacity } from '../details.ts';
import type { InputOf, Operations } from '../wire/operation.ts';
import { refuse } from '../wire/refusal.ts';
import type { Elb } from './find.ts';
import { loadBalancerAt, taggedAt } from './find.ts';
import { invalid } from './invalid.ts';
import { checkIpamPool } from './ipam-pools.ts';

const DAY = 86_400_000;
const LEAST = 100;

export const capacityOperations = (elb: Elb): Operations<typeof Sdk> => ({
  DescribeCapacityReservation: {
    schema: DescribeCapacityReservation$,
    handle: ({ LoadBalancerArn }) => describe(elb, LoadBalancerArn),
  },
  ModifyCapacityReservation: {
    schema: ModifyCapacityReservation$,
    handle: (input) => modify(elb, input),
  },
  ModifyIpPools: {
    schema: ModifyIpPools$,
    handle: ({ LoadBalancerArn, IpamPools, RemoveIpamPools }) => {
      const balancer = loadBalancerAt(elb, LoadBalancerArn);
      if (IpamPools === undefined && RemoveIpamPools === undefined)
        throw invalid('Either IpamPools or RemoveIpamPools must be specified');
      if (balancer.Type === 'network')
        throw refuse(InvalidConfigurationRequestException$, 'IPAM pools are for application load balancers');
      const pool = IpamPools?.Ipv4IpamPoolId;
      if (pool !== undefined) checkIpamPool(elb.account, pool, balancer.Scheme ?? '');
      if (pool !== undefined) balancer.IpamPools = { Ipv4IpamPoolId: pool };
      else if (RemoveIpamPools?.includes('ipv4')) delete balancer.IpamPools;
      return balancer.IpamPools === undefined ? {} : { IpamPools: balancer.IpamPools };
    },
  },
  GetResourcePolicy: {
    schema: GetResourcePolicy$,
    handle: ({ ResourceArn }) => {
      taggedAt(elb, ResourceArn);
      throw refuse(ResourceNotFoundException$, `No resource policy is attached to '${ResourceArn}'`);
    },
  },
});

const recent = ({ account }: Elb, capacity: Capacity | undefined): readonly number[] =>
  (capacity?.decreases ?? []).filter((time) => time > account.clock.now() - DAY);

const describe = (elb: Elb, arn: string) => {
  const balancer = loadBalancerAt(elb, arn);
  const capacity = elb.account.capacity.get(arn);
  const left = elb.account.facts.capacityDecreasesPerDay - recent(elb, capacity).length;
  if (capacity?.units === undefined)
    return {
      ...(capacity === undefined ? {} : { LastModifiedTime: capacity.modifiedAt }),
      DecreaseRequestsRemaining: left,
      CapacityReservationState: [],
    };
  const zones = balancer.AvailabilityZones ?? [];
  return {
    LastModifiedTime: capacity.modifiedAt,
    DecreaseRequestsRemaining: left,
    MinimumLoadBalancerCapacity: { CapacityUnits: capacity.units },
    CapacityReservationState: zones.map(({ ZoneName }) => ({
      AvailabilityZone: ZoneName,
      State: { Code: 'provisioned' as const },
      EffectiveCapacityUnits: (capacity.units ?? 0) / zones.length,
    })),
  };
};

const modify = (elb: Elb, input: InputOf<typeof Sdk, 'ModifyCapacityReservation'>) => {
  const { account } = elb;
  const arn = loadBalancerAt(elb, input.LoadBalancerArn).LoadBalancerArn;
  const units = input.MinimumLoadBalancerCapacity?.CapacityUnits;
  if ((units === undefined) === (input.ResetCapacityReservation !== true))
    throw invalid('Specify either MinimumLoadBalancerCapacity or ResetCapacityReservation');
  if (units !== undefined && units < LEAST)
    throw invalid(`The capacity units '${units}' must be at least '${LEAST}'`);
  const most = account.facts.capacityUnitsPerLoadBalancer;
  if (units !== undefined && units > most)
    throw refuse(
      CapacityUnitsLimitExceededException$,
      `The maximum number of capacity units per load balancer, '${most}', is exceeded`,
    );
  const present = account.capacity.get(arn);
  const decreases = recent(elb, present);
  const isDecrease = present?.units !== undefined && (units ?? 0) < present.units;
  if (isDecrease && decreases.length >= account.facts.capacityDecreasesPerDay)
    throw refuse(
      CapacityDecreaseRequestsLimitExceededException$,
      `The capacity of a load balancer can be decreased '${account.facts.capacityDecreasesPerDay}' times a day`,
    );
  const now = account.clock.now();
  account.capacity.set(arn, {
    units,
    modifiedAt: new Date(now),
    decreases: isDecrease ? [...decreases, now] : decreases,
  });
  return describe(elb, arn);
};
