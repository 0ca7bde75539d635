/** Looks up ELBv2 resources by ARN, with AWS's error for each kind that is not there. */
import {
  ListenerNotFoundException$,
  LoadBalancerNotFoundException$,
  RuleNotFoundException$,
  TargetGroupNotFoundException$,
  TrustStoreNotFoundException$,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Account } from '../account.ts';
import type {
  StoredListener,
  StoredLoadBalancer,
  StoredRule,
  StoredTargetGroup,
  StoredTrustStore,
} from '../state.ts';
import { refuse } from '../wire/refusal.ts';
import { invalid } from './invalid.ts';
import type { Links } from './links.ts';

/** What every ELBv2 handler works on. */
export type Elb = { readonly account: Account; readonly links: Links };

export const loadBalancerAt = ({ account }: Elb, arn: string): StoredLoadBalancer =>
  account.serving.loadBalancers.get(wellFormed(arn, 'loadbalancer/')) ??
  fail(refuse(LoadBalancerNotFoundException$, `Load balancer '${arn}' not found`));

export const listenerAt = ({ account }: Elb, arn: string): StoredListener =>
  account.serving.listeners.get(wellFormed(arn, 'listener/')) ??
  fail(refuse(ListenerNotFoundException$, `Listener '${arn}' not found`));

export const ruleAt = ({ account }: Elb, arn: string): StoredRule =>
  account.serving.rules.get(wellFormed(arn, 'listener-rule/')) ??
  fail(refuse(RuleNotFoundException$, `Rule '${arn}' not found`));

export const targetGroupAt = ({ account }: Elb, arn: string): StoredTargetGroup =>
  account.serving.targetGroups.get(wellFormed(arn, 'targetgroup/')) ??
  fail(refuse(TargetGroupNotFoundException$, `Target group '${arn}' not found`));

export const trustStoreAt = ({ account }: Elb, arn: string): StoredTrustStore =>
  account.serving.trustStores.get(wellFormed(arn, 'truststore/')) ??
  fail(refuse(TrustStoreNotFoundException$, `Trust store '${arn}' not found`));

/** Throws unless the ARN is that of an existing ELBv2 resource that can have tags. */
export const taggedAt = (elb: Elb, arn: string): void => {
  const kind = /:elasticloadbalancing:[^:]*:[^:]*:([a-z-]+)\//.exec(arn)?.[1];
  if (kind === 'loadbalancer') loadBalancerAt(elb, arn);
  else if (kind === 'listener') listenerAt(elb, arn);
  else if (kind === 'listener-rule') ruleAt(elb, arn);
  else if (kind === 'targetgroup') targetGroupAt(elb, arn);
  else if (kind === 'truststore') trustStoreAt(elb, arn);
  else
    throw invalid(
      `'${arn}' is not a valid ARN of a load balancer, target group, listener, rule or trust store`,
    );
};

const wellFormed = (arn: string, kind: string): string => {
  if (!arn.startsWith('arn:') || !arn.includes(`:elasticloadbalancing:`) || !arn.includes(`:${kind}`)) {
    throw invalid(`'${arn}' is not a valid ${kind.slice(0, -1)} ARN`);
  }
  return arn;
};

const fail = (error: Error): never => {
  throw error;
};
