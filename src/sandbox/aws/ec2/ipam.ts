/** IPAM and its pools, as far as load balancers take their public addresses from them. */

import type * as Sdk from '@aws-sdk/client-ec2';
import {
  CreateIpam$,
  CreateIpamPool$,
  DeleteIpam$,
  DeleteIpamPool$,
  DescribeIpamPools$,
  DescribeIpams$,
} from '@aws-sdk/client-ec2';
import type { Account } from '../account.ts';
import { arn, nextId } from '../account.ts';
import type { InputOf, Operations } from '../wire/operation.ts';
import { notServed } from '../wire/refusal.ts';
import { dependent, notFound, stopIfDryRun } from './errors.ts';
import { applyFilters } from './filters.ts';
import type { StoredIpam, StoredIpamPool } from './network.ts';
import { named, page } from './page.ts';
import { specifiedTags, tagList } from './tags.ts';

export const ipamOperations = (account: Account): Operations<typeof Sdk> => {
  const { ipams, ipamPools, tags } = account.network;
  const ipam = (found: StoredIpam) => ({ ...found, Tags: tagList(tags.get(found.IpamId)) });
  const pool = (found: StoredIpamPool) => ({ ...found, Tags: tagList(tags.get(found.IpamPoolId)) });
  return {
    CreateIpam: { schema: CreateIpam$, handle: (input) => ({ Ipam: ipam(create(account, input)) }) },
    DescribeIpams: {
      schema: DescribeIpams$,
      handle: (input) => {
        stopIfDryRun(input);
        const asked = named(ipams, input.IpamIds, noIpam);
        const found = applyFilters(asked, input.Filters, {}, ({ IpamId }) => tags.get(IpamId) ?? {});
        const { items, ...next } = page(found, ({ IpamId }) => IpamId, input, input.IpamIds);
        return { Ipams: items.map(ipam), ...next };
      },
    },
    DeleteIpam: {
      schema: DeleteIpam$,
      handle: (input) => {
        const found = ipams.get(input.IpamId);
        if (found === undefined) throw noIpam(input.IpamId);
        if ([...ipamPools.values()].some(({ IpamArn }) => IpamArn === found.IpamArn))
          throw dependent('ipam', found.IpamId);
        stopIfDryRun(input);
        ipams.delete(found.IpamId);
        tags.delete(found.IpamId);
        return { Ipam: { ...found, State: 'delete-complete' } };
      },
    },
    CreateIpamPool: {
      schema: CreateIpamPool$,
      handle: (input) => ({ IpamPool: pool(createPool(account, input)) }),
    },
    DescribeIpamPools: {
      schema: DescribeIpamPools$,
      handle: (input) => {
        stopIfDryRun(input);
        const found = applyFilters(
          named(ipamPools, input.IpamPoolIds, noPool),
          input.Filters,
          { 'address-family': ({ AddressFamily = '' }) => [AddressFamily] },
          ({ IpamPoolId }) => tags.get(IpamPoolId) ?? {},
        );
        const { items, ...next } = page(found, ({ IpamPoolId }) => IpamPoolId, input, input.IpamPoolIds);
        return { IpamPools: items.map(pool), ...next };
      },
    },
    DeleteIpamPool: {
      schema: DeleteIpamPool$,
      handle: (input) => {
        const found = ipamPools.get(input.IpamPoolId);
        if (found === undefined) throw noPool(input.IpamPoolId);
        const used = [...account.serving.loadBalancers.values()].some(
          ({ IpamPools }) => IpamPools?.Ipv4IpamPoolId === found.IpamPoolId,
        );
        if (used) throw dependent('ipam-pool', found.IpamPoolId);
        stopIfDryRun(input);
        ipamPools.delete(found.IpamPoolId);
        tags.delete(found.IpamPoolId);
        return { IpamPool: { ...found, State: 'delete-complete' } };
      },
    },
  };
};

const noIpam = (id: string) => notFound('InvalidIpamId.NotFound', 'ipam ID', id);
const noPool = (id: string) => notFound('InvalidIpamPoolId.NotFound', 'ipam-pool ID', id);

const create = (account: Account, input: InputOf<typeof Sdk, 'CreateIpam'>): StoredIpam => {
  const own = specifiedTags(account, input.TagSpecifications, 'ipam');
  stopIfDryRun(input);
  const id = nextId(account, 'ipam', 16);
  const made: StoredIpam = {
    OwnerId: account.id,
    IpamId: `ipam-0${id}`,
    IpamArn: arn(account, 'ec2', `ipam/ipam-0${id}`),
    IpamRegion: account.region,
    PublicDefaultScopeId: `ipam-scope-0${nextId(account, 'ipam-scope', 16)}`,
    PrivateDefaultScopeId: `ipam-scope-0${nextId(account, 'ipam-scope', 16)}`,
    ScopeCount: 2,
    OperatingRegions: [{ RegionName: account.region }],
    State: 'create-complete',
    ...(input.Description === undefined ? {} : { Description: input.Description }),
  };
  account.network.ipams.set(made.IpamId, made);
  if (Object.keys(own).length > 0) account.network.tags.set(made.IpamId, own);
  return made;
};

const createPool = (account: Account, input: InputOf<typeof Sdk, 'CreateIpamPool'>): StoredIpamPool => {
  const scope = input.IpamScopeId;
  const ipam = [...account.network.ipams.values()].find(
    (each) => each.PublicDefaultScopeId === scope || each.PrivateDefaultScopeId === scope,
  );
  if (ipam === undefined) throw notFound('InvalidIpamScopeId.NotFound', 'ipam-scope ID', scope);
  for (const member of ['SourceIpamPoolId', 'SourceResource'] as const)
    if (input[member] !== undefined) throw notServed(`${member} of CreateIpamPool`);
  const own = specifiedTags(account, input.TagSpecifications, 'ipam-pool');
  stopIfDryRun(input);
  const id = nextId(account, 'ipam-pool', 16);
  const made: StoredIpamPool = {
    OwnerId: account.id,
    IpamPoolId: `ipam-pool-0${id}`,
    IpamPoolArn: arn(account, 'ec2', `ipam-pool/ipam-pool-0${id}`),
    IpamArn: ipam.IpamArn,
    IpamScopeType: ipam.PublicDefaultScopeId === scope ? 'public' : 'private',
    AddressFamily: input.AddressFamily,
    State: 'create-complete',
    ...(input.Locale === undefined ? {} : { Locale: input.Locale }),
    ...(input.Description === undefined ? {} : { Description: input.Description }),
  };
  account.network.ipamPools.set(made.IpamPoolId, made);
  if (Object.keys(own).length > 0) account.network.tags.set(made.IpamPoolId, own);
  return made;
};
