import type { ServingState, StoredTarget, StoredTargetGroup } from '../aws/state.ts';
import type { AddressPlan } from './address-plan.ts';

/** Where a target is; undefined when what it names does not exist. */
export type TargetAddress = (group: StoredTargetGroup, target: StoredTarget) => string | undefined;

/** The address itself, an instance's private one, or that of a load balancer. */
export const targetAddresses =
  (state: ServingState, plan: AddressPlan): TargetAddress =>
  (group, target) => {
    switch (group.TargetType) {
      case 'ip':
        return target.id;
      case 'alb':
        return state.loadBalancers.has(target.id) ? plan.addressOf(target.id) : undefined;
      default:
        return state.instances.get(target.id)?.privateIp;
    }
  };
