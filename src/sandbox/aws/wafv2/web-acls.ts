/** Web ACLs, as far as a load balancer is associated with them; their rules are kept and given back, never evaluated. */

import type * as Sdk from '@aws-sdk/client-wafv2';
import type { WebACL } from '@aws-sdk/client-wafv2';
import {
  CreateWebACL$,
  DeleteWebACL$,
  GetWebACL$,
  ListWebACLs$,
  WAFAssociatedItemException$,
  WAFDuplicateItemException$,
  WAFInvalidParameterException$,
  WAFNonexistentItemException$,
  WAFOptimisticLockException$,
} from '@aws-sdk/client-wafv2';
import type { Account } from '../account.ts';
import { arn } from '../account.ts';
import { listing } from '../listing.ts';
import { nextUuid } from '../uuid.ts';
import type { InputOf, Operations } from '../wire/operation.ts';
import { notServed, refuse } from '../wire/refusal.ts';

export type StoredWebAcl = WebACL & {
  readonly ARN: string;
  readonly Id: string;
  readonly Name: string;
  readonly lockToken: string;
};

export const webAclOperations = (account: Account): Operations<typeof Sdk> => ({
  CreateWebACL: { schema: CreateWebACL$, handle: (input) => ({ Summary: summary(create(account, input)) }) },
  GetWebACL: {
    schema: GetWebACL$,
    handle: (input) => {
      if (input.ARN === undefined) regional(input.Scope);
      const acl = account.webAcls.get(input.ARN ?? '') ?? byId(account, input.Id, input.Name);
      if (acl === undefined) throw nonexistent();
      return { WebACL: describeWebAcl(acl), LockToken: acl.lockToken };
    },
  },
  ListWebACLs: {
    schema: ListWebACLs$,
    handle: (input) => {
      const all = input.Scope === 'CLOUDFRONT' ? [] : [...account.webAcls.values()];
      const { items, next } = listing(
        all,
        ({ Name }) => Name,
        input.Limit ?? 100,
        input.NextMarker,
        invalidMarker,
      );
      return { WebACLs: items.map(summary), ...(next === undefined ? {} : { NextMarker: next }) };
    },
  },
  DeleteWebACL: {
    schema: DeleteWebACL$,
    handle: ({ Id, Name, Scope, LockToken }) => {
      regional(Scope);
      const acl = byId(account, Id, Name);
      if (acl === undefined) throw nonexistent();
      if (acl.lockToken !== LockToken)
        throw refuse(
          WAFOptimisticLockException$,
          "AWS WAF couldn't save your changes because someone changed the resource after you started to edit it. Reapply your changes.",
        );
      if ([...account.webAclOf.values()].includes(acl.ARN))
        throw refuse(
          WAFAssociatedItemException$,
          "AWS WAF couldn't perform the operation because your resource is being used by another resource or it's associated with another resource.",
        );
      account.webAcls.delete(acl.ARN);
      return {};
    },
  },
});

export const nonexistent = () =>
  refuse(
    WAFNonexistentItemException$,
    "AWS WAF couldn't perform the operation because your resource doesn't exist.",
  );

const invalidMarker = () =>
  refuse(WAFInvalidParameterException$, 'Error reason: The NextMarker is not one this API returned', 400, {
    Field: 'EXPIRE_TIMESTAMP',
    Parameter: 'NextMarker',
  });

const regional = (scope: string | undefined): void => {
  if (scope === 'CLOUDFRONT') throw notServed('web ACLs of scope CLOUDFRONT');
};

const byId = (account: Account, id: string | undefined, name: string | undefined): StoredWebAcl | undefined =>
  [...account.webAcls.values()].find((acl) => acl.Id === id && (name === undefined || acl.Name === name));

export const describeWebAcl = ({ lockToken: _, ...acl }: StoredWebAcl): WebACL => acl;

const summary = ({ Name, Id, ARN, Description, lockToken }: StoredWebAcl) => ({
  Name,
  Id,
  ARN,
  ...(Description === undefined ? {} : { Description }),
  LockToken: lockToken,
});

const create = (account: Account, input: InputOf<typeof Sdk, 'CreateWebACL'>): StoredWebAcl => {
  regional(input.Scope);
  const { Scope: _, Tags, ...settings } = input;
  if ((Tags ?? []).length > 0) throw notServed('tags of web ACLs');
  if ([...account.webAcls.values()].some(({ Name }) => Name === input.Name))
    throw refuse(
      WAFDuplicateItemException$,
      "AWS WAF couldn't perform the operation because some resource in your request is a duplicate of an existing one.",
    );
  const Id = nextUuid(account, `webacl/${input.Name}`);
  const acl: StoredWebAcl = {
    ...settings,
    Id,
    ARN: arn(account, 'wafv2', `regional/webacl/${input.Name}/${Id}`),
    Rules: input.Rules ?? [],
    Capacity: 0,
    ManagedByFirewallManager: false,
    LabelNamespace: `awswaf:${account.id}:webacl:${input.Name}:`,
    lockToken: nextUuid(account, `webacl/${input.Name}/lock`),
  };
  account.webAcls.set(acl.ARN, acl);
  return acl;
};
