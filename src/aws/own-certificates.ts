/** Certificates that carry the cluster's tag: one listing, because ACM itself tells tags of one certificate at a time. */
import { paginateGetResources } from '@aws-sdk/client-resource-groups-tagging-api';
import { CLUSTER_TAG } from '../core/model/names.ts';
import type { Tags } from '../core/model/resource.ts';
import type { Account } from './account.ts';
import { everyPage } from './every-page.ts';
import { fromSdkTags } from './tags.ts';

/** Tags by ARN. What changed within the last minutes may be missing (AWS documentation: eventually consistent). */
export const ownCertificates = async ({ clients, cluster }: Account): Promise<ReadonlyMap<string, Tags>> => {
  const found = await everyPage(
    paginateGetResources(
      { client: clients.tagging },
      { ResourceTypeFilters: ['acm:certificate'], TagFilters: [{ Key: CLUSTER_TAG, Values: [cluster] }] },
    ),
    (page) => page.ResourceTagMappingList,
  );
  return new Map(found.map(({ ResourceARN = '', Tags }) => [ResourceARN, fromSdkTags(Tags)]));
};
