/** Certificates that carry the cluster's tag: one listing, because ACM itself tells tags of one certificate at a time. */
import { paginateGetResources } from '@aws-sdk/client-resource-groups-tagging-api';
import { CLUSTER_TAG } from '../core/model/names.ts';
import type { Tags } from '../core/model/tags.ts';
import type { Account } from './account.ts';
import { unlessDenied } from './errors.ts';
import { everyPage } from './every-page.ts';
import { fromSdkTags } from './tags.ts';

export type OwnCertificates = () => Promise<ReadonlyMap<string, Tags> | undefined>;

/** Who may not ask is not asked again for this long, in milliseconds. */
const TRY_AGAIN_AFTER = 600_000;

/**
 * Tags by ARN; undefined when AWS does not permit to ask. What changed within the last minutes may be missing (AWS
 * documentation: eventually consistent).
 */
export const ownCertificates = (of: Pick<Account, 'clients' | 'cluster'>): OwnCertificates => {
  let deniedAt: number | undefined;
  return async () => {
    if (deniedAt !== undefined && performance.now() - deniedAt < TRY_AGAIN_AFTER) return undefined;
    const found = await unlessDenied(list(of));
    deniedAt = found ? undefined : performance.now();
    return found;
  };
};

const list = async ({
  clients,
  cluster,
}: Pick<Account, 'clients' | 'cluster'>): Promise<ReadonlyMap<string, Tags>> => {
  const found = await everyPage(
    paginateGetResources(
      { client: clients.tagging },
      { ResourceTypeFilters: ['acm:certificate'], TagFilters: [{ Key: CLUSTER_TAG, Values: [cluster] }] },
    ),
    (page) => page.ResourceTagMappingList,
  );
  return new Map(found.map(({ ResourceARN = '', Tags }) => [ResourceARN, fromSdkTags(Tags)]));
};
