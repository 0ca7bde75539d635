/** Capacity reserved for a load balancer. AWS takes it only once the balancer is active. */
import {
  DescribeCapacityReservationCommand,
  DescribeLoadBalancersCommand,
  ModifyCapacityReservationCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Attempt } from '../../core/ports.ts';
import type { Account } from '../account.ts';

/** In load balancer capacity units; 0 where none is reserved. */
export const reservedCapacity = async ({ clients }: Account, LoadBalancerArn: string): Promise<number> => {
  const { MinimumLoadBalancerCapacity } = await clients.elb.send(
    new DescribeCapacityReservationCommand({ LoadBalancerArn }),
  );
  return MinimumLoadBalancerCapacity?.CapacityUnits ?? 0;
};

/** A decrease counts against a daily quota, so what is so already is not asked for. Undefined: done. */
export const reserveCapacity = async (
  account: Account,
  LoadBalancerArn: string,
  units: number,
): Promise<Attempt | undefined> => {
  if ((await reservedCapacity(account, LoadBalancerArn)) === units) return undefined;
  const { elb } = account.clients;
  const { LoadBalancers } = await elb.send(
    new DescribeLoadBalancersCommand({ LoadBalancerArns: [LoadBalancerArn] }),
  );
  const state = LoadBalancers?.[0]?.State?.Code;
  if (state !== 'active')
    return {
      status: 'wait',
      seconds: 15,
      why: `the load balancer is ${state}; capacity is reserved once it is active`,
    };
  await elb.send(
    new ModifyCapacityReservationCommand({
      LoadBalancerArn,
      ...(units > 0
        ? { MinimumLoadBalancerCapacity: { CapacityUnits: units } }
        : { ResetCapacityReservation: true }),
    }),
  );
  return undefined;
};
