/** Web ACLs. What the data plane makes of their rules is its own affair; here they are kept and given back. */

import type * as Sdk from '@aws-sdk/client-wafv2';
import type { WebACL } from '@aws-sdk/client-wafv2';
import { CreateWebACL$, DeleteWebACL$, GetWebACL$, ListWebACLs$ } from '@aws-sdk/client-wafv2';
import type { Account } from '../account.ts';
import { arn } from '../account.ts';
import { listing } from '../listing.ts';
import { nextUuid } from '../uuid.ts';
import type { InputOf, Operations } from '../wire/operation.ts';
import { notServed } from '../wire/refusal.ts';
import { associated, checkLock, duplicate, invalidMember, nonexistent, regional } from './errors.ts';

export const webAclOperations = (account: Account): Operations<typeof Sdk> => ({
  CreateWebACL: {
    schema: CreateWebACL$,
    handle: (input) => ({ Summary: summary(account, create(account, input)) }),
  },
  GetWebACL: {
    schema: GetWebACL$,
    handle: (input) => {
      if (input.ARN === undefined) regional(input.Scope);
      const acl = account.serving.webAcls.get(input.ARN ?? '') ?? byId(account, input.Id, input.Name);
      if (acl === undefined) throw nonexistent();
      return { WebACL: acl, LockToken: account.wafLocks.get(acl.ARN ?? '') };
    },
  },
  ListWebACLs: {
    schema: ListWebACLs$,
    handle: ({ Scope, Limit, NextMarker }) => {
      const all = Scope === 'CLOUDFRONT' ? [] : [...account.serving.webAcls.values()];
      const { items, next } = listing(
        all,
        ({ Name }) => Name ?? '',
        Limit ?? 100,
        NextMarker,
        () => invalidMember('NextMarker', 'The marker is not one this API returned'),
      );
      return {
        WebACLs: items.map((acl) => summary(account, acl)),
        ...(next === undefined ? {} : { NextMarker: next }),
      };
    },
  },
  DeleteWebACL: {
    schema: DeleteWebACL$,
    handle: ({ Id, Name, Scope, LockToken }) => {
      regional(Scope);
      const acl = byId(account, Id, Name);
      if (acl === undefined) throw nonexistent();
      const { ARN = '' } = acl;
      checkLock(account, ARN, LockToken);
      if ([...account.serving.webAclOf.values()].includes(ARN)) throw associated();
      account.serving.webAcls.delete(ARN);
      account.wafLocks.delete(ARN);
      return {};
    },
  },
});

const byId = (account: Account, id: string | undefined, name: string | undefined): WebACL | undefined =>
  [...account.serving.webAcls.values()].find(
    (acl) => acl.Id === id && (name === undefined || acl.Name === name),
  );

const summary = ({ wafLocks }: Account, { Name, Id, ARN = '', Description }: WebACL) => ({
  Name,
  Id,
  ARN,
  ...(Description === undefined ? {} : { Description }),
  LockToken: wafLocks.get(ARN),
});

const create = (account: Account, input: InputOf<typeof Sdk, 'CreateWebACL'>): WebACL => {
  regional(input.Scope);
  const { Scope: _, Tags, ...settings } = input;
  if ((Tags ?? []).length > 0) throw notServed('tags of web ACLs');
  const { webAcls } = account.serving;
  if ([...webAcls.values()].some(({ Name }) => Name === input.Name)) throw duplicate();
  const Id = nextUuid(account, `webacl/${input.Name}`);
  const ARN = arn(account, 'wafv2', `regional/webacl/${input.Name}/${Id}`);
  const acl: WebACL = {
    ...settings,
    Id,
    ARN,
    Rules: input.Rules ?? [],
    Capacity: 0,
    ManagedByFirewallManager: false,
    LabelNamespace: `awswaf:${account.id}:webacl:${input.Name}:`,
  };
  webAcls.set(ARN, acl);
  account.wafLocks.set(ARN, nextUuid(account, `${ARN}/lock`));
  return acl;
};
