/** Which certificates a load balancer can serve. */
import { X509Certificate } from 'node:crypto';
import type { StoredCertificate } from '../state.ts';

/** What makes a certificate unfit for a listener; undefined when nothing does. */
export const isSupported = ({ certificate, domains }: StoredCertificate): string | undefined => {
  if (!domains.some((domain) => domain.includes('.'))) return 'must have a fully-qualified domain name';
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = new X509Certificate(certificate)
    .publicKey;
  if (type === 'rsa') {
    const bits = details?.modulusLength ?? 0;
    return bits >= 1024 && bits <= 4096
      ? undefined
      : `has an RSA key of ${bits} bits; 1024 to 4096 are supported`;
  }
  const curve = details?.namedCurve ?? '';
  return type === 'ec' && ['prime256v1', 'secp384r1', 'secp521r1'].includes(curve)
    ? undefined
    : `has an unsupported key of type ${type} ${curve}`.trim();
};
