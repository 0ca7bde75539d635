/** Elastic Load Balancing v2 as the endpoint serves it. */
import type { ServiceDoor } from '../service-door.ts';
import { door } from '../service-door.ts';
import { accountLimitOperations } from './account-limits.ts';
import { capacityOperations } from './capacity.ts';
import { ELBV2_CONSTRAINTS } from './constraints.ts';
import { listenerCertificateOperations } from './listener-certificates.ts';
import { listenerOperations } from './listeners.ts';
import { loadBalancerSettingOperations } from './load-balancer-settings.ts';
import { loadBalancerOperations } from './load-balancers.ts';
import { revocationOperations } from './revocations.ts';
import { ruleOperations } from './rules.ts';
import { sslPolicyOperations } from './ssl-policies.ts';
import { tagOperations } from './tags.ts';
import { targetGroupOperations } from './target-groups.ts';
import { targetOperations } from './targets.ts';
import { trustStoreOperations } from './trust-stores.ts';

export const ELBV2: ServiceDoor = door(
  {
    signingName: 'elasticloadbalancing',
    protocol: 'query',
    version: '2015-12-01',
    xmlNamespace: 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/',
    invalidCode: 'ValidationError',
    global: false,
  },
  (elb) => ({
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
      ...trustStoreOperations(elb),
      ...revocationOperations(elb),
      ...capacityOperations(elb),
    },
    constraints: ELBV2_CONSTRAINTS,
  }),
);
