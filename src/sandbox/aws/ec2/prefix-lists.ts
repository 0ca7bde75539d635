/** Managed prefix lists: those AWS has in every Region, and those of the account. */

import type * as Sdk from '@aws-sdk/client-ec2';
import {
  CreateManagedPrefixList$,
  DeleteManagedPrefixList$,
  DescribeManagedPrefixLists$,
  DescribePrefixLists$,
  GetManagedPrefixListEntries$,
} from '@aws-sdk/client-ec2';
import type { Account } from '../account.ts';
import { arn, nextId } from '../account.ts';
import type { InputOf, Operations } from '../wire/operation.ts';
import { refuse } from '../wire/refusal.ts';
import { canonicalIpv4Cidr, parseCidr } from './addresses.ts';
import { invalidValue, notFound, stopIfDryRun } from './errors.ts';
import type { FilterTable } from './filters.ts';
import { applyFilters } from './filters.ts';
import type { StoredPrefixList } from './network.ts';
import { named, page } from './page.ts';
import { specifiedTags, tagList } from './tags.ts';

export const prefixListOperations = (account: Account): Operations<typeof Sdk> => {
  const { network } = account;
  const tagsOf = ({ PrefixListId }: StoredPrefixList) => network.tags.get(PrefixListId) ?? {};
  const find = (input: InputOf<typeof Sdk, 'DescribePrefixLists'>) => {
    stopIfDryRun(input);
    const asked = named(network.prefixLists, input.PrefixListIds, absent);
    return page(
      applyFilters(asked, input.Filters, FILTERS, tagsOf),
      ({ PrefixListId }) => PrefixListId,
      input,
      input.PrefixListIds,
    );
  };
  return {
    CreateManagedPrefixList: {
      schema: CreateManagedPrefixList$,
      handle: (input) => ({ PrefixList: create(account, input) }),
    },
    DeleteManagedPrefixList: {
      schema: DeleteManagedPrefixList$,
      handle: (input) => {
        const list = listAt(account, input.PrefixListId);
        const used = [...network.securityGroups.values()].some(({ rules }) =>
          [...rules.values()].some(({ PrefixListId }) => PrefixListId === list.PrefixListId),
        );
        if (used)
          throw refuse('DependencyViolation', `The prefix list ${list.PrefixListId} is in use by a rule`);
        if (list.OwnerId !== account.id)
          throw refuse('UnauthorizedOperation', `${list.PrefixListId} is managed by AWS.`, 403);
        stopIfDryRun(input);
        network.prefixLists.delete(list.PrefixListId);
        network.tags.delete(list.PrefixListId);
        const { entries: _, ...rest } = list;
        return { PrefixList: { ...rest, State: 'delete-complete' as const } };
      },
    },
    DescribeManagedPrefixLists: {
      schema: DescribeManagedPrefixLists$,
      handle: (input) => {
        const { items, ...next } = find(input);
        return {
          PrefixLists: items.map(({ entries: _, ...list }) => ({
            ...list,
            Tags: tagList(network.tags.get(list.PrefixListId)),
          })),
          ...next,
        };
      },
    },
    DescribePrefixLists: {
      schema: DescribePrefixLists$,
      handle: (input) => {
        const { items, ...next } = find(input);
        return {
          PrefixLists: items.map(({ PrefixListId, PrefixListName, entries }) => ({
            PrefixListId,
            PrefixListName,
            Cidrs: entries.map(({ Cidr }) => Cidr),
          })),
          ...next,
        };
      },
    },
    GetManagedPrefixListEntries: {
      schema: GetManagedPrefixListEntries$,
      handle: (input) => {
        stopIfDryRun(input);
        const { entries } = listAt(account, input.PrefixListId);
        const { items, ...next } = page(entries, ({ Cidr }) => Cidr, input);
        return { Entries: items, ...next };
      },
    },
  };
};

const FILTERS: FilterTable<StoredPrefixList> = {
  'prefix-list-id': ({ PrefixListId }) => [PrefixListId],
  'prefix-list-name': ({ PrefixListName }) => [PrefixListName],
  'owner-id': ({ OwnerId }) => [OwnerId],
};

const absent = (id: string) => notFound('InvalidPrefixListID.NotFound', 'prefix list ID', id);

const listAt = ({ network }: Account, id: string): StoredPrefixList => {
  const list = network.prefixLists.get(id);
  if (list === undefined) throw absent(id);
  return list;
};

const create = (account: Account, input: InputOf<typeof Sdk, 'CreateManagedPrefixList'>) => {
  const { PrefixListName, AddressFamily, MaxEntries } = input;
  if (/^com\.amazonaws/.test(PrefixListName))
    throw invalidValue(`The prefix list name '${PrefixListName}' must not start with com.amazonaws`);
  if (AddressFamily !== 'IPv4' && AddressFamily !== 'IPv6')
    throw invalidValue(`Value (${AddressFamily}) for parameter AddressFamily must be IPv4 or IPv6`);
  const entries = (input.Entries ?? []).map(({ Cidr = '', Description }) => ({
    Cidr: entryBlock(Cidr, AddressFamily),
    ...(Description === undefined ? {} : { Description }),
  }));
  if (MaxEntries < 1 || MaxEntries > 1000 || entries.length > MaxEntries)
    throw invalidValue(
      `Value (${MaxEntries}) for parameter MaxEntries must be between 1 and 1000 and not below the number of entries, ${entries.length}`,
    );
  const tags = specifiedTags(account, input.TagSpecifications, 'prefix-list');
  stopIfDryRun(input);
  const PrefixListId = `pl-0${nextId(account, `prefix-list/${PrefixListName}`, 16)}`;
  const list: Omit<StoredPrefixList, 'entries'> = {
    PrefixListId,
    PrefixListName,
    AddressFamily,
    MaxEntries,
    State: 'create-complete',
    Version: 1,
    OwnerId: account.id,
    PrefixListArn: arn(account, 'ec2', `prefix-list/${PrefixListId}`),
  };
  account.network.prefixLists.set(PrefixListId, { ...list, entries });
  if (Object.keys(tags).length > 0) account.network.tags.set(PrefixListId, tags);
  return { ...list, Tags: tagList(tags) };
};

const entryBlock = (cidr: string, family: 'IPv4' | 'IPv6'): string => {
  const block = parseCidr(cidr);
  if (block?.family !== family.toLowerCase())
    throw invalidValue(`The CIDR block ${cidr} is not a valid ${family} block`);
  return block.family === 'ipv4' ? (canonicalIpv4Cidr(cidr) ?? cidr) : cidr.toLowerCase();
};
