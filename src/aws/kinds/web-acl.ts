/** The web ACL of AWS WAF in front of a load balancer. */
import {
  AssociateWebACLCommand,
  DisassociateWebACLCommand,
  GetWebACLForResourceCommand,
  ListWebACLsCommand,
} from '@aws-sdk/client-wafv2';
import type { LoadBalancerSpec } from '../../core/model/resource.ts';
import { WEB_ACL_NAME } from '../../core/model/web-acl.ts';
import type { Attempt } from '../../core/ports.ts';
import type { Account } from '../account.ts';
import { awsError } from '../errors.ts';

/** Its ARN; empty where there is none. */
export const webAclOf = async ({ clients }: Account, ResourceArn: string): Promise<string> => {
  const { WebACL } = await clients.wafv2.send(new GetWebACLForResourceCommand({ ResourceArn }));
  return WebACL?.ARN ?? '';
};

/** Undefined: done. Nothing listens before this is done, so that nobody passes it by. */
export const setWebAcl = async (
  account: Account,
  ResourceArn: string,
  webAcl: NonNullable<LoadBalancerSpec['webAcl']>,
): Promise<Attempt | undefined> => {
  const { wafv2 } = account.clients;
  if (webAcl === '') {
    await wafv2.send(new DisassociateWebACLCommand({ ResourceArn }));
    return undefined;
  }
  const WebACLArn = await arnOf(account, webAcl);
  if (WebACLArn === undefined)
    return {
      status: 'failed',
      code: 'WebAclMissing',
      message: `no web ACL of ${account.region} is named ${webAcl.slice(WEB_ACL_NAME.length)}; expected one for regional resources`,
      retry: true,
    };
  try {
    await wafv2.send(new AssociateWebACLCommand({ ResourceArn, WebACLArn }));
    return undefined;
  } catch (thrown) {
    if (awsError(thrown).code !== 'WAFUnavailableEntityException') throw thrown;
    return { status: 'wait', seconds: 10, why: 'AWS WAF does not know the new load balancer yet' };
  }
};

const arnOf = async ({ clients }: Account, webAcl: string): Promise<string | undefined> => {
  if (!webAcl.startsWith(WEB_ACL_NAME)) return webAcl;
  const name = webAcl.slice(WEB_ACL_NAME.length);
  for (let marker: string | undefined, first = true; first || marker; first = false) {
    const { WebACLs = [], NextMarker } = await clients.wafv2.send(
      new ListWebACLsCommand({ Scope: 'REGIONAL', Limit: 100, ...(marker && { NextMarker: marker }) }),
    );
    const found = WebACLs.find(({ Name }) => Name === name);
    if (found?.ARN) return found.ARN;
    marker = WebACLs.length > 0 ? NextMarker : undefined;
  }
  return undefined;
};
