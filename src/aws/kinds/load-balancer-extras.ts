/** What other services hold of a load balancer. Each costs a call, so it is read only where somebody stated it. */
import type { LoadBalancerSpec } from '../../core/model/resource.ts';
import { type ReadIfStated, wasStated } from '../../core/model/stated-settings.ts';
import type { Tags } from '../../core/model/tags.ts';
import type { Attempt } from '../../core/ports.ts';
import type { Account } from '../account.ts';
import { reserveCapacity, reservedCapacity } from './capacity.ts';
import { isProtected, setProtection } from './shield.ts';
import { setWebAcl, webAclOf } from './web-acl.ts';

export type Extras = Pick<LoadBalancerSpec, ReadIfStated>;

export const statedExtras = async (account: Account, arn: string, tags: Tags): Promise<Extras> => {
  const [capacityUnits, webAcl, shield] = await Promise.all([
    wasStated('capacityUnits', tags) ? reservedCapacity(account, arn) : undefined,
    wasStated('webAcl', tags) ? webAclOf(account, arn) : undefined,
    wasStated('shield', tags) ? isProtected(account, arn) : undefined,
  ]);
  return {
    ...(capacityUnits !== undefined && { capacityUnits }),
    ...(webAcl !== undefined && { webAcl }),
    ...(shield !== undefined && { shield }),
  };
};

/** Sets what is given; who may get in comes first. Undefined: done. */
export const setExtras = async (
  account: Account,
  arn: string,
  { capacityUnits, webAcl, shield }: Extras,
): Promise<Attempt | undefined> => {
  const waf = webAcl === undefined ? undefined : await setWebAcl(account, arn, webAcl);
  if (waf) return waf;
  if (shield !== undefined) await setProtection(account, arn, shield);
  return capacityUnits === undefined ? undefined : reserveCapacity(account, arn, capacityUnits);
};
