import type { ServingState } from '../aws/state.ts';
import { targetGroupsOf } from './rule-action.ts';

/** Target groups that a listener or rule of an active load balancer can send traffic to; only these are probed. */
export const groupsInUse = (state: ServingState): ReadonlySet<string> => {
  const used = new Set<string>();
  const active = new Set<string>();
  for (const [arn, listener] of state.listeners) {
    if (!isActive(state, listener.LoadBalancerArn)) continue;
    active.add(arn);
    for (const group of targetGroupsOf(listener.DefaultActions ?? [])) used.add(group);
  }
  for (const rule of state.rules.values()) {
    if (!active.has(rule.listenerArn)) continue;
    for (const group of targetGroupsOf(rule.Actions ?? [])) used.add(group);
  }
  return used;
};

/** A load balancer serves from the moment it is active. */
export const isActive = (state: ServingState, loadBalancerArn: string): boolean => {
  const code = state.loadBalancers.get(loadBalancerArn)?.State?.Code;
  return code === 'active' || code === 'active_impaired';
};
