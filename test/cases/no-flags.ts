/** The flags that give defaults, as they are when nobody states one. */
import type { DefaultFlags } from '../../src/core/translate/defaults.ts';

export const NO_FLAGS: DefaultFlags = {
  'default-tags': undefined,
  'external-managed-tags': [],
  'default-load-balancer-scheme': undefined,
  'default-ssl-policy': undefined,
  'default-target-type': undefined,
  'default-pca-arn': undefined,
  'tls-secrets': undefined,
  'certificate-expiry-warning': 14 * 86_400,
  'certificate-discovery': undefined,
  'tolerate-non-existent-backend-service': true,
  'tolerate-non-existent-backend-action': false,
  'share-hosts': false,
  'subnets-of-other-clusters': false,
  'single-subnet': false,
  'enable-backend-security-group': true,
};
