/** Client certificates of a listener, between AWS's shape and ours. */
import {
  DescribeTrustStoresCommand,
  type MutualAuthenticationAttributes,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { ListenerSpec } from '../../core/model/resource.ts';
import type { Account } from '../account.ts';

type Stated = Pick<ListenerSpec, 'mutualAuthentication'>;

/** Where AWS has it off there is nothing to tell. */
export const fromSdkMutual = (found: MutualAuthenticationAttributes | undefined): Stated => {
  if (found?.Mode === 'passthrough') return { mutualAuthentication: { mode: 'passthrough' } };
  if (found?.Mode !== 'verify') return {};
  return {
    mutualAuthentication: {
      mode: 'verify',
      trustStore: found.TrustStoreArn ?? '',
      ignoreExpiry: found.IgnoreClientCertificateExpiry ?? false,
      advertiseNames: found.AdvertiseTrustStoreCaNames === 'on',
    },
  };
};

/** Looks up a trust store that is given by name; AWS refuses a name that nobody has. */
export const toSdkMutual = async (
  wanted: NonNullable<ListenerSpec['mutualAuthentication']>,
  { clients }: Account,
): Promise<MutualAuthenticationAttributes> => {
  if (wanted.mode !== 'verify') return { Mode: wanted.mode };
  const { trustStore, ignoreExpiry, advertiseNames } = wanted;
  const byName = async (): Promise<string | undefined> => {
    const found = await clients.elb.send(new DescribeTrustStoresCommand({ Names: [trustStore] }));
    return found.TrustStores?.[0]?.TrustStoreArn;
  };
  return {
    Mode: 'verify',
    TrustStoreArn: trustStore.startsWith('arn:') ? trustStore : await byName(),
    IgnoreClientCertificateExpiry: ignoreExpiry,
    AdvertiseTrustStoreCaNames: advertiseNames ? 'on' : 'off',
  };
};
