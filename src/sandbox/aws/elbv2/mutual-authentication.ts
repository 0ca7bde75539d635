/** How a listener treats the certificates of its clients. */
import type { MutualAuthenticationAttributes } from '@aws-sdk/client-elastic-load-balancing-v2';
import { TrustStoreNotReadyException$ } from '@aws-sdk/client-elastic-load-balancing-v2';
import { refuse } from '../wire/refusal.ts';
import type { Elb } from './find.ts';
import { trustStoreAt } from './find.ts';
import { invalid } from './invalid.ts';

const MODES = ['off', 'passthrough', 'verify'];

/** The attributes as AWS gives them back; only mode `verify` has a trust store and what depends on it. */
export const checkMutual = (
  elb: Elb,
  given: MutualAuthenticationAttributes | undefined,
): MutualAuthenticationAttributes => {
  const { Mode: mode = 'off', TrustStoreArn: arn, IgnoreClientCertificateExpiry: ignore } = given ?? {};
  const advertise = given?.AdvertiseTrustStoreCaNames;
  if (!MODES.includes(mode))
    throw invalid(`Mutual authentication mode '${mode}' must be one of '${MODES.join(', ')}'`);
  if (mode !== 'verify') {
    if (arn !== undefined || ignore !== undefined || advertise !== undefined)
      throw invalid(
        `TrustStoreArn, IgnoreClientCertificateExpiry and AdvertiseTrustStoreCaNames need mutual authentication mode 'verify', not '${mode}'`,
      );
    return { Mode: mode };
  }
  if (arn === undefined) throw invalid("Mutual authentication mode 'verify' needs a TrustStoreArn");
  if (trustStoreAt(elb, arn).Status !== 'ACTIVE')
    throw refuse(TrustStoreNotReadyException$, `Trust store '${arn}' is not active`);
  return {
    Mode: mode,
    TrustStoreArn: arn,
    IgnoreClientCertificateExpiry: ignore ?? false,
    TrustStoreAssociationStatus: 'active',
    AdvertiseTrustStoreCaNames: advertise ?? 'off',
  };
};
