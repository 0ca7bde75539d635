/** The quotas that DescribeAccountLimits tells. */

import type * as Sdk from '@aws-sdk/client-elastic-load-balancing-v2';
import { DescribeAccountLimits$ } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Operations } from '../wire/operation.ts';
import type { Elb } from './find.ts';
import { page } from './page.ts';

export const accountLimitOperations = ({ account: { facts } }: Elb): Operations<typeof Sdk> => ({
  DescribeAccountLimits: {
    schema: DescribeAccountLimits$,
    handle: (input) => {
      const limits = {
        'application-load-balancers': facts.loadBalancersPerRegion,
        'listeners-per-application-load-balancer': facts.listenersPerLoadBalancer,
        'rules-per-application-load-balancer': facts.rulesPerLoadBalancer,
        'target-groups': facts.targetGroupsPerRegion,
        'target-groups-per-action-on-application-load-balancer': facts.targetGroupsPerAction,
        'target-groups-per-application-load-balancer': facts.targetGroupsPerLoadBalancer,
        'targets-per-application-load-balancer': facts.targetsPerLoadBalancer,
        'targets-per-target-group': facts.targetsPerTargetGroup,
        'target-id-registrations-per-application-load-balancer': facts.registrationsPerTarget,
        'certificates-per-application-load-balancer': facts.certificatesPerLoadBalancer,
        'condition-values-per-alb-rule': facts.conditionValuesPerRule,
        'condition-wildcards-per-alb-rule': facts.wildcardsPerRule,
      };
      const { items, ...next } = page(Object.entries(limits), ([name]) => name, input);
      return { Limits: items.map(([Name, max]) => ({ Name, Max: String(max) })), ...next };
    },
  },
});
