/** Certificates that carry the cluster's tag: one listing, because ACM itself tells tags of one certificate at a time. */
import { paginateGetResources } from '@aws-sdk/client-resource-groups-tagging-api';
import { CLUSTER_TAG } from '../core/model/names.ts';
import type { Tags } from '../core/model/tags.ts';
import type { Clients } from './clients.ts';
import { unlessDenied } from './errors.ts';
import { everyPage } from './every-page.ts';
import { fromSdkTags } from './tags.ts';

export type OwnCertificates = () => Promise<ReadonlyMap<string, Tags> | undefined>;

type Asking = {
  readonly clients: Clients;
  /** Name of the cluster, as in the ownership tags. */
  readonly cluster: string;
};

/** Who may not ask is not asked again for this long, in milliseconds. */
const TRY_AGAIN_AFTER = 600_000;

/**
 * Tags by ARN; undefined when AWS does not permit to ask. What changed within the last minutes may be missing (AWS
 * documentation: eventually consistent).
 */
export const ownCertificates = (of: Asking): OwnCertificates => {
  let deniedAt: number | undefined;
  return async () => {
    if (deniedAt !== undefined && performance.now() - deniedAt < TRY_AGAIN_AFTER) return undefined;
    const found = await unlessDenied(list(of));
    deniedAt = found ? undefined : performance.now();
    return found;
  };
};

const list = async ({ clients, cluster }: Asking): Promise<ReadonlyMap<string, Tags>> => {
  const found = await everyPage(
    paginateGetResources(
      { client: clients.tagging },
      { ResourceTypeFilters: ['acm:certificate'], TagFilters: [{ Key: CLUSTER_TAG, Values: [cluster] }] },
    ),
    (page) => page.ResourceTagMappingList,
  );
  return new Map(found.map(({ ResourceARN = '', Tags }) => [ResourceARN, fromSdkTags(Tags)]));
};
