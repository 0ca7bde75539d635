/** Which load balancer has which web ACL. */

import type * as Sdk from '@aws-sdk/client-wafv2';
import {
  AssociateWebACL$,
  DisassociateWebACL$,
  GetWebACLForResource$,
  ListResourcesForWebACL$,
  WAFInvalidParameterException$,
  WAFUnavailableEntityException$,
} from '@aws-sdk/client-wafv2';
import type { Account } from '../account.ts';
import type { Operations } from '../wire/operation.ts';
import { refuse } from '../wire/refusal.ts';
import { nonexistent } from './errors.ts';

export const associationOperations = (account: Account): Operations<typeof Sdk> => ({
  AssociateWebACL: {
    schema: AssociateWebACL$,
    handle: ({ WebACLArn, ResourceArn }) => {
      if (!account.serving.webAcls.has(WebACLArn)) throw nonexistent();
      const balancer = account.serving.loadBalancers.get(applicationBalancer(ResourceArn));
      if (balancer === undefined) throw nonexistent();
      if (balancer.State?.Code === 'provisioning')
        throw refuse(
          WAFUnavailableEntityException$,
          "AWS WAF couldn't retrieve the resource that you requested. Retry your request.",
        );
      account.serving.webAclOf.set(ResourceArn, WebACLArn);
      return {};
    },
  },
  DisassociateWebACL: {
    schema: DisassociateWebACL$,
    handle: ({ ResourceArn }) => {
      if (!account.serving.loadBalancers.has(applicationBalancer(ResourceArn))) throw nonexistent();
      account.serving.webAclOf.delete(ResourceArn);
      return {};
    },
  },
  GetWebACLForResource: {
    schema: GetWebACLForResource$,
    handle: ({ ResourceArn }) => {
      if (!account.serving.loadBalancers.has(applicationBalancer(ResourceArn))) throw nonexistent();
      const acl = account.serving.webAcls.get(account.serving.webAclOf.get(ResourceArn) ?? '');
      return acl === undefined ? {} : { WebACL: acl };
    },
  },
  ListResourcesForWebACL: {
    schema: ListResourcesForWebACL$,
    handle: ({ WebACLArn, ResourceType = 'APPLICATION_LOAD_BALANCER' }) => {
      if (!account.serving.webAcls.has(WebACLArn)) throw nonexistent();
      const arns = [...account.serving.webAclOf]
        .filter(([, acl]) => acl === WebACLArn)
        .map(([resource]) => resource);
      return { ResourceArns: ResourceType === 'APPLICATION_LOAD_BALANCER' ? arns : [] };
    },
  },
});

/** AWS WAF protects more than load balancers; the sandbox has nothing else to protect. */
const applicationBalancer = (arn: string): string => {
  if (/^arn:[\w-]+:elasticloadbalancing:[^:]+:\d+:loadbalancer\/app\/[^/]+\/[^/]+$/.test(arn)) return arn;
  throw refuse(
    WAFInvalidParameterException$,
    `Error reason: The ARN isn't valid. A valid ARN begins with arn: and includes other information separated by colons or slashes., field: RESOURCE_ARN, parameter: ${arn}`,
    400,
    { Field: 'RESOURCE_ARN', Parameter: arn, Reason: 'The ARN is not that of an Application Load Balancer' },
  );
};
