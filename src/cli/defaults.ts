/** The flags that stand in for annotations. */
import { type Defaults, defaultsOf } from '../core/translate/defaults.ts';
import { type Options, UsageError } from './options.ts';

/** Throws {@link UsageError} for a value that the annotation could not have either. */
export const readDefaults = (options: Options): Defaults => {
  const defaults = defaultsOf({
    'default-tags': options.text('default-tags'),
    'external-managed-tags': options.list('external-managed-tags'),
    'default-load-balancer-scheme': options.text('default-load-balancer-scheme'),
    'default-ssl-policy': options.text('default-ssl-policy'),
    'default-target-type': options.text('default-target-type'),
    'default-pca-arn': options.text('default-pca-arn'),
    'tls-secrets': options.text('tls-secrets'),
    'certificate-expiry-warning': options.seconds('certificate-expiry-warning'),
    'certificate-discovery': options.text('certificate-discovery'),
    'tolerate-non-existent-backend-service': options.truth('tolerate-non-existent-backend-service'),
    'tolerate-non-existent-backend-action': options.truth('tolerate-non-existent-backend-action'),
    'share-hosts': options.truth('share-hosts'),
    'subnets-of-other-clusters': options.truth('subnets-of-other-clusters'),
    'single-subnet': options.truth('single-subnet'),
    'enable-backend-security-group': options.truth('enable-backend-security-group'),
  });
  if ('wrong' in defaults) throw new UsageError(defaults.wrong);
  return defaults;
};
