/** Elastic Load Balancing v2 as the endpoint serves it. */
import type { Service } from '../wire/operation.ts';
import { accountLimitOperations } from './account-limits.ts';
import { ELBV2_CONSTRAINTS } from './constraints.ts';
import type { Elb } from './find.ts';
import { listenerCertificateOperations } from './listener-certificates.ts';
import { listenerOperations } from './listeners.ts';
import { loadBalancerSettingOperations } from './load-balancer-settings.ts';
import { loadBalancerOperations } from './load-balancers.ts';
import { ruleOperations } from './rules.ts';
import { sslPolicyOperations } from './ssl-policies.ts';
import { tagOperations } from './tags.ts';
import { targetGroupOperations } from './target-groups.ts';
import { targetOperations } from './targets.ts';

export const elbv2Service = (elb: Elb): Service => ({
  signingName: 'elasticloadbalancing',
  protocol: 'query',
  version: '2015-12-01',
  xmlNamespace: 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/',
  operations: {
    ...loadBalancerOperations(elb),
    ...loadBalancerSettingOperations(elb),
    ...targetGroupOperations(elb),
    ...targetOperations(elb),
    ...listenerOperations(elb),
    ...listenerCertificateOperations(elb),
    ...ruleOperations(elb),
    ...tagOperations(elb),
    ...sslPolicyOperations(),
    ...accountLimitOperations(elb),
  },
  constraints: ELBV2_CONSTRAINTS,
  invalidCode: 'ValidationError',
  global: false,
});
