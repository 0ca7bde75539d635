/** Sets of addresses that the rules of web ACLs name. */

import { isIPv4, isIPv6 } from 'node:net';
import type * as Sdk from '@aws-sdk/client-wafv2';
import type { IPSet } from '@aws-sdk/client-wafv2';
import { CreateIPSet$, DeleteIPSet$, GetIPSet$, ListIPSets$, UpdateIPSet$ } from '@aws-sdk/client-wafv2';
import type { Account } from '../account.ts';
import { arn } from '../account.ts';
import { parseCidr } from '../ec2/addresses.ts';
import { listing } from '../listing.ts';
import { nextUuid } from '../uuid.ts';
import type { InputOf, Operations } from '../wire/operation.ts';
import { notServed } from '../wire/refusal.ts';
import { associated, checkLock, duplicate, invalidMember, nonexistent, regional } from './errors.ts';

export const ipSetOperations = (account: Account): Operations<typeof Sdk> => ({
  CreateIPSet: {
    schema: CreateIPSet$,
    handle: (input) => ({ Summary: summary(account, create(account, input)) }),
  },
  GetIPSet: {
    schema: GetIPSet$,
    handle: ({ Id, Name, Scope }) => {
      const set = setOf(account, Scope, Id, Name);
      return { IPSet: set, LockToken: account.wafLocks.get(set.ARN ?? '') };
    },
  },
  ListIPSets: {
    schema: ListIPSets$,
    handle: ({ Scope, Limit, NextMarker }) => {
      regional(Scope);
      const { items, next } = listing(
        [...account.serving.ipSets.values()],
        ({ Name = '' }) => Name,
        Limit ?? 100,
        NextMarker,
        () => invalidMember('NextMarker', 'The marker is not one this API returned'),
      );
      return {
        IPSets: items.map((set) => summary(account, set)),
        ...(next === undefined ? {} : { NextMarker: next }),
      };
    },
  },
  UpdateIPSet: {
    schema: UpdateIPSet$,
    handle: ({ Id, Name, Scope, LockToken, Addresses, Description }) => {
      const set = setOf(account, Scope, Id, Name);
      const { ARN = '', IPAddressVersion = 'IPV4' } = set;
      checkLock(account, ARN, LockToken);
      checkAddresses(Addresses, IPAddressVersion);
      account.serving.ipSets.set(ARN, { ...set, Addresses, ...(Description && { Description }) });
      const NextLockToken = nextUuid(account, `${ARN}/lock`);
      account.wafLocks.set(ARN, NextLockToken);
      return { NextLockToken };
    },
  },
  DeleteIPSet: {
    schema: DeleteIPSet$,
    handle: ({ Id, Name, Scope, LockToken }) => {
      const { ARN = '' } = setOf(account, Scope, Id, Name);
      checkLock(account, ARN, LockToken);
      const named = [...account.serving.webAcls.values()].some(({ Rules }) =>
        JSON.stringify(Rules ?? []).includes(JSON.stringify(ARN)),
      );
      if (named) throw associated();
      account.serving.ipSets.delete(ARN);
      account.wafLocks.delete(ARN);
      return {};
    },
  },
});

const setOf = (account: Account, scope: string, id: string, name: string): IPSet => {
  regional(scope);
  const found = [...account.serving.ipSets.values()].find((set) => set.Id === id && set.Name === name);
  if (found === undefined) throw nonexistent();
  return found;
};

const checkAddresses = (addresses: readonly string[], version: string): void => {
  for (const address of addresses) {
    const fits =
      parseCidr(address) !== undefined &&
      (version === 'IPV4' ? isIPv4 : isIPv6)(address.split('/')[0] ?? '') &&
      !address.endsWith('/0');
    if (!fits) throw invalidMember('Addresses', `'${address}' is not a block of ${version} addresses`);
  }
};

const create = (account: Account, input: InputOf<typeof Sdk, 'CreateIPSet'>): IPSet => {
  regional(input.Scope);
  if ((input.Tags ?? []).length > 0) throw notServed('tags of IP sets');
  if (!['IPV4', 'IPV6'].includes(input.IPAddressVersion))
    throw invalidMember('IPAddressVersion', 'IPV4 or IPV6 is expected');
  checkAddresses(input.Addresses, input.IPAddressVersion);
  const { ipSets } = account.serving;
  if ([...ipSets.values()].some(({ Name }) => Name === input.Name)) throw duplicate();
  const Id = nextUuid(account, `ipset/${input.Name}`);
  const ARN = arn(account, 'wafv2', `regional/ipset/${input.Name}/${Id}`);
  const set: IPSet = {
    Name: input.Name,
    Id,
    ARN,
    ...(input.Description === undefined ? {} : { Description: input.Description }),
    IPAddressVersion: input.IPAddressVersion,
    Addresses: input.Addresses,
  };
  ipSets.set(ARN, set);
  account.wafLocks.set(ARN, nextUuid(account, `${ARN}/lock`));
  return set;
};

const summary = ({ wafLocks }: Account, { Name, Id, ARN = '', Description }: IPSet) => ({
  Name,
  Id,
  ARN,
  ...(Description === undefined ? {} : { Description }),
  LockToken: wafLocks.get(ARN),
});
