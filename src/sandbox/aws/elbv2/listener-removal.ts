/** Takes a listener away with its rules; used when it, or its load balancer, is deleted. */
import type { StoredListener, StoredRule } from '../state.ts';
import type { Elb } from './find.ts';

export const dropListener = (elb: Elb, listener: StoredListener): void => {
  for (const rule of elb.links.rulesOf(listener.ListenerArn)) dropRule(elb, rule);
  elb.links.removeListener(listener);
  elb.account.serving.listeners.delete(listener.ListenerArn);
  elb.account.elbTags.delete(listener.ListenerArn);
};

export const dropRule = ({ account, links }: Elb, rule: StoredRule): void => {
  links.removeRule(rule);
  account.serving.rules.delete(rule.RuleArn);
  account.elbTags.delete(rule.RuleArn);
};
