/** The operations of AWS WAF that concern load balancers. */

import type * as Sdk from '@aws-sdk/client-wafv2';
import type { Account } from '../account.ts';
import type { Constraints, Operations } from '../wire/operation.ts';
import { associationOperations } from './associations.ts';
import { ipSetOperations } from './ip-sets.ts';
import { webAclOperations } from './web-acls.ts';

export const WAFV2_CONSTRAINTS: Constraints = {
  'AssociateWebACLRequest.WebACLArn': { min: 20, max: 2048 },
  'AssociateWebACLRequest.ResourceArn': { min: 20, max: 2048 },
  'DisassociateWebACLRequest.ResourceArn': { min: 20, max: 2048 },
  'GetWebACLForResourceRequest.ResourceArn': { min: 20, max: 2048 },
  'CreateWebACLRequest.Name': { min: 1, max: 128, pattern: /^[\w-]+$/ },
  'CreateIPSetRequest.Name': { min: 1, max: 128, pattern: /^[\w-]+$/ },
  'CreateIPSetRequest.Addresses': { max: 10_000 },
  ...Object.fromEntries(
    ['CreateWebACL', 'ListWebACLs', 'CreateIPSet', 'ListIPSets', 'UpdateIPSet', 'DeleteIPSet'].map((name) => [
      `${name}Request.Scope`,
      { values: ['CLOUDFRONT', 'REGIONAL'] },
    ]),
  ),
  'ListWebACLsRequest.Limit': { min: 1, max: 100 },
  'ListIPSetsRequest.Limit': { min: 1, max: 100 },
};

export const wafv2Operations = (account: Account): Operations<typeof Sdk> => ({
  ...webAclOperations(account),
  ...ipSetOperations(account),
  ...associationOperations(account),
});
