/** Errors of AWS WAF, and the checks that web ACLs and IP sets share. */
import {
  WAFAssociatedItemException$,
  WAFDuplicateItemException$,
  WAFInvalidParameterException$,
  WAFNonexistentItemException$,
  WAFOptimisticLockException$,
} from '@aws-sdk/client-wafv2';
import type { Account } from '../account.ts';
import { notServed, refuse } from '../wire/refusal.ts';

export const nonexistent = () =>
  refuse(
    WAFNonexistentItemException$,
    "AWS WAF couldn't perform the operation because your resource doesn't exist.",
  );

export const duplicate = () =>
  refuse(
    WAFDuplicateItemException$,
    "AWS WAF couldn't perform the operation because some resource in your request is a duplicate of an existing one.",
  );

export const associated = () =>
  refuse(
    WAFAssociatedItemException$,
    "AWS WAF couldn't perform the operation because your resource is being used by another resource or it's associated with another resource.",
  );

export const invalidMember = (member: string, reason: string) =>
  refuse(WAFInvalidParameterException$, `Error reason: ${reason}, parameter: ${member}`, 400, {
    Parameter: member,
    Reason: reason,
  });

/** Throws for what lives in CloudFront. */
export const regional = (scope: string | undefined): void => {
  if (scope === 'CLOUDFRONT') throw notServed('web ACLs and IP sets of scope CLOUDFRONT');
};

/** Throws unless the token is that of the last change. */
export const checkLock = ({ wafLocks }: Account, arn: string, token: string): void => {
  if (wafLocks.get(arn) === token) return;
  throw refuse(
    WAFOptimisticLockException$,
    "AWS WAF couldn't save your changes because someone changed the resource after you started to edit it. Reapply your changes.",
  );
};
